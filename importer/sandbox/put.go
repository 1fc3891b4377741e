package sandbox

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

// put answers PUT /api/v2/contact-details/{uuid}.
func (s *Server) put(c *call) answer {
	s.mu.Lock()
	r, ok := s.store.records[c.entry.ID]
	s.mu.Unlock()
	if !ok || r.FirmUUID != c.login.Account.firm().UUID {
		return problem(c, http.StatusNotFound, `No query results for model [App\Models\ContactDetail] `+c.entry.ID)
	}
	if !c.login.CanWrite {
		return problem(c, http.StatusForbidden, "This action is unauthorized.")
	}
	v := validation{input: c.input(), record: r, lenient: s.cfg.Lenient, isClient: s.isClient}
	ch := v.run()
	if len(v.errs) > 0 {
		return unprocessable(c, v.errs)
	}
	after, ok := s.update(c, ch)
	if !ok {
		return problem(c, http.StatusInternalServerError, "Server Error")
	}
	return answerJSON(http.StatusOK, after.json(true, true))
}

// update makes a valid change and returns the record as it is then. It fails when it is this PUT's turn, before or after
// the write, and when the file of Persist does.
func (s *Server) update(c *call, ch change) (view, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.puts++
	n := s.cfg.FailEvery
	fails := n > 0 && s.puts%n == 0
	if fails && s.puts/n%2 == 1 {
		return view{}, false
	}
	before := s.store.records[c.entry.ID]
	after := ch.apply(before, &s.store)
	if !c.discard {
		if !same(before, after) && s.commit(line{Record: &after}) != nil {
			return view{}, false
		}
		c.entry.Applied, c.entry.Before, c.entry.After = true, &before, &after
	}
	return s.store.view(after), !fails
}

func (s *Server) isClient(id, firm string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.store.isClient(id, firm)
}

// change is what a valid body asks for; nil is what it does not mention.
type change struct {
	name, value       *string
	country           string // of value, if it is a phone number
	owners, primaries *[]string
}

func (ch change) apply(r Record, st *store) Record {
	old := r
	if ch.name != nil {
		r.Name = *ch.name
	}
	if ch.value != nil {
		r.Value, r.Country = *ch.value, ch.country
	}
	if ch.owners != nil {
		r.AccountUUIDs = st.owners(*ch.owners)
	}
	if ch.primaries != nil {
		r.PrimaryAccountUUIDs = st.owners(*ch.primaries)
	}
	if !same(old, r) {
		r.UpdatedAt = time.Now().UTC().Truncate(time.Second)
	}
	return r
}

// input is the body as Laravel's validator gets it: nothing at all unless it is a JSON object in UTF-8 and says so, with
// texts trimmed and blank ones null (TrimStrings and ConvertEmptyStringsToNull of Laravel 8).
func (c *call) input() map[string]any {
	t := c.Header.Get("Content-Type")
	if !strings.Contains(t, "/json") && !strings.Contains(t, "+json") || !utf8.Valid(c.body) {
		return nil
	}
	var in map[string]any
	if json.Unmarshal(c.body, &in) != nil {
		return nil
	}
	trimmed, _ := trim(in).(map[string]any)
	return trimmed
}

func trim(v any) any {
	switch v := v.(type) {
	case string:
		if v = strings.Trim(v, " \t\n\r\x00\v"); v == "" {
			return nil
		}
		return v
	case []any:
		for i := range v {
			v[i] = trim(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = trim(v[k])
		}
	}
	return v
}

package sandbox

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

// put answers PUT /api/v2/contact-details/{uuid}. A valid one fails when it is this one's turn, before or after the
// write, and when the file of Persist does.
func (s *Server) put(c *call) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	before, ok := s.store.records.get(c.entry.ID)
	if !ok || before.FirmUUID != c.login.Account.firm().UUID {
		return problem(c, http.StatusNotFound, `No query results for model [App\Models\ContactDetail] `+c.entry.ID)
	}
	if !c.login.CanWrite {
		return problem(c, http.StatusForbidden, "This action is unauthorized.")
	}
	v := validation{input: c.input(), store: &s.store, lenient: s.cfg.Lenient, record: before}
	if v.run(); len(v.errs) > 0 {
		return unprocessable(c, v.errs)
	}
	s.puts++
	n := s.cfg.FailEvery
	fails := n > 0 && s.puts%n == 0
	failure := problem(c, http.StatusInternalServerError, "Server Error")
	if fails && s.puts/n%2 == 1 {
		return failure
	}
	after, changed := v.record, !same(before, v.record)
	if changed {
		after.UpdatedAt = time.Now().UTC().Truncate(time.Second)
	}
	if !c.discard {
		if changed && s.commit(line{Record: &after}) != nil {
			return failure
		}
		c.entry.Applied, c.entry.Before, c.entry.After = true, &before, &after
	}
	if fails {
		return failure
	}
	return answerJSON(http.StatusOK, s.store.json(after, true, true))
}

// input is the body as Laravel's validator gets it: nothing at all unless it is a JSON object in UTF-8 and says so,
// with texts trimmed and blank ones null (TrimStrings and ConvertEmptyStringsToNull of Laravel 8).
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

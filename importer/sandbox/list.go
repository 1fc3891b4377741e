package sandbox

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const (
	defaultPerPage = 15
	maxPerPage     = 500
)

// list answers GET /api/v2/contact-details. Names that the API does not have are a 400, in the words of the usual
// query-builder package.
func (s *Server) list(c *call) answer {
	q := parseQuery(c.URL.RawQuery)
	include, order := q.list("include"), q.list("sort")
	if len(order) == 0 {
		order = []string{"created_at"}
	}
	const refusal = "Requested %s(s) `%s` %s not allowed. Allowed %[1]s(s) are `%[4]s`."
	for _, p := range []struct {
		kind, verb string
		names      []string
		allowed    []string
	}{
		{"filter", "are", q.filters(), []string{"uuid", "account_uuids", "circle_uuids"}},
		{"sort", "is", order, []string{"created_at", "updated_at", "name", "value"}},
		{"include", "are", include, []string{"accounts", "primary_accounts"}},
	} {
		if bad := unknown(p.names, p.allowed); bad != "" {
			return problem(c, http.StatusBadRequest,
				fmt.Sprintf(refusal, p.kind, bad, p.verb, strings.Join(p.allowed, ", ")))
		}
	}
	p := page{number: max(1, q.number("page")), size: min(q.number("per_page"), maxPerPage), url: baseURL(c) +
		c.URL.Path, query: q}
	if p.size < 1 {
		p.size = defaultPerPage
	}
	s.mu.Lock()
	found := s.store.find(c.login.Account.firm().UUID, order, &p)
	data := make([]detailJSON, len(found))
	for i, r := range found {
		data[i] = s.store.json(r, slices.Contains(include, "accounts"), slices.Contains(include, "primary_accounts"))
	}
	s.mu.Unlock()
	links, meta := p.json()
	return answerJSON(http.StatusOK, struct {
		Data  []detailJSON `json:"data"`
		Links linksJSON    `json:"links"`
		Meta  metaPageJSON `json:"meta"`
	}{data, links, meta})
}

// unknown names what the API does not have, without the "-" of a sort.
func unknown(names, known []string) string {
	var bad []string
	for _, n := range names {
		if n = strings.TrimPrefix(n, "-"); !slices.Contains(known, n) {
			bad = append(bad, n)
		}
	}
	return strings.Join(bad, ", ")
}

// find selects and sorts the records, sets the page's total and returns what is on the page.
func (st *store) find(firm string, order []string, p *page) []Record {
	var found []Record
	if ids := p.query.list("filter[uuid]"); ids == nil {
		found = slices.Clone(st.records.rows)
	} else {
		slices.Sort(ids)
		for _, id := range slices.Compact(ids) {
			if r, ok := st.records.get(id); ok {
				found = append(found, r)
			}
		}
	}
	owners, circles := p.query.list("filter[account_uuids]"), p.query.list("filter[circle_uuids]")
	isOwner := func(id string) bool { return slices.Contains(owners, id) }
	inCircle := func(id string) bool {
		a, _ := st.accounts.get(id)
		return slices.ContainsFunc(a.CircleUUIDs, func(circle string) bool { return slices.Contains(circles, circle) })
	}
	found = slices.DeleteFunc(found, func(r Record) bool {
		return r.FirmUUID != firm || owners != nil && !slices.ContainsFunc(r.AccountUUIDs, isOwner) ||
			circles != nil && !slices.ContainsFunc(r.AccountUUIDs, inCircle)
	})
	columns := map[string]func(a, b Record) int{
		"created_at": func(a, b Record) int { return a.CreatedAt.Compare(b.CreatedAt) },
		"updated_at": func(a, b Record) int { return a.UpdatedAt.Compare(b.UpdatedAt) },
		"name":       func(a, b Record) int { return cmp.Compare(a.Name, b.Name) },
		"value":      func(a, b Record) int { return cmp.Compare(a.Value, b.Value) },
	}
	for _, column := range slices.Backward(order) { // each sort of the columns before it goes first
		name, descending := strings.CutPrefix(column, "-")
		slices.SortStableFunc(found, func(a, b Record) int {
			if descending {
				a, b = b, a
			}
			return columns[name](a, b)
		})
	}
	p.total = len(found)
	from := min((p.number-1)*p.size, p.total)
	return found[from:min(from+p.size, p.total)]
}

// number is the value of a parameter, 0 if it is none. It is kept so small that it can be multiplied.
func (q query) number(name string) int {
	n, err := strconv.Atoi(q.get(name))
	if err != nil {
		return 0
	}
	return min(n, 1<<20)
}

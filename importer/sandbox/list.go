package sandbox

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const (
	defaultPerPage = 15
	maxPerPage     = 500
)

// What the list takes, in the order in which the errors name it.
func filterNames() []string  { return []string{"uuid", "account_uuids", "circle_uuids"} }
func sortNames() []string    { return []string{"created_at", "updated_at", "name", "value"} }
func includeNames() []string { return []string{"accounts", "primary_accounts"} }

// list answers GET /api/v2/contact-details. Names that the API does not have are a 400, in the words of the usual
// query-builder package.
func (s *Server) list(c *call) answer {
	q := parseQuery(c.URL.RawQuery)
	filters := q.filters()
	include, order := q.list("include"), q.list("sort")
	if len(order) == 0 {
		order = []string{"created_at"}
	}
	const refusal = "Requested %s(s) `%s` %s not allowed. Allowed %[1]s(s) are `%[4]s`."
	if bad := unknown(filters.names, filterNames()); bad != "" {
		return problem(c, http.StatusBadRequest, fmt.Sprintf(refusal, "filter", bad, "are", strings.Join(filterNames(), ", ")))
	}
	if bad := unknown(order, sortNames()); bad != "" {
		return problem(c, http.StatusBadRequest, fmt.Sprintf(refusal, "sort", bad, "is", strings.Join(sortNames(), ", ")))
	}
	if bad := unknown(include, includeNames()); bad != "" {
		return problem(c, http.StatusBadRequest, fmt.Sprintf(refusal, "include", bad, "are", strings.Join(includeNames(), ", ")))
	}
	p := page{number: max(1, q.number("page")), size: min(q.number("per_page"), maxPerPage), url: baseURL(c) + c.URL.Path, query: q}
	if p.size < 1 {
		p.size = defaultPerPage
	}
	views := s.find(c, filters, order, &p)
	data := make([]detailJSON, len(views))
	for i, v := range views {
		data[i] = v.json(slices.Contains(include, "accounts"), slices.Contains(include, "primary_accounts"))
	}
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
func (s *Server) find(c *call, f filters, order []string, p *page) []view {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := s.store.order
	if f.values["uuid"] != nil {
		ids = slices.Compact(slices.Sorted(slices.Values(f.values["uuid"])))
	}
	firm := c.login.Account.firm().UUID
	var found []Record
	for _, id := range ids {
		if r, ok := s.store.records[id]; ok && r.FirmUUID == firm && s.store.matches(r, f) {
			found = append(found, r)
		}
	}
	if s.cfg.ShuffleTies {
		rand.Shuffle(len(found), func(i, j int) { found[i], found[j] = found[j], found[i] })
	}
	slices.SortStableFunc(found, compareBy(order))
	p.total = len(found)
	from := min((p.number-1)*p.size, p.total)
	found = found[from:min(from+p.size, p.total)]
	views := make([]view, len(found))
	for i, r := range found {
		views[i] = s.store.view(r)
	}
	return views
}

// matches reports whether one of the owners is among the accounts, and one in the circles, that are asked for.
func (st *store) matches(r Record, f filters) bool {
	accounts, circles := f.values["account_uuids"], f.values["circle_uuids"]
	if accounts != nil && !slices.ContainsFunc(r.AccountUUIDs, func(id string) bool { return slices.Contains(accounts, id) }) {
		return false
	}
	return circles == nil || slices.ContainsFunc(r.AccountUUIDs, func(id string) bool {
		return slices.ContainsFunc(st.accounts[id].CircleUUIDs, func(circle string) bool { return slices.Contains(circles, circle) })
	})
}

// compareBy orders records by columns, "-" in front of a name for descending.
func compareBy(columns []string) func(a, b Record) int {
	return func(a, b Record) int {
		for _, column := range columns {
			name, descending := strings.CutPrefix(column, "-")
			var n int
			switch name {
			case "created_at":
				n = a.CreatedAt.Compare(b.CreatedAt)
			case "updated_at":
				n = a.UpdatedAt.Compare(b.UpdatedAt)
			case "name":
				n = cmp.Compare(a.Name, b.Name)
			case "value":
				n = cmp.Compare(a.Value, b.Value)
			}
			if descending {
				n = -n
			}
			if n != 0 {
				return n
			}
		}
		return 0
	}
}

// number is the value of a parameter, 0 if it is none. It is kept so small that it can be multiplied.
func (q query) number(name string) int {
	n, err := strconv.Atoi(q.get(name))
	if err != nil {
		return 0
	}
	return min(n, 1<<20)
}

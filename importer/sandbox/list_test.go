package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// listed is a list answer as a client decodes it.
type listed struct {
	Data []map[string]json.RawMessage `json:"data"`
	Meta struct {
		Total    int `json:"total"`
		LastPage int `json:"last_page"`
		PerPage  int `json:"per_page"`
		Links    []struct {
			Label string `json:"label"`
		} `json:"links"`
	} `json:"meta"`
}

func get(t *testing.T, s *Server, query string) listed {
	t.Helper()
	res, body := do(t, s, "GET", list+query, "")
	var l listed
	if err := json.Unmarshal([]byte(body), &l); err != nil || res.StatusCode != 200 {
		t.Fatalf("%s: %d %s", query, res.StatusCode, body)
	}
	return l
}

// column is one field of every record of an answer.
func (l listed) column(t *testing.T, key string) []string {
	t.Helper()
	list := make([]string, len(l.Data))
	for i, d := range l.Data {
		if err := json.Unmarshal(d[key], &list[i]); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

func TestListFilters(t *testing.T) {
	s := seeded(t, Config{})
	for query, want := range map[string]int{
		"":               len(DefaultSeed()) - 1, // not the other firm's
		"?filter[uuid]=": len(DefaultSeed()) - 1,
		"?filter[uuid]=" + RecordUUID(1) + "," + RecordUUID(3) + "," + RecordUUID(1): 2,
		"?filter%5Buuid%5D=" + RecordUUID(1) + "%2C" + RecordUUID(3):                 2,
		"?filter[uuid]=" + ForeignRecordUUID:                                         0,
		"?filter[account_uuids]=" + ClientUUID(8):                                    3,
		"?filter[account_uuids]=" + ClientUUID(8) + "," + ClientUUID(9):              7,
		"?filter[account_uuids]=" + ForeignClientUUID:                                0,
		"?filter[circle_uuids]=" + CircleUUID:                                        13,
		"?filter[circle_uuids]=" + CircleUUID + "&filter[uuid]=" + RecordUUID(40):    0,
	} {
		if l := get(t, s, query); l.Meta.Total != want {
			t.Errorf("%s: %d records, want %d", query, l.Meta.Total, want)
		}
	}
}

func TestListKeys(t *testing.T) {
	s := seeded(t, Config{})
	base := []string{"created_at", "name", "type", "updated_at", "uuid", "value"}
	for query, want := range map[string][]string{
		"?filter[uuid]=" + RecordUUID(34):                                     base,
		"?filter[uuid]=" + RecordUUID(1):                                      append(slices.Clone(base), "phone_number_meta"),
		"?include=accounts&filter[uuid]=" + RecordUUID(34):                    append(slices.Clone(base), "accounts"),
		"?include=primary_accounts,accounts&filter[uuid]=" + RecordUUID(34):   append(slices.Clone(base), "accounts", "primary_accounts"),
		"?include=accounts%2Cprimary_accounts&filter[uuid]=" + RecordUUID(34): append(slices.Clone(base), "accounts", "primary_accounts"),
	} {
		got := slices.Sorted(maps.Keys(get(t, s, query).Data[0]))
		if slices.Sort(want); !slices.Equal(got, want) {
			t.Errorf("%s: keys %v, want %v", query, got, want)
		}
	}
}

func TestListPages(t *testing.T) {
	s := seeded(t, Config{})
	total := len(DefaultSeed()) - 1
	if l := get(t, s, ""); l.Meta.PerPage != 15 || len(l.Data) != 15 || l.Meta.LastPage != 3 {
		t.Errorf("by default: %d per page, %d on it, %d pages", l.Meta.PerPage, len(l.Data), l.Meta.LastPage)
	}
	for query, size := range map[string]int{"?per_page=7": 7, "?per_page=0": 15, "?per_page=-3": 15, "?per_page=x": 15, "?per_page=9999": 500} {
		if l := get(t, s, query); l.Meta.PerPage != size {
			t.Errorf("%s: %d per page, want %d", query, l.Meta.PerPage, size)
		}
	}
	seen := map[string]bool{}
	for page := 1; page <= (total+6)/7; page++ {
		for _, id := range get(t, s, fmt.Sprint("?sort=value&per_page=7&page=", page)).column(t, "uuid") {
			seen[id] = true
		}
	}
	if len(seen) != total { // every value in the seed is there once
		t.Errorf("%d records on all pages, want %d", len(seen), total)
	}
}

func TestListSort(t *testing.T) {
	s := seeded(t, Config{})
	rename(t, s, 9, "Newest")
	for _, key := range []string{"created_at", "updated_at", "name", "value"} {
		up := get(t, s, "?per_page=500&sort="+key).column(t, key)
		down := get(t, s, "?per_page=500&sort=-"+key).column(t, key)
		slices.Reverse(down)
		if !slices.IsSorted(up) || !slices.Equal(up, down) {
			t.Errorf("sort by %s: %v", key, up)
		}
	}
	if got := get(t, s, "?sort=-updated_at").column(t, "name")[0]; got != "Newest" {
		t.Errorf("%q was updated last", got)
	}
	if got := get(t, s, "?sort=-created_at,name&per_page=500").column(t, "created_at"); !slices.IsSortedFunc(got, func(a, b string) int { return strings.Compare(b, a) }) {
		t.Errorf("two columns: %v", got)
	}
}

func TestListRefuses(t *testing.T) {
	s := seeded(t, Config{})
	for query, want := range map[string]string{
		"?filter[id]=1":        "Requested filter(s) `id` are not allowed. Allowed filter(s) are `uuid, account_uuids, circle_uuids`.",
		"?include=firm":        "Requested include(s) `firm` are not allowed. Allowed include(s) are `accounts, primary_accounts`.",
		"?sort=name,-uuid,foo": "Requested sort(s) `uuid, foo` is not allowed. Allowed sort(s) are `created_at, updated_at, name, value`.",
	} {
		res, body := do(t, s, "GET", list+query, "")
		var m struct{ Message string }
		if err := json.Unmarshal([]byte(body), &m); err != nil || res.StatusCode != 400 || m.Message != want {
			t.Errorf("%s: %d %s", query, res.StatusCode, body)
		}
	}
}

// The pages that are linked, as Laravel's UrlWindow has them.
func TestListWindow(t *testing.T) {
	for _, c := range []struct {
		number, pages int
		want          string
	}{
		{1, 1, "1"},
		{13, 13, "1 2 3 4 5 6 7 8 9 10 11 12 13"},
		{7, 14, "1 2 3 4 5 6 7 8 9 10 0 13 14"},
		{8, 14, "1 2 0 5 6 7 8 9 10 11 12 13 14"},
		{8, 200, "1 2 0 5 6 7 8 9 10 11 0 199 200"},
		{193, 200, "1 2 0 190 191 192 193 194 195 196 0 199 200"},
		{194, 200, "1 2 0 191 192 193 194 195 196 197 198 199 200"},
	} {
		got := strings.Trim(fmt.Sprint(page{number: c.number, size: 1, total: c.pages}.window()), "[]")
		if got != c.want {
			t.Errorf("page %d of %d: %s, want %s", c.number, c.pages, got, c.want)
		}
	}
}

// How many uuids fit into a URL, as measured on a default nginx.
func TestListURLLimit(t *testing.T) {
	s := seeded(t, Config{})
	for _, c := range []struct {
		comma string
		fit   int
	}{{",", 219}, {"%2C", 208}} {
		for _, n := range []int{c.fit, c.fit + 1} {
			ids := slices.Repeat([]string{RecordUUID(1)}, n)
			res, _ := do(t, s, "GET", list+"?per_page=500&filter%5Buuid%5D="+strings.Join(ids, c.comma), "")
			if want := map[bool]int{true: 200, false: 414}[n == c.fit]; res.StatusCode != want {
				t.Errorf("%d uuids with %s: %d, want %d", n, c.comma, res.StatusCode, want)
			}
		}
	}
}

func FuzzQuery(f *testing.F) {
	for _, q := range []string{"", " ", "page=2", "filter[uuid]=a,b&page=-1", "%zz=1&&=&sort=%2c", "per_page=1&per_page=2", "filter[]=&filter[=x", "page=9223372036854775807&per_page=500"} {
		f.Add(q)
	}
	s := New(Config{Throttle: -1, NoLog: true})
	f.Fuzz(func(t *testing.T, raw string) {
		q := parseQuery(raw)
		if again := parseQuery(q.encode(1)); !slices.Equal(again.without("page"), q.without("page")) {
			t.Errorf("%q: %v came back as %v", raw, q, again)
		}
		u, err := url.Parse("http://sandbox.test" + list + "?" + raw)
		// A blank would end the request line: net/http refuses that itself, in plain text.
		if err == nil && u.RawQuery == raw && u.Fragment == "" && !strings.Contains(raw, " ") {
			if res, body := do(t, s, "GET", list+"?"+raw, ""); !json.Valid([]byte(body)) && res.StatusCode != 414 {
				t.Errorf("%q: %d %s", raw, res.StatusCode, body)
			}
		}
	})
}

func (q query) without(name string) query {
	return slices.DeleteFunc(slices.Clone(q), func(p param) bool { return p.name == name })
}

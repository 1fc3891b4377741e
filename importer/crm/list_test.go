package crm

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"csvput/report/code"
)

func listID(i int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012x", i) }

// registry is a list endpoint over n records.
type registry struct {
	t       *testing.T
	n       int
	max     int // ids a request may name; 0 = any number
	long    func(w http.ResponseWriter)
	perPage int  // the most that a page may hold; 0 = 500
	old     bool // knows no primary_accounts
	extra   bool // answers with a record that nobody asked for
	shift   bool // a record moves from page 2 to page 1 while the list is read for the first time
	lose    bool // a record is never shown

	mu      sync.Mutex
	queries []string
}

func (g *registry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	g.mu.Lock()
	g.queries = append(g.queries, r.URL.RawQuery)
	turn := len(g.queries)
	g.mu.Unlock()
	if r.URL.Path != pathList || q.Get("sort") != "created_at" || r.Header.Get("X-Plannr-Account-Uuid") == "" || strings.ContainsAny(r.URL.RawQuery, "[ ") {
		g.t.Errorf("%s", r.URL)
	}
	if g.old && strings.Contains(q.Get("include"), "primary_accounts") {
		w.WriteHeader(400)
		io.WriteString(w, `{"message":"Requested include(s) `+"`primary_accounts`"+` are not allowed."}`)
		return
	}
	var all []int
	if f := q.Get("filter[uuid]"); f != "" {
		ids := strings.Split(f, ",")
		if g.max > 0 && len(ids) > g.max {
			g.long(w)
			return
		}
		for _, id := range ids {
			if i, err := strconv.ParseInt(id[24:], 16, 32); err == nil && int(i) < g.n {
				all = append(all, int(i))
			}
		}
	} else {
		for i := range g.n {
			all = append(all, i)
		}
		if f := q.Get("filter[account_uuids]"); f != "" {
			all = all[:min(len(all), len(strings.Split(f, ",")))]
		}
	}
	total := len(all)
	if g.lose && len(all) > 0 {
		all = all[1:]
	}
	perPage, _ := strconv.Atoi(q.Get("per_page"))
	if g.perPage > 0 {
		perPage = min(perPage, g.perPage)
	}
	page, _ := strconv.Atoi(q.Get("page"))
	from := min((page-1)*perPage, len(all))
	part := all[from:min(from+perPage, len(all))]
	if g.shift && turn == 2 { // the first record of page 2 is on page 1 by now, and its last one comes again
		part = append([]int{all[from-1]}, part[1:]...)
	}
	var data []any
	for _, i := range part {
		rec := map[string]any{"uuid": strings.ToUpper(listID(i)), "type": "email", "name": "n", "value": "v", "accounts": []any{map[string]any{"uuid": listID(1)}}}
		if !g.old {
			rec["primary_accounts"] = []any{}
		}
		data = append(data, rec)
	}
	if g.extra {
		data = append(data, map[string]any{"uuid": "ffffffff-0000-4000-8000-000000000000"})
	}
	if data == nil {
		data = []any{}
	}
	json.NewEncoder(w).Encode(map[string]any{"data": data, "links": map[string]any{"next": "http://wrong.example/"},
		"meta": map[string]any{"current_page": page, "last_page": max(1, (len(all)+perPage-1)/perPage), "total": total, "from": nil}})
}

func (g *registry) serve(t *testing.T) *Client {
	g.t = t
	s := httptest.NewServer(g)
	t.Cleanup(s.Close)
	return realClient(t, s.URL, nil)
}

func ids(from, to int) []string {
	var l []string
	for i := from; i < to; i++ {
		l = append(l, listID(i))
	}
	return l
}

func web(status int, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func TestLookup(t *testing.T) {
	const page = "<html><head><title>400 Request Header Or Cookie Too Large</title></head></html>"
	tests := []struct {
		name     string
		g        *registry
		ask      []string
		found    int
		requests int
		primary  bool
	}{
		{"none", &registry{n: 10}, nil, 0, 0, true},
		{"one batch", &registry{n: 1_000}, ids(0, 200), 200, 1, true},
		{"unknown ids are absent", &registry{n: 10}, ids(5, 20), 5, 1, true},
		{"repeated, odd and upper-case ids", &registry{n: 10}, []string{listID(1), strings.ToUpper(listID(1)), "no/id", "", strings.ToUpper(listID(10)), strings.ToUpper(listID(9))}, 2, 1, true},
		{"many", &registry{n: 1_000}, ids(0, 1_000), 1_000, 5, true},
		{"records that nobody asked for", &registry{n: 10, extra: true}, ids(0, 5), 5, 1, true},
		{"an older revision", &registry{n: 1_000, old: true}, ids(0, 200), 200, 2, false},
		{"small pages", &registry{n: 1_000, perPage: 100}, ids(0, 200), 200, 2, true},
		{"414", &registry{n: 1_000, max: 60, long: web(414, "<html>")}, ids(0, 200), 200, 7, true},
		{"431", &registry{n: 1_000, max: 100, long: web(431, "")}, ids(0, 200), 200, 3, true},
		{"413", &registry{n: 1_000, max: 100, long: web(413, `{"message":""}`)}, ids(0, 200), 200, 3, true},
		{"400 of a front end", &registry{n: 1_000, max: 100, long: web(400, page)}, ids(0, 200), 200, 3, true},
		{"no answer", &registry{n: 1_000, max: 100, long: func(http.ResponseWriter) { panic(http.ErrAbortHandler) }}, ids(0, 200), 200, 3, true},
		{"one id a request", &registry{n: 10, max: 1, long: web(414, "")}, ids(0, 8), 8, 15, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := test.g.serve(t)
			got, err := c.Lookup(t.Context(), test.ask)
			if err != nil {
				t.Fatal(err)
			}
			for id, r := range got {
				if !strings.EqualFold(id, r.UUID) || !r.HasAccounts || r.HasPrimary != test.primary {
					t.Errorf("%s: %+v", id, r)
				}
			}
			if len(got) != test.found || len(test.g.queries) != test.requests || c.Stats().Lists != test.requests {
				t.Errorf("%d records by %d requests, want %d by %d; %+v", len(got), len(test.g.queries), test.found, test.requests, c.Stats())
			}
		})
	}
}

// TestLookupRemembers what the server refused before.
func TestLookupRemembers(t *testing.T) {
	g := &registry{n: 1_000, max: 60, long: web(414, ""), old: true}
	c := g.serve(t)
	for range 2 {
		if _, err := c.Lookup(t.Context(), ids(0, 100)); err != nil {
			t.Fatal(err)
		}
	}
	// 414 (100), 400 + 50, 50; then 50, 50.
	if got := len(g.queries); got != 6 {
		t.Errorf("%d requests: %v", got, g.queries)
	}
}

// TestLookupWithoutHope: halving ends.
func TestLookupWithoutHope(t *testing.T) {
	url, served := rawServer(t, func(net.Conn, int32) bool { return false })
	c := realClient(t, url, nil)
	_, err := c.Lookup(t.Context(), ids(0, 200))
	var e *Error
	if !errors.As(err, &e) || e.Code != code.Network || e.Doubt != DoubtNone || served.Load() > 6 { // 200 100 50 25 25
		t.Errorf("%d requests, %v", served.Load(), err)
	}
	g := &registry{n: 10, max: 0, long: web(414, "")}
	g.max = -1
	c = realClient(t, "http://127.0.0.1:1", func(cfg *Config) { cfg.Transport = &refuser{n: 1_000, status: 414} })
	if _, err := c.Lookup(t.Context(), ids(0, 200)); !errors.As(err, &e) || e.Code != code.TooLarge || c.Stats().Lists != 8 {
		t.Errorf("%d requests, %v", c.Stats().Lists, err)
	}
}

// TestWrongAccount: a refusal of the first list is final.
func TestWrongAccount(t *testing.T) {
	for status, message := range map[int]string{400: "The X-PLANNR-ACCOUNT-UUID header is required.", 403: "You do not have access to this account."} {
		r := &refuser{n: 1_000, status: status, body: `{"message":"` + message + `"}`}
		c := simClient(t, r, nil)
		for range 2 {
			_, err := c.Lookup(t.Context(), ids(0, 10))
			var e *Error
			if !errors.As(err, &e) || e.Code != code.WrongAccount || e.Stop != StopPermanent || !strings.Contains(e.Message, message) {
				t.Errorf("%+v", e)
			}
		}
		if n := len(r.served); n > 2 {
			t.Errorf("%d requests", n)
		}
	}
}

// TestWrongAddress: what no API answers blames the address, at once and for good; not so once the API has answered.
func TestWrongAddress(t *testing.T) {
	const html = "<!doctype html><title>Welcome</title>"
	name := "x"
	list := func(t *testing.T, c *Client) error { _, err := c.Lookup(t.Context(), ids(0, 1)); return err }
	logins := func(t *testing.T, c *Client) error { _, err := c.Logins(t.Context()); return err }
	put := func(t *testing.T, c *Client) error {
		_, err := c.Put(t.Context(), testID, Update{Name: &name}, time.Time{}, nil)
		return err
	}
	for _, test := range []struct {
		name   string
		do     func(*testing.T, *Client) error
		status int
		body   string
		after  string // good answers before
		where  string // blamed; "" = not the address
		said   string
	}{
		{"list", list, 404, `{"message":"The route could not be found."}`, "", pathList, "404 Not Found and The route could not be found."},
		{"list, not a word", list, 404, "", "", pathList, "404 Not Found: is"},
		{"list, a page", list, 404, html, "", pathList, `404 Not Found and a web page titled "Welcome"`},
		{"list, a page and 200", list, 200, html, "", pathList, `200 OK and a web page titled "Welcome"`},
		{"list, once it was read", list, 404, html, `{"data":[]}`, "", ""},
		{"logins", logins, 404, "{}", "", pathLogins, "404 Not Found: is"},
		{"logins, a page and 200", logins, 200, html, "", pathLogins, "200 OK and a web page"},
		{"logins, a page and 500", logins, 501, html, "", "", ""},
		{"change, a page", put, 404, html, "", pathList + "/" + testID, "404 Not Found and a web page"},
		{"change", put, 404, "{}", "", "", ""},
	} {
		answers := []string{}
		if test.after != "" {
			answers = append(answers, test.after)
		}
		c := simClient(t, route(func(*http.Request) http.RoundTripper {
			if len(answers) > 0 {
				body := answers[0]
				answers = answers[1:]
				return &refuser{n: 1, status: 200, body: body}
			}
			return &refuser{n: 1, status: test.status, body: test.body}
		}), func(cfg *Config) { cfg.Retries = 0 })
		if test.after != "" {
			if err := list(t, c); err != nil {
				t.Fatal(err)
			}
		}
		var e *Error
		if !errors.As(test.do(t, c), &e) {
			t.Fatalf("%s: a success", test.name)
		}
		blamed := strings.Contains(e.Message, "https://api.example.com/prefix"+test.where+" answers with "+test.said) &&
			strings.HasSuffix(e.Message, ": is this the address of the API? see --base-url")
		if blamed != (test.where != "") || blamed != (e.Stop == StopPermanent) || blamed && (e.Refused || e.Code != code.NotJSON) {
			t.Errorf("%s: %+v, %#v", test.name, e, *e)
		}
	}
}

func TestEach(t *testing.T) {
	tests := []struct {
		name     string
		g        *registry
		filter   Filter
		found    int
		requests int
		code     code.Code
	}{
		{"all", &registry{n: 1_234}, Filter{}, 1_234, 3, ""},
		{"exactly a page", &registry{n: 500}, Filter{}, 500, 1, ""},
		{"none", &registry{}, Filter{}, 0, 1, ""},
		{"by id", &registry{n: 1_000}, Filter{IDs: ids(900, 1_100)}, 100, 1, ""},
		{"by many ids", &registry{n: 1_000}, Filter{IDs: ids(0, 450)}, 450, 3, ""},
		{"by owner", &registry{n: 1_000}, Filter{AccountUUIDs: ids(0, 3)}, 3, 1, ""},
		{"by many owners, records in several answers", &registry{n: 1_000}, Filter{AccountUUIDs: ids(0, 250)}, 200, 2, ""},
		{"by both", &registry{n: 1_000}, Filter{IDs: ids(0, 150), AccountUUIDs: ids(0, 1)}, 150, 2, ""},
		{"by ids that cannot be", &registry{n: 1_000}, Filter{IDs: []string{"no id"}}, 0, 0, ""},
		{"a record moves while the list is read", &registry{n: 700, shift: true}, Filter{}, 700, 4, ""},
		{"a record is missing for good", &registry{n: 700, lose: true}, Filter{}, 699, 4, code.IncompleteList},
		{"small pages", &registry{n: 95, perPage: 10}, Filter{}, 95, 10, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := test.g.serve(t)
			seen := map[string]bool{}
			var last error
			for r, err := range c.Each(t.Context(), test.filter) {
				if last = err; err != nil {
					continue
				}
				if seen[r.UUID] {
					t.Errorf("%s comes twice", r.UUID)
				}
				seen[r.UUID] = true
			}
			got := code.Code("")
			var e *Error
			if errors.As(last, &e) {
				got = e.Code
			}
			if len(seen) != test.found || len(test.g.queries) != test.requests || got != test.code {
				t.Errorf("%d records by %d requests, %v; want %d by %d, code %q", len(seen), len(test.g.queries), last, test.found, test.requests, test.code)
			}
		})
	}
	t.Run("enough", func(t *testing.T) {
		g := &registry{n: 5_000}
		for range g.serve(t).Each(t.Context(), Filter{}) {
			break
		}
		if len(g.queries) != 1 {
			t.Errorf("%d requests for one record", len(g.queries))
		}
	})
}

func TestLogins(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != "GET" || r.RequestURI != "/api/v1/logins" || r.ContentLength > 0 {
			t.Errorf("%s %s", r.Method, r.RequestURI)
		}
		if _, ok := r.Header["X-Plannr-Account-Uuid"]; ok {
			t.Error("an account is sent, though there is none")
		}
		io.WriteString(w, `{"data":[{"uuid":"l1","has_write_permission":false,"has_delete_permission":false,"expires_at":null,`+
			`"account":{"uuid":"a1","type":"client","role":"client","name":"Alice Private","email":"alice@example.com","firm":"Acme"},`+
			`"firm":{"uuid":"f1","name":"Acme Advice Ltd"},"preferred_account_uuid":"a2"},`+
			`{"uuid":"l2","has_write_permission":1,"has_delete_permission":true,"expires_at":"2027-01-01T00:00:00+00:00","email":"person@example.com",`+
			`"account":{"uuid":"a2","type":"employee","role":"admin","name":"Alice Admin"},"firm":null},null]}`)
	}))
	defer server.Close()
	got, err := realClient(t, server.URL, func(cfg *Config) { cfg.Account = "" }).Logins(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []Login{
		{AccountUUID: "a1", AccountName: "Alice Private", AccountType: "client", AccountRole: "client", FirmUUID: "f1", FirmName: "Acme Advice Ltd",
			PreferredAccountUUID: "a2"},
		{CanWrite: true, AccountUUID: "a2", AccountName: "Alice Admin", AccountType: "employee", AccountRole: "admin"},
	}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%+v", got)
	}
	for _, body := range []string{`{}`, `[]`, `{"data":{}}`, `<html>`, `{"data":[}`} {
		c := realClient(t, "http://127.0.0.1:1", func(cfg *Config) { cfg.Transport = &refuser{n: 9, status: 200, body: body} })
		var e *Error
		if _, err := c.Logins(t.Context()); !errors.As(err, &e) || e.Code != code.NotJSON || e.Doubt != DoubtNone {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// TestActAs: the account can be chosen after the logins were read.
func TestActAs(t *testing.T) {
	var accounts []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		accounts = append(accounts, r.Header.Get(accountHeader))
		io.WriteString(w, `{"data":[]}`)
	}))
	defer server.Close()
	c := realClient(t, server.URL, func(cfg *Config) { cfg.Account = "" })
	c.Logins(t.Context())
	c.ActAs("a2")
	c.Lookup(t.Context(), ids(0, 1))
	if fmt.Sprint(accounts) != "[ a2]" {
		t.Errorf("%q", accounts)
	}
}

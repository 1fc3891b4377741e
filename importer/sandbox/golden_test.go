package sandbox

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The exchanges below were captured on Laravel 8 behind nginx. Where a capture was cut, its length is known.

const (
	ada     = "9b2c9a1b-9713-5c77-90e9-fdd59e305ea2"
	work    = "a6760ad5-8b5a-5b9e-9947-086ec77a2b5a"
	mail1   = "a2d7a96a-2bed-580b-b4cb-658449afdf14"
	foreign = "c1437ce6-0610-5ba4-9e1d-a66ca115b8ca"
	alice   = "9fddf204-6ed4-5596-8b8a-257554a08e41"
	private = "6739dee5-18ae-5694-b366-5d8bfb1c4e96"
	nobody  = "11111111-1111-4111-8111-111111111111"

	adaJSON = `{"uuid":"9b2c9a1b-9713-5c77-90e9-fdd59e305ea2","created_at":"2024-01-15T09:30:00+00:00","updated_at":"2024-01-15T09:30:00+00:00",` +
		`"type":"client","role":"client","first_name":"Ada","last_name":"Lovelace","name":"Ada Lovelace","email":"client0@example.com",` +
		`"photo_url":"https:\/\/eu.ui-avatars.com\/api\/?name=Ada+Lovelace"}`
	workPrefix  = `{"uuid":"a6760ad5-8b5a-5b9e-9947-086ec77a2b5a","created_at":"2025-03-01T08:00:00+00:00","updated_at":"NOW","type":"phone_number",`
	londonBody  = `{"name":"Work phone number","value":"020 7946 0123","account_uuids":["` + ada + `"]}`
	allRequired = `{"message":"The given data was invalid.","errors":{"name":["The name field is required."],` +
		`"value":["The value field is required."],"account_uuids":["The account uuids field is required."]}}`
)

// captured is the application of the captures: two logins, 200 records of one client, one record of another firm.
func captured(t *testing.T, cfg Config) *Server {
	t.Helper()
	firm := Firm{"0d1fbe4e-2606-5520-a05d-df088786c6ea", "Acme Advice Ltd"}
	cfg.Token = "test-token"
	cfg.Logins = []Login{
		{
			UUID: "e5042982-d620-53ac-9c79-2f11ec0dcf2a", PreferredAccountUUID: alice,
			Account: Account{
				UUID: private, Type: "client", Role: "client", Firm: firm,
				FirstName: "Alice", LastName: "Private", Email: "alice.private@example.com",
			},
		},
		{
			UUID: "f31e9cb7-2101-528d-8db0-822bae74665e", PreferredAccountUUID: alice, CanWrite: true,
			Account: Account{
				UUID: alice, Type: "employee", Role: "admin", Firm: firm,
				FirstName: "Alice", LastName: "Admin", Email: "alice@example.com",
			},
		},
	}
	s := New(cfg)
	client := client(ada, "Ada Lovelace", "client0@example.com")
	client.Firm = firm
	records := []Record{
		{UUID: work, Name: "Mobile", Value: "+442079460000", PrimaryAccountUUIDs: []string{ada}},
		{UUID: "081a8808-f776-5a77-a226-c7347cb3153e", Name: "Mobile", Value: "+12025550103"},
		{UUID: mail1, Name: "Mail", Value: "ada@example.com"},
	}
	for n := range 197 {
		records = append(records, Record{UUID: RecordUUID(n), Name: "Mobile", Value: oldPhone(uint32(n))})
	}
	for i := range records {
		records[i].FirmUUID, records[i].AccountUUIDs = firm.UUID, []string{ada}
	}
	records = append(records, Record{UUID: foreign, FirmUUID: ForeignFirm().UUID, Name: "Mobile", Value: "+442079460999"})
	s.store.addAccount(client)
	if err := s.Seed(records...); err != nil {
		t.Fatal(err)
	}
	return s
}

// capture is one exchange. Every request bears the right token and account and asks for JSON, unless header says otherwise
// ("" removes a header).
type capture struct {
	name, method, path string
	header             map[string]string
	body               string

	status  int
	want    string            // the body; with a length its beginning
	length  int               // of the body, if only its beginning is known
	also    map[string]string // headers besides the usual ones; "" is a usual one that is missing
	counted bool              // by the quota: the answer says what is left
	nginx   bool              // answered by the front end, which closes the connection
}

const (
	detail = "/api/v2/contact-details/"
	list   = "/api/v2/contact-details"
)

func strictCaptures() []capture {
	noAccept := map[string]string{"Accept": ""}
	html := map[string]string{"Content-Type": "text/html; charset=utf-8"}
	redirected := func(to string) map[string]string {
		return map[string]string{"Content-Type": "text/html; charset=utf-8", "Location": to}
	}
	toLogin, toRoot := redirected("http://127.0.0.1:8791/login"), redirected("http://127.0.0.1:8791")
	page := func(to string) string {
		return "<!DOCTYPE html>\n<html>\n    <head>\n        <meta charset=\"UTF-8\" />\n" +
			"        <meta http-equiv=\"refresh\" content=\"0;url='" + to + "'\" />\n\n" +
			"        <title>Redirecting to " + to + "</title>\n    </head>\n    <body>\n" +
			"        Redirecting to <a href=\"" + to + "\">" + to + "</a>.\n    </body>\n</html>"
	}
	message := func(text string) string { return "{\n    \"message\": \"" + text + "\"\n}" }
	errs := func(fields string) string {
		return `{"message":"The given data was invalid.","errors":{` + fields + `}}`
	}
	missing := func(id string) string {
		return message(`No query results for model [App\\Models\\ContactDetail] ` + id)
	}
	const (
		first = `"http:\/\/127.0.0.1:8791\/api\/v2\/contact-details?`
		end   = `,"label":"Next &raquo;","active":false}],"path":"http:\/\/127.0.0.1:8791\/api\/v2\/contact-details","per_page":`
	)
	return []capture{
		{name: "logins", method: "GET", path: "/api/v1/logins", header: map[string]string{"X-PLANNR-ACCOUNT-UUID": ""},
			status: 200, counted: true, length: 850,
			want: `{"data":[{"uuid":"e5042982-d620-53ac-9c79-2f11ec0dcf2a","has_write_permission":false,"has_delete_permission":false,` +
				`"account":{"uuid":"6739dee5-18ae-5694-b366-5d8bfb1c4e96","type":"client","role":"client","name":"Alice Private",` +
				`"email":"alice.private@example.com","firm":"Acme Advice Ltd"},"firm":{"uuid":"0d1fbe4e-2606-5520-a05d-df088786c6ea",` +
				`"name":"Acme Advice Ltd"},"preferred_account_uuid":"9fddf204-6ed4-5596-8b8a-257554a08e41"},` +
				`{"uuid":"f31e9cb7-2101-528d-8db0-822bae74665e","has_write_permission":true,"has_delete_permission":false,` +
				`"account":{"uuid":"9fddf204-6ed4-5596-8b8a-257554a08e41","type":"employee","role":"admin","name":"Alice Admin","email":"ali`},
		{name: "phone as a string", method: "PUT", path: detail + work, body: londonBody, status: 200, counted: true, length: 947,
			want: workPrefix + `"name":"Work phone number","value":"+442079460123","phone_number_meta":{"country":"GB",` +
				`"formatted":"020 7946 0123"},"accounts":[` + adaJSON + `],"primary_accounts":[` + adaJSON[:20]},
		{name: "phone as an object", method: "PUT", path: detail + work, status: 200, counted: true,
			body: `{"name":"Sydney","value":{"country":"AU","number":"(02) 5550 1234"},"account_uuids":["` + ada + `"],"primary_account_uuids":[]}`,
			want: workPrefix + `"name":"Sydney","value":"+61255501234","phone_number_meta":{"country":"AU","formatted":"(02) 5550 1234"},` +
				`"accounts":[` + adaJSON + `],"primary_accounts":[]}`},
		{name: "everything missing", method: "PUT", path: detail + work, body: `{}`, status: 422, counted: true, want: allRequired},
		{name: "wrong types", method: "PUT", path: detail + work, body: `{"name":5,"value":442079460123,"account_uuids":"` + ada + `"}`,
			status: 422, counted: true, want: errs(`"name":["The name must be a string."],"value":["The value must be a string."],` +
				`"account_uuids":["The account uuids must be an array."]`)},
		{name: "phone not valid", method: "PUT", path: detail + work, body: `{"name":"x","value":"07700 900123","account_uuids":["` + ada + `"]}`,
			status: 422, counted: true, want: errs(`"value":["The value must be a valid phone number."]`)},
		{name: "region in lower case", method: "PUT", path: detail + work, status: 422, counted: true,
			body: `{"name":"Sydney","value":{"country":"au","number":"(02) 5550 1234"},"account_uuids":["` + ada + `"]}`,
			want: errs(`"value.country":["The value.country is not a valid country."],"value.number":["The value must be a valid phone number."]`)},
		{name: "everything wrong", method: "PUT", path: detail + work, status: 422, counted: true,
			body: `{"name":"","value":{"country":"ZZ","number":"1"},"account_uuids":["` + nobody + `","` + alice + `"]}`,
			want: errs(`"name":["The name field is required."],"value.country":["The value.country is not a valid country."],` +
				`"value.number":["The value must be a valid phone number."],"account_uuids.0":["The selected account_uuids.0 is invalid."],` +
				`"account_uuids.1":["The selected account_uuids.1 is invalid."]`)},
		{name: "name too long", method: "PUT", path: detail + mail1, status: 422, counted: true,
			body: `{"name":"` + strings.Repeat("é", 256) + `","value":"a@example.com","account_uuids":["` + ada + `"]}`,
			want: errs(`"name":["The name must not be greater than 255 characters."]`)},
		{name: "e-mail not valid", method: "PUT", path: detail + mail1, body: `{"name":"x","value":"not-an-address","account_uuids":["` + ada + `"]}`,
			status: 422, counted: true, want: errs(`"value":["The value must be a valid email address."]`)},
		{name: "no owner", method: "PUT", path: detail + work, body: `{"name":"x","value":"1","account_uuids":[]}`, status: 422, counted: true,
			want: errs(`"value":["The value must be a valid phone number."],"account_uuids":["The account uuids field is required."]`)},
		{name: "unknown record", method: "PUT", path: detail + nobody, body: `{}`, status: 404, counted: true, want: missing(nobody)},
		{name: "record of another firm", method: "PUT", path: detail + foreign, body: londonBody, status: 404, counted: true, want: missing(foreign)},
		{name: "not a uuid", method: "PUT", path: detail + "not-a-uuid", body: londonBody, status: 404, counted: true, want: missing("not-a-uuid")},
		{name: "unknown token", method: "GET", path: list, header: map[string]string{"Authorization": "Bearer wrong"},
			status: 401, want: `{"message":"Unauthenticated."}`},
		{name: "no token", method: "GET", path: list, header: map[string]string{"Authorization": "", "X-PLANNR-ACCOUNT-UUID": ""},
			status: 401, want: `{"message":"Unauthenticated."}`},
		{name: "no account", method: "GET", path: list, header: map[string]string{"X-PLANNR-ACCOUNT-UUID": ""},
			status: 400, counted: true, want: message("The X-PLANNR-ACCOUNT-UUID header is required.")},
		{name: "somebody else's account", method: "GET", path: list, header: map[string]string{"X-PLANNR-ACCOUNT-UUID": nobody},
			status: 403, counted: true, want: message("You do not have access to this account.")},
		{name: "read-only login", method: "PUT", path: detail + work, header: map[string]string{"X-PLANNR-ACCOUNT-UUID": private}, body: londonBody,
			status: 403, counted: true, want: message("This action is unauthorized.")},
		{name: "list page", method: "GET", path: list + "?per_page=1&include=accounts,primary_accounts&page=2", status: 200, counted: true, length: 3293,
			want: `{"data":[{"uuid":"081a8808-f776-5a77-a226-c7347cb3153e","created_at":"2025-03-01T08:00:00+00:00",` +
				`"updated_at":"2025-03-01T08:00:00+00:00","type":"phone_number","name":"Mobile","value":"+12025550103",` +
				`"phone_number_meta":{"country":"US","formatted":"(202) 555-0103"},"accounts":[` + adaJSON + `],"primary_accounts":[]}],` +
				`"links":{"first":` + first + `per_page=1&include=accounts%2Cprimary_accounts&page=1",` +
				`"last":` + first + `per_page=1&include=accounts%2Cprimary_accounts&page=200",` +
				`"prev":` + first + `per_page=1&include=accounts%2Cprimary_accounts&page=1",` +
				`"next":` + first + `per_page=1&include=accounts%2Cprimary_accounts&page=3"},` +
				`"meta":{"current_page":2,"from":2,"last_page":200,"links":[` +
				`{"url":` + first + `per_page=1&include=accounts%2Cprimary_accounts&page=1","label":"&laquo; Previous","active":false},` +
				`{"url":` + first + `per_page=1&include=accounts%2Cprimary_accounts&page=1","label":"1","active":false},` +
				`{"url":` + first + `per_page=1&include=accounts%2Cprimary_accounts&page=2","label":"2","active":true},`},
		{name: "page past the end", method: "GET", path: list + "?per_page=500&page=9", status: 200, counted: true,
			want: `{"data":[],"links":{"first":` + first + `per_page=500&page=1","last":` + first + `per_page=500&page=1",` +
				`"prev":` + first + `per_page=500&page=8","next":null},"meta":{"current_page":9,"from":null,"last_page":1,"links":[` +
				`{"url":` + first + `per_page=500&page=8","label":"&laquo; Previous","active":false},` +
				`{"url":` + first + `per_page=500&page=1","label":"1","active":false},{"url":null` + end + `500,"to":null,"total":200}}`},
		{name: "unknown uuids are absent", method: "GET", path: list + "?filter[uuid]=" + nobody, status: 200, counted: true,
			want: `{"data":[],"links":{"first":` + first + `filter%5Buuid%5D=` + nobody + `&page=1","last":` + first + `filter%5Buuid%5D=` + nobody +
				`&page=1","prev":null,"next":null},"meta":{"current_page":1,"from":null,"last_page":1,"links":[` +
				`{"url":null,"label":"&laquo; Previous","active":false},{"url":` + first + `filter%5Buuid%5D=` + nobody +
				`&page=1","label":"1","active":true},{"url":null` + end + `15,"to":null,"total":0}}`},
		{name: "per_page above 500", method: "GET", path: list + "?per_page=501&filter[uuid]=" + work, status: 200, counted: true, length: 984,
			want: `{"data":[` + workPrefix + `"name":"Sydney","value":"+61255501234","phone_number_meta":{"country":"AU",` +
				`"formatted":"(02) 5550 1234"}}],"links":{"first":` + first + `per_page=501&filter%5Buuid%5D=` + work + `&page=1",` +
				`"last":` + first + `per_page=501&filter%5Buuid%5D=` + work + `&page=1","prev":null,"next":null},"meta":{"current_page":1,` +
				`"from":1,"last_page":1,"links":[{"url":null,"label":"&laquo; Previous`},
		{name: "sort", method: "GET", path: list + "?sort=foo", status: 400, counted: true,
			want: message("Requested sort(s) `foo` is not allowed. Allowed sort(s) are `created_at, updated_at, name, value`.")},
		{name: "route", method: "GET", path: "/api/v2/contact-detail", status: 404, want: message("")},
		{name: "method", method: "PATCH", path: detail + work, body: `{}`, status: 405, also: map[string]string{"Allow": "PUT"},
			want: message("The PATCH method is not supported for this route. Supported methods: PUT.")},
		{name: "malformed JSON", method: "PUT", path: detail + work, body: `{"name":"x",`, status: 422, counted: true, want: allRequired},
		{name: "byte order mark", method: "PUT", path: detail + work, body: "\ufeff" + londonBody, status: 422, counted: true, want: allRequired},
		{name: "not UTF-8", method: "PUT", path: detail + work, body: strings.Replace(londonBody, "Work", "caf\xe9", 1), status: 422, counted: true, want: allRequired},
		{name: "wrong Content-Type", method: "PUT", path: detail + work, header: map[string]string{"Content-Type": "text/plain"}, body: londonBody,
			status: 422, counted: true, want: allRequired},
		{name: "no Content-Type", method: "PUT", path: detail + work, header: map[string]string{"Content-Type": ""}, body: londonBody,
			status: 422, counted: true, want: allRequired},
		{name: "method override", method: "POST", path: detail + work, header: map[string]string{"X-HTTP-Method-Override": "PUT"}, body: londonBody,
			status: 200, counted: true, want: workPrefix + `"name":"Work phone number","value":"+442079460123",` +
				`"phone_number_meta":{"country":"GB","formatted":"020 7946 0123"},"accounts":[` + adaJSON + `],"primary_accounts":[]}`},
		{name: "blanks are cut", method: "PUT", path: detail + work, body: `{"name":"  Work \u00a0","value":" 020 7946 0123 ","account_uuids":["` + ada + `"]}`,
			status: 200, counted: true, want: workPrefix + `"name":"Work \u00a0","value":"+442079460123",` +
				`"phone_number_meta":{"country":"GB","formatted":"020 7946 0123"},"accounts":[` + adaJSON + `],"primary_accounts":[]}`},
		{name: "no Accept, bad token", method: "GET", path: list, header: map[string]string{"Accept": "", "Authorization": "Bearer wrong"},
			status: 302, also: toLogin, want: page("http://127.0.0.1:8791/login")},
		{name: "no Accept, bad body", method: "PUT", path: detail + work, header: noAccept, body: `{}`,
			status: 302, counted: true, also: toRoot, want: page("http://127.0.0.1:8791")},
		{name: "any Accept, bad body", method: "PUT", path: detail + work, header: map[string]string{"Accept": "*/*"}, body: `{}`,
			status: 302, counted: true, also: toRoot, want: page("http://127.0.0.1:8791")},
		{name: "body too large", method: "PUT", path: detail + work, body: strings.Repeat("x", 1_100_000), status: 413, nginx: true, also: html, length: 183,
			want: "<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>\r\n<center><h1>413 Request Entity Too Large</h1></center>\r\n" +
				"<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n"},
		{name: "URL too long", method: "GET", path: list + "?z=" + strings.Repeat("x", 9000), status: 414, nginx: true, also: html, length: 177,
			want: "<html>\r\n<head><title>414 Request-URI Too Large</title></head>\r\n<body>\r\n<center><h1>414 Request-URI Too Large</h1></center>\r\n"},
		{name: "header too long", method: "GET", path: list, header: map[string]string{"X-Long": strings.Repeat("x", 9000)},
			status: 400, nginx: true, also: html, length: 233,
			want: "<html>\r\n<head><title>400 Request Header Or Cookie Too Large</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n" +
				"<center>Request Header Or Cookie Too Large</center>\r\n"},
	}
}

func lenientCaptures() []capture {
	only := workPrefix + `"name":"Only the name","value":"+442079460000","phone_number_meta":{"country":"GB","formatted":"020 7946 0000"},` +
		`"accounts":[` + adaJSON + `],"primary_accounts":[` + adaJSON + `]}`
	return []capture{
		{name: "only a name", method: "PUT", path: detail + work, body: `{"name":"Only the name"}`, status: 200, counted: true, want: only},
		{name: "null is not absent", method: "PUT", path: detail + work, body: `{"name":null}`, status: 422, counted: true,
			want: `{"message":"The given data was invalid.","errors":{"name":["The name must be a string."]}}`},
		{name: "malformed JSON changes nothing", method: "PUT", path: detail + work, body: `{"name":"x",`, status: 200, counted: true, want: only},
	}
}

func TestCaptures(t *testing.T) {
	for name, config := range map[string]struct {
		Config
		captures []capture
	}{
		"newest revision": {Config{}, strictCaptures()},
		"older revision":  {Config{Lenient: true}, lenientCaptures()},
	} {
		t.Run(name+", called directly", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := captured(t, config.Config)
				replay(t, s.Transport(), "http://127.0.0.1:8791", config.captures)
				checkLog(t, s, config.captures)
				wait(time.Second) // net/http lingers over a body that nobody read
			})
		})
		t.Run(name+", over a socket", func(t *testing.T) {
			s := captured(t, config.Config)
			srv := httptest.NewServer(s)
			defer srv.Close()
			replay(t, srv.Client().Transport, srv.URL, config.captures)
			checkLog(t, s, config.captures)
		})
	}
}

// replay sends the requests one after the other and compares the answers, headers and all.
func replay(t *testing.T, rt http.RoundTripper, base string, captures []capture) {
	t.Helper()
	remaining := 500
	stamp := regexp.MustCompile(`"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00"`)
	for _, c := range captures {
		res := roundTrip(t, rt, base, c)
		got, err := io.ReadAll(res.Body)
		if err != nil {
			t.Errorf("%s: reading the body: %v", c.name, err)
		}
		res.Body.Close()
		sent := len(got)
		text := strings.ReplaceAll(string(got), strings.ReplaceAll(base, "/", `\/`), `http:\/\/127.0.0.1:8791`)
		text = strings.ReplaceAll(text, base, "http://127.0.0.1:8791")
		length := len(text)
		text = stamp.ReplaceAllStringFunc(text, func(s string) string {
			if at, _ := time.Parse(`"`+time.RFC3339+`"`, s); at.Year() == 2024 || at.Year() == 2025 {
				return s
			}
			return `"NOW"`
		})
		if res.StatusCode != c.status {
			t.Errorf("%s: status %d, want %d: %s", c.name, res.StatusCode, c.status, text)
		}
		if c.length == 0 && text != c.want || !strings.HasPrefix(text, c.want) || c.length > 0 && length != c.length {
			t.Errorf("%s: body (%d bytes)\n%s\nwant (%d bytes)\n%s", c.name, length, text, c.length, c.want)
		}
		want := map[string]string{"Server": "nginx/1.22.1", "Content-Type": "application/json", "Cache-Control": "no-cache, private"}
		if c.counted {
			remaining--
			want["X-Ratelimit-Limit"], want["X-Ratelimit-Remaining"] = "500", strconv.Itoa(remaining)
		}
		if c.nginx {
			delete(want, "Cache-Control")
			want["Content-Length"] = strconv.Itoa(sent)
		}
		maps.Copy(want, c.also)
		checkHeader(t, c.name, res, want, base)
		if chunked := slices.Equal(res.TransferEncoding, []string{"chunked"}); chunked == c.nginx || res.Close != c.nginx {
			t.Errorf("%s: transfer encoding %v, close %v", c.name, res.TransferEncoding, res.Close)
		}
	}
}

func roundTrip(t *testing.T, rt http.RoundTripper, base string, c capture) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), c.method, base+c.path, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range map[string]string{
		"Accept": "application/json", "Content-Type": "application/json", "Authorization": "Bearer test-token", "X-PLANNR-ACCOUNT-UUID": alice,
	} {
		req.Header.Set(k, v)
	}
	for k, v := range c.header {
		if req.Header.Set(k, v); v == "" {
			req.Header.Del(k)
		}
	}
	res, err := rt.RoundTrip(req)
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	return res
}

func checkHeader(t *testing.T, name string, res *http.Response, want map[string]string, base string) {
	t.Helper()
	if _, err := http.ParseTime(res.Header.Get("Date")); err != nil {
		t.Errorf("%s: Date: %v", name, err)
	}
	got := map[string]string{}
	for k := range res.Header {
		if k != "Date" {
			got[k] = strings.Replace(res.Header.Get(k), base, "http://127.0.0.1:8791", 1)
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("%s: headers\n%v\nwant\n%v", name, got, want)
	}
}

// checkLog compares the server's own log with what was sent and answered.
func checkLog(t *testing.T, s *Server, captures []capture) {
	t.Helper()
	requests := s.Requests()
	if len(requests) != len(captures) {
		t.Fatalf("%d requests in the log, want %d", len(requests), len(captures))
	}
	for i, r := range requests {
		c := captures[i]
		path, query, _ := strings.Cut(c.path, "?")
		body := c.body
		if len(body) > maxBody {
			body = "" // refused by its length
		}
		if r.N != i+1 || r.Method != c.method || r.Path != path || r.Query != query || r.Body != body || r.Status != c.status {
			t.Errorf("%s: log has %+v", c.name, r)
		}
		if done := c.status == 200 && strings.HasPrefix(path, detail); r.Applied != done || (r.Before != nil) != done || (r.After != nil) != done {
			t.Errorf("%s: log says applied %v, before %v, after %v", c.name, r.Applied, r.Before, r.After)
		}
	}
}

package web

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// ask sends a request as it is, and returns the status.
func (w *world) ask(method, path string, change func(*http.Request)) (int, http.Header, string) {
	w.Helper()
	r, err := http.NewRequestWithContext(w.Context(), method, w.base+path, nil)
	if err != nil {
		w.Fatal(err)
	}
	change(r)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	response, err := client.Do(r)
	if err != nil {
		w.Fatal(err)
	}
	status, text := w.read(response)
	return status, response.Header, text
}

// cookie is the one that the browser has.
func (w *world) cookie() *http.Cookie {
	return &http.Cookie{Name: w.server.guard.cookie, Value: w.server.guard.session}
}

// paths are the paths of all routes, for a run.
func (w *world) paths(id string) (get, post []string) {
	all := []string{"GET /static/app.js", "POST /files"}
	for pattern := range w.server.routes() {
		all = append(all, pattern)
	}
	for _, pattern := range all {
		method, path, _ := strings.Cut(pattern, " ")
		path = strings.NewReplacer("{id}", id, "{name}", "report", "{$}", "").Replace(path)
		if method == "GET" {
			get = append(get, path)
		} else {
			post = append(post, path)
		}
	}
	return get, post
}

// TestAttacks sends what somebody else's page, program or name could send.
func TestAttacks(t *testing.T) {
	w := newWorld(t, 3, nil)
	w.open()
	id := w.upload("contacts.csv", contacts(3))
	w.settle(id)
	get, post := w.paths(id)
	before := w.files()
	port := w.base[strings.LastIndex(w.base, ":"):]
	for _, tt := range []struct {
		name   string
		change func(*http.Request)
		posts  bool // only what changes something is refused
		status int
	}{
		{"another name for this computer", func(r *http.Request) { r.Host = "localhost" + port }, false, http.StatusMisdirectedRequest},
		{"a name rebound to this computer", func(r *http.Request) { r.Host = "evil.example" + port }, false, http.StatusMisdirectedRequest},
		{"a lookalike", func(r *http.Request) { r.Host = "127.0.0.1.evil.com" + port }, false, http.StatusMisdirectedRequest},
		{"another port", func(r *http.Request) { r.Host = "127.0.0.1:1" }, false, http.StatusMisdirectedRequest},
		{"no port", func(r *http.Request) { r.Host = "127.0.0.1" }, false, http.StatusMisdirectedRequest},
		{"no cookie", func(r *http.Request) { r.Header.Del("Cookie") }, false, http.StatusForbidden},
		{"a guessed cookie", func(r *http.Request) {
			r.Header.Del("Cookie")
			r.AddCookie(&http.Cookie{Name: w.server.guard.cookie, Value: "guess"})
		}, false, http.StatusForbidden},
		{"the used link", func(r *http.Request) {
			r.Header.Del("Cookie")
			r.URL.RawQuery = "token=" + w.server.guard.link
		}, false, http.StatusForbidden},
		{"a foreign page", func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") }, true, http.StatusForbidden},
		{"a page of the same site", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") }, true, http.StatusForbidden},
		{"a file on the disk", func(r *http.Request) { r.Header.Set("Origin", "null") }, true, http.StatusForbidden},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for method, paths := range map[string][]string{http.MethodGet: get, http.MethodPost: post} {
				for _, path := range paths {
					if tt.posts && method == http.MethodGet {
						continue
					}
					status, header, text := w.ask(method, path, func(r *http.Request) {
						r.AddCookie(w.cookie())
						tt.change(r)
					})
					if status != tt.status {
						t.Errorf("%s %s: %d, want %d", method, path, status, tt.status)
					}
					if strings.Contains(text, "contacts") || header.Get("Set-Cookie") != "" {
						t.Errorf("%s %s tells something: %s", method, path, text)
					}
				}
			}
		})
	}
	if after := w.files(); after != before {
		t.Errorf("the files were %s and are %s", before, after)
	}
}

// TestLink holds that the link opens the pages once.
func TestLink(t *testing.T) {
	w := newWorld(t, 0, nil)
	link, _ := url.Parse(w.link)
	for _, tt := range []struct {
		path   string
		status int
	}{
		{"/?token=wrong", http.StatusForbidden},
		{"/history?" + link.RawQuery, http.StatusForbidden}, // not its page
		{"/?" + link.RawQuery, http.StatusOK},
		{"/?" + link.RawQuery, http.StatusForbidden},
	} {
		status, header, _ := w.ask(http.MethodGet, tt.path, func(*http.Request) {})
		set := header.Get("Set-Cookie")
		if status != tt.status || (set != "") != (status == http.StatusOK) {
			t.Errorf("%s: %d with cookie %q, want %d", tt.path, status, set, tt.status)
		}
		if set != "" && (!strings.Contains(set, "HttpOnly") || !strings.Contains(set, "SameSite=Strict")) {
			t.Errorf("the cookie is %s", set)
		}
	}
}

// TestGetChangesNothing asks for everything that can be done, without doing it.
func TestGetChangesNothing(t *testing.T) {
	w := newWorld(t, 3, nil)
	w.open()
	id := w.upload("contacts.csv", contacts(3))
	w.settle(id)
	files, works := w.files(), len(w.server.works)
	_, post := w.paths(id)
	for _, path := range post {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			w.ask(method, path+"?sure=yes&mode=live&token=x&first=1", func(r *http.Request) { r.AddCookie(w.cookie()) })
		}
	}
	if got := w.files(); got != files || len(w.server.works) != works {
		t.Errorf("the files were %s and are %s; work was begun %d times, not %d", files, got, len(w.server.works), works)
	}
	for _, put := range w.crm.Records() {
		if put.Value == wish(0).Value {
			t.Error("a record was changed")
		}
	}
}

// TestHeaders holds what every answer says to the browser, the refused ones too.
func TestHeaders(t *testing.T) {
	w := newWorld(t, 0, nil)
	for _, tt := range []struct {
		path   string
		cookie bool
	}{{"/", true}, {"/", false}, {"/static/app.js", true}, {"/runs/none", true}, {"/no/such/page", true}} {
		_, header, _ := w.ask(http.MethodGet, tt.path, func(r *http.Request) {
			if tt.cookie {
				r.AddCookie(w.cookie())
			}
		})
		for name, want := range map[string]string{
			"X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", tt.path, name, got, want)
			}
		}
		csp := header.Get("Content-Security-Policy")
		for _, bad := range []string{"unsafe", "*", "http"} {
			if csp == "" || strings.Contains(csp, bad) {
				t.Errorf("%s: the policy is %q", tt.path, csp)
			}
		}
	}
}

// endless is a body without end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	return copy(p, strings.Repeat("id,value\n", 1+len(p)/9)), nil
}

// TestLargeUploads holds that more than the limit is refused, whether it is announced or not, and leaves nothing.
func TestLargeUploads(t *testing.T) {
	w := newWorld(t, 0, nil)
	w.open()
	w.server.upload.bytes = 100_000
	for name, body := range map[string]io.Reader{"announced": strings.NewReader(strings.Repeat("x", 100_001)), "without end": endless{}} {
		response, err := w.client.Post(w.base+"/files?name=large.csv", "application/octet-stream", body)
		if err != nil {
			t.Fatal(err)
		}
		if status, text := w.read(response); status != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
	if status, _, _ := w.post("/mode", "application/x-www-form-urlencoded", "mode="+strings.Repeat("x", mostBody)); status != http.StatusRequestEntityTooLarge {
		t.Errorf("a large form: %d", status)
	}
	if left := w.files(); left != "" {
		t.Errorf("left are %s", left)
	}
}

// TestSlowUpload holds that a body that does not come is given up.
func TestSlowUpload(t *testing.T) {
	w := newWorld(t, 0, nil)
	w.open()
	w.server.upload.time = 50 * time.Millisecond
	conn, err := net.Dial("tcp", w.server.guard.host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "POST /files?name=slow.csv HTTP/1.1\r\nHost: "+w.server.guard.host+"\r\nCookie: "+w.cookie().String()+"\r\nContent-Length: 1000\r\n\r\nid,value\n"); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn) // ends when the server closes the connection
	if err != nil || strings.Contains(string(answer), "303") || !strings.Contains(string(answer), "too slowly") {
		t.Errorf("%v: %s", err, answer)
	}
	if left := w.files(); left != "" {
		t.Errorf("left are %s", left)
	}
}

// TestHostileFile holds that what stands in a file, and what it is called, is text on every page.
func TestHostileFile(t *testing.T) {
	const evil = `<script>alert(1)</script><img src=x onerror=alert(1)>"'{{.}}`
	w := newWorld(t, 3, nil)
	w.open()
	file := strings.ReplaceAll(contacts(3), "Name 1", `"`+strings.ReplaceAll(evil, `"`, `""`)+`"`)
	file = strings.ReplaceAll(file, "id,name,value", `id,name,value,"`+strings.ReplaceAll(evil, `"`, `""`)+`"`) + evil + "," + evil + "," + evil + "\n"
	id := w.upload(url.QueryEscape("../../"+evil+"\x00\u202e.csv"), file)
	w.settle(id)
	if strings.ContainsAny(id, "<>/\"'") {
		t.Errorf("the run is called %s", id)
	}
	for _, done := range []string{"", "apply", "undo"} {
		if done != "" {
			_, _, at := w.post("/runs/"+id+"/"+done, "application/x-www-form-urlencoded", "")
			next, _, _ := strings.Cut(strings.TrimPrefix(at, "/runs/"), "/")
			w.settle(next)
		}
		get, _ := w.paths(id)
		for _, path := range get {
			status, text := w.get(path)
			if status == http.StatusInternalServerError {
				t.Errorf("%s: %d", path, status)
			}
			if !strings.Contains(path, "/files/") && (strings.Contains(text, "<script>") || strings.Contains(text, "<img")) {
				t.Errorf("after %q, %s holds the file's own markup", done, path)
			}
		}
	}
}

// TestForeignFolder holds that a run folder made by somebody else hands out no file but its own.
func TestForeignFolder(t *testing.T) {
	w := newWorld(t, 3, nil)
	w.open()
	id := w.upload("contacts.csv", contacts(3))
	w.settle(id)
	past, err := w.server.find(id)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"../secret", "/etc/passwd", "..", `..\secret`, "sub/file", ""} {
		past.Was.Name("report", name)
		for _, d := range downloads(past.Was) {
			if d.Key == "report" {
				t.Errorf("%q is handed out", name)
			}
		}
	}
	for _, id := range []string{"..", "../" + id, "%2e%2e", "nobody"} {
		if status, _ := w.get("/runs/" + url.PathEscape(id) + "/result"); status != http.StatusNotFound {
			t.Errorf("run %q: %d", id, status)
		}
	}
}

package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"csvput/importer/run"
	"csvput/importer/sandbox"
)

// world is a CRM, a folder for runs, and the pages.
type world struct {
	*testing.T
	crm    *sandbox.Server
	dir    string // the runs
	server *server
	base   string // the address without a path
	link   string // that opens the pages
	stop   func() // ends the program and waits for it
	client *http.Client
	fault  atomic.Value // of the CRM: a func(*sandbox.Request) sandbox.Fault
}

// newWorld serves the pages in this process, with change made to them before. n records are in the CRM, with other values
// than contacts(n) says.
func newWorld(t *testing.T, n int, change func(*Config)) *world {
	t.Helper()
	w := &world{T: t, dir: t.TempDir()}
	w.crm = sandbox.New(sandbox.Config{Token: "secret", Throttle: -1, Fault: func(r *sandbox.Request) sandbox.Fault {
		if f, ok := w.fault.Load().(func(*sandbox.Request) sandbox.Fault); ok {
			return f(r)
		}
		return sandbox.Fault{}
	}})
	for i := range n {
		if err := w.crm.Seed(sandbox.Contrast(wish(i))); err != nil {
			t.Fatal(err)
		}
	}
	url, wait, err := w.crm.Start(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = wait() })
	settings := run.Defaults()
	settings.BaseURL, settings.Out, settings.Rate = url, w.dir, "unlimited"
	config := Config{Job: run.Job{
		Settings: settings, Log: slog.New(slog.DiscardHandler), Word: words,
		Token: func(string) (func(context.Context) (string, error), error) {
			return func(context.Context) (string, error) { return "secret", nil }, nil
		},
		CommandLine: func(verb, argument string, _ map[string]string) string { return "csvput " + verb + " " + argument },
	}}
	if change != nil {
		change(&config)
	}
	w.serve(config)
	return w
}

// serve starts the pages.
func (w *world) serve(config Config) {
	w.Helper()
	soft, ease := context.WithCancelCause(context.Background())
	opened, ended := make(chan string, 1), make(chan error, 1)
	config.Open = func(address string) { opened <- address }
	var err error
	if w.server, err = listen(soft, context.Background(), config); err != nil {
		w.Fatal(err)
	}
	go func() { ended <- w.server.serve() }()
	select {
	case w.link = <-opened:
	case err := <-ended:
		w.Fatal(err)
	}
	w.base, _, _ = strings.Cut(w.link, "/?")
	stopped := false
	w.stop = func() {
		if stopped {
			return
		}
		stopped = true
		ease(&run.Ending{End: run.EndInterrupted, What: "interrupted", Code: "interrupted", Resumable: true})
		if err := <-ended; err != nil && !errors.Is(err, context.Cause(soft)) {
			w.Error(err)
		}
	}
	w.Cleanup(w.stop)
	jar, _ := cookiejar.New(nil)
	w.client = &http.Client{Jar: jar}
	w.Cleanup(w.client.CloseIdleConnections)
}

// wish is what row i asks for.
func wish(i int) sandbox.Record {
	return sandbox.Record{
		UUID: fmt.Sprintf("9a000000-0000-4000-8000-%012d", i), Type: sandbox.TypePhone,
		Name: fmt.Sprintf("Name %d", i), Value: fmt.Sprintf("+4420794600%02d", i%100),
	}
}

// contacts is a file of n rows.
func contacts(n int) string {
	var b strings.Builder
	b.WriteString("id,name,value\n")
	for i := range n {
		w := wish(i)
		fmt.Fprintf(&b, "%s,%s,%s\n", w.UUID, w.Name, w.Value)
	}
	return b.String()
}

// open follows the link, as the browser does.
func (w *world) open() {
	w.Helper()
	if status, text := w.get("/" + strings.TrimPrefix(w.link, w.base+"/")); status != http.StatusOK {
		w.Fatalf("the link: %d %s", status, text)
	}
}

// get asks for a page.
func (w *world) get(path string) (status int, text string) {
	w.Helper()
	r, err := w.client.Get(w.base + path)
	if err != nil {
		w.Fatal(err)
	}
	return w.read(r)
}

// post sends something, and follows where the answer leads.
func (w *world) post(path, kind, body string) (status int, text, at string) {
	w.Helper()
	r, err := w.client.Post(w.base+path, kind, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	status, text = w.read(r)
	return status, text, r.Request.URL.Path
}

func (w *world) read(r *http.Response) (status int, text string) {
	w.Helper()
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		w.Fatal(err)
	}
	return r.StatusCode, string(b)
}

// files are the names of all files below the folder of the runs.
func (w *world) files() string {
	var names []string
	_ = filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, strings.TrimPrefix(path, w.dir+string(os.PathSeparator)))
		}
		return err
	})
	return strings.Join(names, " ")
}

// upload hands a file in and returns the run's id once it is there.
func (w *world) upload(name, text string) (id string) {
	w.Helper()
	status, page, at := w.post("/files?name="+name, "application/octet-stream", text)
	if status != http.StatusOK || !strings.HasPrefix(at, "/runs/") {
		w.Fatalf("upload: %d at %s: %s", status, at, page)
	}
	id, _, _ = strings.Cut(strings.TrimPrefix(at, "/runs/"), "/")
	return id
}

// settle waits until the work on a run has ended.
func (w *world) settle(id string) {
	w.Helper()
	if work := w.server.work(id); work != nil {
		<-work.ended
	}
}

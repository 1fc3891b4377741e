package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"csvput/importer/run"
	"csvput/importer/sandbox"
)

// world is a CRM, a folder for runs, and the pages.
type world struct {
	*testing.T
	crm    *sandbox.Server
	url    string // of the CRM
	dir    string // the runs
	server *server
	base   string // the address without a path
	link   string // that opens the pages
	stop   func() // ends the program and waits for it
	client *http.Client
	fault  atomic.Value // of the CRM: a func(*sandbox.Request) sandbox.Fault
}

// TestMain is also the program, for tests that kill it.
func TestMain(m *testing.M) {
	if crm := os.Getenv("CSVPUT_WEB_CRM"); crm != "" {
		config := configFor(crm, os.Getenv("CSVPUT_WEB_RUNS"))
		config.Job.Settings.Workers = 1
		config.Open = func(address string) { fmt.Println(address) }
		if err := Serve(context.Background(), context.Background(), config); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// newCRM is a world in which no pages are served yet: n records are in the CRM, with other values than contacts(n) says.
func newCRM(t *testing.T, n int) *world {
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
	w.url = url
	return w
}

// newWorld serves the pages in this process, with change made to them before.
func newWorld(t *testing.T, n int, change func(*Config)) *world {
	t.Helper()
	w := newCRM(t, n)
	config := configFor(w.url, w.dir)
	if change != nil {
		change(&config)
	}
	w.serve(config)
	return w
}

// configFor are pages for a CRM and a folder of runs.
func configFor(crm, runs string) Config {
	settings := run.Defaults()
	settings.BaseURL, settings.Out, settings.Rate = crm, runs, "unlimited"
	return Config{Job: run.Job{
		Settings: settings, Log: slog.New(slog.DiscardHandler), Word: words,
		Token: func(string) (func(context.Context) (string, error), error) {
			return func(context.Context) (string, error) { return "secret", nil }, nil
		},
		CommandLine: func(verb, argument string, _ map[string]string) string { return "csvput " + verb + " " + argument },
	}}
}

// child starts the program in a process of its own, and returns what kills it.
func (w *world) child() (kill func()) {
	w.Helper()
	cmd := exec.CommandContext(w.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "CSVPUT_WEB_CRM="+w.url, "CSVPUT_WEB_RUNS="+w.dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		w.Fatal(err)
	}
	kill = sync.OnceFunc(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	w.Cleanup(kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		w.Fatal(err)
	}
	w.link = strings.TrimSpace(line)
	w.base, _, _ = strings.Cut(w.link, "/?")
	return kill
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
		if err := <-ended; err != nil && run.EndingOf(err).End != run.EndInterrupted {
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

// files are the names of all files below the folder of the runs, but for what a page keeps to find rows quickly.
func (w *world) files() string {
	var names []string
	_ = filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != ".table" {
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

package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csvput/importer/cli"
	"csvput/report"
)

// pages is csvput ui, running.
type pages struct {
	*world
	client *http.Client
	base   string
	ended  chan result
}

// ui starts csvput ui and follows the address that it prints.
func (w *world) ui(args ...string) *pages {
	w.t.Helper()
	jar, _ := cookiejar.New(nil)
	p := &pages{world: w, client: &http.Client{Jar: jar}, ended: make(chan result, 1)}
	out, in := io.Pipe()
	go func() {
		var stderr bytes.Buffer
		code := cli.Run(context.Background(), cli.Process{
			Args: append([]string{"csvput", "ui"}, args...), Stdin: strings.NewReader(""), Stdout: in, Stderr: &stderr,
			Env:     func(key string) (string, bool) { v, ok := w.env[key]; return v, ok },
			Signals: w.signals, ConfigDir: w.own, CacheDir: w.path("cache"),
		})
		in.Close()
		p.ended <- result{code: code, stderr: stderr.String()}
	}()
	lines := bufio.NewReader(out)
	address, err := lines.ReadString('\n')
	if err != nil {
		w.t.Fatalf("no address: %+v", <-p.ended)
	}
	go func() { // what comes after it is kept for the end
		rest, _ := io.ReadAll(lines)
		r := <-p.ended
		r.stdout = string(rest)
		p.ended <- r
	}()
	at, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		w.t.Fatal(err)
	}
	p.base = at.Scheme + "://" + at.Host
	if text := p.get("/?" + at.RawQuery); !strings.Contains(text, "csvput") {
		w.t.Fatal(text)
	}
	w.t.Cleanup(p.client.CloseIdleConnections)
	return p
}

func (p *pages) get(path string) string {
	p.t.Helper()
	r, err := p.client.Get(p.base + path)
	return p.read(r, err)
}

func (p *pages) read(r *http.Response, err error) string {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		p.t.Fatalf("%s: %v %s\n%s", r.Request.URL, err, r.Status, text)
	}
	return string(text)
}

// TestUI starts the pages with a file, looks, and ends them.
func TestUI(t *testing.T) {
	w := newWorld(t, 3)
	p := w.ui("--no-open", w.path("contacts.csv"))
	if text := p.get("/"); !strings.Contains(text, "contacts.csv") || strings.Contains(text, secret) {
		t.Errorf("the first page: %s", text)
	}
	w.signals <- os.Interrupt
	if r := <-p.ended; r.code != 0 || r.stdout != "" {
		t.Errorf("ended with %d, more on stdout: %q, stderr: %s", r.code, r.stdout, r.stderr)
	}
}

// TestUIStopped ends the pages while a run is sent: what is in flight is finished, and the terminal can go on.
func TestUIStopped(t *testing.T) {
	const n = 20
	w := newWorld(t, n)
	if r := w.call("plan", w.path("contacts.csv")); r.code != 0 {
		t.Fatal(r.stderr)
	}
	dir := w.run()
	w.fail(w.signalOnPut(5, os.Interrupt))
	p := w.ui("--no-open", "--workers", "1")
	p.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // it may be gone by then
	begun, err := p.client.Post(p.base+"/runs/"+filepath.Base(dir)+"/apply", "application/x-www-form-urlencoded", nil)
	if err != nil || begun.Body.Close() != nil || begun.StatusCode != http.StatusSeeOther {
		t.Fatalf("not begun: %v %v", err, begun)
	}
	r := <-p.ended
	if r.code != 130 || !strings.Contains(r.stderr, "csvput apply") {
		t.Errorf("ended with %d: %s", r.code, r.stderr)
	}
	w.fail(nil)
	if r := w.call("apply", dir); r.code != 0 {
		t.Errorf("to go on: %d %s", r.code, r.stderr)
	}
	folder, err := report.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := folder.ReadSummary(); err != nil || s.Statuses[report.Updated] != n {
		t.Errorf("%v %v", s.Statuses, err)
	}
}

// TestUIPort holds that a port that is taken is said so.
func TestUIPort(t *testing.T) {
	w := newWorld(t, 1)
	p := w.ui("--no-open")
	taken := newWorld(t, 1).call("ui", "--no-open", "--port", p.base[strings.LastIndexByte(p.base, ':')+1:])
	if taken.code != 2 || !strings.Contains(taken.stderr, "--port") || taken.stdout != "" {
		t.Errorf("ended with %d: %s", taken.code, taken.stderr)
	}
	w.signals <- os.Interrupt
	<-p.ended
}

package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"csvput/importer/cli"
	"csvput/importer/sandbox"
	"csvput/report"
)

// world is a server, a folder with files, and an environment for calls of csvput in this process.
type world struct {
	t       *testing.T
	dir     string
	server  *sandbox.Server
	env     map[string]string
	stdin   string
	signals chan os.Signal
	fault   atomic.Pointer[func(*sandbox.Request) sandbox.Fault]
	release func() error // of a lock that a test holds
	own     string       // the folder for the person's own settings
}

// newWorld has n good rows in contacts.csv, of which the server holds other values.
func newWorld(t *testing.T, n int) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), signals: make(chan os.Signal, 2)}
	w.server = sandbox.New(sandbox.Config{Token: secret, Throttle: -1, Fault: func(r *sandbox.Request) sandbox.Fault {
		if f := w.fault.Load(); f != nil {
			return (*f)(r)
		}
		return sandbox.Fault{}
	}})
	var file strings.Builder
	file.WriteString("id,name,value\n")
	for i := range n {
		wish := sandbox.Record{UUID: fmt.Sprintf("9a000000-0000-4000-8000-%012d", i), Type: sandbox.TypePhone, Name: fmt.Sprintf("Name %d", i), Value: fmt.Sprintf("+4420794600%02d", i)}
		if err := w.server.Seed(sandbox.Contrast(wish)); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&file, "%s,%s,%s\n", wish.UUID, wish.Name, wish.Value)
	}
	w.write("contacts.csv", file.String())
	w.env = map[string]string{"CSVPUT_BASE_URL": startServer(t, w.server), "CSVPUT_TOKEN": secret, "CSVPUT_OUT": w.path("runs"), "CSVPUT_RATE": "100000/m"}
	return w
}

func (w *world) path(name string) string { return filepath.Join(w.dir, name) }

func (w *world) write(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(w.path(name), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// fail makes requests go wrong from now on; nil ends it.
func (w *world) fail(f func(*sandbox.Request) sandbox.Fault) {
	if f == nil {
		w.fault.Store(nil)
		return
	}
	w.fault.Store(&f)
}

// result is what a call of csvput left.
type result struct {
	code           int
	stdout, stderr string
}

// call runs csvput; $DIR in an argument is the world's folder, $RUN the only run folder.
func (w *world) call(args ...string) result {
	args = slices.Clone(args)
	w.t.Helper()
	for i, arg := range args {
		arg = strings.ReplaceAll(arg, "$DIR", w.dir)
		if strings.Contains(arg, "$RUN") {
			arg = strings.ReplaceAll(arg, "$RUN", w.run())
		}
		args[i] = arg
	}
	var stdout, stderr bytes.Buffer
	var environ []string
	for name, value := range w.env {
		environ = append(environ, name+"="+value)
	}
	code := cli.Run(context.Background(), cli.Process{
		Args: append([]string{"csvput"}, args...), Stdin: strings.NewReader(w.stdin), Stdout: &stdout, Stderr: &stderr,
		Env:     func(key string) (string, bool) { v, ok := w.env[key]; return v, ok },
		Environ: environ,
		Signals: w.signals, ConfigDir: w.own, CacheDir: w.path("cache"),
	})
	return result{code, stdout.String(), stderr.String()}
}

// run is the only run folder.
func (w *world) run() string {
	w.t.Helper()
	found := w.runs()
	if len(found) != 1 {
		w.t.Fatalf("run folders: %v", found)
	}
	return found[0]
}

func (w *world) runs() []string {
	found, err := filepath.Glob(w.path("runs/*Z*"))
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

func (r result) summary(t *testing.T) report.Summary {
	t.Helper()
	s, err := report.DecodeSummary(strings.NewReader(r.stdout))
	if err != nil {
		t.Fatalf("stdout: %v\n%s\n%s", err, r.stdout, r.stderr)
	}
	return s
}

// records are the lines of stderr, each of which must be a JSON object.
func (r result) records(t *testing.T) []map[string]any {
	t.Helper()
	var out []map[string]any
	d := json.NewDecoder(strings.NewReader(r.stderr))
	for {
		var record map[string]any
		err := d.Decode(&record)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("stderr holds something else than records: %v\n%s", err, r.stderr)
		}
		out = append(out, record)
	}
	if lines := strings.Count(r.stderr, "\n"); lines != len(out) {
		t.Errorf("%d records on %d lines", len(out), lines)
	}
	return out
}

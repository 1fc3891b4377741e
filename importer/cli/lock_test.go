package cli_test

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"csvput/importer/cli"
	"csvput/importer/sandbox"
	"csvput/report"
)

// meanwhile calls f when the nth update has arrived, and answers it when f is done.
func (w *world) meanwhile(n int64, f func()) {
	var puts atomic.Int64
	w.fail(func(r *sandbox.Request) sandbox.Fault {
		if r.Method == http.MethodPut && puts.Add(1) == n {
			f()
		}
		return sandbox.Fault{}
	})
}

// noLocks says that no lock is left lying about.
func (w *world) noLocks() {
	w.t.Helper()
	for _, pattern := range []string{"*/.csvput-*", "cache/csvput/.csvput-*", "*/*/.csvput-*"} {
		if found, err := filepath.Glob(w.path(pattern)); err != nil || len(found) > 0 {
			w.t.Errorf("left: %v, %v", found, err)
		}
	}
}

// TestOneAtATime says that of two commands which would change the same records from the same file one says so
// and stops, and the other one is not disturbed.
func TestOneAtATime(t *testing.T) {
	for _, tt := range []struct {
		name          string
		before        []string // done by then
		first, second []string
		folders       int // in the end
	}{
		{"two runs", nil, []string{"run", "--yes", "$DIR/contacts.csv"}, []string{"run", "--yes", "$DIR/contacts.csv"}, 1},
		{"two runs of copies with folders elsewhere", nil, []string{"run", "--yes", "$DIR/contacts.csv"}, []string{"run", "--yes", "--out", "$DIR/elsewhere", "$DIR/copy.csv"}, 1},
		{"the second from standard input", nil, []string{"run", "--yes", "$DIR/contacts.csv"}, []string{"run", "--yes", "-"}, 1},
		{"a run and its apply", nil, []string{"run", "--yes", "$DIR/contacts.csv"}, []string{"apply", "$RUN"}, 1},
		{"a run and its undo", nil, []string{"run", "--yes", "$DIR/contacts.csv"}, []string{"undo", "--yes", "$RUN"}, 1},
		{"an undo and a run", []string{"run", "--yes", "$DIR/contacts.csv"}, []string{"undo", "--yes", "$RUN"}, []string{"run", "--yes", "$DIR/contacts.csv"}, 2},
		{"an undo and the run's apply", []string{"run", "--yes", "$DIR/contacts.csv"}, []string{"undo", "--yes", "--out", "$DIR/undone", "$RUN"}, []string{"apply", "$RUN"}, 1},
		{"two undos", []string{"run", "--yes", "$DIR/contacts.csv"}, []string{"undo", "--yes", "$RUN"}, []string{"undo", "--yes", "$FIRST"}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 30)
			data, err := os.ReadFile(w.path("contacts.csv"))
			if err != nil {
				t.Fatal(err)
			}
			w.write("copy.csv", string(data))
			w.stdin = string(data)
			if tt.before != nil {
				if got := w.call(tt.before...); got.code != 0 {
					t.Fatal(got.stderr)
				}
			}
			folder := slices.Concat(w.runs(), []string{""})[0]
			second := make(chan result, 1)
			w.meanwhile(4, func() {
				args := slices.Clone(tt.second)
				for i := range args {
					args[i] = strings.ReplaceAll(args[i], "$FIRST", folder)
				}
				second <- w.call(args...)
			})
			first := w.call(withFlags(tt.first, "--json")...)
			if first.code != 0 || first.summary(t).Statuses[report.Updated] != 30 {
				t.Errorf("the first ends with %d\n%s", first.code, first.stderr)
			}
			got := <-second
			if got.code != 11 || !strings.Contains(got.stderr, "another csvput is ") || !strings.Contains(got.stderr, "--lock-timeout") {
				t.Errorf("the second ends with %d\n%s", got.code, got.stderr)
			}
			if left := w.runs(); len(left) != tt.folders {
				t.Errorf("left: %v", left)
			}
			w.noLocks()
		})
	}
}

// beacon is a writer that says when a word is written.
type beacon struct {
	bytes.Buffer
	word string
	seen chan struct{}
}

func (f *beacon) Write(p []byte) (int, error) {
	if f.word != "" && strings.Contains(string(p), f.word) {
		f.word = ""
		close(f.seen)
	}
	return f.Buffer.Write(p)
}

// TestLockTimeout lets the second run of a file wait for the first.
func TestLockTimeout(t *testing.T) {
	w := newWorld(t, 30)
	waiting := &beacon{word: "waiting for it, up to 60 s", seen: make(chan struct{})}
	ended := make(chan int, 1)
	w.meanwhile(4, func() {
		go func() {
			ended <- cli.Run(context.Background(), cli.Process{
				Args: []string{"csvput", "run", "--yes", "--lock-timeout", "60s", w.path("contacts.csv")}, Stdin: strings.NewReader(""), Stdout: &bytes.Buffer{}, Stderr: waiting,
				Env: func(key string) (string, bool) { v, ok := w.env[key]; return v, ok },
			})
		}()
		<-waiting.seen
	})
	if got := w.call("run", "--yes", "$DIR/contacts.csv"); got.code != 0 {
		t.Errorf("the first ends with %d\n%s", got.code, got.stderr)
	}
	if code := <-ended; code != 0 || !strings.Contains(waiting.String(), "30 unchanged") {
		t.Errorf("the second ends with %d\n%s", code, waiting.String())
	}
	w.noLocks()
}

// TestKilledLock says that the lock of a run that was killed is nobody's.
func TestKilledLock(t *testing.T) {
	w := newWorld(t, 30)
	cmd := exec.Command("csvput", "run", "--yes", "contacts.csv")
	cmd.Dir = w.dir
	cmd.Env = append(os.Environ(), "CSVPUT_OUT=runs", "CSVPUT_BASE_URL="+w.env["CSVPUT_BASE_URL"], "CSVPUT_TOKEN="+secret, "XDG_CACHE_HOME="+w.path("cache"))
	started := make(chan struct{})
	w.meanwhile(4, func() {
		<-started
		cmd.Process.Kill()
	})
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	close(started)
	if err := cmd.Wait(); err == nil {
		t.Fatal("it was not killed")
	}
	w.fail(nil)
	if got := w.call("apply", "$RUN"); got.code != 0 {
		t.Errorf("apply ends with %d\n%s", got.code, got.stderr)
	}
	w.noLocks()
}

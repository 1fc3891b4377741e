//go:build !windows

package cli_test

import (
	"bufio"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"csvput/importer/sandbox"
)

// watch makes a pipe for a command of the user's. The command opens it with "exec 3>PIPE", says that it
// has begun with "echo >&3", and hands it to all that it starts: when the last of them is gone, watch's
// second function returns.
func (w *world) watch(name string) (begun, gone func()) {
	w.t.Helper()
	if err := syscall.Mkfifo(w.path(name), 0o600); err != nil {
		w.t.Fatal(err)
	}
	var r *bufio.Reader
	return func() {
			f, err := os.Open(w.path(name))
			if err == nil {
				w.t.Cleanup(func() { f.Close() })
				r = bufio.NewReader(f)
				_, err = r.ReadString('\n')
			}
			if err != nil {
				w.t.Error(err)
			}
		}, func() {
			if _, err := io.Copy(io.Discard, r); err != nil {
				w.t.Error(err)
			}
		}
}

// stuck is a command that never ends, with a child and a grandchild in the background.
func (w *world) stuck(pipe string) string {
	return "exec 3>'" + w.path(pipe) + "'; (sleep 300 & sleep 300) & echo >&3; wait"
}

// TestCommandsLeaveChildren runs commands that end and leave a child, which keeps their output open: that
// is not waited for, and the child lives on, as an agent for passwords has to.
func TestCommandsLeaveChildren(t *testing.T) {
	defer timeLimit(t, time.Minute)()
	w := newWorld(t, 1)
	if err := syscall.Mkfifo(w.path("end"), 0o600); err != nil {
		t.Fatal(err)
	}
	// The child ends when somebody opens the pipe, and says that it lived until then.
	child := "{ read x < '" + w.path("end") + "'; echo lived > '" + w.path("said") + "'; } & "
	delete(w.env, "CSVPUT_TOKEN")
	for _, args := range [][]string{
		{"logins", "--token-command", child + "echo " + secret},
		{"run", "--sandbox", "--yes", "--on-finish", child + "cat > '" + w.path("summary") + "'", "$DIR/contacts.csv"},
	} {
		got := w.call(args...)
		if got.code != 0 || strings.Contains(got.stderr, "failed") {
			t.Fatalf("%v: exit code %d\n%s", args, got.code, got.stderr)
		}
		if err := syscall.Mkfifo(w.path("said"), 0o600); err != nil {
			t.Fatal(err)
		}
		end, err := os.OpenFile(w.path("end"), os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(end, "now\n"); err != nil {
			t.Errorf("%v: the child is gone: %v", args, err)
		}
		end.Close()
		if said, err := os.ReadFile(w.path("said")); err != nil || string(said) != "lived\n" {
			t.Errorf("%v: the child said %q, %v", args, said, err)
		}
		os.Remove(w.path("said"))
	}
	if data, err := os.ReadFile(w.path("summary")); err != nil || !strings.Contains(string(data), `"schema"`) {
		t.Errorf("--on-finish got %q, %v", data, err)
	}
}

// TestCommandsAreInterrupted says that a signal ends a command that hangs, and all that it has started:
// the one for the token, at the beginning and when a token is refused in the middle of a run, and the one
// for the end, also after an interruption.
func TestCommandsAreInterrupted(t *testing.T) {
	defer timeLimit(t, time.Minute)()
	for _, tt := range []struct {
		name  string
		args  func(*world) []string
		fault sandbox.Fault // of every update
		code  int
		said  string
	}{
		{name: "token", code: 130, said: "interrupted", args: func(w *world) []string {
			return []string{"run", "--yes", "--token-command", w.stuck("pipe")}
		}},
		{name: "new token", code: 130, said: "interrupted", fault: status(401, `{"message":"Unauthenticated."}`), args: func(w *world) []string {
			return []string{"run", "--yes", "--token-command", "if [ -e '" + w.path("first") + "' ]; then " + w.stuck("pipe") + "; fi; touch '" + w.path("first") + "'; echo " + secret}
		}},
		{name: "finish", code: 0, said: "--on-finish failed", args: func(w *world) []string {
			w.env["CSVPUT_TOKEN"] = secret
			return []string{"run", "--yes", "--on-finish", w.stuck("pipe")}
		}},
		{name: "finish of what failed", code: 5, said: "--on-finish failed", fault: status(500, "{}"), args: func(w *world) []string {
			w.env["CSVPUT_TOKEN"] = secret
			return []string{"run", "--yes", "--breaker", "1", "--on-finish", w.stuck("pipe")}
		}},
	} {
		w := newWorld(t, 2)
		delete(w.env, "CSVPUT_TOKEN")
		w.env["CSVPUT_RETRIES"] = "0"
		if tt.fault.Kind != 0 {
			w.fail(onPut(1, tt.fault))
		}
		begun, gone := w.watch("pipe")
		done := make(chan struct{})
		go func() {
			defer close(done)
			begun()
			w.signals <- os.Interrupt
		}()
		got := w.call(append(tt.args(w), "$DIR/contacts.csv")...)
		<-done
		gone()
		if got.code != tt.code || !strings.Contains(got.stderr, tt.said) {
			t.Errorf("%s: exit code %d\n%s", tt.name, got.code, got.stderr)
		}
	}
}

// TestFinishAfterInterruption says that the command for the end runs after an interruption, and that a
// second signal ends it.
func TestFinishAfterInterruption(t *testing.T) {
	defer timeLimit(t, time.Minute)()
	w := newWorld(t, 8)
	w.fail(w.signalOnPut(4, os.Interrupt))
	begun, gone := w.watch("pipe")
	done := make(chan struct{})
	go func() {
		defer close(done)
		begun()
		w.signals <- os.Interrupt
	}()
	got := w.call("run", "--yes", "--workers", "1", "--on-finish", "cat > '"+w.path("summary")+"'; "+w.stuck("pipe"), "$DIR/contacts.csv")
	<-done
	gone()
	if got.code != 130 || !strings.Contains(got.stderr, "--on-finish failed") {
		t.Errorf("exit code %d\n%s", got.code, got.stderr)
	}
	if data, err := os.ReadFile(w.path("summary")); err != nil || !strings.Contains(string(data), `"interrupted"`) {
		t.Errorf("--on-finish got %q, %v", data, err)
	}
}

// TestTokenFileIsNoFile says that a pipe is not taken for a file with a token: it could be read once only.
func TestTokenFileIsNoFile(t *testing.T) {
	defer timeLimit(t, time.Minute)()
	w := newWorld(t, 1)
	if err := syscall.Mkfifo(w.path("pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := w.call("logins", "--token-file", "$DIR/pipe"); got.code != 2 || !strings.Contains(got.stderr, "no ordinary file") {
		t.Errorf("exit code %d\n%s", got.code, got.stderr)
	}
}

// TestCommandAtTerminal says that the command for the token may ask a person at the terminal, and that
// Ctrl-C ends it there.
func TestCommandAtTerminal(t *testing.T) {
	defer timeLimit(t, time.Minute)()
	w := newWorld(t, 1)
	ask := "printf 'Passphrase? ' >/dev/tty; read x </dev/tty; echo \"$x\""
	got, code := terminal(t, w, 100, [][2]string{{"Passphrase? ", secret + "\n"}}, "run", "--yes", "--token-command", ask, "contacts.csv")
	if code != 0 || !strings.Contains(got, "1 row updated") {
		t.Errorf("exit code %d\n%s", code, got)
	}
	got, code = terminal(t, w, 100, [][2]string{{"Passphrase? ", "\x03"}}, "run", "--yes", "--token-command", ask, "contacts.csv")
	if code != 130 {
		t.Errorf("Ctrl-C: exit code %d\n%s", code, got)
	}
	got, code = terminal(t, w, 100, [][2]string{{"begun", "\x03"}}, "run", "--yes", "--on-finish", "sleep 300 & echo begun >&2; sleep 300", "contacts.csv")
	if code != 0 || !strings.Contains(got, "--on-finish failed") {
		t.Errorf("Ctrl-C at the end: exit code %d\n%s", code, got)
	}
}

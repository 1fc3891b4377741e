//go:build !windows

package cli_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"

	"csvput/importer/cli"
	"csvput/report"
	"csvput/report/code"
)

// child is csvput as a process of its own in the world's folder.
func (w *world) child(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = w.dir
	cmd.Env = append(os.Environ(), "TERM=xterm", "CSVPUT_OUT=runs", "CSVPUT_BASE_URL="+w.env["CSVPUT_BASE_URL"], "CSVPUT_TOKEN="+secret, "CSVPUT_RATE=100000/m")
	return cmd
}

func (w *world) fifo(name string) string {
	w.t.Helper()
	if err := syscall.Mkfifo(w.path(name), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return w.path(name)
}

// started starts a command whose --log-file is a FIFO, and returns when it has opened it: it listens to
// signals by then.
func (w *world) started(cmd *exec.Cmd) {
	w.t.Helper()
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	log, err := os.Open(w.path("log"))
	if err != nil {
		w.t.Fatal(err)
	}
	go io.Copy(io.Discard, log)
}

// endsSoon waits for the end of a command that was told to end, and returns its exit code.
func endsSoon(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	const long = 10 * time.Second // for slow machines; it used to be for ever
	kill := time.AfterFunc(long, func() { cmd.Process.Kill() })
	cmd.Wait()
	if !kill.Stop() {
		t.Errorf("%v does not end", cmd.Args)
	}
	return cmd.ProcessState.ExitCode()
}

// TestBlockedRead says that one signal ends a command that waits for input.
func TestBlockedRead(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []string
	}{
		{"check -", []string{"check", "--log-file", "log", "-"}},
		{"run -", []string{"run", "--yes", "--log-file", "log", "-"}},
		{"run --sandbox -", []string{"run", "--yes", "--sandbox", "--log-file", "log", "-"}},
		{"a FIFO that nobody writes to", []string{"check", "--log-file", "log", "fifo"}},
		{"login", []string{"login", "--log-file", "log"}},
	} {
		for sig, code := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143, syscall.SIGHUP: 143, syscall.SIGQUIT: 130} {
			t.Run(tt.name+", "+sig.String(), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, 1)
				w.fifo("log")
				w.fifo("fifo")
				cmd := w.child("csvput", tt.args...)
				var stderr bytes.Buffer
				cmd.Stderr = &stderr
				stdin, err := cmd.StdinPipe()
				if err != nil {
					t.Fatal(err)
				}
				defer stdin.Close()
				w.started(cmd)
				// An incomplete line: there is something to read, and something to wait for.
				if _, err := io.WriteString(stdin, "id,value"); err != nil {
					t.Fatal(err)
				}
				if err := cmd.Process.Signal(sig); err != nil {
					t.Fatal(err)
				}
				if got := endsSoon(t, cmd); got != code || !strings.Contains(stderr.String(), "csvput: error: ") {
					t.Errorf("exit code %d, want %d\n%s", got, code, stderr.String())
				}
				if left := w.runs(); len(left) > 0 {
					t.Errorf("%v was left", left)
				}
			})
		}
	}
}

// TestSecondSignal says that the second signal ends what the first one can't.
func TestSecondSignal(t *testing.T) {
	w := newWorld(t, 1)
	w.fifo("log")
	cmd := w.child("csvput", "check", "--log-file", "log", "--map-file", w.fifo("map"), "contacts.csv")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	w.started(cmd)
	// Two different ones: the system may make one of two that are alike.
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		if err := cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	// Which of the two arrives first is the system's choice.
	if code := endsSoon(t, cmd); code != 130 && code != 143 || time.Since(began) > 5*time.Second {
		t.Errorf("exit code %d after %s\n%s", code, time.Since(began), stderr.String())
	}
}

// TestLoginInterrupted says that Ctrl-C at the hidden prompt ends csvput and leaves a terminal that shows
// what is typed.
func TestLoginInterrupted(t *testing.T) {
	w := newWorld(t, 1)
	screen, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer screen.Close()
	defer tty.Close()
	before, err := term.GetState(int(tty.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	cmd := w.child("csvput", "login")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	buf, got := make([]byte, 1024), ""
	for !strings.Contains(got, "(not shown): ") {
		n, err := screen.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		got += string(buf[:n])
	}
	if _, err := io.WriteString(screen, "\x03"); err != nil {
		t.Fatal(err)
	}
	if code := endsSoon(t, cmd); code != 130 {
		t.Errorf("exit code %d", code)
	}
	if after, err := term.GetState(int(tty.Fd())); err != nil || *after != *before {
		t.Errorf("the terminal was %v and is %v, %v", before, after, err)
	}
}

// stoppedAndResumable says that the only run was stopped by the system or a person, knows what became of
// each row, and can be gone on with.
func (w *world) stoppedAndResumable(stop code.Code) {
	w.t.Helper()
	folder, err := report.Open(w.run())
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := folder.ReadSummary()
	if err != nil {
		w.t.Fatal(err)
	}
	if s.State != report.StateStopped || s.Stop == nil || s.Stop.Code != stop || s.Statuses[report.Updated] < 3 || s.Statuses[report.NotAttempted] == 0 {
		w.t.Errorf("%s, %+v, %v", s.State, s.Stop, s.Statuses)
	}
	w.fail(nil)
	if got := w.call("apply", "--json", "$RUN"); got.code != 0 || got.summary(w.t).Statuses[report.Updated] != s.Rows {
		w.t.Errorf("apply ends with %d\n%s", got.code, got.stderr)
	}
}

// TestOtherSignals says that all signals by which a run is ended are a stop, and which is none.
func TestOtherSignals(t *testing.T) {
	for _, tt := range []struct {
		signal syscall.Signal
		shell  string
		code   int
		stop   code.Code
	}{
		{syscall.SIGQUIT, "", 130, "interrupted"},
		{syscall.SIGHUP, "", 143, "terminated"},
		{syscall.SIGHUP, "trap '' HUP; ", 0, ""}, // as nohup does
	} {
		t.Run(tt.signal.String()+tt.shell, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 100) // more than are sent before the signal is noticed
			cmd := w.child("sh", "-c", tt.shell+"exec csvput run --yes --workers 1 contacts.csv")
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			started := make(chan struct{})
			w.meanwhile(4, func() {
				<-started
				cmd.Process.Signal(tt.signal)
			})
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			close(started)
			if code := endsSoon(t, cmd); code != tt.code {
				t.Errorf("exit code %d, want %d\n%s", code, tt.code, stderr.String())
			}
			if tt.stop != "" {
				w.stoppedAndResumable(tt.stop)
			}
		})
	}
}

// TestTerminalClosed closes the terminal's window in the middle of a run.
func TestTerminalClosed(t *testing.T) {
	w := newWorld(t, 40)
	cmd := w.child("csvput", "run", "--yes", "--workers", "1", "contacts.csv")
	reached, closed := make(chan struct{}), make(chan struct{})
	w.meanwhile(4, func() {
		close(reached)
		<-closed
	})
	screen, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	for buf, got := make([]byte, 4096), ""; !strings.Contains(got, "updating "); {
		n, err := screen.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		got += string(buf[:n])
	}
	<-reached
	screen.Close()
	close(closed)
	if code := endsSoon(t, cmd); code != 143 {
		t.Errorf("exit code %d", code)
	}
	w.stoppedAndResumable("terminated")
}

// TestReaderGone ends the program that reads csvput's messages: csvput 2>&1 | tee log, and Ctrl-C.
func TestReaderGone(t *testing.T) {
	w := newWorld(t, 40)
	r, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := w.child("csvput", "run", "--yes", "--workers", "1", "--verbose", "contacts.csv")
	cmd.Stdout, cmd.Stderr = out, out
	w.meanwhile(4, func() { r.Close() })
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out.Close()
	go io.Copy(io.Discard, r)
	if code := endsSoon(t, cmd); code != 143 {
		t.Errorf("exit code %d", code)
	}
	w.stoppedAndResumable("terminated")
}

// TestOutputCutOff is csvput export | head: no more records are read than somebody wants, and the exit
// code is not that of a whole export.
func TestOutputCutOff(t *testing.T) {
	w := newWorld(t, 3000)
	r, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := w.child("csvput", "export")
	var stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = out, &stderr
	r.Close()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out.Close()
	if code := endsSoon(t, cmd); code != 143 || !strings.Contains(stderr.String(), "nobody reads the output any more") {
		t.Errorf("exit code %d\n%s", code, stderr.String())
	}
}

// panicker panics when the first text with the word in it is written, and keeps what is written.
type panicker struct {
	bytes.Buffer
	word string
}

func (p *panicker) Write(b []byte) (int, error) {
	if p.word != "" && strings.Contains(string(b), p.word) {
		p.word = ""
		panic("at the worst moment")
	}
	return p.Buffer.Write(b)
}

// TestPanic says that a fault of csvput ends it as such, wherever it happens, and that what is left can be
// gone on with: no row is lost, whatever csvput knew of it.
func TestPanic(t *testing.T) {
	for _, tt := range []struct{ name, stdout, stderr string }{
		{name: "in a worker of the pool", stderr: "msg=row"},
		{name: "in the command", stderr: "level=INFO msg=plan"},
		{name: "at the very end", stdout: "{"},
	} {
		for _, format := range []string{"text", "json"} {
			t.Run(tt.name+", "+format, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, 30)
				word := tt.stderr
				if format == "json" {
					word = strings.NewReplacer("level=INFO msg=plan", `"msg":"plan"`, "msg=row", `"msg":"row"`).Replace(word)
				}
				stdout, stderr := &panicker{word: tt.stdout}, &panicker{word: word}
				code := cli.Run(context.Background(), cli.Process{
					Args:   []string{"csvput", "run", "--yes", "--verbose", "--json", "--log-format", format, w.path("contacts.csv")},
					Stdout: stdout, Stderr: stderr,
					Env: func(key string) (string, bool) { v, ok := w.env[key]; return v, ok },
				})
				said := strings.Index(stderr.String(), "csvput itself has a fault")
				traced := strings.Index(stderr.String(), "goroutine ")
				if code != 1 || said < 0 || traced < said {
					t.Errorf("exit code %d, the sentence at %d, the trace at %d\n%s", code, said, traced, stderr.String())
				}
				if got := w.call("apply", "--json", "$RUN"); got.code != 0 || got.summary(t).Statuses[report.Updated]+got.summary(t).Statuses[report.Unchanged] != 30 {
					t.Errorf("apply ends with %d\n%s", got.code, got.stderr)
				}
				if _, err := os.Stat(filepath.Join(w.run(), report.ReportName)); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// TestPasted runs the command that a check prints as it stands, for a file with as odd a name as there is.
func TestPasted(t *testing.T) {
	w := newWorld(t, 3)
	name := "it's $HOME \"100%PATH%\" !x `id` & ~\\.csv"
	if err := os.Rename(w.path("contacts.csv"), w.path(name)); err != nil {
		t.Fatal(err)
	}
	next := w.call("check", "--json", "$DIR/"+name).summary(t).Next
	if len(next) != 1 {
		t.Fatalf("next: %q", next)
	}
	cmd := w.child("sh", "-c", next[0]+" && csvput apply --yes")
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "All 3 rows updated") {
		t.Errorf("%s: %v\n%s", next[0], err, out)
	}
}

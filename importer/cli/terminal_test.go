//go:build !windows

package cli_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"csvput/importer/sandbox"
)

// terminal runs csvput on a terminal of so many columns. Whenever the screen holds the next of the
// prompts, its answer is typed. It returns all that was written, and the exit code.
func terminal(t *testing.T, w *world, columns uint16, answers [][2]string, args ...string) (string, int) {
	t.Helper()
	cmd := exec.Command("csvput", args...)
	cmd.Dir = w.dir
	cmd.Env = append(os.Environ(), "TERM=xterm", "CSVPUT_OUT=runs", "CSVPUT_BASE_URL="+w.env["CSVPUT_BASE_URL"], "CSVPUT_TOKEN="+secret, "CSVPUT_RATE=100000/m")
	if v, ok := w.env["NO_COLOR"]; ok {
		cmd.Env = append(cmd.Env, "NO_COLOR="+v)
	}
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 50, Cols: columns})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out bytes.Buffer
	buf := make([]byte, 4096)
	for {
		n, err := f.Read(buf)
		out.Write(buf[:n])
		for len(answers) > 0 && strings.Contains(out.String(), answers[0][0]) {
			io.WriteString(f, answers[0][1])
			answers = answers[1:]
		}
		if err != nil {
			break // the terminal is gone: EIO
		}
	}
	cmd.Wait()
	if len(answers) > 0 {
		t.Errorf("%q never came", answers[0][0])
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

// steady takes out of an output what differs from run to run, and makes control sequences visible.
func steady(text string) string {
	for _, r := range [][2]string{
		{`\r\n`, "\n"},
		{"(\r[^\r\n\x1b]*)+\x1b\\[2K\r", ""}, // a bar, on a slow machine
		{`\d{8}T\d{6}Z(-\d+)?`, "20260102T150405Z"},
		{`Took [0-9.]+ (ms|s)\.`, "Took 1.0 s."},
		{`, about [0-9.]+ (ms|s) (left|at the quota)`, ""},
		{`127.0.0.1:\d+`, "127.0.0.1:8080"},
		{"\x1b\\[", "<ESC>["},
		{"\r", "<CR>"},
	} {
		text = regexp.MustCompile(r[0]).ReplaceAllString(text, r[1])
	}
	return text
}

// TestTerminal keeps what a run looks like on a terminal: the plan, the question, the end, in colour.
func TestTerminal(t *testing.T) {
	w := newWorld(t, 8)
	got, code := terminal(t, w, 100, [][2]string{{"[y/N]", "y\n"}}, "run", "contacts.csv")
	if code != 0 {
		t.Errorf("exit code %d\n%s", code, got)
	}
	golden(t, "terminal.txt", steady(got))

	w = newWorld(t, 8)
	w.env["NO_COLOR"] = ""
	got, code = terminal(t, w, 100, [][2]string{{"[y/N]", "\n"}}, "run", "contacts.csv")
	if code != 130 || strings.Contains(got, "\x1b[3") {
		t.Errorf("exit code %d\n%s", code, got)
	}
	golden(t, "terminal-no.txt", steady(got))
}

// TestQuestionInterrupted says that Ctrl-C at the question sends nothing and keeps the plan.
func TestQuestionInterrupted(t *testing.T) {
	w := newWorld(t, 8)
	got, code := terminal(t, w, 100, [][2]string{{"[y/N]", "\x03"}}, "run", "contacts.csv")
	if code != 130 || !strings.Contains(got, "csvput apply runs/contacts-") || !strings.Contains(got, "Nothing was changed") {
		t.Errorf("exit code %d\n%s", code, got)
	}
	for _, r := range w.server.Requests() {
		if r.Method == "PUT" {
			t.Error("an update was sent")
		}
	}
}

// TestApplyAsks says that csvput apply without a folder asks about a plan that nobody has said yes to, and no
// second time.
func TestApplyAsks(t *testing.T) {
	w := newWorld(t, 8)
	for i, answer := range []string{"", "n\n", "\x03", "y\n"} {
		args, code, says := []string{"apply"}, 130, "[y/N]"
		switch {
		case i == 0:
			args, code, says = []string{"plan", "contacts.csv"}, 0, "To carry it out"
		case answer == "y\n":
			code, says = 0, "All 8 rows updated"
		case answer == "n\n":
			says = "Nothing was changed"
		}
		got, ended := terminal(t, w, 100, [][2]string{{"[y/N]", answer}}[:min(i, 1)], args...)
		if ended != code || !strings.Contains(got, says) || i > 0 && !strings.Contains(got, "Update 8 records") {
			t.Errorf("%v, %q ends with %d, want %d\n%s", args, answer, ended, code, got)
		}
	}
}

// TestAsksAboutWhatIsLeft says that a run that stopped before its question asks about the rows that are left, not about
// none.
func TestAsksAboutWhatIsLeft(t *testing.T) {
	w := newWorld(t, 2)
	w.write("bad.csv", "id,value\n9a000000-0000-4000-8000-000000000000,020 7946 0200\n9a000000-0000-4000-8000-000000000001,n/a\n")
	if got, code := terminal(t, w, 100, nil, "run", "--max-errors", "1", "bad.csv"); code != 8 {
		t.Fatalf("exit code %d\n%s", code, got)
	}
	got, code := terminal(t, w, 100, [][2]string{{"[y/N]", "y\n"}}, "apply")
	if code != 3 || !strings.Contains(got, "Update 1 record of") || !strings.Contains(got, "1 of 2 rows updated") {
		t.Errorf("exit code %d\n%s", code, got)
	}
}

// TestBar looks at the bar: it is there, fits a narrow window, names what happened, never stands on one
// line with a message, and is gone at the end.
func TestBar(t *testing.T) {
	w := newWorld(t, 40)
	w.fail(func(r *sandbox.Request) sandbox.Fault {
		if r.Method == "PUT" {
			if strings.HasSuffix(r.ID, "5") {
				return status(422, `{"message":"No."}`)
			}
			<-time.After(25 * time.Millisecond)
		}
		return sandbox.Fault{}
	})
	const columns = 70
	got, code := terminal(t, w, columns, nil, "run", "--yes", "--workers", "2", "--verbose", "contacts.csv")
	if code != 3 {
		t.Errorf("exit code %d\n%s", code, got)
	}
	bars := 0
	for _, line := range strings.FieldsFunc(got, func(r rune) bool { return r == '\r' || r == '\n' }) {
		drawn := strings.Contains(line, "updating ") && strings.Contains(line, "%")
		line = regexp.MustCompile("\x1b\\[[0-9;]*[a-zA-Z]").ReplaceAllString(line, "")
		if !drawn {
			continue
		}
		bars++
		if n := len([]rune(line)); n > columns {
			t.Errorf("a bar of %d columns: %q", n, line)
		}
		if strings.Contains(line, "level=") {
			t.Errorf("bar and log line on one line: %q", line)
		}
	}
	if bars < 2 || !strings.Contains(got, " of 40") || !strings.Contains(got, " failed") {
		t.Errorf("%d bars\n%q", bars, got)
	}
	for line := range strings.Lines(got) {
		if strings.Contains(line, "level=") && !regexp.MustCompile(`^(.*\x1b\[2K\r)?time=[^%]*$`).MatchString(strings.TrimRight(line, "\r\n")) {
			t.Errorf("a log line is mixed with something: %q", line)
		}
	}
}

// TestPipe keeps what a run looks like in a pipe: no control characters, no bar.
func TestPipe(t *testing.T) {
	w := newWorld(t, 8)
	w.write("bad.csv", "id,value\n9a000000-0000-4000-8000-000000000001,020 7946 0999\n9a000000-0000-4000-8000-000000000002,n/a\n")
	got := w.call("run", "--yes", "$DIR/bad.csv")
	if got.code != 3 || strings.ContainsFunc(got.stderr, func(r rune) bool { return r < ' ' && r != '\n' }) {
		t.Errorf("exit code %d: %q", got.code, got.stderr)
	}
	golden(t, "pipe.txt", strings.ReplaceAll(steady(got.stderr), w.dir, "DIR"))
	got = w.call("plan", "--sandbox", "../../samples/messy.csv")
	golden(t, "pipe-plan.txt", strings.ReplaceAll(steady(got.stderr), w.dir, "DIR"))
	got = w.call("check", "../../samples/messy.csv")
	out := regexp.MustCompile(`csvput plan .*messy.csv`).ReplaceAllString(steady(got.stderr), "csvput plan SAMPLES/messy.csv")
	golden(t, "pipe-check.txt", strings.ReplaceAll(out, w.dir, "DIR"))
}

// TestPlainProgress says that in a pipe progress is a line now and then.
func TestPlainProgress(t *testing.T) {
	w := newWorld(t, 30)
	w.fail(func(r *sandbox.Request) sandbox.Fault {
		if r.Method == "PUT" {
			<-time.After(20 * time.Millisecond)
		}
		return sandbox.Fault{}
	})
	got := w.call("run", "--yes", "--workers", "1", "--progress-interval", "100ms", "$DIR/contacts.csv")
	if !regexp.MustCompile(`(?m)^updating \d+ of 30, .*\d+ updated`).MatchString(got.stderr) {
		t.Errorf("no line of progress:\n%s", got.stderr)
	}
	if got := newWorld(t, 3).call("run", "--yes", "--quiet", "$DIR/contacts.csv"); got.stderr != "" {
		t.Errorf("--quiet says %q", got.stderr)
	}
}

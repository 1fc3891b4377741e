package cli_test

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"csvput/importer/sandbox"
	"csvput/report"
	"csvput/report/code"
)

// onPut makes a fault of the nth update and of all later ones.
func onPut(n int64, f sandbox.Fault) func(*sandbox.Request) sandbox.Fault {
	var puts atomic.Int64
	return func(r *sandbox.Request) sandbox.Fault {
		if r.Method == http.MethodPut && puts.Add(1) >= n {
			return f
		}
		return sandbox.Fault{}
	}
}

func status(code int, body string) sandbox.Fault {
	return sandbox.Fault{Kind: sandbox.FaultStatus, Status: code, Body: body}
}

// endingCase is one way in which a command can end.
type endingCase struct {
	name    string
	prepare func(*world)
	args    []string
	code    int
	state   report.State
	stop    code.Code
	last    string // what the last line of stderr is like
	resumes int    // exit code of csvput apply afterwards, on a healthy server; -1: there is nothing to go on with
}

func endingCases() []endingCase {
	run := func(more ...string) []string {
		return append([]string{"run", "--yes", "--retries", "0", "--workers", "2"}, append(more, "$DIR/contacts.csv")...)
	}
	unavailable := status(500, `{"message":"Server Error"}`)
	return []endingCase{
		{name: "done", args: run(), code: 0, state: report.StateFinished, last: "To put it back: +csvput undo ", resumes: 0},
		{name: "nothing to change", args: run("--error-on-no-change"), code: 9, state: report.StateFinished, last: "^Report: ", resumes: 0,
			prepare: func(w *world) { w.call("run", "--yes", "--out", "$DIR/before", "$DIR/contacts.csv") }},
		{name: "hook fails", args: run("--on-finish", "exit 7"), code: 0, state: report.StateFinished, last: "--on-finish failed: exit status 7", resumes: 0},
		{name: "plan is damaged", args: []string{"apply", "$RUN"}, code: 1, state: report.StateStopped, stop: "unrecorded", last: "hint: to go on: ", resumes: 1,
			prepare: func(w *world) {
				w.call("plan", "$DIR/contacts.csv")
				path := filepath.Join(w.run(), report.PlanName)
				data, err := os.ReadFile(path)
				if err == nil {
					err = os.WriteFile(path, bytes.Replace(data, []byte("\n3,"), []byte("\n\"3\"x,"), 1), 0o600)
				}
				if err != nil {
					w.t.Fatal(err)
				}
			}},
		{name: "no token", args: run(), code: 2, state: report.StateStopped, stop: "usage", last: "hint: run csvput login once", resumes: -1,
			prepare: func(w *world) { delete(w.env, "CSVPUT_TOKEN") }},
		{name: "nobody to ask", args: []string{"run", "$DIR/contacts.csv"}, code: 2, state: report.StateStopped, stop: "usage", last: "hint: add --yes", resumes: -1},
		{name: "some rows are wrong", args: run(), code: 3, state: report.StateFinished, last: "To put it back: ", resumes: 3,
			prepare: func(w *world) {
				w.write("contacts.csv", "id,value\n9a000000-0000-4000-8000-000000000001,020 7946 0999\n9a000000-0000-4000-8000-000000000002,n/a\n")
			}},
		{name: "file refused", args: run(), code: 4, state: report.StateStopped, stop: "file_refused", last: "csvput: hint: ", resumes: -1,
			prepare: func(w *world) { w.write("contacts.csv", "name,phone\nAnn,020 7946 0123\n") }},
		{name: "server down while planning", args: run(), code: 5, state: report.StateStopped, stop: "server_error", last: "csvput: hint: ", resumes: -1,
			prepare: func(w *world) {
				w.fail(func(*sandbox.Request) sandbox.Fault { return unavailable })
			}},
		{name: "server down while updating", args: run("--breaker", "3"), code: 5, state: report.StateStopped, stop: "server_error", last: "csvput: hint: ", resumes: 0,
			prepare: func(w *world) { w.fail(onPut(5, unavailable)) }},
		{name: "forbidden", args: run(), code: 7, state: report.StateStopped, stop: "forbidden", last: "csvput: hint: ", resumes: 3,
			prepare: func(w *world) { w.fail(onPut(1, status(403, `{"message":"This action is unauthorized."}`))) }},
		{name: "too many errors", args: run("--max-errors", "2"), code: 8, state: report.StateStopped, stop: "max_errors", last: "hint: look at the problems", resumes: 3,
			prepare: func(w *world) { w.fail(onPut(4, status(422, `{"message":"No."}`))) }},
		{name: "time is over", args: run("--max-duration", "1s"), code: 10, state: report.StateStopped, stop: "max_duration", last: "the time given by --max-duration is over", resumes: 0,
			prepare: func(w *world) {
				var puts atomic.Int64
				w.fail(func(r *sandbox.Request) sandbox.Fault {
					if r.Method == http.MethodPut && puts.Add(1) == 6 {
						<-time.After(1100 * time.Millisecond)
					}
					return sandbox.Fault{}
				})
			}},
		{name: "locked", args: []string{"apply", "$RUN"}, code: 11, state: report.StateStopped, stop: "locked", last: "hint: wait until it has ended", resumes: 0,
			prepare: func(w *world) {
				w.call("plan", "$DIR/contacts.csv")
				folder, err := report.Open(w.run())
				if err != nil {
					w.t.Fatal(err)
				}
				release, err := folder.Lock(context.Background(), 0)
				if err != nil {
					w.t.Fatal(err)
				}
				w.release = release
			}},
		{name: "token dies", args: run(), code: 12, state: report.StateStopped, stop: "unauthenticated", last: "hint: Get a new token", resumes: 0,
			prepare: func(w *world) { w.fail(onPut(5, status(401, `{"message":"Unauthenticated."}`))) }},
		{name: "token refused", args: run(), code: 12, state: report.StateStopped, stop: "unauthenticated", last: "hint: Get a new token", resumes: -1,
			prepare: func(w *world) { w.env["CSVPUT_TOKEN"] = "another-token" }},
		{name: "plan with changes", args: []string{"plan", "--detailed-exit-code", "$DIR/contacts.csv"}, code: 20, state: report.StatePlanned, last: "To carry it out: +csvput apply ", resumes: 0},
		{name: "check", args: []string{"check", "$DIR/contacts.csv"}, code: 0, state: report.StateChecked, last: "Compare with the CRM: +csvput plan ", resumes: 2},
		{name: "interrupted", args: run(), code: 130, state: report.StateStopped, stop: "interrupted", last: "csvput: error: interrupted", resumes: 0,
			prepare: func(w *world) { w.fail(w.signalOnPut(4, os.Interrupt)) }},
		{name: "terminated", args: run(), code: 143, state: report.StateStopped, stop: "terminated", last: "csvput: error: terminated", resumes: 0,
			prepare: func(w *world) { w.fail(w.signalOnPut(4, syscall.SIGTERM)) }},
		{name: "interrupted twice", args: run(), code: 130, state: report.StateStopped, stop: "interrupted", last: "csvput: error: interrupted", resumes: 0,
			prepare: func(w *world) { w.fail(w.signalOnPut(4, os.Interrupt, os.Interrupt)) }},
		{name: "interrupted while planning", args: run(), code: 130, state: report.StateStopped, stop: "interrupted", last: "hint: nothing was sent, and nothing is left of this run", resumes: -1,
			prepare: func(w *world) {
				w.fail(func(r *sandbox.Request) sandbox.Fault {
					if strings.HasSuffix(r.Path, "contact-details") {
						w.signals <- os.Interrupt
						return sandbox.Fault{Kind: sandbox.FaultHang}
					}
					return sandbox.Fault{}
				})
			}},
	}
}

// signalOnPut sends signals when the nth update arrives, which is answered only when the run is over or
// has taken notice: two signals cut it off.
func (w *world) signalOnPut(n int64, signals ...os.Signal) func(*sandbox.Request) sandbox.Fault {
	var puts atomic.Int64
	return func(r *sandbox.Request) sandbox.Fault {
		if r.Method != http.MethodPut {
			return sandbox.Fault{}
		}
		switch at := puts.Add(1); {
		case at < n:
			return sandbox.Fault{}
		case at == n:
			for _, s := range signals {
				w.signals <- s
			}
		}
		if len(signals) > 1 {
			return sandbox.Fault{Kind: sandbox.FaultHang}
		}
		<-time.After(200 * time.Millisecond)
		return sandbox.Fault{}
	}
}

// TestEndings holds every way in which a run can end to its promises: exit code, last line, summary on
// stdout and in the folder, and whether csvput apply can go on.
func TestEndings(t *testing.T) {
	seen := map[int]bool{}
	for _, tt := range endingCases() {
		seen[tt.code] = true
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 30)
			if tt.prepare != nil {
				tt.prepare(w)
			}
			got := w.call(withFlags(tt.args, "--json")...)
			lines := strings.Split(strings.TrimRight(got.stderr, "\n"), "\n")
			if last := lines[len(lines)-1]; got.code != tt.code || !regexp.MustCompile(tt.last).MatchString(last) {
				t.Errorf("exit code %d, want %d; last line %q, want %q\n%s", got.code, tt.code, last, tt.last, got.stderr)
			}
			if strings.Contains(got.stderr, secret) || strings.Contains(got.stdout, secret) {
				t.Error("the token is shown")
			}
			s := got.summary(t)
			checkSummary(t, tt, s)
			w.checkResuming(tt, s)
		})
		t.Run(tt.name+", for machines", func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 30)
			if tt.prepare != nil {
				tt.prepare(w)
			}
			got := w.call(withFlags(tt.args, "--log-format=json", "--json")...)
			records := got.records(t)
			last := records[len(records)-1]
			if got.code != tt.code || last["msg"] != "ended" || last["exit_code"] != float64(tt.code) {
				t.Errorf("exit code %d, want %d; last record %v\n%s", got.code, tt.code, last, got.stderr)
			}
			checkSummary(t, tt, got.summary(t))
		})
	}
	for _, code := range []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 20, 130, 143} {
		if !seen[code] {
			t.Errorf("no case ends with exit code %d", code)
		}
	}
}

// withFlags puts flags behind the command's name.
func withFlags(args []string, flags ...string) []string {
	return slices.Concat(args[:1], flags, args[1:])
}

func checkSummary(t *testing.T, tt endingCase, s report.Summary) {
	t.Helper()
	if s.State != tt.state || s.ExitCode != tt.code && tt.name != "hook fails" {
		t.Errorf("state %s, exit code %d, want %s, %d", s.State, s.ExitCode, tt.state, tt.code)
	}
	if tt.stop == "" {
		if s.Stop != nil {
			t.Errorf("stopped: %+v", s.Stop)
		}
		return
	}
	if s.Stop == nil || s.Stop.Code != tt.stop || s.Stop.Message == "" || s.Stop.Resumable != (tt.resumes >= 0) {
		t.Errorf("stop is %+v, want %s, resumable %v", s.Stop, tt.stop, tt.resumes >= 0)
	}
}

// checkResuming goes on with what was left, on a server that works again.
func (w *world) checkResuming(tt endingCase, s report.Summary) {
	w.t.Helper()
	w.fail(nil)
	if w.release != nil {
		if err := w.release(); err != nil {
			w.t.Fatal(err)
		}
	}
	if tt.resumes < 0 {
		if left := w.runs(); len(left) > 0 {
			w.t.Errorf("something was left: %v", left)
		}
		return
	}
	if s.Stop != nil && s.Stop.Resumable && (len(s.Next) == 0 || !strings.HasPrefix(s.Next[0], "csvput apply ")) {
		w.t.Errorf("next: %q", s.Next)
	}
	got := w.call("apply", "$RUN")
	if got.code != tt.resumes {
		w.t.Errorf("apply ends with %d, want %d\n%s", got.code, tt.resumes, got.stderr)
	}
}

// TestSignals says what the first signal does to the rows, and what the second does.
func TestSignals(t *testing.T) {
	for _, tt := range []struct {
		name    string
		signals []os.Signal
		unknown bool
	}{
		{"once: what is in flight ends well", []os.Signal{os.Interrupt}, false},
		{"twice: what is in flight is unknown", []os.Signal{os.Interrupt, os.Interrupt}, true},
		{"terminated twice", []os.Signal{syscall.SIGTERM, syscall.SIGTERM}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 30)
			w.fail(w.signalOnPut(4, tt.signals...))
			got := w.call("run", "--yes", "--workers", "2", "--json", "$DIR/contacts.csv")
			s := got.summary(t)
			if (s.Statuses[report.Unknown] > 0) != tt.unknown || s.Statuses[report.Updated] < 2 || s.Statuses[report.NotAttempted] == 0 {
				t.Errorf("%v\n%s", s.Statuses, got.stderr)
			}
			if !strings.Contains(got.stderr, "stopping: finishing what is in flight") || !strings.Contains(got.stderr, "To go on:        csvput apply ") {
				t.Error(got.stderr)
			}
			w.fail(nil)
			if got := w.call("apply", "--json", "$RUN"); got.summary(t).Statuses[report.Updated] != 30 {
				t.Error(got.stderr)
			}
		})
	}
}

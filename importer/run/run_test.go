package run_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/quota"
	"csvput/importer/rows"
	"csvput/importer/run"
	"csvput/importer/sandbox"
	"csvput/report"
	"csvput/report/code"
)

// faceless is a face that shows nothing: it keeps what it was told.
type faceless struct {
	mu       sync.Mutex
	told     []string
	decision func(records int, s report.Summary) (bool, error)
	ended    []run.Result
}

func (f *faceless) tell(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.told = append(f.told, fmt.Sprintf(format, args...))
}

func (f *faceless) Stage(s importer.Stage, _ int64)           { f.tell("stage %s", s) }
func (f *faceless) Advance(int64)                             {}
func (f *faceless) Outcome(row report.Row)                    { f.tell("outcome %s", row.Status) }
func (f *faceless) Connected(*crm.Client)                     { f.tell("connected") }
func (f *faceless) Wait(quota.Wait)                           {}
func (f *faceless) Folder(_ *report.Folder, _ string, p bool) { f.tell("folder, planned: %t", p) }
func (f *faceless) Reading(rows.Info)                         { f.tell("reading") }
func (f *faceless) Note(text string)                          { f.tell("note: %s", text) }
func (f *faceless) Planned(t *importer.Tally, s report.Summary) {
	f.tell("planned %d", t.Statuses[report.Planned])
}

func (f *faceless) Decide(_ context.Context, records int, s report.Summary) (bool, error) {
	f.tell("decide %d", records)
	if f.decision == nil {
		return true, nil
	}
	return f.decision(records, s)
}

func (f *faceless) Ended(r run.Result) error {
	f.ended = append(f.ended, r)
	return nil
}

// crmWith is a sandbox over HTTP with other values than a file of n rows has.
func crmWith(t *testing.T, n int) (server *sandbox.Server, url, file string) {
	t.Helper()
	server = sandbox.New(sandbox.Config{Throttle: -1})
	text := "id,name,value\n"
	for i := range n {
		wish := sandbox.Record{UUID: id(i), Type: sandbox.TypePhone, Name: fmt.Sprintf("Name %d", i), Value: number(i)}
		if err := server.Seed(sandbox.Contrast(wish)); err != nil {
			t.Fatal(err)
		}
		text += fmt.Sprintf("%s,%s,%s\n", wish.UUID, wish.Name, wish.Value)
	}
	ctx, stop := context.WithCancel(context.Background())
	url, wait, err := server.Start(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		if err := wait(); err != nil {
			t.Error(err)
		}
	})
	file = filepath.Join(t.TempDir(), "contacts.csv")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return server, url, file
}

func id(i int) string     { return fmt.Sprintf("9a000000-0000-4000-8000-%012d", i) }
func number(i int) string { return fmt.Sprintf("+4420794600%02d", i) }

// jobFor is a job of a person whose CRM is at a url.
func jobFor(command, url string, face run.Face) run.Job {
	s := run.Defaults()
	s.BaseURL, s.Rate = url, "100000/m"
	return run.Job{
		Command: command, Settings: s, Face: face, Log: slog.New(slog.DiscardHandler), Stdin: strings.NewReader(""),
		CommandLine: func(verb, _ string, _ map[string]string) string { return "do " + verb },
		Token: func(server string) (func(context.Context) (string, error), error) {
			if server != url {
				return nil, nil
			}
			return func(context.Context) (string, error) { return sandbox.DefaultToken, nil }, nil
		},
	}
}

// holding is how many of the first n records hold the file's values.
func holding(t *testing.T, server *sandbox.Server, n int) int {
	t.Helper()
	held := 0
	for i := range n {
		if r, ok := server.Record(id(i)); ok && r.Value == number(i) {
			held++
		}
	}
	return held
}

// TestPlanBeforeQuestion says that what a question is about can be looked at before it is answered: the page, with the
// changes before the problems, and the rows that are left out.
func TestPlanBeforeQuestion(t *testing.T) {
	_, url, file := crmWith(t, 3)
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(id(2) + "0,,n/a\n"); err != nil {
		t.Fatal(err)
	}
	f.Close()
	read := func(folder, name string) string {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Error(err)
		}
		return string(data)
	}
	face := &faceless{decision: func(n int, s report.Summary) (bool, error) {
		page, failed := read(s.Folder, report.PageName), read(s.Folder, report.FailedName)
		changes, problems := strings.Index(page, `id="all-rows"`), strings.Index(page, `id="problems"`)
		if n != 3 || changes < 0 || problems < changes || !strings.Contains(page, "do apply") || !strings.Contains(failed, "n/a") {
			t.Errorf("%d rows, changes at %d, problems at %d\n%s", n, changes, problems, failed)
		}
		return n == 3, nil
	}}
	got := jobFor("run", url, face).Run(t.Context(), t.Context(), file)
	if got.End != run.EndRowsFailed || got.Summary.Statuses[report.Updated] != 3 || got.Summary.Files["failed"] != report.FailedName {
		t.Errorf("%+v %v %v", got.Ending, got.Summary.Statuses, got.Summary.Files)
	}
	if page := read(got.Summary.Folder, report.PageName); strings.Index(page, `id="all-rows"`) < strings.Index(page, `id="problems"`) {
		t.Error("the page of the end shows the rows before the problems")
	}
}

// TestWholeRun plans, decides, applies and undoes through this package alone: nothing of a terminal is needed.
func TestWholeRun(t *testing.T) {
	const n = 5
	ctx := t.Context()
	server, url, file := crmWith(t, n)

	face := &faceless{}
	planned := jobFor("plan", url, face).Plan(ctx, ctx, file)
	if planned.End != run.EndDone || planned.Tally.Statuses[report.Planned] != n || holding(t, server, n) != 0 {
		t.Fatalf("plan: %+v %v", planned.Ending, planned.Summary.Statuses)
	}
	if len(face.ended) != 1 || !face.ended[0].Left || !slices.Equal(planned.Summary.Next, []string{"do apply"}) {
		t.Errorf("plan: told of %d ends, next %q", len(face.ended), planned.Summary.Next)
	}

	// No to the question leaves everything as it is; the plan waits for a yes.
	face = &faceless{decision: func(int, report.Summary) (bool, error) { return false, nil }}
	declined := jobFor("apply", url, face).Apply(ctx, ctx, planned.Folder.Dir(), true)
	if declined.End != run.EndInterrupted || holding(t, server, n) != 0 {
		t.Fatalf("no: %+v", declined.Ending)
	}
	if past, err := run.Runs(filepath.Dir(file)); err != nil || len(past) != 1 || past[0].Agreed || !past[0].Left() {
		t.Fatalf("runs: %+v %v", past, err)
	}

	face = &faceless{}
	applied := jobFor("apply", url, face).Apply(ctx, ctx, planned.Folder.Dir(), true)
	if applied.End != run.EndDone || applied.Summary.Statuses[report.Updated] != n || holding(t, server, n) != n {
		t.Fatalf("apply: %+v %v", applied.Ending, applied.Summary.Statuses)
	}
	for _, want := range []string{"folder, planned: true", "connected", "decide 5", "stage updating", "outcome updated"} {
		if !slices.Contains(face.told, want) {
			t.Errorf("apply does not tell %q: %q", want, face.told)
		}
	}
	for _, name := range []string{report.ReportName, report.PageName, report.SummaryName} {
		if info, err := os.Stat(applied.Folder.Path(name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}

	undone := jobFor("undo", url, &faceless{}).Undo(ctx, ctx, planned.Folder.Dir())
	if undone.End != run.EndDone || undone.Summary.Statuses[report.Updated] != n || holding(t, server, n) != 0 {
		t.Fatalf("undo: %+v %v", undone.Ending, undone.Summary.Statuses)
	}
	if r, _ := server.Record(id(0)); r.Name != "Before: Name 0" {
		t.Errorf("after undo the name is %q", r.Name)
	}

	// All in one.
	all := jobFor("run", url, &faceless{}).Run(ctx, ctx, file)
	if all.End != run.EndDone || holding(t, server, n) != n {
		t.Fatalf("run: %+v", all.Ending)
	}
}

// TestEndings says how a run ends that does not get through, and with which word.
func TestEndings(t *testing.T) {
	gone := &run.Ending{End: run.EndInterrupted, What: "somebody closed the page", Code: "interrupted", Resumable: true}
	for _, tt := range []struct {
		name string
		do   func(t *testing.T, url, file string) run.Result
		end  run.End
		code code.Code
		what string
		left bool
	}{
		{"no file", func(t *testing.T, url, file string) run.Result {
			return jobFor("plan", url, &faceless{}).Plan(t.Context(), t.Context(), file+"x")
		}, run.EndUsage, "usage", "there is no file", false},
		{"a wrong setting", func(t *testing.T, url, file string) run.Result {
			j := jobFor("run", url, &faceless{})
			j.Settings.MaxErrors = "some"
			return j.Run(t.Context(), t.Context(), file)
		}, run.EndUsage, "usage", "max-errors \"some\" is neither", false},
		{"a file without columns", func(t *testing.T, url, file string) run.Result {
			if err := os.WriteFile(file, []byte("a,b\n1,2\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			return jobFor("check", url, &faceless{}).Check(t.Context(), t.Context(), file)
		}, run.EndFileRefused, "file_refused", "", false},
		{"stopped at the question", func(t *testing.T, url, file string) run.Result {
			ctx, stop := context.WithCancelCause(t.Context())
			face := &faceless{decision: func(int, report.Summary) (bool, error) {
				stop(gone)
				return false, context.Cause(ctx)
			}}
			return jobFor("run", url, face).Run(ctx, t.Context(), file)
		}, run.EndInterrupted, "", "somebody closed the page", true},
		{"stopped while input is awaited", func(t *testing.T, url, file string) run.Result {
			ctx, stop := context.WithCancelCause(t.Context())
			r, w := io.Pipe()
			defer w.Close()
			j := jobFor("check", url, &faceless{})
			j.Stdin, j.Settings.Out = r, filepath.Dir(file)
			go func() {
				io.WriteString(w, "id,value")
				stop(gone)
			}()
			return j.Check(ctx, t.Context(), "-")
		}, run.EndInterrupted, "interrupted", "somebody closed the page", false},
		{"another server", func(t *testing.T, url, file string) run.Result {
			plan := jobFor("plan", url, &faceless{}).Plan(t.Context(), t.Context(), file)
			return jobFor("apply", "http://127.0.0.1:1", &faceless{}).Apply(t.Context(), t.Context(), plan.Folder.Dir(), false)
		}, run.EndUsage, "usage", "which is not your CRM", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server, url, file := crmWith(t, 2)
			got := tt.do(t, url, file)
			if got.End != tt.end || !strings.Contains(got.What, tt.what) {
				t.Fatalf("%+v", got.Ending)
			}
			if stop := got.Summary.Stop; tt.code != "" && (stop == nil || stop.Code != tt.code) {
				t.Errorf("the summary says %+v", stop)
			}
			found, err := filepath.Glob(filepath.Join(filepath.Dir(file), "*Z*"))
			if err != nil || (len(found) > 0) != tt.left {
				t.Errorf("folders: %v %v", found, err)
			}
			if holding(t, server, 2) != 0 {
				t.Error("something was sent")
			}
		})
	}
}

// TestSettings says that every setting is kept and read back as text.
func TestSettings(t *testing.T) {
	s := run.Defaults()
	s.Map, s.Sandbox, s.FromLine = []string{"Phone No=value", "Key=id"}, true, 3
	var back run.Settings
	for name, text := range s.Texts() {
		if err := back.Set(name, text); err != nil {
			t.Errorf("%s %q: %v", name, text, err)
		}
	}
	if got := back.Texts(); fmt.Sprint(got) != fmt.Sprint(s.Texts()) || got["map"] != "Phone No=value\nKey=id" || got["timeout"] != "30s" {
		t.Errorf("%v", got)
	}
	if err := back.Set("workers", "many"); err == nil {
		t.Error("workers: many")
	}
	if err := back.Set("quiet", "true"); err != nil {
		t.Errorf("a name of the face's own: %v", err)
	}
}

package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csvput/importer/sandbox"
	"csvput/report"
)

// stopped is a world whose run of contacts.csv was stopped by the server's faults after some of its rows.
func stopped(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, 12)
	w.fail(onPut(5, status(500, "{}")))
	if got := w.call("run", "--yes", "--workers", "1", "--retries", "0", "--breaker", "1", "$DIR/contacts.csv"); got.code != 5 {
		t.Fatalf("ends with %d\n%s", got.code, got.stderr)
	}
	w.fail(nil)
	return w
}

// TestRunGoesOn says that a run of a file whose last run here was interrupted goes on with it, and says so: nothing is
// planned anew, and nothing is sent twice. What finished is not gone on with.
func TestRunGoesOn(t *testing.T) {
	w := stopped(t)
	first := w.run()
	if got := w.call("run", "$DIR/contacts.csv"); got.code != 2 || !strings.Contains(got.stderr, "there is no terminal to ask on") {
		t.Errorf("without --yes: %d\n%s", got.code, got.stderr)
	}
	got := w.call("run", "--yes", "--json", "--rate", "90000/m", "$DIR/contacts.csv")
	if got.code != 0 || !strings.Contains(got.stderr, "Going on with "+first+", which was interrupted; --fresh makes a new plan") {
		t.Fatalf("ends with %d\n%s", got.code, got.stderr)
	}
	if s := got.summary(t); s.Statuses[report.Updated] != 12 || s.Settings["rate"] != "90000/m" || s.RunID != filepath.Base(first) {
		t.Errorf("%v, rate %s, run %s", s.Statuses, s.Settings["rate"], s.RunID)
	}
	w.run() // there is one
	sent := map[string]int{}
	for _, r := range w.server.Requests() {
		if r.Method == "PUT" {
			sent[r.ID]++
		}
	}
	for id, n := range sent {
		if n > 2 || n == 2 && id != "9a000000-0000-4000-8000-000000000004" { // which the server failed once
			t.Errorf("%s was sent %d times", id, n)
		}
	}
	if got := w.call("run", "--yes", "$DIR/contacts.csv"); got.code != 0 || strings.Contains(got.stderr, "Going on") || len(w.runs()) != 2 {
		t.Errorf("after the end: %d, %v\n%s", got.code, w.runs(), got.stderr)
	}
}

// TestRunStartsAnew holds the promise of the other side: a run goes on with nothing that was made for another file,
// server or account, with other settings for what is sent, or that nobody has said yes to or somebody has to look at.
func TestRunStartsAnew(t *testing.T) {
	text := func(w *world) string {
		data, err := os.ReadFile(w.path("contacts.csv"))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	yes := []string{"run", "--yes"}
	for name, tt := range map[string]struct {
		before func(*world)
		args   []string
	}{
		"fresh":      {nil, append(yes, "--fresh")},
		"country":    {nil, append(yes, "--country", "DE")},
		"duplicates": {nil, append(yes, "--on-duplicate", "last")},
		"limit":      {nil, append(yes, "--limit", "3")},
		"from line":  {nil, append(yes, "--from-line", "3")},
		"extension":  {nil, append(yes, "--extension", "drop")},
		"vanity":     {nil, append(yes, "--vanity")},
		"no lookup":  {nil, append(yes, "--no-lookup")},
		"map":        {nil, append(yes, "--map", "name=name")},
		"ignore":     {nil, append(yes, "--ignore", "name")},
		"encoding":   {nil, append(yes, "--encoding", "windows-1252")},
		"delimiter":  {nil, append(yes, "--delimiter", "comma")},
		"dry run":    {nil, []string{"run", "--dry-run"}},
		"rehearsal":  {nil, append(yes, "--sandbox")},
		"a row more": {func(w *world) { w.write("contacts.csv", text(w)+"9a000000-0000-4000-8000-000000000011,,\n") }, yes},
		"other server": {func(w *world) {
			w.env["CSVPUT_BASE_URL"] = startServer(w.t, sandbox.New(sandbox.Config{Token: secret}))
		}, yes},
		"other version": {func(w *world) {
			w.edit(func(s *report.Summary) { s.Versions.Phonenumbers = "of another time" })
		}, yes},
		"other account": {func(w *world) {
			w.edit(func(s *report.Summary) { s.Account.UUID = "10000000-0000-4000-8000-000000000009" })
		}, yes},
		"undone":         {func(w *world) { w.call("undo", "--yes", "$RUN") }, yes},
		"the first rows": {func(w *world) { w.edit(func(s *report.Summary) { s.ExitCode, s.Stop.Code = 10, "first" }) }, yes},
		"corrected": {func(w *world) {
			folder, err := report.Open(w.run())
			if err == nil {
				err = folder.Correct(report.Correction{Line: 2, Column: "name", Before: "Name 0", After: "Somebody"})
			}
			if err != nil {
				t.Fatal(err)
			}
		}, yes},
		"limit of errors": {func(w *world) { w.edit(func(s *report.Summary) { s.ExitCode = 8 }) }, yes},
		"nobody's yes": {func(w *world) {
			if err := os.Remove(filepath.Join(w.run(), report.ReportName)); err != nil {
				t.Fatal(err)
			}
		}, yes},
		"another run since": {func(w *world) {
			before := text(w)
			w.write("contacts.csv", "id,value\n9a000000-0000-4000-8000-000000000001,020 7946 0777\n")
			w.call("run", "--yes", "$DIR/contacts.csv")
			w.write("contacts.csv", before)
		}, yes},
	} {
		w := stopped(t)
		if tt.before != nil {
			tt.before(w)
		}
		known := len(w.runs())
		got := w.call(append(tt.args, "$DIR/contacts.csv")...)
		if strings.Contains(got.stderr, "Going on") || len(w.runs()) != known+1 {
			t.Errorf("%s: ends with %d, %v\n%s", name, got.code, w.runs(), got.stderr)
		}
	}
}

// edit changes the summary of the only run.
func (w *world) edit(change func(*report.Summary)) {
	w.t.Helper()
	folder, err := report.Open(w.run())
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := folder.ReadSummary()
	if err != nil {
		w.t.Fatal(err)
	}
	change(&s)
	if err := folder.WriteSummary(s); err != nil {
		w.t.Fatal(err)
	}
}

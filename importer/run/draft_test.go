package run_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"csvput/importer"
	"csvput/importer/rows"
	"csvput/importer/run"
	"csvput/report"
	"csvput/report/code"
)

// draft is a job's folder with an upload in it.
func draft(t *testing.T, url, text string) string {
	t.Helper()
	job := jobFor("check", url, &faceless{})
	job.Settings.Out = t.TempDir()
	r := job.Draft(t.Context(), t.Context(), `C:\fake\Clients.csv`, strings.NewReader(text))
	if r.End != run.EndDone || r.Summary.State != report.StateDraft || r.Summary.Input.Name != "Clients.csv" {
		t.Fatalf("draft: %v %+v", r.Ending, r.Summary.Input)
	}
	return r.Folder.Dir()
}

// fileOf is the text of a file in a folder.
func fileOf(t *testing.T, dir, name string) string {
	t.Helper()
	b, err := os.ReadFile(dir + "/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestOneFolder is the life of a file that is dropped on the page: checked, corrected, checked again, planned, corrected
// once more, planned again and updated, all in one folder.
func TestOneFolder(t *testing.T) {
	ctx := t.Context()
	server, url, file := crmWith(t, 3)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	upload := strings.Replace(string(text), number(1), "020 7946 00O1", 1)
	dir := draft(t, url, upload)
	expect := func(what string, r run.Result, end run.End, state report.State, statuses string) {
		t.Helper()
		var got []string
		for _, s := range report.Statuses() {
			if n := r.Summary.Statuses[s]; n > 0 {
				got = append(got, fmt.Sprintf("%d %s", n, s))
			}
		}
		if r.End != end || r.Summary.State != state || strings.Join(got, ", ") != statuses || r.Folder.Dir() != dir {
			t.Fatalf("%s: %v, %s, %q", what, r.Ending, r.Summary.State, got)
		}
	}
	check := func() run.Result { return jobFor("check", url, &faceless{}).Check(ctx, ctx, dir) }
	plan := func() run.Result { return jobFor("plan", url, &faceless{}).Plan(ctx, ctx, dir) }
	apply := func() run.Result { return jobFor("apply", url, &faceless{}).Apply(ctx, ctx, dir, false) }
	correct := func(more ...report.Correction) {
		t.Helper()
		if err := run.Correct(ctx, dir, more...); err != nil {
			t.Fatal(err)
		}
	}

	expect("check", check(), run.EndRowsFailed, report.StateChecked, "2 valid, 1 invalid")
	if r := apply(); r.End != run.EndUsage {
		t.Fatalf("a check was applied: %v", r.Ending)
	}
	correct(report.Correction{Line: 3, Column: rows.FieldValue, Before: "020 7946 00O1", After: "020 7946 0001"})
	expect("checked again", check(), run.EndDone, report.StateChecked, "3 valid")
	if failed := dir + "/" + report.FailedName; fileExists(failed) {
		t.Error("failed.csv of the first check is still there")
	}
	expect("plan", plan(), run.EndDone, report.StatePlanned, "3 planned")
	if fileExists(dir + "/" + report.ReportName) {
		t.Error("the check's report is still there: the plan looks agreed to")
	}
	correct(report.Correction{Line: 2, Column: rows.FieldName, Before: "Name 0", After: "Nobody"})
	if r := apply(); r.End != run.EndUsage || !strings.Contains(r.What, "corrected after its plan") {
		t.Fatalf("an outdated plan was applied: %v", r.Ending)
	}
	expect("planned again", plan(), run.EndDone, report.StatePlanned, "3 planned")
	expect("apply", apply(), run.EndDone, report.StateFinished, "3 updated")
	if got, _ := server.Record(id(0)); got.Name != "Nobody" || got.Value != number(0) {
		t.Errorf("record 0 is %+v", got)
	}
	if fileOf(t, dir, report.InputName) != upload {
		t.Error("the input was changed")
	}
	for what, r := range map[string]run.Result{"check": check(), "plan": plan()} {
		if r.End != run.EndUsage || !strings.Contains(r.What, "sent already") {
			t.Errorf("%s of what was sent: %v", what, r.Ending)
		}
	}
	err = run.Correct(ctx, dir, report.Correction{Line: 3, Column: rows.FieldName, Before: "Name 1", After: "x"})
	if end, ok := errors.AsType[*run.Ending](err); !ok || end.End != run.EndUsage {
		t.Errorf("corrected after it was sent: %v", err)
	}
}

// TestWorkbookInOneFolder is the same for a workbook, which stays as it was uploaded.
func TestWorkbookInOneFolder(t *testing.T) {
	ctx := t.Context()
	server, url, _ := crmWith(t, 2)
	var upload strings.Builder
	book, err := rows.NewTable(&upload, "Clients.xlsx", []string{"id", "name", "value", "Adviser"})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(book.Write([]string{id(0), "Name 0", number(0), "=1"}), book.Write([]string{id(1), "Name 1", "020 7946 00O1", "+"}), book.Close()); err != nil {
		t.Fatal(err)
	}
	dir := draft(t, url, upload.String())
	failed := dir + "/" + report.FailedWorkbookName
	if r := jobFor("check", url, &faceless{}).Check(ctx, ctx, dir); r.End != run.EndRowsFailed || r.Summary.Input.Sheet != "Contacts" || !fileExists(failed) {
		t.Fatalf("check: %v %+v", r.Ending, r.Summary.Input)
	}
	if err := run.Correct(ctx, dir, report.Correction{Line: 3, Column: rows.FieldValue, Before: "020 7946 00O1", After: number(1)}); err != nil {
		t.Fatal(err)
	}
	if r := jobFor("plan", url, &faceless{}).Plan(ctx, ctx, dir); r.End != run.EndDone || r.Summary.Files["input"] != report.WorkbookName || fileExists(failed) {
		t.Fatalf("plan: %v %v", r.Ending, r.Summary.Files)
	}
	if r := jobFor("apply", url, &faceless{}).Apply(ctx, ctx, dir, false); r.End != run.EndDone || holding(t, server, 2) != 2 {
		t.Fatalf("apply: %v", r.Ending)
	}
	if fileOf(t, dir, report.WorkbookName) != upload.String() {
		t.Error("the input was changed")
	}
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// TestSettle writes down how a file is to be read, and reads it so.
func TestSettle(t *testing.T) {
	ctx := t.Context()
	dir := draft(t, "", "id;Tel;Notes\n"+id(1)+";030 1234567;x\n")
	if look, err := jobFor("check", "", &faceless{}).Look(dir); err != nil || look.Refused == nil {
		t.Fatalf("%+v %v", look, err)
	}
	job := jobFor("check", "", &faceless{})
	job.Settings.Country, job.Settings.Map, job.Given = "DE", []string{"Tel=value", "Notes="}, []string{"country", "map"}
	if err := job.Settle(ctx, dir); err != nil {
		t.Fatal(err)
	}
	if look, err := jobFor("check", "", &faceless{}).Look(dir); err != nil || look.Refused != nil || !look.Columns[2].Ignored {
		t.Errorf("%+v %v", look, err)
	}
	r := jobFor("check", "", &faceless{}).Check(ctx, ctx, dir)
	if r.End != run.EndDone || r.Tally.First[0].Value != "+49301234567" || r.Summary.Input.Name != "Clients.csv" {
		t.Errorf("%v %+v", r.Ending, r.Tally)
	}
	in, err := run.OpenInput(dir)
	if err != nil {
		t.Fatal(err)
	}
	rd, closer, err := in.Source()
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	fix := map[string]rows.Correction{rows.FieldValue: {Before: "030 1234567", After: "+44 20 7946 0000"}}
	row, err := importer.CheckRow(rd.Info().Row(2, []string{id(1), "030 1234567", "x"}, fix), in.Options)
	if err != nil || row.Value != "+442079460000" || row.Status != report.Valid {
		t.Errorf("%+v %v", row, err)
	}
}

// TestLeftOut leaves rows out before the plan, after it, and after the first row was sent: they are never sent, are no
// failure, and are accounted for.
func TestLeftOut(t *testing.T) {
	const n = 6
	ctx := t.Context()
	server, url, file := crmWith(t, n)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dir := draft(t, url, string(text))
	skip := func(line int, before, after string) {
		t.Helper()
		if err := run.Correct(ctx, dir, report.Correction{Line: line, Column: rows.FieldSkip, Before: before, After: after}); err != nil {
			t.Fatal(err)
		}
	}
	skip(2, "", "yes")
	if r := jobFor("plan", url, &faceless{}).Plan(ctx, ctx, dir); r.End != run.EndDone || r.Summary.Statuses[report.Planned] != n-1 {
		t.Fatalf("plan: %v %v", r.Ending, r.Summary.Statuses)
	}
	skip(3, "", "yes")
	skip(4, "", "yes")
	skip(4, "yes", "")

	job := jobFor("apply", url, &faceless{})
	job.Settings.First = 1
	first := job.Apply(ctx, ctx, dir, false)
	if first.End != run.EndMaxDuration || first.Summary.Stop.Code != "first" || first.Summary.Statuses[report.Updated] != 1 || holding(t, server, n) != 1 {
		t.Fatalf("the first: %v %v, %d changed", first.Ending, first.Summary.Statuses, holding(t, server, n))
	}
	skip(7, "", "yes")
	if past, err := run.Runs(dir + "/.."); err != nil || len(past) != 1 || !past[0].Left() {
		t.Fatalf("unfinished: %+v %v", past, err)
	}
	rest := jobFor("apply", url, &faceless{}).Apply(ctx, ctx, dir, false)
	s := rest.Summary
	if rest.End != run.EndDone || s.Statuses[report.Updated] != 3 || s.Statuses[report.NotAttempted] != 3 || s.Codes[code.LeftOut] != 3 || holding(t, server, n) != 3 {
		t.Fatalf("the rest: %v %v %v, %d changed", rest.Ending, s.Statuses, s.Codes, holding(t, server, n))
	}
	if s.Problems() != 0 || s.Open() != 0 || fileExists(dir+"/"+report.FailedName) || !strings.Contains(s.Headline(), "3 left out") {
		t.Errorf("%d problems, %d open, headline %q", s.Problems(), s.Open(), s.Headline())
	}
	again := jobFor("apply", url, &faceless{}).Apply(ctx, ctx, dir, false)
	if again.End != run.EndDone || holding(t, server, n) != 3 {
		t.Errorf("once more: %v, %d changed", again.Ending, holding(t, server, n))
	}
	if past, err := run.Runs(dir + "/.."); err != nil || len(past) != 1 || past[0].Left() {
		t.Errorf("unfinished: %+v %v", past, err)
	}
	// Taken in again, it is sent; what the plan left out needs a new plan, and there can be none any more.
	skip(7, "yes", "")
	if last := jobFor("apply", url, &faceless{}).Apply(ctx, ctx, dir, false); last.End != run.EndDone || holding(t, server, n) != 4 {
		t.Errorf("taken in again: %v, %d changed", last.Ending, holding(t, server, n))
	}
	if err := run.Correct(ctx, dir, report.Correction{Line: 2, Column: rows.FieldSkip, Before: "yes"}); err == nil {
		t.Error("a row was taken into a plan that does not have it")
	}
}

// TestLeftOutAfterKill leaves rows out of a run that was killed while it sent: one that was in flight is settled, and one
// that was not is never sent.
func TestLeftOutAfterKill(t *testing.T) {
	const n = 4
	ctx := t.Context()
	server, url, file := crmWith(t, n)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dir := draft(t, url, string(text))
	if r := jobFor("plan", url, &faceless{}).Plan(ctx, ctx, dir); r.End != run.EndDone {
		t.Fatal(r.Ending)
	}
	// What is left of such a run: a line that says that a row may have been sent, and no end.
	folder, err := report.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	journal, before, err := folder.Journal()
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close()
	for row, err := range importer.Rows(folder, report.PlanName) {
		if err == nil && row.Line == 2 {
			row.Status, row.Code = report.Unknown, code.Interrupted
			err = journal.Append(row)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := journal.Close(); err != nil {
		t.Fatal(err)
	}
	for _, line := range []int{2, 3} {
		if err := run.Correct(ctx, dir, report.Correction{Line: line, Column: rows.FieldSkip, After: "yes"}); err != nil {
			t.Fatal(err)
		}
	}
	r := jobFor("apply", url, &faceless{}).Apply(ctx, ctx, dir, false)
	if r.Summary.Statuses[report.Updated] != n-1 || r.Summary.Codes[code.LeftOut] != 1 || holding(t, server, n) != n-1 {
		t.Errorf("%v %v %v, %d changed", r.Ending, r.Summary.Statuses, r.Summary.Codes, holding(t, server, n))
	}
	if left, ok := server.Record(id(1)); !ok || left.Value == number(1) {
		t.Errorf("the row that was left out: %+v", left)
	}
}

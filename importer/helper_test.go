package importer_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/rows"
	"csvput/importer/sandbox"
	"csvput/report"
	"csvput/report/code"
)

// detailID is the uuid of the nth contact detail of the tests.
func detailID(n int) string { return fmt.Sprintf("9a000000-0000-4000-8000-%012d", n) }

// numberOf is the n of a detailID, -1 for any other id.
func numberOf(id string) int {
	prefix := strings.TrimSuffix(detailID(0), "000000000000")
	n, err := strconv.Atoi(strings.TrimPrefix(id, prefix))
	if err != nil || !strings.HasPrefix(id, prefix) {
		return -1
	}
	return n
}

// wish is what the nth row of wishes asks for: an e-mail address, and a phone number every eighth time, because the
// server takes its time over those.
func wish(n int) sandbox.Record {
	w := sandbox.Record{UUID: detailID(n), Name: fmt.Sprintf("Name, %d", n)}
	if n%8 == 0 {
		w.Type, w.Value, w.Country = sandbox.TypePhone, fmt.Sprintf("+447400%06d", n), "GB"
	} else {
		w.Type, w.Value = sandbox.TypeEmail, fmt.Sprintf("wish.%d@example.org", n)
	}
	return w
}

// table writes a CSV file.
func table(cells ...[]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.WriteAll(cells) // a bytes.Buffer takes everything
	return b.Bytes()
}

// wishes is a file of n rows, the first on line 2.
func wishes(n int) []byte {
	cells := [][]string{{"id", "name", "value"}}
	for i := range n {
		w := wish(i)
		cells = append(cells, []string{w.UUID, w.Name, w.Value})
	}
	return table(cells...)
}

// serve is a server with the first n records of wish as they are before anything was sent.
func serve(t testing.TB, cfg sandbox.Config, n int) *sandbox.Server {
	t.Helper()
	s := sandbox.New(cfg)
	records := make([]sandbox.Record, n)
	for i := range records {
		records[i] = sandbox.Contrast(wish(i))
	}
	if err := s.Seed(records...); err != nil {
		t.Fatal(err)
	}
	return s
}

// unlimited is a server's configuration without a quota.
func unlimited() sandbox.Config { return sandbox.Config{Throttle: -1} }

// dial makes a client that reaches the server without sockets.
func dial(t testing.TB, s http.RoundTripper, change ...func(*crm.Config)) *crm.Client {
	t.Helper()
	cfg := crm.Config{
		BaseURL: "http://127.0.0.1", Account: sandbox.EmployeeAccountUUID, Transport: s,
		Token:   func(context.Context) (string, error) { return sandbox.DefaultToken, nil },
		Workers: 16, Timeout: 5 * time.Second, Retries: 5,
	}
	for _, f := range change {
		f(&cfg)
	}
	c, err := crm.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// open reads a file.
func open(t testing.TB, file []byte) *rows.Reader {
	t.Helper()
	in, err := rows.Open(bytes.NewReader(file), rows.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// source reads a file as often as one likes.
func source(file []byte) importer.Source {
	return func() (*rows.Reader, io.Closer, error) {
		in, err := rows.Open(bytes.NewReader(file), rows.Options{})
		return in, io.NopCloser(nil), err
	}
}

// newFolder is an empty run folder.
func newFolder(t testing.TB) *report.Folder {
	t.Helper()
	f, err := report.Create(t.TempDir(), "contacts.csv", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// on is a run in a folder.
func on(folder *report.Folder, client *crm.Client, progress importer.Progress) importer.Run {
	return importer.Run{Folder: folder, Client: client, Progress: progress}
}

// plan plans a file into a new folder.
func plan(t testing.TB, c *crm.Client, file []byte, o importer.CheckOptions) (*report.Folder, *importer.Tally) {
	t.Helper()
	folder := newFolder(t)
	o.Again = source(file)
	tally, err := on(folder, c, quiet{}).Plan(t.Context(), open(t, file), o)
	if err != nil {
		t.Fatal(err)
	}
	return folder, tally
}

// apply carries a plan out with 16 workers and hopes for the best.
func apply(t testing.TB, folder *report.Folder, c *crm.Client, o importer.ApplyOptions) {
	t.Helper()
	if err := tryApply(t, folder, c, o); err != nil {
		t.Fatal(err)
	}
}

func tryApply(t testing.TB, folder *report.Folder, c *crm.Client, o importer.ApplyOptions) error {
	t.Helper()
	if o.Workers == 0 {
		o.Workers = 16
	}
	return on(folder, c, quiet{}).Apply(t.Context(), t.Context(), o)
}

// finish ends a run and returns its report by line.
func finish(t testing.TB, folder *report.Folder, file []byte) (map[int]report.Row, report.Summary) {
	t.Helper()
	stop := report.Stop{Code: code.Stopped, Message: "The run stopped before this row.", Resumable: true}
	s := report.Summary{Files: map[string]string{}}
	for range all(t, folder, report.PlanName) {
		s.Rows++
	}
	var original importer.Source
	if file != nil {
		original = func() (*rows.Reader, io.Closer, error) { return open(t, file), io.NopCloser(nil), nil }
	}
	page, err := importer.Finish(folder, &s, stop, nil, original)
	if err != nil {
		t.Fatal(err)
	}
	if err := page.Commit(&s); err != nil {
		t.Fatal(err)
	}
	byLine := map[int]report.Row{}
	last := 0
	for _, row := range all(t, folder, report.ReportName) {
		if row.Line <= last {
			t.Errorf("line %d stands behind line %d in the report", row.Line, last)
		}
		last = row.Line
		byLine[row.Line] = row
	}
	if len(byLine) != s.Rows {
		t.Errorf("the report has %d rows, the plan %d", len(byLine), s.Rows)
	}
	return byLine, s
}

// all are the rows of one of the folder's files.
func all(t testing.TB, folder *report.Folder, name string) []report.Row {
	t.Helper()
	var out []report.Row
	for row, err := range importer.Rows(folder, name) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, row)
	}
	return out
}

// run plans, applies and finishes.
func run(t testing.TB, c *crm.Client, file []byte, o importer.ApplyOptions) (*report.Folder, map[int]report.Row) {
	t.Helper()
	folder, _ := plan(t, c, file, importer.CheckOptions{})
	o.JustMade = true
	apply(t, folder, c, o)
	report, _ := finish(t, folder, file)
	return folder, report
}

// requests are the server's log of one method.
func requests(s *sandbox.Server, method string) []sandbox.Request {
	var out []sandbox.Request
	for _, r := range s.Requests() {
		if r.Method == method {
			out = append(out, r)
		}
	}
	return out
}

// applied is how many PUTs reached a record.
func applied(s *sandbox.Server) int {
	n := 0
	for _, q := range s.Requests() {
		if q.Applied {
			n++
		}
	}
	return n
}

// holds tells whether the server's record is as the nth wish.
func holds(t testing.TB, s *sandbox.Server, n int) bool {
	t.Helper()
	r, ok := s.Record(detailID(n))
	if !ok {
		t.Fatalf("the server has no record %d", n)
	}
	w := wish(n)
	return r.Name == w.Name && r.Value == w.Value
}

// states are the records as text, without the time of their last change.
func states(s *sandbox.Server) map[string]string {
	out := map[string]string{}
	for _, r := range s.Records() {
		r.UpdatedAt = time.Time{}
		out[r.UUID] = fmt.Sprintf("%q", []string{r.Type, strings.ReplaceAll(r.Name, "\r\n", "\n"), r.Value, r.Country, strings.Join(r.AccountUUIDs, " "), strings.Join(r.PrimaryAccountUUIDs, " "), r.CreatedAt.String()})
	}
	return out
}

// sameStates compares the server's records with what they were.
func sameStates(t testing.TB, s *sandbox.Server, want map[string]string) {
	t.Helper()
	for id, now := range states(s) {
		if now != want[id] {
			t.Errorf("%s is\n%s\nwant\n%s", id, now, want[id])
		}
	}
}

// wantRow compares a row's verdict.
func wantRow(t testing.TB, row report.Row, status report.Status, code code.Code) {
	t.Helper()
	if row.Status != status || row.Code != code {
		t.Errorf("line %d is %s %s (%s), want %s %s", row.Line, row.Status, row.Code, row.Message, status, code)
	}
}

// counts are the rows by status.
func counts(rows map[int]report.Row) map[report.Status]int {
	out := map[report.Status]int{}
	for _, row := range rows {
		out[row.Status]++
	}
	return out
}

// quiet is progress that nobody looks at.
type quiet struct{}

func (quiet) Stage(importer.Stage, int64) {}
func (quiet) Advance(int64)               {}
func (quiet) Outcome(report.Row)          {}

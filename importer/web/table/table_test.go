package table_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"csvput/importer"
	"csvput/importer/rows"
	"csvput/importer/web/table"
	"csvput/report"
	"csvput/report/code"
)

type silent struct{}

func (silent) Stage(importer.Stage, int64) {}
func (silent) Advance(int64)               {}
func (silent) Outcome(report.Row)          {}

// checked is a folder with the report of a check of n rows: every tenth is too short, every seventh holds a name with a
// line break.
func checked(t testing.TB, n int) (*report.Folder, importer.Source) {
	t.Helper()
	var b strings.Builder
	b.WriteString("Notes;id;phone;name\n")
	for i := range n {
		number, name := fmt.Sprintf("020 7946 %04d", i%1000), fmt.Sprintf("Client Müller %d", i)
		if i%10 == 9 {
			number = "020 79"
		}
		if i%7 == 6 {
			name = fmt.Sprintf("\"Two\r\nlines; %d\"", i)
		}
		fmt.Fprintf(&b, "note %d;9a000000-0000-4000-8000-%012d;%s;%s\n", i, i, number, name)
	}
	text := b.String()
	source := func() (*rows.Reader, io.Closer, error) {
		in, err := rows.Open(strings.NewReader(text), rows.Options{})
		return in, io.NopCloser(nil), err
	}
	folder, err := report.Create(t.TempDir(), "contacts.csv", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	in, _, err := source()
	if err != nil {
		t.Fatal(err)
	}
	_, page, err := importer.Run{Folder: folder, Progress: silent{}}.Check(t.Context(), in, importer.CheckOptions{Again: source})
	if err != nil {
		t.Fatal(err)
	}
	if err := page.Discard(); err != nil {
		t.Fatal(err)
	}
	return folder, source
}

// TestTable holds what is found against a reading of everything.
func TestTable(t *testing.T) {
	const n = 1000
	folder, source := checked(t, n)
	tab, err := table.Open(folder, report.ReportName, source)
	if err != nil {
		t.Fatal(err)
	}
	var all []table.Row
	in, _, err := source()
	if err != nil {
		t.Fatal(err)
	}
	for row, err := range importer.Rows(folder, report.ReportName) {
		if err != nil {
			t.Fatal(err)
		}
		raw, err := in.Read()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, table.Row{Row: row, Cells: raw.Raw})
	}
	for _, c := range []struct {
		query table.Query
		is    func(table.Row) bool
	}{
		{table.Query{}, func(table.Row) bool { return true }},
		{table.Query{Problems: true}, func(r table.Row) bool { return r.Status == report.Invalid }},
		{table.Query{Status: report.Valid, From: 20}, func(r table.Row) bool { return r.Status == report.Valid }},
		{table.Query{Code: code.LocalOnly, Backward: true}, func(r table.Row) bool { return r.Code == code.LocalOnly }},
		{table.Query{Text: "müller 12"}, func(r table.Row) bool { return strings.HasPrefix(r.Cells[3], "Client Müller 12") }},
		{table.Query{Text: "NOTE 99", Problems: true}, func(r table.Row) bool {
			return r.Status == report.Invalid && strings.HasPrefix(r.Cells[0], "note 99")
		}},
		{table.Query{Text: "+44207946000"}, func(r table.Row) bool { return strings.HasPrefix(r.Value, "+44207946000") }},
		{table.Query{Text: "in no row"}, func(table.Row) bool { return false }},
		{table.Query{From: n + 1}, func(table.Row) bool { return true }},
	} {
		var want []table.Row
		for i := range all {
			if c.query.Backward {
				i = n - 1 - i
			}
			if c.is(all[i]) {
				want = append(want, all[i])
			}
		}
		total := len(want)
		c.query.Count = 30
		want = want[min(c.query.From, total):min(c.query.From+30, total)]
		page, found, err := tab.Rows(c.query)
		if err != nil || found != total || len(page) != len(want) || len(want) > 0 && !reflect.DeepEqual(page, want) {
			t.Errorf("%+v: %d of %d rows, want %d of %d (%v)", c.query, len(page), found, len(want), total, err)
		}
	}
	if len(tab.Groups) == 0 || tab.Groups[0] != (table.Group{Code: code.LocalOnly, Status: report.Invalid, Count: n / 10, Line: all[9].Line, Message: all[9].Message}) {
		t.Errorf("groups %+v", tab.Groups)
	}
	if row, ok, err := tab.Row(all[6].Line); err != nil || !ok || !reflect.DeepEqual(row, all[6]) {
		t.Errorf("by its line: %+v %v %v", row, ok, err)
	}
	if _, ok, err := tab.Row(all[6].Line + 1); ok || err != nil {
		t.Errorf("a row begins inside a cell: %v", err)
	}
	if err := tab.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(folder.Dir()); err != nil || len(left) != 2 {
		t.Errorf("left in the folder: %v %v", left, err)
	}
}

// BenchmarkTable times what the page asks for at 100,000 rows.
func BenchmarkTable(b *testing.B) {
	folder, source := checked(b, 100_000)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	tab, err := table.Open(folder, report.ReportName, source)
	if err != nil {
		b.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			if tab, err = table.Open(folder, report.ReportName, source); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/100_000, "B/row")
	})
	for name, q := range map[string]table.Query{
		"page": {From: 50_000}, "problems": {Problems: true, From: 9000}, "search": {Text: "müller 99"}, "nothing": {Text: "in no row"},
	} {
		q.Count = 100
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, _, err := tab.Rows(q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestSideBySide shows rows that share an id next to each other, however far apart they stand in the file.
func TestSideBySide(t *testing.T) {
	folder, err := report.Create(t.TempDir(), "contacts.csv", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	w := report.NewWriter(&b)
	err = w.WriteHeader()
	for i, id := range []string{"a", "b", "c", "b", "a"} {
		row := report.Row{Line: i + 2, ID: id, Status: report.Invalid, Code: code.DuplicateID, Message: "The id stands in other lines too."}
		err = errors.Join(err, w.Write(row))
	}
	if err = errors.Join(err, os.WriteFile(folder.Path(report.ReportName), []byte(b.String()), 0o600)); err != nil {
		t.Fatal(err)
	}
	tab, err := table.Open(folder, report.ReportName, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tab.Close()
	found, _, err := tab.Rows(table.Query{Code: code.DuplicateID, Count: 9})
	var lines []int
	for _, row := range found {
		lines = append(lines, row.Line)
	}
	if err != nil || !reflect.DeepEqual(lines, []int{2, 6, 3, 5, 4}) {
		t.Errorf("%v %v", lines, err)
	}
}

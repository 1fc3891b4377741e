package importer_test

import (
	"io"
	"net/mail"
	"strings"
	"testing"

	"github.com/gocarina/gocsv"
	"github.com/nyaruka/phonenumbers/v2"

	"csvput/importer"
	"csvput/report"
)

// naiveRow is a row of a program that takes the straight way through the libraries.
type naiveRow struct {
	ID      string `csv:"id"`
	Name    string `csv:"name"`
	Value   string `csv:"value"`
	Country string `csv:"country"`
	E164    string `csv:"e164"`
	Status  string `csv:"status"`
}

// naive checks a file in the straight way: all rows into memory, one after the other through the library,
// all rows out again.
func naive(file []byte, w io.Writer) ([]*naiveRow, error) {
	var rows []*naiveRow
	if err := gocsv.UnmarshalBytes(file, &rows); err != nil {
		return nil, err
	}
	for _, r := range rows {
		r.Status = "invalid"
		if strings.Contains(r.Value, "@") {
			if a, err := mail.ParseAddress(r.Value); err == nil {
				r.Status, r.E164 = "valid", a.Address
			}
			continue
		}
		region := strings.ToUpper(r.Country)
		if region == "" {
			region = "GB"
		}
		n, err := phonenumbers.Parse(r.Value, region)
		if err == nil && phonenumbers.IsValidNumber(n) {
			r.Status, r.E164 = "valid", phonenumbers.Format(n, phonenumbers.E164)
		}
	}
	return rows, gocsv.Marshal(rows, w)
}

// TestCheckAgreesWithNaive holds the check of a generated file against the straight way, row for row: what
// makes it fast must not change a verdict.
func TestCheckAgreesWithNaive(t *testing.T) {
	const n = 20_000
	file := contacts(n, 7)
	want, err := naive(file, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	folder := newFolder(t)
	tally, _, err := on(folder, nil, quiet{}).Check(t.Context(), open(t, file), importer.CheckOptions{Again: source(file)})
	if err != nil {
		t.Fatal(err)
	}
	got := all(t, folder, report.ReportName)
	if len(got) != n || len(want) != n || tally.Rows != n {
		t.Fatalf("%d rows, the tally has %d, naive %d", len(got), tally.Rows, len(want))
	}
	differ := 0
	for i, row := range got {
		if string(row.Status) != want[i].Status || row.Value != want[i].E164 || row.Line != i+2 || row.ID != want[i].ID {
			if differ++; differ < 10 {
				t.Errorf("%q (%s): %s %s %q, naive says %s %q", want[i].Value, want[i].Country, row.Status, row.Code, row.Value, want[i].Status, want[i].E164)
			}
		}
	}
	if differ > 0 {
		t.Errorf("%d of %d rows differ", differ, n)
	}
	if valid := tally.Statuses[report.Valid]; valid < n*85/100 || valid > n*97/100 {
		t.Errorf("%d of %d rows are valid: the file is not what it should be", valid, n)
	}
}

// BenchmarkCheck is csvput check without the command line; compare with BenchmarkNaive in the same run.
func BenchmarkCheck(b *testing.B) {
	const n = 100_000
	file := contacts(n, 7)
	b.ReportAllocs()
	for b.Loop() {
		folder := newFolder(b)
		if _, _, err := on(folder, nil, quiet{}).Check(b.Context(), open(b, file), importer.CheckOptions{Again: source(file)}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkNaive is what BenchmarkCheck is measured against.
func BenchmarkNaive(b *testing.B) {
	const n = 100_000
	file := contacts(n, 7)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := naive(file, io.Discard); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

package importer

import (
	"errors"
	"io"
	"os"
	"slices"
	"testing"
	"time"

	"csvput/importer/rows"
	"csvput/report"
)

// TestFailedRowsOfAnUndoAreGuarded holds that failed.csv, where it is made of the report alone, runs nothing in
// a spreadsheet, and that what it is read back as is what was wished.
func TestFailedRowsOfAnUndoAreGuarded(t *testing.T) {
	folder, err := report.Create(t.TempDir(), "x", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	const id = "0b9d8a0e-5f3c-4c8e-9a51-2f6d3e7c1b48"
	names := []string{"=1+2", "＝1+2", "a;=cmd|' /C calc'!A0;b"}
	name, err := writeFile(folder, report.ReportName, func(w *report.Writer, _ io.Writer) error {
		err := w.WriteHeader()
		for i, name := range names {
			err = errors.Join(err, w.Write(report.Row{Line: i + 2, ID: id, Status: report.Failed, Name: name, Value: "+442079460958"}))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var s report.Summary
	s.Name("report", name)
	if err := WriteFailed(folder, &s, nil); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(folder.Path(report.FailedName))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in, err := rows.Open(f, rows.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var cells, read []string
	for range names {
		row, err := in.Read()
		if err != nil {
			t.Fatal(err)
		}
		name, _, problem := rows.ParseName(row.Name)
		if problem != nil || row.Value != "+442079460958" {
			t.Errorf("%+v, %v", row, problem)
		}
		cells, read = append(cells, row.Name), append(read, name)
	}
	if want := []string{"'=1+2", "'＝1+2", "a;'=cmd|' /C calc'!A0;b"}; !slices.Equal(cells, want) {
		t.Errorf("the cells are %q, want %q", cells, want)
	}
	if !slices.Equal(read, names) {
		t.Errorf("read back: %q, want %q", read, names)
	}
}

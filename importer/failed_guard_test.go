package importer

import (
	"bytes"
	"slices"
	"testing"

	"csvput/importer/rows"
	"csvput/report"
)

// TestFailedRowsOfAnUndoAreGuarded holds that failed.csv, where it is made of the report alone, runs nothing in
// a spreadsheet, and that what it is read back as is what was wished.
func TestFailedRowsOfAnUndoAreGuarded(t *testing.T) {
	const id = "0b9d8a0e-5f3c-4c8e-9a51-2f6d3e7c1b48"
	names := []string{"=1+2", "＝1+2", "a;=cmd|' /C calc'!A0;b"}
	var file bytes.Buffer
	failed := failedRows{w: &file}
	for i, name := range names {
		if err := failed.add(report.Row{Line: i + 2, ID: id, Status: report.Failed, Name: name, Value: "+442079460958"}); err != nil {
			t.Fatal(err)
		}
	}
	in, err := rows.Open(&file, rows.Options{})
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

package importer_test

import (
	"testing"
	"time"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/report"
)

// planUndo plans the undo of a run into a new folder.
func planUndo(t testing.TB, from *report.Folder, c *crm.Client) (*report.Folder, *importer.Tally) {
	t.Helper()
	to := newFolder(t)
	tally, err := importer.Undo(t.Context(), from, to, c, quiet{})
	if err != nil {
		t.Fatal(err)
	}
	return to, tally
}

// undo takes a run back and returns the report of that.
func undo(t testing.TB, from *report.Folder, c *crm.Client) map[int]report.Row {
	t.Helper()
	to, _ := planUndo(t, from, c)
	apply(t, to, c, importer.ApplyOptions{Trust: time.Hour})
	rows, _ := finish(t, to, nil)
	return rows
}

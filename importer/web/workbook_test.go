package web

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// TestSheets hands in a workbook in which two sheets may be meant: it is shown with the sheets to choose from, and the
// one that is chosen is read.
func TestSheets(t *testing.T) {
	f := excelize.NewFile()
	for i, name := range []string{"Leavers", "Joiners"} {
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for n, row := range [][]any{{"id", "name", "value"}, {wish(i).UUID, wish(i).Name, 442079460000 + i}} {
			if err := f.SetSheetRow(name, "A"+string(rune('1'+n)), &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	var book bytes.Buffer
	if err := f.DeleteSheet("Sheet1"); err != nil {
		t.Fatal(err)
	}
	if err := f.Write(&book); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, 2, nil)
	w.open()
	id := w.upload("people.xlsx", book.String())
	w.settle(id)
	status, text := w.get("/runs/" + id + "/read")
	if status != http.StatusOK || !strings.Contains(text, "ore than one sheet") || !strings.Contains(text, `<option value="Joiners"`) || strings.Contains(text, `name="encoding"`) {
		t.Fatalf("%d %s", status, text)
	}
	status, text, _ = w.post("/runs/"+id+"/read", "application/x-www-form-urlencoded", "sheet=Joiners")
	if status != http.StatusOK || !strings.Contains(text, wish(1).Name) || strings.Contains(text, wish(0).Name) {
		t.Fatalf("the columns: %d %s", status, text)
	}
	status, text = w.get("/runs/" + id + "/read")
	if status != http.StatusOK || strings.Contains(text, "ore than one sheet") || !strings.Contains(text, `<option value="Joiners" selected`) {
		t.Fatalf("chosen: %d %s", status, text)
	}
}

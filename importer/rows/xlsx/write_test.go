package xlsx

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// TestWritten is what this package writes, as excelize and as this package read it.
func TestWritten(t *testing.T) {
	header := []string{"id", "name", "value", "country"}
	rows := [][]string{
		{"1", "=1+1", "07911123456", "GB"},
		{"2", " line\nbreak\r\nand\ttab ", "+447911123456", ""},
		{"3", "a_x000D_b <&>\"'\x01 é山😀", "4479111234567890", "United Kingdom"},
		{"4"},
	}
	for i := range 2 * widthRows {
		rows = append(rows, []string{fmt.Sprint(i), strings.Repeat("wide ", i/4), "", "DE"})
	}
	var b bytes.Buffer
	w, err := NewWriter(&b, header)
	if err != nil {
		t.Fatal(err)
	}
	w.Offer(3, []string{"France", "Germany & co"})
	for i, row := range rows {
		if err := w.WriteMarked(row, map[bool]int{true: 2, false: -1}[i == 1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	compare(t, "written", b.Bytes())

	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.GetRows("Contacts", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range append([][]string{header}, rows...) {
		if !slices.Equal(slices.DeleteFunc(slices.Clone(got[i]), blank), slices.DeleteFunc(slices.Clone(want), blank)) {
			t.Errorf("row %d: got %q, want %q", i+1, got[i], want)
		}
	}
	format := func(cell string) (text, coloured bool) {
		i, err := f.GetCellStyle("Contacts", cell)
		if err != nil {
			t.Fatal(err)
		}
		style, err := f.GetStyle(i)
		if err != nil {
			t.Fatal(err)
		}
		return style.NumFmt == 49, style.Fill.Pattern == 1
	}
	for cell, fill := range map[string]bool{"A1": false, "C2": false, "C3": true, "D3": false, "D400": false, "D9999": false} {
		if text, got := format(cell); !text || got != fill {
			t.Errorf("%s is text: %v, coloured: %v", cell, text, got)
		}
	}
	panes, err := f.GetPanes("Contacts")
	if err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("panes %+v, %v", panes, err)
	}
	lists, err := f.GetDataValidations("Contacts")
	if err != nil || len(lists) != 1 || lists[0].Sqref != "D2:D1048576" || lists[0].Formula1 != "Lists!$A$1:$A$2" {
		t.Errorf("drop-downs %+v, %v", lists, err)
	}
	if seen, err := f.GetSheetVisible("Lists"); err != nil || seen {
		t.Errorf("the lists can be seen: %v", err)
	}
	if width, err := f.GetColWidth("Contacts", "B"); err != nil || width != maxWidth+4 {
		t.Errorf("a wide column is %v wide, %v", width, err)
	}
	if names := f.GetDefinedName(); len(names) != 0 {
		t.Errorf("names %v", names)
	}

	// What somebody corrects and saves there is read with every digit.
	err = errors.Join(f.SetCellStr("Contacts", "C4", "0044 7911 123456"), f.SetCellValue("Contacts", "C5", 447911123456))
	var saved bytes.Buffer
	if err := errors.Join(err, f.Write(&saved)); err != nil {
		t.Fatal(err)
	}
	text, err := read(saved.Bytes())
	for _, want := range []string{`C="+447911123456"`, `C="0044 7911 123456"`, `C=number "447911123456" [@]`} {
		if err != nil || !strings.Contains(text, want) {
			t.Errorf("%s is not in what was saved, %v", want, err)
		}
	}
}

func blank(s string) bool { return s == "" }

func TestWriterRefuses(t *testing.T) {
	if _, err := NewWriter(io.Discard, make([]string, MaxColumns+1)); err == nil {
		t.Error("a sheet of too many columns")
	}
	w, err := NewWriter(io.Discard, []string{"a"})
	if err != nil {
		t.Fatal(err)
	}
	w.rows = maxRows
	if e, ok := errors.AsType[*Error](w.Write(nil)); !ok || e.Code != CodeTooLarge {
		t.Error("a sheet of too many rows")
	}
	if text := fitting(strings.Repeat("😀", maxCell)); len(text) != maxCell/2*4 {
		t.Errorf("a text of %d bytes", len(text)) // Excel takes half a character for damage
	}
}

package rows

import (
	"bytes"
	"encoding/csv"
	"errors"
	"flag"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"csvput/report/code"
)

var update = flag.Bool("update", false, "write samples/contacts.xlsx anew")

// TestSample holds that the sample workbook says what the sample CSV file says.
func TestSample(t *testing.T) {
	const csvFile, bookFile = "../../samples/contacts.csv", "../../samples/contacts.xlsx"
	text, err := os.ReadFile(csvFile)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(bookFile, sampleWorkbook(t, text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	book, err := os.ReadFile(bookFile)
	if err != nil {
		t.Fatal(err)
	}
	want, got := rowsOf(t, text, Options{}), rowsOf(t, book, Options{})
	if len(got) != len(want) {
		t.Fatalf("%d rows, want %d", len(got), len(want))
	}
	repaired := 0
	for i, row := range got {
		if slices.ContainsFunc(row.Notes, func(n code.Note) bool { return n.Code == code.RepairedFormat }) {
			repaired++
			row.Value, want[i].Value = digits(row.Value), digits(want[i].Value)
		}
		if row.Cells != want[i].Cells || row.Line != want[i].Line+2 || row.Problems != nil {
			t.Errorf("row %d is %+v, want %+v", row.Line, row, want[i])
		}
	}
	if repaired < 5 {
		t.Errorf("%d numbers lack their zero", repaired)
	}
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// sampleWorkbook is a file of contacts as an office keeps it: columns of its own among ours, blank rows above, British
// landlines as numbers with a format, a list of advisers on a hidden sheet.
func sampleWorkbook(t *testing.T, text []byte) []byte {
	all, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	f := excelize.NewFile()
	format := "00000000000"
	zeros, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
	must := func(errs ...error) {
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	}
	_, err2 := f.NewSheet("Advisers")
	must(err, err2, f.SetSheetName("Sheet1", "Contacts"), f.SetSheetVisible("Advisers", false), f.SetCellStr("Advisers", "A1", "R. Patel"))
	for y, row := range all {
		cells := []any{"Adviser", "Policy"}
		if y > 0 {
			cells = []any{"R. Patel", 100_000 + y}
		}
		for _, cell := range row {
			cells = append(cells, cell)
		}
		cells = append(cells, map[bool]string{true: "Last contact"}[y == 0])
		must(f.SetSheetRow("Contacts", "A"+strconv.Itoa(y+3), &cells))
		if y == 0 {
			continue
		}
		must(f.SetCellValue("Contacts", "I"+strconv.Itoa(y+3), 45_000+y))
		if n := digits(row[2]); len(n) == len(format) && n[0] == '0' && row[3] == "" {
			number, err := strconv.Atoi(n)
			place := "E" + strconv.Itoa(y+3)
			must(err, f.SetCellValue("Contacts", place, number), f.SetCellStyle("Contacts", place, place, zeros))
		}
	}
	var b bytes.Buffer
	must(f.Write(&b))
	return b.Bytes()
}

package cli_test

import (
	"encoding/csv"
	"errors"
	"os"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"
)

// workbook makes a workbook of CSV files: workbook OUT SHEET=FILE..., with an ! in front of a hidden sheet's name. A cell
// such as #447911123456 is a number, and #7911123456@00000000000 one with a format.
func workbook(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: workbook OUT SHEET=FILE...")
	}
	f := excelize.NewFile()
	for _, arg := range args[1:] {
		name, file, _ := strings.Cut(arg, "=")
		name, hidden := strings.CutPrefix(name, "!")
		_, err := f.NewSheet(name)
		ts.Check(err)
		rows, err := csv.NewReader(strings.NewReader(ts.ReadFile(file))).ReadAll()
		ts.Check(err)
		for y, row := range rows {
			for x, text := range row {
				place, err := excelize.CoordinatesToCellName(x+1, y+1)
				ts.Check(errors.Join(err, setCell(f, name, place, text)))
			}
		}
		if hidden {
			ts.Check(f.SetSheetVisible(name, false))
		}
	}
	ts.Check(f.DeleteSheet("Sheet1"))
	ts.Check(f.SaveAs(ts.MkAbs(args[0])))
}

func setCell(f *excelize.File, sheet, place, text string) error {
	number, format, _ := strings.Cut(text, "@")
	n, err := strconv.ParseFloat(strings.TrimPrefix(number, "#"), 64)
	if !strings.HasPrefix(text, "#") || err != nil {
		return f.SetCellStr(sheet, place, text)
	}
	if format == "" {
		format = "General"
	}
	style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
	return errors.Join(err, f.SetCellFloat(sheet, place, n, -1, 64), f.SetCellStyle(sheet, place, place, style))
}

// cell types into a cell of a workbook's first sheet and saves it: cell FILE PLACE TEXT.
func cell(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: cell FILE PLACE TEXT")
	}
	f, err := excelize.OpenFile(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(errors.Join(setCell(f, f.GetSheetName(0), args[1], args[2]), f.Save()))
}

// toCSV writes a workbook's first sheet as CSV: tocsv FILE OUT.
func toCSV(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: tocsv FILE OUT")
	}
	f, err := excelize.OpenFile(ts.MkAbs(args[0]))
	ts.Check(err)
	rows, err := f.GetRows(f.GetSheetName(0), excelize.Options{RawCellValue: true})
	ts.Check(err)
	out, err := os.Create(ts.MkAbs(args[1]))
	ts.Check(err)
	w := csv.NewWriter(out)
	for _, row := range rows {
		ts.Check(w.Write(append(row, make([]string, len(rows[0])-len(row))...)))
	}
	w.Flush()
	ts.Check(errors.Join(w.Error(), out.Close()))
}

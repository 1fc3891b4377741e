package rows

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"csvput/report/code"
)

const anID = "fffb67bc-e2fa-5995-8d93-f9c56b74acf5"

// workbook is a workbook of sheets: each a name, with an ! in front if it is hidden, and its rows from A1 on.
func workbook(tb testing.TB, sheets ...any) []byte {
	tb.Helper()
	f := excelize.NewFile()
	must := func(err error) {
		if err != nil {
			tb.Fatal(err)
		}
	}
	for i := 0; i < len(sheets); i += 2 {
		name, hidden := strings.CutPrefix(sheets[i].(string), "!")
		_, err := f.NewSheet(name)
		must(err)
		for n, row := range sheets[i+1].([][]any) {
			must(f.SetSheetRow(name, fmt.Sprint("A", n+1), &row))
		}
		if hidden {
			must(f.SetSheetVisible(name, false))
		}
	}
	must(f.DeleteSheet("Sheet1"))
	var b bytes.Buffer
	must(f.Write(&b))
	return b.Bytes()
}

// edited is a workbook of one sheet that was changed with excelize.
func edited(tb testing.TB, rows [][]any, edit func(f *excelize.File) error) []byte {
	tb.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(workbook(tb, "Contacts", rows)))
	if err != nil {
		tb.Fatal(err)
	}
	var b bytes.Buffer
	if err := errors.Join(edit(f), f.Write(&b)); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// TestValueCells reads phone numbers from what is stored in a cell.
func TestValueCells(t *testing.T) {
	for name, c := range map[string]struct {
		value   any
		format  string
		want    string
		note    code.Code
		problem code.Code
	}{
		"number":              {447911123456, "General", "447911123456", "", ""},
		"scientific as shown": {447911123456, "0.00E+00", "447911123456", "", ""},
		"zeros by format":     {7911123456, "00000000000", "07911123456", code.RepairedFormat, ""},
		"brackets by format":  {7911123456, `(00000)\ 000000`, "07911123456", code.RepairedFormat, ""},
		"zero lost":           {7911123456, "General", "7911123456", "", ""}, // the rules for numbers see to it
		"text":                {"07911 123456", "@", "07911 123456", "", ""},
		"sixteen digits":      {4479111234567890, "0", "4479111234567890", "", code.ExcelScientific},
		"fraction":            {0.5, "General", "0.5", "", code.NotANumber},
		"negative":            {-447911123456, "General", "-447911123456", "", code.NotANumber},
		"date":                {45658, "yyyy-mm-dd", "2025-01-01", "", code.NotANumber},
		"truth":               {true, "General", "TRUE", "", code.NotANumber},
		"formula, no result":  {"=A1&B1", "General", "=A1&B1", "", code.Formula},
	} {
		t.Run(name, func(t *testing.T) {
			data := edited(t, [][]any{{"id", "value"}, {anID}}, func(f *excelize.File) error {
				style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &c.format})
				set := func() error { return f.SetCellValue("Contacts", "B2", c.value) }
				if s, ok := c.value.(string); ok && s[0] == '=' {
					set = func() error { return f.SetCellFormula("Contacts", "B2", s[1:]) }
				}
				return errors.Join(err, set(), f.SetCellStyle("Contacts", "B2", "B2", style))
			})
			row := rowsOf(t, data, Options{})[0]
			if row.Value != c.want {
				t.Errorf("got %q, want %q", row.Value, c.want)
			}
			var note, problem code.Code
			for _, n := range row.Notes {
				note = n.Code
			}
			for _, p := range row.Problems {
				problem = p.Code
				if p.Column != "value" {
					t.Errorf("the problem is about the column %q", p.Column)
				}
			}
			if note != c.note || problem != c.problem {
				t.Errorf("got note %q and problem %q (%v), want %q and %q", note, problem, row.Problems, c.note, c.problem)
			}
		})
	}
}

// TestKeyCells refuses what can't be compared with the CRM, in words that say which cell it is.
func TestKeyCells(t *testing.T) {
	header := []any{"Old number", "Client", "value"}
	for name, cells := range map[string][]any{
		"current_value": {true, "Ann", "020 7946 0958"},
		"client_name":   {"020 7946 0958", nil, "020 7946 0958"},
	} {
		data := edited(t, [][]any{header, cells}, func(f *excelize.File) error {
			if cells[1] != nil {
				return nil
			}
			return f.SetCellFormula("Contacts", "B2", "A2")
		})
		row := rowsOf(t, data, Options{})[0]
		if len(row.Problems) != 1 || row.Problems[0].Code != code.NoMatch || !strings.Contains(row.Problems[0].Message, name) {
			t.Errorf("%s: %v", name, row.Problems)
		}
	}
}

func rowsOf(t *testing.T, data []byte, o Options) []Row {
	t.Helper()
	rows, _, err := readAll(bytes.NewReader(data), o)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestWorkbookRows reads sparse rows: lines are those that Excel shows, blank rows are counted, cells beside the table
// and whatever a column that is not used holds are no problem.
func TestWorkbookRows(t *testing.T) {
	data := workbook(t, "Contacts", [][]any{
		{}, {"ID", "Notes", "Phone", "Name"}, {anID, "=1/0", 447911123456}, {}, {}, {anID, 45658, "020 7946 0958", "Home", nil, nil, "a remark"}, {nil, "only a note"},
	})
	r, err := Open(bytes.NewReader(data), Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows := rowsOf(t, data, Options{})
	var got strings.Builder
	for _, row := range rows {
		fmt.Fprintf(&got, "%d %q %q %v\n", row.Line, row.Value, row.Raw[3], row.Problems)
	}
	want := `3 "447911123456" "" []
6 "020 7946 0958" "Home" []
7 "" "" []
`
	if got.String() != want {
		t.Errorf("got\n%swant\n%s", &got, want)
	}
	for _, err := r.Read(); err == nil; _, err = r.Read() {
	}
	info := r.Info()
	if _, n, blank := r.Progress(); n != 3 || blank != 3 {
		t.Errorf("%d rows and %d blank ones", n, blank)
	}
	if info.Kind != KindWorkbook || info.Sheet != "Contacts" || info.HeaderLine != 2 || info.Guessed || fmt.Sprint(info.Unused) != "[Notes column 7 (without a name)]" {
		t.Errorf("%+v", info)
	}
	if rows := rowsOf(t, data, Options{FromLine: 4, Limit: 1}); len(rows) != 1 || rows[0].Line != 6 {
		t.Errorf("from line 4, one row: %v", rows)
	}
}

// TestManyRows has more rows than a chunk: none is lost, and lines go on.
func TestManyRows(t *testing.T) {
	rows := [][]any{{"id", "name"}}
	for i := range 20_000 {
		rows = append(rows, []any{anID, fmt.Sprint("name ", i)})
	}
	got := rowsOf(t, workbook(t, "Contacts", rows), Options{})
	if len(got) != 20_000 {
		t.Fatalf("%d rows", len(got))
	}
	for i, row := range got {
		if row.Line != i+2 || row.Name != fmt.Sprint("name ", i) {
			t.Fatalf("row %d is on line %d: %s", i, row.Line, row.Name)
		}
	}
}

// TestFarCells has a remark in the last column of a sheet: no row becomes as wide as that.
func TestFarCells(t *testing.T) {
	data := edited(t, [][]any{{"id", "name"}, {anID, "Home"}}, func(f *excelize.File) error {
		return errors.Join(f.SetCellStr("Contacts", "E2", "near"), f.SetCellStr("Contacts", "XFD2", "far"), f.SetCellStr("Contacts", "XFD3", "far"))
	})
	r, err := Open(bytes.NewReader(data), Options{})
	if err != nil {
		t.Fatal(err)
	}
	row, err := r.Read()
	if _, end := r.Read(); err != nil || end != io.EOF || row.Name != "Home" || len(row.Raw) > 2+beside || row.Problems != nil {
		t.Errorf("%+v, %v, %v", row, err, end)
	}
	if unused := r.Info().Unused; fmt.Sprint(unused) != "[column 5 (without a name)]" {
		t.Errorf("not used: %q", unused)
	}
}

// TestCorrectedCells lays corrections over cells that would be refused: what is corrected is text.
func TestCorrectedCells(t *testing.T) {
	data := workbook(t, "Contacts", [][]any{{"id", "value"}, {anID, 0.5}, {anID, 0.25}})
	rows := rowsOf(t, data, Options{Corrections: Corrections{
		2: {FieldValue: {Before: "0.5", After: "07911 123456"}, FieldName: {After: "Home"}},
		3: {FieldValue: {Before: "something else", After: "07911 123456"}},
	}})
	if r := rows[0]; r.Value != "07911 123456" || r.Name != "Home" || r.Problems != nil {
		t.Errorf("corrected: %+v", r)
	}
	if r := rows[1]; r.Value != "0.25" || len(r.Problems) != 1 {
		t.Errorf("another cell by now: %+v", r)
	}
}

func TestSheets(t *testing.T) {
	contacts := [][]any{{"id", "name"}, {anID, "Home"}}
	other := [][]any{{"Month", "Sales"}, {"May", 3}}
	for name, c := range map[string]struct {
		sheets  []any
		sheet   string
		want    string // the sheet
		refused code.Code
		says    string
	}{
		"one":                  {[]any{"A", contacts}, "", "A", "", ""},
		"one of contacts":      {[]any{"A", other, "B", contacts, "C", [][]any{}}, "", "B", "", ""},
		"one to be seen":       {[]any{"!A", contacts, "B", contacts}, "", "B", "", ""},
		"two":                  {[]any{"A", contacts, "B", contacts, "!C", other}, "", "", CodeSeveralSheets, `"A", "B", "C" (hidden)`},
		"two, named":           {[]any{"A", contacts, "B", contacts}, "b", "B", "", ""},
		"a hidden one, named":  {[]any{"A", contacts, "!B", contacts}, "B", "B", "", ""},
		"none of the name":     {[]any{"A", contacts, "!B", contacts}, "D", "", CodeUnknownSheet, `"A", "B" (hidden)`},
		"none of contacts":     {[]any{"A", [][]any{}, "B", other}, "", "", CodeMissingColumns, `in the sheet "B"`},
		"empty":                {[]any{"A", [][]any{}}, "", "", CodeEmptyFile, ""},
		"no rows":              {[]any{"A", [][]any{{"id", "name"}}}, "", "", CodeNoRows, ""},
		"no rows in one":       {[]any{"A", [][]any{{"id", "name"}}, "B", contacts}, "", "B", "", ""},
		"title above":          {[]any{"A", [][]any{{"Contacts of May"}, {"id", "name"}, {anID, "Home"}}}, "", "", CodeMissingColumns, "line 2 looks like"},
		"two columns of one":   {[]any{"A", [][]any{{"id", "phone", "email"}, {anID, 1, 2}}, "B", other}, "", "", CodeDuplicateColumns, `in the sheet "A"`},
		"refused or other":     {[]any{"A", [][]any{{"id", "phone", "email"}, {anID, 1, 2}}, "B", contacts}, "", "", CodeSeveralSheets, ""},
		"all hidden but other": {[]any{"!A", contacts, "B", other}, "", "", CodeMissingColumns, `"A" (hidden)`},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := Open(bytes.NewReader(workbook(t, c.sheets...)), Options{Sheet: c.sheet})
			if c.refused == "" {
				if err != nil || r.Info().Sheet != c.want {
					t.Errorf("read %v, %v", r, err)
				}
				return
			}
			e, ok := errors.AsType[*FileError](err)
			if !ok || e.Code != c.refused || !strings.Contains(e.Message+"; "+e.Hint, c.says) || e.Hint == "" {
				t.Errorf("got %v (%#v), want %s saying %s", err, e, c.refused, c.says)
			}
		})
	}
}

// TestLookAtWorkbook shows the columns of a sheet, and the sheets to choose from, of a workbook that is refused too.
func TestLookAtWorkbook(t *testing.T) {
	contacts := [][]any{{"id", "phone", "Land"}, {anID, 447911123456, "GB"}}
	data := workbook(t, "A", contacts, "B", [][]any{{"id", "name"}, {anID, "Home"}}, "!C", contacts)
	look, err := LookAt(bytes.NewReader(data), Options{})
	if err != nil || look.Refused.Code != CodeSeveralSheets || fmt.Sprint(look.Info.Sheets) != "[A B]" || look.Columns[0].Header != "id" {
		t.Errorf("two sheets: %+v, %v", look, err)
	}
	look, err = LookAt(bytes.NewReader(data), Options{Sheet: "a"})
	if err != nil || look.Refused != nil || look.Info.Sheet != "A" || fmt.Sprint(look.Rows) != "[["+anID+" 447911123456 GB]]" {
		t.Errorf("one: %+v, %v", look, err)
	}
}

// TestWorkbookInAStream is refused in words: a workbook's table of contents is at its end.
func TestWorkbookInAStream(t *testing.T) {
	_, err := Open(io.MultiReader(bytes.NewReader(workbook(t, "A", [][]any{{"id"}}))), Options{})
	if e, ok := errors.AsType[*FileError](err); !ok || e.Code != CodeNotCSV {
		t.Error(err)
	}
}

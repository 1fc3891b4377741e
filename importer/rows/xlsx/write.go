package xlsx

import (
	"archive/zip"
	"bytes"
	"embed"
	"encoding/xml"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Writer writes a workbook of one table, every cell of it text, also when a person types into one: Excel leaves the
// digits alone. The header is bold, stays in sight and can be filtered by. Nothing is kept but the first rows, by which
// the widths of the columns are chosen.
type Writer struct {
	zip     *zip.Writer
	sheet   io.Writer // nil before the sheet has begun
	first   [][]byte  // rows before that
	widths  []int
	rows    int
	line    bytes.Buffer
	column  int // that has choices
	choices []string
}

// constant are the parts that are the same in every workbook. Its second sheet is hidden and holds the choices.
//
//go:embed all:parts
var constant embed.FS

// The styles of cells, as styles.xml numbers them.
const (
	styleText   = 1
	styleHeader = 2
	styleMarked = 3
)

const (
	widthRows = 200    // rows by which the widths are chosen
	maxWidth  = 60     // of a column, in characters
	maxCell   = 32_767 // UTF-16 units of a cell, as in Excel
	noMark    = -1
)

// NewWriter begins a workbook.
func NewWriter(w io.Writer, header []string) (*Writer, error) {
	if len(header) > MaxColumns {
		return nil, tooLarge("a sheet has room for %d columns: write it as .csv", MaxColumns)
	}
	x := &Writer{zip: zip.NewWriter(w), widths: make([]int, len(header))}
	parts, err := fs.Sub(constant, "parts")
	if err == nil {
		err = x.zip.AddFS(parts)
	}
	if err == nil {
		err = x.add(header, styleHeader, noMark)
	}
	return x, err
}

// Offer gives a column, counted from 0, a drop-down of choices; other texts may be typed too. Only one column has one.
func (w *Writer) Offer(column int, choices []string) { w.column, w.choices = column, choices }

// Write adds a row.
func (w *Writer) Write(cells []string) error { return w.WriteMarked(cells, noMark) }

// WriteMarked adds a row in which a cell is coloured: the one in a column counted from 0, none for -1.
func (w *Writer) WriteMarked(cells []string, column int) error {
	return w.add(cells, styleText, column)
}

func (w *Writer) add(cells []string, style, marked int) error {
	if w.rows++; w.rows > maxRows {
		return tooLarge("a sheet has room for %d rows: write it as .csv", maxRows)
	}
	w.line.Reset()
	fmt.Fprintf(&w.line, `<row r="%d">`, w.rows)
	for i, text := range cells[:min(len(cells), len(w.widths))] {
		kind := style
		if i == marked {
			kind = styleMarked
		}
		writeCell(&w.line, columnName(i)+strconv.Itoa(w.rows), kind, text)
		if w.sheet == nil {
			w.widths[i] = max(w.widths[i], utf8.RuneCountInString(text))
		}
	}
	w.line.WriteString("</row>")
	if w.sheet != nil {
		_, err := w.sheet.Write(w.line.Bytes())
		return err
	}
	if w.first = append(w.first, bytes.Clone(w.line.Bytes())); len(w.first) < widthRows {
		return nil
	}
	return w.begin()
}

// writeCell writes a cell of text.
func writeCell(b *bytes.Buffer, place string, style int, text string) {
	fmt.Fprintf(b, `<c r="%s" s="%d"`, place, style)
	if text == "" {
		b.WriteString("/>")
		return
	}
	b.WriteString(` t="inlineStr"><is><t xml:space="preserve">`)
	_ = xml.EscapeText(b, []byte(escape(fitting(text)))) // a buffer refuses nothing
	b.WriteString("</t></is></c>")
}

// fitting is as much of a text as a cell holds.
func fitting(text string) string {
	if len(text) <= maxCell {
		return text
	}
	units := utf16.Encode([]rune(text))
	if len(units) <= maxCell {
		return text
	}
	return strings.TrimSuffix(string(utf16.Decode(units[:maxCell])), string(utf8.RuneError)) // not half a character
}

const sheetStart = xml.Header + `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">`

// begin writes the beginning of the sheet.
func (w *Writer) begin() error {
	var err error
	if w.sheet, err = w.zip.Create("xl/worksheets/sheet1.xml"); err != nil {
		return err
	}
	var b bytes.Buffer
	b.WriteString(sheetStart + `<sheetViews><sheetView tabSelected="1" workbookViewId="0">` +
		`<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>`)
	for i, n := range w.widths {
		const filter = 4 // as wide as the filter's button
		width := min(n, maxWidth) + filter
		fmt.Fprintf(&b, `<col min="%d" max="%[1]d" width="%d" style="%d" customWidth="1"/>`, i+1, width, styleText)
	}
	b.WriteString(`</cols><sheetData>`)
	for _, row := range w.first {
		b.Write(row)
	}
	w.first = nil
	_, err = b.WriteTo(w.sheet)
	return err
}

// Close completes the workbook.
func (w *Writer) Close() error {
	if w.sheet == nil {
		if err := w.begin(); err != nil {
			return err
		}
	}
	last := columnName(len(w.widths) - 1)
	end := fmt.Sprintf(`</sheetData><autoFilter ref="A1:%s%d"/>`, last, w.rows)
	if w.choices != nil {
		end += fmt.Sprintf(`<dataValidations count="1"><dataValidation type="list" allowBlank="1" sqref="%s2:%[1]s%d">`+
			`<formula1>Lists!$A$1:$A$%d</formula1></dataValidation></dataValidations>`,
			columnName(w.column), maxRows, len(w.choices))
	}
	// Excel warns of numbers that are text, cell by cell, unless it is told not to.
	end += fmt.Sprintf(`<ignoredErrors><ignoredError sqref="A1:%s%d" numberStoredAsText="1"/></ignoredErrors>`, last,
		maxRows) +
		`</worksheet>`
	if _, err := io.WriteString(w.sheet, end); err != nil {
		return err
	}
	lists, err := w.zip.Create("xl/worksheets/sheet2.xml")
	if err != nil {
		return err
	}
	if _, err := io.WriteString(lists, w.list()); err != nil {
		return err
	}
	return w.zip.Close()
}

// list is the sheet of the choices.
func (w *Writer) list() string {
	var b bytes.Buffer
	b.WriteString(sheetStart + `<sheetData>`)
	for i, choice := range w.choices {
		fmt.Fprintf(&b, `<row r="%d">`, i+1)
		writeCell(&b, "A"+strconv.Itoa(i+1), styleText, choice)
		b.WriteString(`</row>`)
	}
	return b.String() + `</sheetData></worksheet>`
}

package xlsx

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
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

// The styles of cells, as stylesXML numbers them.
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
	x := &Writer{zip: zip.NewWriter(w), widths: make([]int, len(header))}
	if len(header) > MaxColumns {
		return nil, tooLarge("a sheet has room for %d columns: write it as .csv", MaxColumns)
	}
	return x, x.add(header, styleHeader, noMark)
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
	if w.rows++; w.rows > MaxRows {
		return tooLarge("a sheet has room for %d rows: write it as .csv", MaxRows)
	}
	w.line.Reset()
	fmt.Fprintf(&w.line, `<row r="%d">`, w.rows)
	for i, text := range cells[:min(len(cells), len(w.widths))] {
		kind := style
		if i == marked {
			kind = styleMarked
		}
		writeCell(&w.line, ColumnName(i)+strconv.Itoa(w.rows), kind, text)
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

// fitting is as much of a text as a cell holds.
func fitting(text string) string {
	if len(text) <= maxCell {
		return text
	}
	units := utf16.Encode([]rune(text))
	text = string(utf16.Decode(units[:min(len(units), maxCell)]))
	if len(units) > maxCell {
		text = strings.TrimSuffix(text, string(utf8.RuneError)) // half a character
	}
	return text
}

// begin writes the beginning of the sheet.
func (w *Writer) begin() error {
	var err error
	if w.sheet, err = w.zip.Create("xl/worksheets/sheet1.xml"); err != nil {
		return err
	}
	const beyond = 4 // room for the button of the filter
	var cols strings.Builder
	for i, n := range w.widths {
		fmt.Fprintf(&cols, `<col min="%d" max="%[1]d" width="%d" style="%d" customWidth="1"/>`, i+1, min(n, maxWidth)+beyond, styleText)
	}
	fmt.Fprintf(w.sheet, xml.Header+`<worksheet xmlns="%s"><sheetViews><sheetView tabSelected="1" workbookViewId="0">`+
		`<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>%s</cols><sheetData>`, spaceMain, &cols)
	_, err = w.sheet.Write(bytes.Join(w.first, nil))
	w.first = nil
	return err
}

// Close completes the workbook.
func (w *Writer) Close() error {
	if w.sheet == nil {
		if err := w.begin(); err != nil {
			return err
		}
	}
	last, validations, lists := ColumnName(len(w.widths)-1), "", ""
	parts := [][2]string{
		{"xl/styles.xml", stylesXML},
		{"_rels/.rels", relationships("officeDocument=xl/workbook.xml")},
		{"[Content_Types].xml", contentTypes},
	}
	references := []string{"worksheet=worksheets/sheet1.xml", "styles=styles.xml"}
	if w.choices != nil {
		lists = `<sheet name="Lists" sheetId="2" state="hidden" r:id="rId3"/>`
		references = append(references, "worksheet=worksheets/sheet2.xml")
		parts = append(parts, [2]string{"xl/worksheets/sheet2.xml", w.list()})
		validations = fmt.Sprintf(`<dataValidations count="1"><dataValidation type="list" allowBlank="1" sqref="%s2:%[1]s%d">`+
			`<formula1>Lists!$A$1:$A$%d</formula1></dataValidation></dataValidations>`, ColumnName(w.column), MaxRows, len(w.choices))
	}
	parts = append(parts, [2]string{"xl/_rels/workbook.xml.rels", relationships(references...)}, [2]string{"xl/workbook.xml",
		`<workbook xmlns="` + spaceMain + `" xmlns:r="` + spaceRels + `"><sheets><sheet name="Contacts" sheetId="1" r:id="rId1"/>` + lists + `</sheets></workbook>`})
	if _, err := fmt.Fprintf(w.sheet, `</sheetData><autoFilter ref="A1:%s%d"/>%s<ignoredErrors><ignoredError sqref="A1:%[1]s%[4]d" numberStoredAsText="1"/></ignoredErrors></worksheet>`,
		last, w.rows, validations, MaxRows); err != nil {
		return err
	}
	for _, part := range parts {
		out, err := w.zip.Create(part[0])
		if err == nil {
			_, err = io.WriteString(out, xml.Header+part[1])
		}
		if err != nil {
			return err
		}
	}
	return w.zip.Close()
}

// list is the hidden sheet that the choices stand in.
func (w *Writer) list() string {
	var rows bytes.Buffer
	for i, choice := range w.choices {
		fmt.Fprintf(&rows, `<row r="%d">`, i+1)
		writeCell(&rows, fmt.Sprint("A", i+1), styleText, choice)
		rows.WriteString("</row>")
	}
	return `<worksheet xmlns="` + spaceMain + `"><sheetData>` + rows.String() + `</sheetData></worksheet>`
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

const (
	spaceMain = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	spaceRels = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	typeMain  = "application/vnd.openxmlformats-officedocument.spreadsheetml."

	stylesXML = `<styleSheet xmlns="` + spaceMain + `">` +
		`<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
		`<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>` +
		`<fill><patternFill patternType="solid"><fgColor rgb="FFFFC7CE"/></patternFill></fill></fills>` +
		`<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf xfId="0"/>` +
		`<xf numFmtId="49" applyNumberFormat="1" xfId="0"/><xf numFmtId="49" applyNumberFormat="1" fontId="1" applyFont="1" xfId="0"/>` +
		`<xf numFmtId="49" applyNumberFormat="1" fillId="2" applyFill="1" xfId="0"/></cellXfs></styleSheet>`

	contentTypes = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="` + typeMain + `worksheet+xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="` + typeMain + `sheet.main+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="` + typeMain + `styles+xml"/></Types>`
)

// relationships are references, each type=target, numbered from rId1 on.
func relationships(to ...string) string {
	var b strings.Builder
	b.WriteString(`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`)
	for i, t := range to {
		kind, target, _ := strings.Cut(t, "=")
		fmt.Fprintf(&b, `<Relationship Id="rId%d" Type="%s/%s" Target="%s"/>`, i+1, spaceRels, kind, target)
	}
	return b.String() + `</Relationships>`
}

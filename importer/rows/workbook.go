package rows

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"csvput/importer/rows/xlsx"
	"csvput/report/code"
	"csvput/report/human"
)

// zipMagic is how a workbook begins, like all ZIP archives.
const zipMagic = "PK\x03\x04"

// IsWorkbook reports whether a file that begins so is for Open an .xlsx workbook, or a ZIP archive that it refuses.
// Open needs it as an io.ReaderAt and io.Seeker, such as a file.
func IsWorkbook(head string) bool { return strings.HasPrefix(head, zipMagic) }

const (
	chunkCells = 16 << 10
	beside     = 50 // columns without a name that are looked at beside those of the header
)

// sheet is a sheet under way.
type sheet struct {
	name  string
	rows  *xlsx.Rows
	ahead []xlsx.Row // read and not in a chunk yet
}

// next is the next row that is not blank. At the end it is io.EOF.
func (s *sheet) next() (xlsx.Row, error) {
	for {
		row, err := s.rows.Next()
		row.Cells = slices.DeleteFunc(row.Cells, func(c xlsx.Cell) bool { return blank(c.Text) })
		if err != nil || len(row.Cells) > 0 {
			return row, err
		}
	}
}

// fill reads rows of a width ahead, as many as a chunk has.
func (s *sheet) fill(width int) error {
	for size := 0; size < chunkCells; {
		row, err := s.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		s.ahead = append(s.ahead, row)
		size += max(width, len(row.Cells))
		for _, c := range row.Cells {
			size += len(c.Text) / 64 // long texts count more
		}
	}
	return nil
}

// openWorkbook reads the table of contents, chooses the sheet and finds its header.
func (r *Reader) openWorkbook() error {
	file, ok := r.input.r.(interface {
		io.ReaderAt
		io.Seeker
	})
	if !ok || r.info.Gzip {
		return notCSV("a workbook, or another ZIP archive, in a pipe or inside a compressed file",
			"save it as a file of its own, and use that")
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	r.input.n.Store(0)
	book, err := xlsx.Open(r.input, size)
	if err != nil {
		return r.workbookError("", err)
	}
	r.info.Kind, r.info.Delimiter = KindWorkbook, ',' // as a failed.csv has it
	r.settle(&charset{name: nameUTF8})
	for _, s := range book.Sheets {
		if !s.Hidden {
			r.info.Sheets = append(r.info.Sheets, s.Name)
		}
	}
	sheets, err := r.candidates(book.Sheets)
	if err != nil {
		return err
	}
	return r.chooseSheet(book, sheets)
}

// candidates are the sheets that may be meant: the one that was asked for, or those that can be seen.
func (r *Reader) candidates(all []xlsx.Sheet) ([]xlsx.Sheet, error) {
	var sheets []xlsx.Sheet
	for _, s := range all {
		switch asked := r.options.Sheet; {
		case asked == "" && !s.Hidden, asked != "" && strings.EqualFold(trim(s.Name), trim(asked)):
			sheets = append(sheets, s)
		}
	}
	if len(sheets) > 0 {
		return sheets, nil
	}
	message := "no sheet of the workbook can be seen"
	if r.options.Sheet != "" {
		message = "the workbook has no sheet " + human.Quote(r.options.Sheet)
	}
	return nil, refusal(CodeUnknownSheet, 0, message, "name one of its sheets with --sheet: "+sheetNames(all))
}

// sheetNames lists sheets, the hidden ones as such.
func sheetNames(sheets []xlsx.Sheet) string {
	const most = 20
	var names []string
	for _, s := range sheets[:min(len(sheets), most)] {
		name := human.Quote(s.Name)
		if s.Hidden {
			name += " (hidden)"
		}
		names = append(names, name)
	}
	if len(sheets) > most {
		names = append(names, "...")
	}
	return strings.Join(names, ", ")
}

// sheetTrial is how a sheet does as contacts.
type sheetTrial struct {
	*sheet
	layout  *layout
	line    int        // of the header
	refused *FileError // nil if it can be read
}

// meant reports whether a sheet may be the one that is meant: one of contacts, though it may have to be refused.
func (t sheetTrial) meant() bool {
	others := []code.Code{CodeEmptyFile, CodeNoRows, CodeMissingColumns, CodeInvalidMap}
	return t.refused == nil || !slices.Contains(others, t.refused.Code)
}

// trySheet reads the beginning of a sheet and finds the header.
func (r *Reader) trySheet(book *xlsx.Book, s xlsx.Sheet) (sheetTrial, error) {
	t := sheetTrial{sheet: &sheet{name: s.Name}}
	var err error
	if t.rows, err = book.Rows(s); err != nil {
		return t, err
	}
	header, err := t.next()
	for err == nil && header.Number < r.options.HeaderLine {
		header, err = t.next()
	}
	if err == io.EOF {
		t.refused = r.noHeader()
		return t, nil
	}
	if err != nil {
		return t, err
	}
	t.line = header.Number
	named := lastColumn(header) + 1
	if err := t.fill(named + beside); err != nil {
		return t, err
	}
	width := named
	for _, row := range t.ahead {
		width = max(width, min(lastColumn(row)+1, named+beside))
	}
	width = min(width, xlsx.MaxColumns-3) // failed.xlsx has three more
	l := &layout{header: texts(nil, header, width), isCountry: r.options.IsCountry}
	for _, row := range t.ahead {
		l.sample, l.lines = append(l.sample, texts(nil, row, width)), append(l.lines, row.Number)
	}
	t.layout, t.refused = l, l.resolve(r.options.Map, t.line)
	switch {
	case t.refused == nil && len(t.ahead) == 0:
		t.refused = noRows(t.line)
	case t.refused != nil && t.refused.Code == CodeMissingColumns:
		for i := range min(headerBelow, len(t.ahead)) {
			if t.refused.headerAt(t.ahead[i].Number, l.sample[i]) {
				break
			}
		}
	}
	return t, nil
}

// lastColumn is where the last cell of a row stands that is not blank.
func lastColumn(row xlsx.Row) int { return row.Cells[len(row.Cells)-1].Column }

// chooseSheet takes the one sheet that holds contacts.
func (r *Reader) chooseSheet(book *xlsx.Book, sheets []xlsx.Sheet) error {
	var best sheetTrial
	names := sheetNames(book.Sheets)
	for _, s := range sheets {
		t, err := r.trySheet(book, s)
		if err != nil {
			return r.workbookError(s.Name, err)
		}
		switch {
		case best.sheet != nil && t.meant() && best.meant():
			r.info.Sheet = best.name
			r.look(best.layout, best.line)
			return refusal(CodeSeveralSheets, 0, "more than one sheet of the workbook could be meant: "+names,
				"say which one with --sheet")
		case best.sheet == nil, t.meant(), !best.meant() && best.refused.Code == CodeEmptyFile:
			best, t = t, best
		}
		if t.sheet != nil {
			_ = t.rows.Close() // it was only read
		}
	}
	r.sheet, r.info.Sheet = best.sheet, best.name
	if best.layout != nil {
		r.look(best.layout, best.line)
	}
	if best.refused != nil {
		if len(book.Sheets) > 1 {
			best.refused.Message = "in the sheet " + human.Quote(best.name) + " " + best.refused.Message
			best.refused.Hint += "; if another sheet is meant, name it with --sheet: " +
				strings.ReplaceAll(names, "%", "%%")
		}
		return best.refused
	}
	r.line = best.line + 1
	return r.useLayout(best.layout, best.line-max(1, r.options.HeaderLine))
}

// readSheet makes a chunk of the next rows.
func (r *Reader) readSheet() (*Chunk, error) {
	if len(r.sheet.ahead) == 0 {
		if err := r.sheet.fill(r.layout.width); err != nil {
			return nil, r.workbookError(r.sheet.name, err)
		}
	}
	rows := r.sheet.ahead
	if len(rows) == 0 {
		return nil, r.atEOF()
	}
	chunk := &Chunk{sheet: rows, line: r.line, after: rows[len(rows)-1].Number + 1, reader: r, charset: r.charset}
	r.sheet.ahead = nil
	r.line, r.seen = chunk.after, true
	return chunk, nil
}

// workbookError makes what is wrong with a workbook a FileError.
func (r *Reader) workbookError(sheet string, err error) error {
	if r.input.err != nil && r.input.err != io.EOF {
		return fmt.Errorf("reading the file: %w", r.input.err)
	}
	e, ok := errors.AsType[*xlsx.Error](err)
	if !ok {
		return err
	}
	refused := refusal(e.Code, e.Row, e.Message,
		"download or copy it again, or open it in Excel, save it again as .xlsx or CSV UTF-8, and use that file")
	switch e.Code {
	case xlsx.CodeTooLarge:
		refused.Hint = "copy the rows that are meant into a new workbook, or save them as CSV UTF-8"
	case xlsx.CodeNotWorkbook:
		refused.Code, refused.Hint = CodeNotCSV, hintUnpack
	case xlsx.CodeOther:
		refused.Code, refused.Hint = CodeNotCSV, hintExcel
	}
	if sheet != "" && e.Row > 0 {
		refused.Message = "sheet " + human.Quote(sheet) + ": " + refused.Message
	}
	return refused
}

// texts are the cells of a row as plain texts, in the memory of cells if that is enough.
func texts(cells []string, row xlsx.Row, width int) []string {
	cells = slices.Grow(cells[:0], width)[:width]
	clear(cells)
	for _, c := range row.Cells {
		if c.Column < width {
			cells[c.Column] = plainText(c)
		}
	}
	return cells
}

// plainText is a cell for a column in which every text is right. A number is written out.
func plainText(c xlsx.Cell) string {
	if digits, _, ok := c.Digits(); ok && c.Kind == xlsx.Number {
		return digits
	}
	return c.Text
}

// sheetRecords are the records of rows of a sheet. What stands beside the columns of the header is left out: a cell is
// where its place says, so that nothing can have slipped.
type sheetRecords struct {
	rows   []xlsx.Row
	line   int // of the row that was read last
	layout *layout
	cells  []string
}

func (s *sheetRecords) next() (record, error) {
	if len(s.rows) == 0 {
		return record{line: s.line + 1}, io.EOF
	}
	row, last := s.rows[0], s.line
	s.rows, s.line = s.rows[1:], row.Number
	s.cells = texts(s.cells, row, s.layout.width)
	n := row.Number
	return record{cells: s.cells, stored: row.Cells, line: n, end: n, above: n - last - 1, stray: -1, whole: true}, nil
}

// wrongCell is what is the matter with a cell that holds nothing that can be read.
var wrongCell = map[string]code.Code{
	FieldID: code.InvalidID, FieldName: code.InvalidName,
	FieldCountry: code.InvalidCountry, FieldType: code.InvalidType,
	FieldAccountUUIDs: code.InvalidAccountUUIDs, FieldPrimaryAccountUUIDs: code.InvalidAccountUUIDs,
}

// judge looks at a cell of a workbook that holds something else than text, if its column is used and nobody has
// corrected it.
func (l *layout) judge(row *Row, c xlsx.Cell) {
	if c.Kind == xlsx.Text || c.Column >= l.width || l.fields[c.Column] == "" || row.Raw[c.Column] != plainText(c) {
		return
	}
	field := l.fields[c.Column]
	problem := unreadable(c, field)
	if problem == nil && (field == FieldValue || field == FieldCurrentValue) {
		problem = noNumber(c)
	}
	if problem != nil {
		problem.Column = l.column(c.Column)
		if isKey(field) || field == FieldLastName {
			problem.Code = code.NoMatch
			problem.Message = "What stands in the column for " + field + " can't be compared with the CRM. " +
				problem.Message
		}
		row.Problems = append(row.Problems, *problem)
	} else if digits, added, _ := c.Digits(); c.Kind == xlsx.Number && added {
		row.Notes = append(row.Notes, code.Notef(code.RepairedFormat,
			"The cell holds the number %s, which its format %s shows as %s: that was taken.",
			c.Text, human.Quote(c.Format), digits))
	}
}

// unreadable is what is wrong with a cell that holds no value.
func unreadable(c xlsx.Cell, field string) *code.Problem {
	switch c.Kind {
	case xlsx.NoResult:
		return code.Problemf(cmp.Or(wrongCell[field], code.Formula),
			"The cell holds the formula %s and no result: open the workbook in Excel and save it, or put the value "+
				"there.",
			human.Quote(c.Text))
	case xlsx.Failure:
		return code.Problemf(cmp.Or(wrongCell[field], code.Placeholder),
			"The formula in the cell ends with the error %s.", human.Quote(c.Text))
	}
	return nil
}

// noNumber is why what a cell stores is no phone number, whatever its format shows.
func noNumber(c xlsx.Cell) *code.Problem {
	_, _, whole := c.Digits()
	switch {
	case c.Kind == xlsx.Date:
		return code.Problemf(code.NotANumber, "The cell holds the date %s, not a phone number.", c.Text)
	case c.Kind == xlsx.Bool:
		return code.Problemf(code.NotANumber, "The cell holds the truth value %s, not a phone number.", c.Text)
	case whole:
		return nil
	case c.TooLong():
		return code.Problemf(code.ExcelScientific,
			"The cell holds the number %s, and of more than 15 digits Excel loses the last: "+
				"format the column as Text first, then enter the number again.", c.Text)
	}
	return code.Problemf(code.NotANumber, "The cell holds the number %s, which is negative or has a fraction.", c.Text)
}

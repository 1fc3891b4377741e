package importer

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"

	"csvput/importer/rows"
	"csvput/report"
	"csvput/report/code"
	"csvput/report/formula"
	"csvput/report/safefile"
)

// failedRows writes failed.csv: the user's own columns as they were, then csvput_line, csvput_code and csvput_message.
// An undo has no such columns; its rows have those that an import takes.
type failedRows struct {
	w      io.Writer
	file   *safefile.File // what w is, where it is to be kept
	source io.Closer      // of in
	in     *rows.Reader   // nil for an undo
	at     rows.Row       // the last that was read from in
	layout *failedLayout
	line   []byte
	n      int
}

// createFailed begins a folder's failed.csv. original opens the file that the plan was made from; nil is none.
func createFailed(folder *report.Folder, original Source) (*failedRows, error) {
	file, err := folder.File(report.FailedName)
	if err != nil {
		return nil, err
	}
	f := &failedRows{w: file, file: file}
	if original != nil {
		if f.in, f.source, err = original(); err != nil {
			return nil, errors.Join(err, file.Discard())
		}
	}
	return f, nil
}

// commit keeps the file, and names it in the summary. One without rows is none, and one that was left earlier goes: its
// rows have got through since.
func (f *failedRows) commit(folder *report.Folder, s *report.Summary) error {
	if f.n == 0 {
		return folder.Remove(report.FailedName, report.FailedWorkbookName)
	}
	return f.layout.commit(folder, f.file, s.Name)
}

// close ends the reading, and drops a file that was not committed.
func (f *failedRows) close() {
	f.file.Discard()
	if f.source != nil {
		f.source.Close()
	}
}

// add writes the row's line, if it is a problem. The rows come in the order of the input.
func (f *failedRows) add(row report.Row) error {
	if !row.Problem() {
		return nil
	}
	cells := guard([]string{row.ID, row.Type, row.Name, row.Value, row.Country, row.AccountUUIDs,
		row.PrimaryAccountUUIDs})
	if f.in != nil {
		for f.at.Line < row.Line {
			var err error
			if f.at, err = f.in.Read(); err != nil {
				return err
			}
		}
		cells = f.at.Raw
	}
	if f.n++; f.n == 1 {
		f.layout = newFailedLayout(rows.Info{Header: exportHeader(), Delimiter: ',', Encoding: "UTF-8"})
		f.layout.undo = true
		if f.in != nil {
			f.layout = newFailedLayout(f.in.Info())
		}
		if err := f.layout.writeHeader(f.w); err != nil {
			return err
		}
	}
	f.line = f.layout.append(f.line[:0], cells, row)
	_, err := f.w.Write(f.line)
	return err
}

// failedLayout says how the user's own columns stand in failed.csv.
type failedLayout struct {
	info rows.Info
	undo bool
	keep []int // the user's columns; those of an earlier failed.csv are left out

	line  bytes.Buffer         // that is being made
	cells *csv.Writer          // of line
	hints map[code.Code]string // of the codes so far
}

func newFailedLayout(info rows.Info) *failedLayout {
	l := &failedLayout{info: info, hints: map[code.Code]string{}}
	l.cells = rows.NewWriter(&l.line, info.Delimiter, false)
	for i := range info.Header {
		if !info.Ours(i) {
			l.keep = append(l.keep, i)
		}
	}
	return l
}

// writeHeader writes the first line.
func (l *failedLayout) writeHeader(w io.Writer) error {
	var header []string
	for _, i := range l.keep {
		header = append(header, l.info.Header[i])
	}
	out := rows.NewWriter(w, l.info.Delimiter, l.info.Marked())
	if err := out.Write(append(header, failedColumns()...)); err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// append adds a row's line: its cells as they were, and what was wrong with it.
func (l *failedLayout) append(dst []byte, raw []string, row report.Row) []byte {
	cells := make([]string, 0, len(raw)+3)
	for _, i := range l.keep {
		if i < len(raw) {
			cells = append(cells, raw[i])
		} else {
			cells = append(cells, "")
		}
	}
	if wide := len(l.info.Header); len(raw) > wide {
		cells = append(cells, raw[wide:]...) // a row with too many cells loses none of them
	}
	if l.info.Kind == rows.KindWorkbook {
		cells = guard(cells) // there it was text, whatever it looks like
	}
	l.line.Reset()
	l.cells.Write(append(cells, l.ours(row)...)) // a buffer refuses nothing
	l.cells.Flush()
	return append(dst, l.line.Bytes()...)
}

// guard makes cells safe to open in a spreadsheet.
func guard(cells []string) []string {
	for i := range cells {
		cells[i] = formula.Guard(cells[i])
	}
	return cells
}

func failedColumns() []string { return []string{"csvput_line", "csvput_code", "csvput_message"} }

// ours are the cells of csvput's own columns.
func (l *failedLayout) ours(row report.Row) []string {
	hint, known := l.hints[row.Code]
	if !known {
		hint = row.Code.Hint()
		if l.undo && row.Code == code.ChangedSince {
			hint = "Look at the record in the CRM." // an undo overwrites nothing
		}
		l.hints[row.Code] = hint
	}
	message := row.Message
	if hint != "" {
		message += " " + hint
	}
	return []string{strconv.Itoa(row.Line), string(row.Code), formula.Guard(message)}
}

// commit completes failed.csv, and where the input was a workbook writes failed.xlsx, in which the cells that were
// refused are coloured. named is told what the two are called.
func (l *failedLayout) commit(folder *report.Folder, file *safefile.File, named func(file, name string)) error {
	if err := file.Commit(); err != nil {
		return err
	}
	named("failed", file.Name())
	if l.info.Kind != rows.KindWorkbook {
		return nil
	}
	name, err := workbook(folder, file.Name(), report.FailedWorkbookName, func(cells []string) int {
		return l.column(code.Code(cells[len(cells)-2]), cells[len(cells)-1])
	})
	named(report.FailedWorkbookName, name)
	return err
}

// column is where the cell stands that a problem is about, -1 when it is about none.
func (l *failedLayout) column(problem code.Code, message string) int {
	field := rows.FieldValue
	switch problem {
	case code.MissingID, code.InvalidID, code.DuplicateID, code.NotFound:
		field = rows.FieldID
	case code.InvalidCountry:
		field = rows.FieldCountry
	case code.InvalidType:
		field = rows.FieldType
	case code.InvalidName, code.NameTooLong:
		field = rows.FieldName
	case code.NoMatch, code.OtherRecord:
		field = firstKey(message)
	case code.InvalidAccountUUIDs:
		field = cmp.Or(firstKey(message), rows.FieldAccountUUIDs)
	case code.NotANumber, code.Ambiguous, code.TooShort, code.TooLong, code.InvalidLength, code.InvalidForCountry,
		code.LocalOnly, code.LettersInNumber, code.MultipleNumbers, code.MaskedDigits, code.Extension,
		code.ExcelScientific, code.Placeholder, code.Formula,
		code.InvalidEmail, code.MultipleEmails, code.EmailDisplayName, code.TypeMismatch:
	default:
		return -1
	}
	for at, i := range l.keep {
		if l.info.Fields[i] == field && field != "" {
			return at
		}
	}
	return -1
}

// firstKey is the field that a message names first of those that say whose a row is, "" when it names none.
func firstKey(message string) (field string) {
	first := len(message)
	for _, key := range rows.Keys() {
		if at := strings.Index(message, key); at >= 0 && at < first {
			field, first = key, at
		}
	}
	return field
}

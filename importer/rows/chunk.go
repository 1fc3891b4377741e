package rows

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/gocarina/gocsv"

	"csvput/importer/rows/xlsx"
	"csvput/report/code"
	"csvput/report/formula"
	"csvput/report/human"
)

// Chunk is a piece of the file: whole records.
type Chunk struct {
	text    string     // not decoded if the charset has one byte a character
	sheet   []xlsx.Row // the same of a workbook; not empty
	line    int        // physical line on which it begins
	after   int        // physical line of what comes after it
	odd     bool       // it may need repair
	reader  *Reader
	charset *charset
	limit   int   // rows to return; 0 means all
	kept    []Row // parsed already, for the limit
}

// Rows decodes the records of the chunk, blank ones left out. It is called once, in any goroutine, at the same time
// as Rows of other chunks and as [Reader.Chunk].
func (c *Chunk) Rows() ([]Row, error) {
	if c.kept != nil {
		return c.kept, nil
	}
	b := &batch{Chunk: c, records: c.records()}
	b.certain = c.sheet == nil && firstNonASCII(c.text) < 0 && strings.IndexByte(c.text, 0) < 0
	var cells []cellsOf
	if err := gocsv.UnmarshalCSV(b, &cells); err != nil {
		return nil, fmt.Errorf("decoding the rows from line %d on: %w", c.line, err)
	}
	for i := range b.rows {
		if cells[i].Cells != nil {
			b.rows[i].Cells = *cells[i].Cells
		}
		if c.reader.layout.report {
			b.rows[i].unguard()
		}
	}
	c.reader.rows.Add(int64(len(b.rows)))
	c.reader.blank.Add(int64(b.blank))
	return b.rows, nil
}

// records are the chunk's records.
func (c *Chunk) records() recordReader {
	if c.sheet != nil {
		return &sheetRecords{rows: c.sheet, line: c.line - 1, layout: c.reader.layout}
	}
	return newRecords(c.charset.decode(c.text), c.reader.layout.delim, c.line, c.odd)
}

// hasRow reports whether some record is not blank.
func (c *Chunk) hasRow() bool {
	in := c.records()
	for {
		rec, err := in.next()
		if err != nil || !allBlank(rec.cells) {
			return err == nil
		}
	}
}

// batch is a chunk as gocsv reads it. It implements gocsv.CSVReader, and keeps what gocsv has no place for.
type batch struct {
	*Chunk
	records recordReader
	certain bool     // no character of the text can have been decoded wrongly
	header  []string // as gocsv is given it; nil before
	rows    []Row    // without their Cells
	cells   []string // of the rows, one after the other
	blank   int
}

// Read returns the names of our fields as the header, then each record that is a row, as far as its columns are used.
func (b *batch) Read() ([]string, error) {
	l, from := b.reader.layout, b.reader.options.FromLine
	if b.header == nil {
		used := len(l.fields)
		for used > 0 && l.fields[used-1] == "" {
			used--
		}
		b.header = l.fields[:used]
		return b.header, nil
	}
	for b.limit == 0 || len(b.rows) < b.limit {
		rec, err := b.records.next()
		b.blank += max(0, min(rec.above, rec.line-from))
		if err != nil {
			return nil, err
		}
		switch {
		case rec.line < from:
		case allBlank(rec.cells):
			b.blank++
		default:
			corrections := b.reader.options.Corrections[rec.line]
			if corrections[FieldWhole].After != "" {
				rec.cells, rec.stray = fit(rec.cells, l.width), -1
			}
			at, whole := len(b.cells), rec.stray < 0 && len(rec.cells) == l.width
			b.cells = append(b.cells, rec.cells...)
			if whole {
				b.cells = append(b.cells, make([]string, len(l.header)-l.width)...)
			}
			rec.cells = b.cells[at:len(b.cells):len(b.cells)]
			row := Row{Line: rec.line, Raw: rec.cells, LeftOut: corrections[FieldSkip].After != ""}
			if whole {
				l.correct(rec.cells, corrections)
				for _, c := range rec.stored {
					l.judge(&row, c)
				}
			} else {
				row.Problems = l.broken(rec)
			}
			if !b.certain {
				row.Problems = l.undecodable(row.Problems, rec.cells, b.charset)
			}
			b.rows = append(b.rows, row)
			return rec.cells[:min(len(rec.cells), len(b.header))], nil
		}
	}
	return nil, io.EOF
}

// ReadAll returns what Read does until the end.
func (b *batch) ReadAll() ([][]string, error) {
	// Nearly every row has an id, so it is hardly ever shorter than 32 bytes.
	estimate := min(b.after-b.line, len(b.text)/32) + 1
	room := min(estimate*len(b.reader.layout.header), len(b.text)+estimate)
	if b.sheet != nil {
		estimate = len(b.sheet)
		room = estimate * len(b.reader.layout.header)
	}
	all := make([][]string, 0, estimate+1)
	b.rows = make([]Row, 0, estimate)
	b.cells = make([]string, 0, room)
	for {
		rec, err := b.Read()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, rec)
	}
}

// cellsOf are a row's cells as gocsv makes them: it makes two values for each row and copies one, so they are small.
type cellsOf struct{ *Cells }

// UnmarshalCSVWithFields takes a cell from gocsv. By tags and reflection, gocsv allocates for every cell, which makes
// a whole check 5 % slower.
func (c *cellsOf) UnmarshalCSVWithFields(field, cell string) error {
	if c.Cells == nil {
		c.Cells = new(Cells)
	}
	c.set(field, cell)
	return nil
}

// set puts a cell into its column.
func (c *Cells) set(field, cell string) {
	switch field {
	case FieldID:
		c.ID = cell
	case FieldName:
		c.Name = cell
	case FieldValue:
		c.Value = cell
	case FieldCountry:
		c.Country = cell
	case FieldAccountUUIDs:
		c.AccountUUIDs = cell
	case FieldPrimaryAccountUUIDs:
		c.PrimaryAccountUUIDs = cell
	case FieldType:
		c.Type = cell
	case FieldCurrentValue:
		c.CurrentValue = cell
	case FieldClientUUID:
		c.ClientUUID = cell
	case FieldClientEmail:
		c.ClientEmail = cell
	case FieldClientName:
		c.ClientName = cell
	case FieldFirstName:
		c.FirstName = cell
	case FieldLastName:
		c.LastName = cell
	}
}

// broken describes a record that is not as wide as the header or has a quote out of place.
func (l *layout) broken(rec record) []code.Problem {
	raw := rec.cells
	var problems []code.Problem
	if rec.stray >= 0 {
		problems = append(problems, code.Problem{
			Code:    code.StrayQuote,
			Message: "A quotation mark is out of place in the cell " + human.Quote(raw[rec.stray]) + ".",
			Column:  l.column(rec.stray),
		})
	}
	if len(raw) != l.width {
		message := fmt.Sprintf("The row has %s where the header has %d", count(len(raw), "cell"), l.width)
		if rec.end > rec.line {
			message += fmt.Sprintf("; it goes on to line %d", rec.end)
		}
		problems = append(problems, code.Problem{Code: code.RaggedRow, Message: message + "."})
	}
	return problems
}

// undecodable adds a problem for each cell of a known column whose characters are not certain. Ignored columns are
// never sent, so they may hold what they like.
func (l *layout) undecodable(problems []code.Problem, raw []string, cs *charset) []code.Problem {
	for i, cell := range raw {
		if i >= len(l.fields) || l.fields[i] == "" {
			continue
		}
		r, found := cs.undecodable(cell)
		if !found {
			continue
		}
		why := fmt.Sprintf("holds %q, which looks wrong read as %s", r, cs.name)
		switch {
		case r == 0:
			why = "holds a zero byte"
		case r == utf8.RuneError:
			why = "holds characters that cannot be read as " + cs.name
		case r < 0xa0:
			why = fmt.Sprintf("holds U+%04X, which is no character of text", r)
		}
		problems = append(problems, code.Problem{
			Code:    code.BadEncoding,
			Message: "The cell " + human.Quote(cell) + " " + why + ".",
			Column:  l.column(i),
		})
	}
	return problems
}

// column returns the user's name of a column.
func (l *layout) column(i int) string {
	if i >= len(l.header) {
		return ""
	}
	return l.header[i]
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// unguard takes away the apostrophe that a report of ours puts before cells that a spreadsheet could run as a
// formula. Names are left to ParseName, which does so for every file.
func (c *Cells) unguard() {
	for _, s := range []*string{&c.ID, &c.Value, &c.Country, &c.AccountUUIDs, &c.PrimaryAccountUUIDs, &c.Type} {
		*s = formula.Unguard(*s)
	}
}

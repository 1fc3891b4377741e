package rows

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/gocarina/gocsv"

	"csvput/report/code"
	"csvput/report/formula"
	"csvput/report/human"
)

// Chunk is a piece of the file: whole records.
type Chunk struct {
	text    string // not decoded if the charset has one byte a character
	line    int    // physical line on which it begins
	after   int    // physical line of what comes after it
	reader  *Reader
	charset *charset
	limit   int   // rows to return; 0 means all
	kept    []Row // parsed already, for the limit
	counted atomic.Bool
}

// Rows decodes the records of the chunk, blank ones left out. It may run in any goroutine, at the
// same time as Rows of other chunks and as [Reader.Chunk].
func (c *Chunk) Rows() []Row {
	if c.kept != nil {
		return c.kept
	}
	rows, table, blank := c.split()
	if c.counted.CompareAndSwap(false, true) {
		c.reader.rows.Add(int64(len(rows)))
		c.reader.blank.Add(int64(blank))
	}
	c.decode(rows, table)
	return rows
}

// hasRow reports whether some record is not blank.
func (c *Chunk) hasRow() bool {
	s := newSplitter(c.charset.decode(c.text), c.reader.layout.delim, c.line)
	var cells []string
	for s.more() {
		if cells, _ = s.next(cells[:0]); !allBlank(cells) {
			return true
		}
	}
	return false
}

// table hands records to gocsv, the header first.
type table [][]string

// GetCSVRows implements gocsv.Decoder.
func (t table) GetCSVRows() ([][]string, error) { return t, nil }

// split cuts the text into rows without their Cells, and the table to decode those from.
func (c *Chunk) split() (rows []Row, records table, blank int) {
	l := c.reader.layout
	text := c.charset.decode(c.text)
	ascii := firstNonASCII(text) < 0 && strings.IndexByte(text, 0) < 0
	s := newSplitter(text, l.delim, c.line)

	// A row has an id, so it is hardly ever shorter than 32 bytes.
	estimate := min(c.after-c.line, len(text)/32) + 1
	rows = make([]Row, 0, estimate)
	records = append(make(table, 0, estimate+1), l.decodable())
	cells := make([]string, 0, min(estimate*len(l.header), len(text)+estimate))
	for s.more() && (c.limit == 0 || len(rows) < c.limit) {
		var rec record
		first := len(cells)
		cells, rec = s.next(cells)
		raw := cells[first:len(cells):len(cells)]
		if rec.line < c.reader.options.FromLine {
			cells = cells[:first]
			continue
		}
		if allBlank(raw) {
			cells = cells[:first]
			blank++
			continue
		}
		row := Row{Line: rec.line, Raw: raw}
		if rec.stray >= 0 || len(raw) != len(l.header) {
			row.Problems = l.broken(raw, rec)
		}
		if !ascii {
			row.Problems = l.undecodable(row.Problems, raw, c.charset)
		}
		rows = append(rows, row)
		records = append(records, raw[:min(len(raw), len(records[0]))])
	}
	return rows, records, blank
}

// decode lets gocsv fill the Cells of the rows by the names of the columns.
func (c *Chunk) decode(rows []Row, records table) {
	cells := make([]Cells, len(rows))
	err := gocsv.UnmarshalDecoder(records, &cells)
	for i := range rows {
		rows[i].Cells = cells[i]
		if err != nil {
			rows[i].Problems = append(rows[i].Problems, code.Problem{Code: code.RaggedRow, Message: "The row could not be decoded: " + human.Quote(err.Error()) + "."})
		}
		if c.reader.layout.report {
			rows[i].unguard()
		}
	}
}

// decodable is the header that gocsv sees: our field names, and for ignored columns names that are
// none of its tags, up to the last column that is not ignored.
func (l *layout) decodable() []string {
	last := len(l.fields)
	for last > 0 && l.fields[last-1] == "" {
		last--
	}
	names := slices.Clone(l.fields[:last])
	for i, name := range names {
		if name == "" {
			names[i] = fmt.Sprintf("column %d", i+1)
		}
	}
	return names
}

// broken describes a record that is not as wide as the header or has a quote out of place.
func (l *layout) broken(raw []string, rec record) []code.Problem {
	var problems []code.Problem
	if rec.stray >= 0 {
		problems = append(problems, code.Problem{
			Code:    code.StrayQuote,
			Message: "A quotation mark is out of place in the cell " + human.Quote(raw[rec.stray]) + ".",
			Column:  l.column(rec.stray),
		})
	}
	if len(raw) != len(l.header) {
		message := fmt.Sprintf("The row has %s where the header has %d", count(len(raw), "cell"), len(l.header))
		if rec.end > rec.line {
			message += fmt.Sprintf("; it goes on to line %d", rec.end)
		}
		problems = append(problems, code.Problem{Code: code.RaggedRow, Message: message + "."})
	}
	return problems
}

// undecodable adds a problem for each cell of a known column whose characters are not certain.
// Ignored columns are never sent, so they may hold what they like.
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

// unguard takes away the apostrophe that a report of ours puts before cells that a spreadsheet
// could run as a formula. Names are left to ParseName, which does so for every file.
func (c *Cells) unguard() {
	for _, s := range []*string{&c.ID, &c.Value, &c.Country, &c.AccountUUIDs, &c.PrimaryAccountUUIDs, &c.Type} {
		*s = formula.Unguard(*s)
	}
}

package rows

import (
	"encoding/csv"
	"fmt"
	"strings"

	"csvput/importer/rows/xlsx"
	"csvput/report/human"
)

// The rows are read by gocsv on top of encoding/csv. This file is what those two can't do:
//
//   - cut finds the places where a piece of the file may end, so that pieces are read in parallel, and finds
//     quotation marks that swallow rows. It jumps from mark to mark, in a twentieth of the time that reading takes,
//     or a quarter where every cell is quoted (BenchmarkChunk and BenchmarkRows): one reader feeds all processors.
//   - repair writes what encoding/csv refuses or changes in RFC 4180: quotation marks out of place, at which it
//     gives up the rest of the file; lone CRs, which it takes for text; CRLF in a quoted cell, which it makes LF.
//   - records knows the physical line of each record, and which of its cells was repaired.

// marked is a cell with quotation marks. A mark is in place at the very beginning of a cell, doubled inside such a
// cell, and at its very end.
type marked struct {
	begin, end int
	closing    int  // where the mark is that closes the cell, or -1
	bare       bool // it does not begin with one
	stray      bool // a mark is out of place: all of the cell is text
}

// unclosed reports a cell whose opening mark nothing closes.
func (m marked) unclosed() bool { return m.closing < 0 && !m.bare }

// nextMarked finds the first cell with quotation marks at or behind from, where a cell begins or ends.
func nextMarked(text string, from int, delim byte) (c marked, found bool) {
	q := strings.IndexByte(text[from:], '"')
	if q < 0 {
		return marked{}, false
	}
	q += from
	if q > 0 && !endsCell(text[q-1], delim) {
		begin := from + strings.LastIndexAny(text[from:q], "\r\n"+string(rune(delim))) + 1
		return marked{begin: begin, end: cellEnd(text, q, delim), closing: -1, bare: true, stray: true}, true
	}
	for end := q + 1; ; end += 2 {
		n := strings.IndexByte(text[end:], '"')
		if n < 0 {
			return marked{begin: q, end: len(text), closing: -1, stray: true}, true
		}
		end += n
		if end+1 == len(text) || endsCell(text[end+1], delim) {
			return marked{begin: q, end: end + 1, closing: end}, true
		}
		if text[end+1] != '"' {
			return marked{begin: q, end: cellEnd(text, end, delim), closing: end, stray: true}, true
		}
	}
}

func endsCell(c, delim byte) bool { return c == delim || c == '\n' || c == '\r' }

func cellEnd(text string, from int, delim byte) int {
	if n := strings.IndexAny(text[from:], "\r\n"+string(rune(delim))); n >= 0 {
		return from + n
	}
	return len(text)
}

// cutter cuts text at the ends of records. In the encodings that get this far, quotes, line ends and delimiters are
// the bytes that they are in ASCII.
type cutter struct {
	delim byte
	// width and key are the number of columns and the place of a column of data, by which whole records inside a
	// quoted cell are recognised.
	width, key int
}

// piece is where a text may be cut.
type piece struct {
	length int  // of the whole records at the beginning of the text, as many as there are
	open   int  // when there is none, where the quotation mark is that is open at the end of the text, or -1
	odd    bool // there are cells that repair may have to do with
}

// cut finds where text may be cut. eof says that no text follows: then it is all one piece.
func (c cutter) cut(text string, eof bool) (piece, *FileError) {
	p := piece{open: -1}
	before := 0 // cells of the same record before the cell that is looked at
	for at := 0; ; {
		m, found := nextMarked(text, at, c.delim)
		gap := text[at:]
		if found {
			gap = text[at:m.begin]
		} else if !eof {
			gap = strings.TrimSuffix(gap, "\r") // it may be half a line end
		}
		if end := lineEnd(gap); end > 0 {
			p.length, gap, before = at+end, gap[end:], 0
		}
		before += strings.Count(gap, string(rune(c.delim)))
		switch {
		case !found && eof:
			p.length = len(text)
			return p, nil
		case !found:
			return p, nil
		case m.bare:
			p.odd = true
		case m.unclosed() && eof:
			return p, unclosed(text, m.begin, neverClosed)
		case m.unclosed(), m.closing == len(text)-1 && !eof: // it may be the first of a pair
			p.open = m.begin
			return p, nil
		case strings.IndexByte(text[m.begin:m.closing], '\n') >= 0,
			strings.IndexByte(text[m.begin:m.closing], '\r') >= 0:
			p.odd = true
			if err := c.suspect(text, m, before); err != nil {
				return p, err
			}
		case m.stray:
			p.odd = true
		}
		at = m.end
	}
}

// suspect judges a quoted cell of several lines: was its opening quotation mark a stray one, so that it has swallowed
// rows up to the next mark of the file? That is so if more text follows the closing one, or if one of the lines has a
// uuid exactly where the id column is, or, without ids, other data where such data are. before is the number of cells
// before this one.
func (c cutter) suspect(text string, m marked, before int) *FileError {
	if m.stray {
		return unclosed(text, m.begin,
			fmt.Sprintf("a quotation mark opens a cell here, and the next one that could close it, %d lines further "+
				"down, stands in the middle of a cell",
				countBreaks(text[m.begin:m.closing])))
	}
	lines := strings.Split(lineFeeds(text[m.begin+1:m.closing]), "\n")
	for i, line := range lines {
		cells := strings.Split(line, string(rune(c.delim)))
		at, whole := c.key, len(cells) == c.width
		switch i {
		case 0: // the rest of the line on which the cell begins
			at, whole = c.key-before, before+len(cells) == c.width && c.key > before
		case len(lines) - 1: // up to the mark in the middle of a record
			whole = at < len(cells)-1 && len(cells) <= c.width
		}
		if whole && at >= 0 && looksLikeData(cells[at]) {
			return unclosed(text, m.begin,
				fmt.Sprintf("a quotation mark opens a cell here that ends only %d lines further down and has whole "+
					"rows in it, such as %s",
					len(lines)-1, human.Quote(line)))
		}
	}
	return nil
}

const (
	neverClosed = "a quotation mark opens a cell here and never closes: it would swallow the rest of the file"
	hintQuote   = `remove the quotation mark on that line or close it; inside a quoted cell it is written twice ("")`
)

// unclosed is the error for a quotation mark that swallows what follows it.
func unclosed(text string, open int, message string) *FileError {
	return refusal(CodeUnclosedQuote, 1+countBreaks(text[:open]), message, hintQuote)
}

// lineEnd returns the end of the last line end in text, or 0.
func lineEnd(text string) int {
	for i := len(text) - 1; i >= 0; i-- {
		if text[i] == '\n' || text[i] == '\r' {
			return i + 1
		}
	}
	return 0
}

// lineStart returns where line n of text begins, counted from 0, or the end of text.
func lineStart(text string, n int) int {
	at := 0
	for ; n > 0; n-- {
		i := strings.IndexAny(text[at:], "\r\n")
		if i < 0 {
			return len(text)
		}
		if at += i + 1; text[at-1] == '\r' && strings.HasPrefix(text[at:], "\n") {
			at++
		}
	}
	return at
}

// lineFeeds makes every line end LF.
func lineFeeds(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
}

// countBreaks counts the line ends in text: LF, CRLF and lone CR, each as one.
func countBreaks(text string) int {
	return strings.Count(text, "\n") + loneCRs(text)
}

func loneCRs(text string) int {
	if n := strings.Count(text, "\r"); n > 0 {
		return n - strings.Count(text, "\r\n")
	}
	return 0
}

// record is a record of the file.
type record struct {
	cells []string
	line  int  // physical line on which it begins
	end   int  // physical line on which it ends
	above int  // empty lines between it and the record above it
	stray int  // index of the first cell with a quotation mark out of place, or -1
	open  int  // physical line of a mark that never closes, or 0
	whole bool // a line end follows: it was not cut off by the end of the text

	stored []xlsx.Cell // of a workbook
}

// recordReader reads records, of text or of a sheet. At the end it is io.EOF.
type recordReader interface{ next() (record, error) }

// records reads the records of a text, empty lines left out.
type records struct {
	csv      *csv.Reader
	text     string // repaired
	cr       bool   // it has CRs
	strays   []int  // where in it cells begin that had a mark out of place
	open     int    // physical line of a mark that never closes, or 0
	line     int    // what the line that encoding/csv counts lacks to the physical one
	offset   int    // where in the text the next record or empty line begins
	nextLine int    // its line as encoding/csv counts
}

// newRecords reads text. line is the physical line on which it begins; odd that it may need repair.
func newRecords(text string, delim byte, line int, odd bool) *records {
	r := &records{text: text, line: line - 1, nextLine: 1}
	if odd {
		r.repair(text, delim)
	}
	r.cr = strings.IndexByte(r.text, '\r') >= 0
	r.csv = csv.NewReader(strings.NewReader(r.text))
	r.csv.Comma, r.csv.FieldsPerRecord, r.csv.ReuseRecord = rune(delim), -1, true
	return r
}

// repair writes text as encoding/csv is to have it.
func (r *records) repair(text string, delim byte) {
	lone, cr := loneCRs(text) > 0, strings.IndexByte(text, '\r') >= 0
	var b strings.Builder
	done := 0 // so much of text is in b
	change := func(begin, end int, to string) {
		if to != text[begin:end] {
			b.WriteString(text[done:begin])
			b.WriteString(to)
			done = end
		}
	}
	for at := 0; at < len(text); {
		m, found := nextMarked(text, at, delim)
		if !found {
			m.begin, m.end = len(text), len(text)
		}
		if lone {
			change(at, m.begin, lineFeeds(text[at:m.begin]))
		}
		cell := text[m.begin:m.end]
		if m.stray {
			r.strays = append(r.strays, b.Len()+m.begin-done)
			cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
		if m.unclosed() && found {
			r.open = r.line + 1 + countBreaks(text[:m.begin])
		}
		if cr {
			cell = strings.ReplaceAll(cell, "\r\n", "\r\r\n")
		}
		change(m.begin, m.end, cell)
		at = m.end
	}
	b.WriteString(text[done:])
	r.text = b.String()
}

// next returns the next record; its cells are good until the next call. The error is io.EOF at the end; then the
// record is what comes after the text.
func (r *records) next() (record, error) {
	cells, err := r.csv.Read()
	if err != nil {
		above := strings.Count(r.text[r.offset:], "\n")
		return record{line: r.line + r.nextLine + above, above: above}, err
	}
	first, _ := r.csv.FieldPos(0)
	last, _ := r.csv.FieldPos(len(cells) - 1)
	rec := record{cells: cells, line: r.line + first, above: first - r.nextLine, stray: -1}
	end := int(r.csv.InputOffset())
	if len(r.strays) > 0 && r.strays[0] < end {
		rec.stray = r.cellAt(r.strays[0])
		for len(r.strays) > 0 && r.strays[0] < end {
			r.strays = r.strays[1:]
		}
	}
	if end == len(r.text) {
		rec.open = r.open
	}
	if r.cr {
		for _, cell := range cells { // in cells, encoding/csv counts LFs only
			r.line += loneCRs(cell)
		}
	}
	last += strings.Count(cells[len(cells)-1], "\n")
	rec.end = r.line + last
	rec.whole = r.text[end-1] == '\n'
	r.offset, r.nextLine = end, last+1
	return rec, nil
}

// cellAt returns which cell of the record that was read last begins at an offset.
func (r *records) cellAt(offset int) int {
	line := r.nextLine + strings.Count(r.text[r.offset:offset], "\n")
	column := offset - strings.LastIndexByte(r.text[:offset], '\n')
	for i := 0; ; i++ {
		if l, c := r.csv.FieldPos(i); l == line && c == column {
			return i
		}
	}
}

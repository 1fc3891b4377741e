package report

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"

	"csvput/report/code"
)

// errTorn is returned by a scanner for a last record without its newline.
var errTorn = errors.New("the last line is incomplete")

// errQuote is returned by a scanner for a record that a stray quotation mark has made of several, with as much of it
// as was read.
var errQuote = errors.New("a quotation mark is wrong")

// scanner cuts a report into records: a record ends at the first newline outside quotation marks. It
// looks at nothing else, so it is fast, and it knows where each record begins.
type scanner struct {
	r     *bufio.Reader
	rec   []byte
	off   int64 // of the next record
	lines int   // line breaks before the next record
	first int   // physical line on which the record last returned begins
}

const scanBuffer = 64 << 10

// maxRecord is how long a record can be. The longest row that csvput writes is far shorter.
const maxRecord = 16 << 20

func newScanner(r io.Reader) *scanner { return &scanner{r: bufio.NewReaderSize(r, scanBuffer)} }

// next returns the next record, with its newline, and where it begins. The record is valid until the next call.
// The error is io.EOF after the last record, errTorn with the rest of the input when it has no final newline,
// or the reader's.
func (s *scanner) next() (rec []byte, off int64, err error) {
	for {
		rec, off, err = s.record()
		if string(rec) != "\n" && string(rec) != "\r\n" { // a blank line is no record
			return rec, off, err
		}
	}
}

// record returns what next does, blank lines included.
func (s *scanner) record() (rec []byte, off int64, err error) {
	off, s.first = s.off, s.lines+1
	s.rec = s.rec[:0]
	open := false // inside quotation marks
	for {
		piece, err := s.r.ReadSlice('\n')
		s.off += int64(len(piece))
		open = open != (bytes.Count(piece, quote)%2 == 1)
		if err == nil {
			s.lines++
		}
		if err == nil && !open {
			if len(s.rec) == 0 {
				return piece, off, nil
			}
			s.rec = append(s.rec, piece...)
			return s.rec, off, nil
		}
		s.rec = append(s.rec, piece...)
		switch {
		case len(s.rec) > maxRecord:
			return s.rec, off, errQuote
		case err == nil, errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(s.rec) == 0:
			return nil, off, io.EOF
		case errors.Is(err, io.EOF):
			if hidesRow(s.rec) {
				return s.rec, off, errQuote
			}
			return s.rec, off, errTorn
		default:
			return nil, off, err
		}
	}
}

var quote = []byte{'"'}

// hidesRow tells a torn record from a damaged one. A kill cuts a record short; a stray quotation mark
// makes a record swallow all those after it. So when one of the physical lines after the record's first is a
// whole row, nothing may be cut off.
func hidesRow(rec []byte) bool {
	first := bytes.IndexByte(rec, '\n')
	if first < 0 {
		return false
	}
	for line := range bytes.Lines(rec[first+1:]) {
		if _, ok := peek(line); ok && bytes.Count(line, comma) >= columns-1 && bytes.HasSuffix(line, newline) {
			return true
		}
	}
	return false
}

var comma, newline = []byte{','}, []byte{'\n'}

// columns is how many cells a row has.
const columns = 20

// Glance is what can be told of a row without decoding the rest of it.
type Glance struct {
	Line   int
	ID     string
	Status Status
	Code   code.Code
}

// peek reads the first four cells of a record of ours. It is false where that takes more than a glance.
func peek(rec []byte) (g Glance, ok bool) {
	cell, rest, ok := bytes.Cut(rec, comma)
	if !ok {
		return g, false
	}
	var err error
	if g.Line, err = strconv.Atoi(string(cell)); err != nil {
		return g, false
	}
	if cell, rest, ok = bytes.Cut(rest, comma); !ok || bytes.IndexByte(cell, '"') >= 0 {
		return g, false
	}
	g.ID = cellText(string(cell))
	if cell, rest, ok = bytes.Cut(rest, comma); !ok {
		return g, false
	}
	g.Status = Status(cell)
	if cell, _, ok = bytes.Cut(rest, comma); !ok || bytes.IndexByte(cell, '"') >= 0 {
		return g, false
	}
	g.Code = code.Code(cellText(string(cell)))
	return g, g.Status.Known()
}

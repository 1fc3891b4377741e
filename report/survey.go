package report

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
)

// survey is what stands in a report.csv, whatever has happened to it. A line that is not whole, and whatever is
// no row, says nothing about any row of the input: nothing is guessed from half a line.
type survey struct {
	index   []entry // the rows, in the order of the file
	end     int64   // where the last whole line ends; 0 when not even the header is whole
	damaged int     // places that are no rows; the last line that a kill has cut off is none of them
	backs   int     // how often a part of the file was read again
}

// entry is one row: its line and its id, and where it begins in the file with its status in the lowest 4 bits.
type entry struct{ line, id, hi, lo uint32 }

func newEntry(g Glance, off int64) (entry, error) {
	if g.Line < 1 || g.Line > math.MaxUint32 || off > math.MaxInt64>>4 {
		return entry{}, fmt.Errorf("line %d is out of range", g.Line)
	}
	v := uint64(off)<<4 | uint64(g.Status.index())
	return entry{uint32(g.Line), idSum(g.ID), uint32(v >> 32), uint32(v)}, nil
}

// idSum stands for an id. A row counts only for the line and the id of the plan that it names: damage that makes
// one line of two can't settle another row.
func idSum(id string) uint32 { return crc32.ChecksumIEEE([]byte(id)) }

// compare orders by row.
func (e entry) compare(o entry) int {
	return cmp.Or(cmp.Compare(e.line, o.line), cmp.Compare(e.id, o.id))
}

func (e entry) value() uint64  { return uint64(e.hi)<<32 | uint64(e.lo) }
func (e entry) offset() int64  { return int64(e.value() >> 4) }
func (e entry) status() Status { return statusTable()[e.value()&15].status }

// take surveys a report. The error is the reader's.
func take(r io.ReaderAt) (s survey, err error) {
	want, err := header()
	if err != nil {
		return s, err
	}
	scan := newScanner(io.NewSectionReader(r, 0, math.MaxInt64))
	rec, _, err := scan.next()
	switch {
	case err == nil && sameHeader(rec, want):
	case errors.Is(err, io.EOF), errors.Is(err, errTorn) && bytes.HasPrefix(want, rec):
		return s, nil
	default:
		if err := s.skip(scan, r, rec, 0, err); err != nil {
			return s, err
		}
	}
	dec, err := newDecoder(want)
	if err != nil {
		return s, err
	}
	// doubt is how many rows were certain before damage that may have begun inside quotation marks. What follows may
	// then be lines of a text: it is, if a mark that closes comes before one that opens.
	doubt := -1
	for {
		s.end = scan.off
		rec, off, err := scan.next()
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if err == nil {
			if e, ok := dec.entry(rec, off); ok {
				s.index = append(s.index, e)
				if bytes.Count(rec, newline) > 1 {
					doubt = -1
				}
				continue
			}
		}
		if first := firstLine(rec); doubt >= 0 && bytes.HasSuffix(first, newline) && bytes.Count(first, quote)%2 == 1 {
			s.index = s.index[:doubt]
		}
		if errors.Is(err, errTorn) {
			return s, nil
		}
		doubt = len(s.index)
		if err := s.skip(scan, r, rec, off, err); err != nil {
			return s, err
		}
	}
}

// skip notes damage and goes on behind the first line of the record, because a stray quotation mark makes a
// record swallow those after it. The error is err unless it tells of damage.
func (s *survey) skip(scan *scanner, r io.ReaderAt, rec []byte, off int64, err error) error {
	if err != nil && !errors.Is(err, errTorn) && !errors.Is(err, errQuote) {
		return err
	}
	s.damaged++
	if next := off + int64(len(firstLine(rec))); next < scan.off {
		if s.backs++; s.backs > maxBacks {
			next = math.MaxInt64
		}
		scan.off = next
		scan.r.Reset(io.NewSectionReader(r, next, math.MaxInt64-next))
	}
	return nil
}

// maxBacks bounds how often a survey goes back: a file with so many stray quotation marks is no report, and nothing
// more is taken from it.
const maxBacks = 1000

// firstLine is the record as far as its first line break.
func firstLine(rec []byte) []byte {
	first, _, _ := bytes.Cut(rec, newline)
	return rec[:min(len(first)+1, len(rec))]
}

// entry reads one record; ok is false when it is no row of ours.
func (d *decoder) entry(rec []byte, off int64) (e entry, ok bool) {
	if bytes.Count(rec, comma) < columns-1 {
		return e, false
	}
	row, err := d.decode(rec)
	if err != nil {
		return e, false
	}
	e, err = newEntry(row.glance(), off)
	return e, err == nil
}

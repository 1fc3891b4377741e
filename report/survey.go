package report

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"slices"
)

// survey is what stands in a report.csv, whatever has happened to it. A line that is not whole, and whatever is no row,
// says nothing about any row of the input: nothing is guessed from half a line.
type survey struct {
	index   []entry // the rows, in the order of the file
	end     int64   // where the last whole row ends; 0 when not even the header is whole
	damaged int     // places that are no rows; the last row that a kill has cut off is none of them

	// doubt is how many rows were certain before damage that may have begun inside quotation marks, -1 when there is no
	// doubt. What follows may then be lines of a text: it is, if a mark that closes comes before one that opens.
	doubt int
	// cut is how things stood before a row of several lines that lacks its end: when no row comes behind its first
	// line, a kill has cut it off.
	cut *survey
}

// entry is one row: its line and its id, and where it stands in the file. A run may have millions: it takes 16 bytes.
type entry struct {
	line, id uint32
	place    uint64 // the index of the status, the size and the offset, behind one another
}

const (
	offsetBits = 37 // 128 GiB
	sizeBits   = 23 // more than maxRecord
)

func newEntry(row Row, off, size int64) (entry, error) {
	switch {
	case row.Line < 1 || row.Line > math.MaxUint32:
		return entry{}, fmt.Errorf("line %d is out of range", row.Line)
	case off>>offsetBits > 0 || size>>sizeBits > 0:
		return entry{}, errors.New("it is longer than a report can be")
	}
	place := uint64(row.Status.index())<<sizeBits | uint64(size)
	return entry{uint32(row.Line), idSum(row.ID), place<<offsetBits | uint64(off)}, nil
}

func (e entry) status() Status { return statusTable()[e.place>>(offsetBits+sizeBits)].status }
func (e entry) size() int64    { return int64(e.place >> offsetBits & (1<<sizeBits - 1)) }
func (e entry) offset() int64  { return int64(e.place & (1<<offsetBits - 1)) }

// latest sorts entries, and keeps of each row the one that stands last in the file.
func latest(index []entry) []entry {
	byRow := func(a, b entry) int { return cmp.Or(a.compare(b), cmp.Compare(b.offset(), a.offset())) }
	if !slices.IsSortedFunc(index, byRow) {
		slices.SortFunc(index, byRow)
	}
	return slices.CompactFunc(index, func(a, b entry) bool { return a.compare(b) == 0 })
}

// idSum stands for an id. A row counts only for the line and the id of the plan that it names: damage that makes one
// line of two can't settle another row.
func idSum(id string) uint32 { return crc32.ChecksumIEEE([]byte(id)) }

// compare orders by row.
func (e entry) compare(o entry) int {
	return cmp.Or(cmp.Compare(e.line, o.line), cmp.Compare(e.id, o.id))
}

// maxDamage is how many damaged places a survey goes on behind: a file with more is no report, and nothing more is
// taken from it.
const maxDamage = 1000

// take surveys a report. The error is the reader's.
func take(r io.ReaderAt) (s survey, err error) {
	want, err := header()
	if err != nil {
		return s, err
	}
	line, whole, err := lineAt(r, 0)
	if err != nil || !whole && bytes.HasPrefix(want, line) {
		return s, err
	}
	s.end, s.doubt = int64(len(line)), -1
	if !whole || !sameHeader(line, want) {
		s.damaged++
	}
	for s.damaged <= maxDamage {
		open, err := s.rows(r, want)
		if errors.Is(err, io.EOF) {
			break
		}
		if !errors.As(err, new(damage)) {
			return s, err
		}
		if line, whole, err = lineAt(r, s.end); err != nil {
			return s, err
		}
		if !whole {
			break
		}
		s.skip(line, open)
	}
	if s.cut != nil {
		s.end, s.damaged = s.cut.end, s.cut.damaged
	}
	return s, nil
}

// rows takes rows from s.end on, as far as they are whole. The error is io.EOF or says why it stopped, and open that a
// quotation mark is open from there to the end of the file.
func (s *survey) rows(r io.ReaderAt, header []byte) (open bool, err error) {
	start := s.end - int64(len(header))
	rd, err := NewReader(io.MultiReader(bytes.NewReader(header), io.NewSectionReader(r, s.end, math.MaxInt64-s.end)))
	if err != nil {
		return false, err
	}
	for {
		row, err := rd.Read()
		next := start + rd.records.InputOffset()
		if err != nil {
			if rd.in.end && next == start+rd.in.n {
				rest, _ := io.ReadAll(io.NewSectionReader(r, s.end, maxRecord))
				open = bytes.Count(rest, quote)%2 == 1
			}
			return open, err
		}
		e, err := newEntry(row, s.end, next-s.end)
		if err != nil {
			return false, damage{error: err}
		}
		s.makeRoom()
		s.index, s.end, s.cut = append(s.index, e), next, nil
		first, _ := rd.records.FieldPos(0)
		if last, _ := rd.records.FieldPos(columns - 1); first < last {
			s.doubt = -1
		}
	}
}

// makeRoom makes room for an entry. Most rows have two lines, so before the index grows it drops what no longer counts;
// not while rows are in doubt, which are told by their place.
func (s *survey) makeRoom() {
	full := cap(s.index)
	if len(s.index) < full {
		return
	}
	if s.doubt < 0 {
		s.index = latest(s.index)
	}
	if n := len(s.index); n > full/4*3 {
		s.index = append(make([]entry, 0, n+n/4+16), s.index...) // less than append would make
	}
}

// skip passes over one physical line that is no row, or the first line of none. That is where encoding/csv can't help:
// a stray quotation mark makes a row swallow those after it.
func (s *survey) skip(line []byte, open bool) {
	if len(bytes.TrimSpace(line)) > 0 {
		if bytes.Count(line, quote)%2 == 1 && s.doubt >= 0 {
			s.index = s.index[:s.doubt]
		}
		if open && s.cut == nil {
			s.cut = &survey{end: s.end, damaged: s.damaged}
		}
		s.doubt = len(s.index)
		s.damaged++
	}
	s.end += int64(len(line))
}

var quote = []byte{'"'}

// lineAt reads the physical line at an offset. It is not whole when the file ends before the line does.
func lineAt(r io.ReaderAt, off int64) (line []byte, whole bool, err error) {
	line, err = bufio.NewReader(io.NewSectionReader(r, off, maxRecord)).ReadBytes('\n')
	if errors.Is(err, io.EOF) {
		return line, len(line) == maxRecord, nil
	}
	return line, err == nil, err
}

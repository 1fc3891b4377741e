package report

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
	"sync"

	"csvput/report/safefile"
)

// Outcomes finds the rows of report.csv by their line in the input; of several lines for one row, the
// last one counts. It holds 12 bytes a row and reads the rest from the file. It shows the file as it was
// when Outcomes was called, and is safe for concurrent use.
type Outcomes struct {
	file    *os.File // nil when there is no report
	index   []entry  // by line
	settled int

	mu      sync.Mutex
	scan    scanner // of Get
	header  []byte
	decoder *decoder
}

// entry is one row: its line, and where it begins in the file with its status in the lowest 4 bits.
type entry struct{ line, hi, lo uint32 }

func newEntry(line int, status Status, off int64) (entry, error) {
	if line < 0 || line > math.MaxUint32 || off > math.MaxInt64>>4 {
		return entry{}, fmt.Errorf("line %d is out of range", line)
	}
	v := uint64(off)<<4 | uint64(status.index())
	return entry{uint32(line), uint32(v >> 32), uint32(v)}, nil
}

func (e entry) value() uint64  { return uint64(e.hi)<<32 | uint64(e.lo) }
func (e entry) offset() int64  { return int64(e.value() >> 4) }
func (e entry) status() Status { return statusTable()[e.value()&15].status }

// Outcomes reads report.csv. A folder without one has no outcomes. A last line that is not whole counts
// as not there; damage anywhere else is an error.
func (f *Folder) Outcomes() (*Outcomes, error) {
	path := f.Path(ReportName)
	file, err := safefile.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Outcomes{}, nil
	}
	if err != nil {
		return nil, sentence(err)
	}
	o := &Outcomes{file: file}
	if err := o.load(); err != nil {
		return nil, errors.Join(fmt.Errorf("reading %s: %w", path, err), file.Close())
	}
	return o, nil
}

func (o *Outcomes) load() (err error) {
	if o.header, err = header(); err != nil {
		return err
	}
	o.scan.r = bufio.NewReaderSize(nil, getBuffer)
	_, err = scanReport(o.file, func(g Glance, off int64) error {
		e, err := newEntry(g.Line, g.Status, off)
		o.index = append(o.index, e)
		return err
	})
	if err != nil {
		return err
	}
	// By line, and of one line the last in the file first: that one stays.
	byLine := func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(b.value(), a.value()))
	}
	if !slices.IsSortedFunc(o.index, byLine) {
		slices.SortFunc(o.index, byLine)
	}
	o.index = slices.CompactFunc(o.index, func(a, b entry) bool { return a.line == b.line })
	for _, e := range o.index {
		if e.status().Settled() {
			o.settled++
		}
	}
	return nil
}

// find returns the entry of a line.
func (o *Outcomes) find(line int) (entry, bool) {
	i, ok := slices.BinarySearchFunc(o.index, line, func(e entry, line int) int {
		return cmp.Compare(int64(e.line), int64(line))
	})
	if !ok {
		return entry{}, false
	}
	return o.index[i], true
}

// Len is the number of rows that have an outcome.
func (o *Outcomes) Len() int { return len(o.index) }

// Settled is the number of rows that a resumed run leaves alone.
func (o *Outcomes) Settled() int { return o.settled }

// Status is the status of the row that begins on the input's line; ok is false when it has no outcome. It
// does no I/O.
func (o *Outcomes) Status(line int) (status Status, ok bool) {
	e, ok := o.find(line)
	if !ok {
		return "", false
	}
	return e.status(), true
}

// getBuffer is how much Get reads at a time: most rows fit.
const getBuffer = 4 << 10

// Get reads the outcome of the row that begins on the input's line; ok is false when it has none.
func (o *Outcomes) Get(line int) (row Row, ok bool, err error) {
	e, ok := o.find(line)
	if !ok {
		return Row{}, false, nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	row, err = o.read(e.offset())
	if err == nil && row.Line != line {
		err = errors.New("it changed while it was read")
	}
	if err != nil {
		o.decoder = nil // it may hold the rest of a broken record
		return Row{}, false, fmt.Errorf("reading the row of line %d from %s: %w", line, o.file.Name(), err)
	}
	return row, true, nil
}

// read decodes the row that begins at the offset.
func (o *Outcomes) read(off int64) (Row, error) {
	o.scan.r.Reset(io.NewSectionReader(o.file, off, math.MaxInt64-off))
	rec, _, err := o.scan.next()
	if err != nil {
		return Row{}, err
	}
	if o.decoder == nil {
		if o.decoder, err = newDecoder(o.header); err != nil {
			return Row{}, err
		}
	}
	return o.decoder.decode(rec)
}

// Close closes the file.
func (o *Outcomes) Close() error {
	if o.file == nil {
		return nil
	}
	return o.file.Close()
}

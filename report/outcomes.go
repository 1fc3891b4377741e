package report

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"sync"

	"csvput/report/safefile"
)

// Outcomes finds the rows of report.csv by their line in the input and their id; of several lines for one row, the last
// one counts. It holds 16 bytes a row and reads the rest from the file. It shows the file as it was when Outcomes was
// called, and is safe for concurrent use.
//
// What is damaged is no outcome: a line that is not whole, one that is no row, one that names another id than the plan
// does on that line. The row is open then, and may have been sent.
type Outcomes struct {
	file   *os.File // nil when there is no report
	lossy  bool     // lines of it are lost, or were before it was mended
	survey          // its rows by line and id

	mu     sync.Mutex
	header []byte
	reader *Reader // of Get
	near   []byte  // a part of the file: rows are asked for nearly in its order
	at     int64   // where in the file it begins
}

// Outcomes reads report.csv. A folder without one has no outcomes.
func (f *Folder) Outcomes() (*Outcomes, error) {
	path := f.Path(ReportName)
	file, err := safefile.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Outcomes{lossy: f.wasComplete()}, nil
	}
	if err != nil {
		return nil, safefile.Sentence(err)
	}
	o := &Outcomes{file: file, lossy: exists(f.dir, DamagedName) || f.wasComplete()}
	if err := o.load(); err != nil {
		return nil, errors.Join(fmt.Errorf("reading %s: %w", path, err), file.Close())
	}
	return o, nil
}

// wasComplete reports whether the report had a line for every row once: the run was ended, and its summary says so.
func (f *Folder) wasComplete() bool {
	s, err := f.ReadSummary()
	return err == nil && (s.State == StateFinished || s.State == StateStopped)
}

func (o *Outcomes) load() (err error) {
	if o.header, err = header(); err != nil {
		return err
	}
	if o.survey, err = take(o.file); err != nil {
		return err
	}
	o.index = latest(o.index)
	return nil
}

// Damaged reports whether lines are lost, now or when the report was mended: then a row without an outcome may have
// been sent.
func (o *Outcomes) Damaged() bool { return o.lossy || o.damaged > 0 }

// Begun reports whether there is a report.csv. A row without an outcome may then have been sent: the run was killed
// before it wrote the line, or the line was damaged.
func (o *Outcomes) Begun() bool { return o.file != nil }

// find returns the entry of a row.
func (o *Outcomes) find(line int, id string) (entry, bool) {
	i, ok := slices.BinarySearchFunc(o.index, idSum(id), func(e entry, id uint32) int {
		return cmp.Or(cmp.Compare(int(e.line), line), cmp.Compare(e.id, id))
	})
	if !ok {
		return entry{}, false
	}
	return o.index[i], true
}

// Status is the status of the row that begins on the input's line and has the id in the plan; ok is false when it has
// no outcome. It does no I/O.
func (o *Outcomes) Status(line int, id string) (status Status, ok bool) {
	e, ok := o.find(line, id)
	if !ok {
		return "", false
	}
	return e.status(), true
}

// Get reads the outcome of the row that begins on the input's line and has the id in the plan; ok is false when it has
// none.
func (o *Outcomes) Get(line int, id string) (row Row, ok bool, err error) {
	e, ok := o.find(line, id)
	if !ok {
		return Row{}, false, nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	row, err = o.read(e)
	if err == nil && (row.Line != line || row.ID != id) {
		err = errors.New("it changed while it was read")
	}
	if err != nil {
		return Row{}, false, fmt.Errorf("reading the row of line %d from %s: %w", line, o.file.Name(), err)
	}
	return row, true, nil
}

// read reads the row of an entry.
func (o *Outcomes) read(e entry) (row Row, err error) {
	if o.reader == nil {
		if o.reader, err = NewReader(bytes.NewReader(o.header)); err != nil {
			return Row{}, err
		}
	}
	text, err := o.text(e)
	if err != nil {
		return Row{}, err
	}
	o.reader.in.r = bytes.NewReader(text)
	if row, err = o.reader.Read(); err != nil {
		o.reader = nil
	}
	return row, err
}

// text is the line of an entry, good until the next call.
func (o *Outcomes) text(e entry) ([]byte, error) {
	const before, size = 8 << 10, 64 << 10
	end := e.offset() + e.size()
	if e.offset() < o.at || end > o.at+int64(len(o.near)) {
		o.at = max(0, e.offset()-before)
		o.near = slices.Grow(o.near[:0], max(size, int(end-o.at)))
		n, err := o.file.ReadAt(o.near[:cap(o.near)], o.at)
		o.near = o.near[:n]
		if end > o.at+int64(n) {
			return nil, cmp.Or(err, io.ErrUnexpectedEOF)
		}
	}
	return o.near[e.offset()-o.at : end-o.at], nil
}

// Close closes the file.
func (o *Outcomes) Close() error {
	if o.file == nil {
		return nil
	}
	return o.file.Close()
}

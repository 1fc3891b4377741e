package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"csvput/report/safefile"
)

// Journal is report.csv while a run lasts: one line for each outcome, in the order in which they come. A row may get
// several lines; the last one counts. It is not safe for concurrent use, but that Sync may be called beside Append.
type Journal struct {
	path string
	f    journalFile
	end  int64 // of the last whole line
	buf  []byte
	bad  error
}

// journalFile is what Journal needs of an *os.File; a test puts a full disk in its place.
type journalFile interface {
	io.WriterAt
	io.Closer
	Truncate(size int64) error
	Sync() error
}

// DamagedName is what a damaged report.csv is kept as, for a person to look at.
const DamagedName = "report-damaged.csv"

// Journal opens report.csv for appending, and returns what stood in it. It makes the file, with its header, when there
// is none, and cuts off a last line that is not whole, as a kill leaves it. A file that is damaged elsewhere is written
// again with the rows that are intact, and kept beside as report-damaged.csv, "report-damaged (2).csv" and so on. One
// process at a time: see Lock. No other Outcomes are to be open, because Windows replaces no file that is.
func (f *Folder) Journal() (*Journal, *Outcomes, error) {
	before, err := f.Outcomes()
	if err == nil && before.damaged > 0 {
		if err = f.mend(before); err == nil {
			before, err = f.Outcomes()
		}
	}
	if err != nil {
		return nil, nil, err
	}
	j, err := f.journal(before.end)
	if err != nil {
		return nil, nil, errors.Join(err, before.Close())
	}
	return j, before, nil
}

// journal opens report.csv, whose last whole line ends there, or whose header is not even whole.
func (f *Folder) journal(end int64) (*Journal, error) {
	path := f.Path(ReportName)
	file, err := safefile.OpenFile(path, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, safefile.Writing(path, err)
	}
	j := &Journal{path: path, f: file, end: end}
	var head []byte
	if end == 0 {
		head, err = header()
	}
	if err = errors.Join(err, file.Truncate(end), j.write(head), file.Sync(), safefile.SyncDir(f.dir)); err != nil {
		return nil, errors.Join(safefile.Writing(path, err), file.Close())
	}
	return j, nil
}

// mend keeps report.csv as it is under another name, and puts one in its place that holds the rows that are intact.
// It closes what it is given.
func (f *Folder) mend(o *Outcomes) error {
	defer o.Close()
	name := DamagedName
	for n := 2; exists(f.dir, name); n++ {
		name = fmt.Sprintf("report-damaged (%d).csv", n)
	}
	err := f.fill(name, func(w io.Writer) error {
		_, err := io.Copy(w, io.NewSectionReader(o.file, 0, math.MaxInt64))
		return err
	})
	if err != nil {
		return err
	}
	return f.fill(ReportName, func(w io.Writer) error {
		rows := NewWriter(w)
		if err := rows.WriteHeader(); err != nil {
			return err
		}
		for _, e := range o.index {
			row, err := o.read(e)
			if err != nil {
				return err
			}
			if err := rows.Write(row); err != nil {
				return err
			}
		}
		return o.Close()
	})
}

// Append writes a line for each row, all in one write. After an error the file ends with the last whole line; when
// there is room again, Append can be called again.
func (j *Journal) Append(rows ...Row) error {
	j.buf = j.buf[:0]
	for i := range rows {
		j.buf = rows[i].Append(j.buf)
	}
	return safefile.Writing(j.path, j.write(j.buf))
}

// write puts the line behind the last whole one.
func (j *Journal) write(line []byte) error {
	if j.bad != nil {
		return j.bad
	}
	_, err := j.f.WriteAt(line, j.end)
	if err == nil {
		j.end += int64(len(line))
		return nil
	}
	// A part of the line may be there, even if WriteAt says that it wrote nothing. It must not end up in front of the
	// next one.
	if cut := j.f.Truncate(j.end); cut != nil {
		j.bad = errors.Join(err, cut)
	}
	return err
}

// Sync makes what was appended outlive a power failure. A kill of the process loses nothing even without.
func (j *Journal) Sync() error { return safefile.Writing(j.path, j.f.Sync()) }

// Close syncs and closes the file.
func (j *Journal) Close() error {
	return safefile.Writing(j.path, errors.Join(j.f.Sync(), j.f.Close()))
}

// sameHeader compares two headers; a program that saved the file again may have changed the byte order mark and the
// line end.
func sameHeader(a, b []byte) bool {
	bare := func(s []byte) []byte { return bytes.TrimRight(bytes.TrimPrefix(s, []byte(bom)), "\r\n") }
	return bytes.Equal(bare(a), bare(b))
}

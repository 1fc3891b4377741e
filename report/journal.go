package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"csvput/report/safefile"
)

// Journal is report.csv while a run lasts: one line for each outcome, in the order in which they come. A
// row may get several lines; the last one counts. It is not safe for concurrent use, but that Sync may be called
// beside Append.
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

// Journal opens report.csv for appending. It makes the file, with its header, when there is none, and
// cuts off a last line that is not whole, as a kill leaves it. A file that is damaged elsewhere, or is no
// report, is an error and stays as it is. One process at a time: see Lock.
func (f *Folder) Journal() (*Journal, error) {
	path := f.Path(ReportName)
	file, err := safefile.OpenFile(path, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", path, sentence(cause(err)))
	}
	j := &Journal{path: path, f: file}
	if err := j.begin(file); err != nil {
		return nil, errors.Join(j.explain(err), file.Close())
	}
	if err := safefile.SyncDir(f.dir); err != nil {
		return nil, errors.Join(j.explain(err), file.Close())
	}
	return j, nil
}

// begin finds the end of the last whole line and makes it the end of the file.
func (j *Journal) begin(r io.Reader) error {
	end, err := scanReport(r, nil)
	if err != nil {
		return err
	}
	j.end = end
	if end == 0 {
		line, err := header()
		if err != nil {
			return err
		}
		if err := j.write(line); err != nil {
			return err
		}
	}
	if err := j.f.Truncate(j.end); err != nil {
		return err
	}
	return j.f.Sync()
}

// Append writes one line, in one write. After an error the file ends with the last whole line; when there
// is room again, Append can be called again.
func (j *Journal) Append(r Row) error {
	j.buf = r.Append(j.buf[:0])
	return j.explain(j.write(j.buf))
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
	// A part of the line may be there, even if WriteAt says that it wrote nothing. It must not end up in front of
	// the next one.
	if cut := j.f.Truncate(j.end); cut != nil {
		j.bad = errors.Join(err, cut)
	}
	return err
}

// Sync makes what was appended outlive a power failure. A kill of the process loses nothing even without.
func (j *Journal) Sync() error { return j.explain(j.f.Sync()) }

// Close syncs and closes the file.
func (j *Journal) Close() error {
	return j.explain(errors.Join(j.f.Sync(), j.f.Close()))
}

func (j *Journal) explain(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("writing %s: %w", j.path, sentence(cause(err)))
}

// scanReport goes through a report without decoding it and calls row, if it is not nil, with a glance at
// each row and with where it begins. It returns where the last whole row ends: 0 when not even
// the header is whole.
func scanReport(r io.Reader, row func(g Glance, off int64) error) (end int64, err error) {
	want, err := header()
	if err != nil {
		return 0, err
	}
	scan := newScanner(r)
	rec, _, err := scan.next()
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, errTorn) && bytes.HasPrefix(want, rec):
		return 0, nil
	case errors.Is(err, errTorn):
		return 0, errNoReport
	case err != nil:
		return 0, err
	case !sameHeader(rec, want):
		return 0, fmt.Errorf("%w of this version: its columns are others", errNoReport)
	}
	for {
		end = scan.off
		rec, off, err := scan.next()
		if errors.Is(err, io.EOF) || errors.Is(err, errTorn) {
			return end, nil
		}
		if err != nil {
			return 0, err
		}
		g, ok := peek(rec)
		// A record that spans lines could as well be several that a stray quotation mark has joined.
		if !ok || bytes.Count(rec, newline) > 1 {
			whole, err := decode(rec, want)
			if errors.Is(err, errStatus) && scan.atEnd() {
				return end, nil
			}
			if err != nil {
				return 0, fmt.Errorf("line %d of the report is damaged: %w", scan.first, err)
			}
			g = whole.glance()
		}
		if row == nil {
			continue
		}
		if err := row(g, off); err != nil {
			return 0, err
		}
	}
}

// decode decodes one record.
func decode(rec, header []byte) (Row, error) {
	d, err := newDecoder(header)
	if err != nil {
		return Row{}, err
	}
	return d.decode(rec)
}

// sameHeader compares two headers; a program that saved the file again may have changed the byte order
// mark and the line end.
func sameHeader(a, b []byte) bool {
	bare := func(s []byte) []byte { return bytes.TrimRight(bytes.TrimPrefix(s, []byte(bom)), "\r\n") }
	return bytes.Equal(bare(a), bare(b))
}

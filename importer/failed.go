package importer

import (
	"bytes"
	"errors"
	"io"
	"strconv"

	"csvput/importer/rows"
	"csvput/report"
	"csvput/report/formula"
)

// Source opens the file that a run was made from, from its beginning.
type Source func() (*rows.Reader, io.Closer, error)

// WriteFailed writes failed.csv from the problem rows of the folder's report, which s names: the user's
// own columns as they were, then csvput_line, csvput_code and csvput_message. Without such rows there
// is no such file.
func WriteFailed(folder *report.Folder, s *report.Summary, original Source) error {
	f, err := folder.File(report.FailedName)
	if err != nil {
		return err
	}
	n, err := copyFailed(f, folder, s.Files["report"], original)
	if err != nil {
		return errors.Join(err, f.Discard())
	}
	if n == 0 {
		// An earlier end of this run may have left one: its rows have got through since.
		return errors.Join(f.Discard(), folder.Remove(report.FailedName))
	}
	if err := f.Commit(); err != nil {
		return err
	}
	s.Name("failed", f.Name())
	return nil
}

func copyFailed(w io.Writer, folder *report.Folder, name string, original Source) (int, error) {
	if original == nil {
		return copyFailedRows(w, folder, name)
	}
	in, closer, err := original()
	if err != nil {
		return 0, err
	}
	defer closer.Close()
	var (
		n      int
		layout *failedLayout
		line   []byte
		at     rows.Row
	)
	err = eachRow(folder, name, func(row report.Row) error {
		if !needsFailed(row) {
			return nil
		}
		for at.Line < row.Line {
			if at, err = in.Read(); err != nil {
				return err
			}
		}
		if layout == nil {
			layout = newFailedLayout(in.Info())
			if err := layout.writeHeader(w); err != nil {
				return err
			}
		}
		n++
		line = layout.append(line[:0], at.Raw, row)
		_, err := w.Write(line)
		return err
	})
	return n, err
}

// needsFailed tells whether a row belongs into failed.csv.
func needsFailed(row report.Row) bool { return row.Status.Problem() }

// copyFailedRows makes failed.csv of the report alone.
func copyFailedRows(w io.Writer, folder *report.Folder, name string) (int, error) {
	n := 0
	header := append(exportHeader(), failedColumns()...)
	out := rows.NewWriter(w, ',', false)
	err := eachRow(folder, name, func(row report.Row) error {
		if !needsFailed(row) {
			return nil
		}
		if n++; n == 1 {
			if err := out.Write(header); err != nil {
				return err
			}
		}
		cells := []string{row.ID, row.Type, row.Name, row.Value, row.Country, row.AccountUUIDs, row.PrimaryAccountUUIDs}
		for i := range cells {
			cells[i] = formula.Guard(cells[i])
		}
		return out.Write(append(cells, failedCells(row)...))
	})
	if err != nil {
		return n, err
	}
	out.Flush()
	return n, out.Error()
}

// failedLayout says how the user's own columns stand in failed.csv.
type failedLayout struct {
	info rows.Info
	keep []int // the user's columns; those of an earlier failed.csv are left out
}

func newFailedLayout(info rows.Info) *failedLayout {
	l := &failedLayout{info: info}
	for i := range info.Header {
		if !info.Ours(i) {
			l.keep = append(l.keep, i)
		}
	}
	return l
}

// marked tells whether the file gets a byte order mark: a spreadsheet reads UTF-8 as such only behind
// one, and a file that came with one, or in another encoding, came from a spreadsheet.
func (l *failedLayout) marked() bool { return l.info.BOM || l.info.Encoding != "UTF-8" }

// writeHeader writes the first line.
func (l *failedLayout) writeHeader(w io.Writer) error {
	var header []string
	for _, i := range l.keep {
		header = append(header, l.info.Header[i])
	}
	out := rows.NewWriter(w, l.info.Delimiter, l.marked())
	if err := out.Write(append(header, failedColumns()...)); err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// append adds a row's line: its cells as they were, and what was wrong with it.
func (l *failedLayout) append(dst []byte, raw []string, row report.Row) []byte {
	cells := make([]string, 0, len(raw)+3)
	for _, i := range l.keep {
		if i < len(raw) {
			cells = append(cells, raw[i])
		} else {
			cells = append(cells, "")
		}
	}
	if wide := len(l.info.Header); len(raw) > wide {
		cells = append(cells, raw[wide:]...) // a row with too many cells loses none of them
	}
	b := bytes.NewBuffer(dst)
	out := rows.NewWriter(b, l.info.Delimiter, false)
	out.Write(append(cells, failedCells(row)...)) // a buffer refuses nothing
	out.Flush()
	return b.Bytes()
}

func failedColumns() []string { return []string{"csvput_line", "csvput_code", "csvput_message"} }

func failedCells(row report.Row) []string {
	message := row.Message
	if info, ok := row.Code.Info(); ok && info.Hint != "" {
		message += " " + info.Hint
	}
	return []string{strconv.Itoa(row.Line), string(row.Code), formula.Guard(message)}
}

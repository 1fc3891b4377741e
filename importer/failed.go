package importer

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"csvput/importer/rows"
	"csvput/report"
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
		n   int
		out *failedWriter
		at  rows.Row
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
		if out == nil {
			if out, err = newFailedWriter(w, in.Info()); err != nil {
				return err
			}
		}
		n++
		return out.write(at.Raw, row)
	})
	if err != nil || out == nil {
		return n, err
	}
	return n, out.flush()
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
		return out.Write(append([]string{row.ID, row.Type, row.Name, row.Value, row.Country, row.AccountUUIDs, row.PrimaryAccountUUIDs}, failedCells(row)...))
	})
	if err != nil {
		return n, err
	}
	out.Flush()
	return n, out.Error()
}

// failedWriter writes the user's own columns of rows that did not get through, and ours.
type failedWriter struct {
	out  *rows.Writer
	keep []int // the user's columns; those of an earlier failed.csv are left out
	wide int   // columns of the header
}

func failedColumns() []string { return []string{"csvput_line", "csvput_code", "csvput_message"} }

func failedCells(row report.Row) []string {
	message := row.Message
	if info, ok := row.Code.Info(); ok && info.Hint != "" {
		message += " " + info.Hint
	}
	return []string{strconv.Itoa(row.Line), string(row.Code), report.Guard(message)}
}

func newFailedWriter(w io.Writer, info rows.Info) (*failedWriter, error) {
	// A spreadsheet reads UTF-8 as such only behind a byte order mark, and a file that came with one,
	// or in another encoding, came from a spreadsheet.
	f := &failedWriter{out: rows.NewWriter(w, info.Delimiter, info.BOM || info.Encoding != "UTF-8"), wide: len(info.Header)}
	var header []string
	for i, name := range info.Header {
		if !strings.HasPrefix(strings.ToLower(strings.TrimSpace(name)), "csvput_") {
			f.keep = append(f.keep, i)
			header = append(header, name)
		}
	}
	return f, f.out.Write(append(header, failedColumns()...))
}

func (f *failedWriter) write(raw []string, row report.Row) error {
	cells := make([]string, 0, len(raw)+3)
	for _, i := range f.keep {
		if i < len(raw) {
			cells = append(cells, raw[i])
		} else {
			cells = append(cells, "")
		}
	}
	if len(raw) > f.wide {
		cells = append(cells, raw[f.wide:]...) // a row with too many cells loses none of them
	}
	return f.out.Write(slices.Concat(cells, failedCells(row)))
}

func (f *failedWriter) flush() error {
	f.out.Flush()
	return f.out.Error()
}

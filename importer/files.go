package importer

import (
	"errors"
	"fmt"
	"io"
	"iter"

	"csvput/report"
)

// writeRows makes one of the folder's files of rows: whole, or not at all. It returns the name that the file got:
// another one when a spreadsheet holds the old file open.
func writeRows(folder *report.Folder, name string, fill func(w *report.Writer) error) (string, error) {
	f, err := folder.File(name)
	if err != nil {
		return "", err
	}
	w := report.NewWriter(f)
	if err := w.WriteHeader(); err != nil {
		return "", errors.Join(err, f.Discard())
	}
	if err := fill(w); err != nil {
		return "", errors.Join(err, f.Discard())
	}
	err = f.Commit()
	return f.Name(), err
}

// eachRow calls do for every row of a file of the folder.
func eachRow(folder *report.Folder, name string, do func(report.Row) error) error {
	f, err := folder.Reader(name)
	if err != nil {
		return err
	}
	defer f.Close()
	rd, err := report.NewReader(f)
	if err != nil {
		return err
	}
	for {
		row, err := rd.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", folder.Path(name), err)
		}
		if err := do(row); err != nil {
			return err
		}
	}
}

// Rows are the rows of one of the folder's files.
func Rows(folder *report.Folder, name string) iter.Seq2[report.Row, error] {
	return sequence(func(do func(report.Row) error) error { return eachRow(folder, name, do) })
}

// sequence makes an iterator of a function that calls back.
func sequence(each func(do func(report.Row) error) error) iter.Seq2[report.Row, error] {
	return func(yield func(report.Row, error) bool) {
		err := each(func(row report.Row) error {
			if !yield(row, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(report.Row{}, err)
		}
	}
}

var errEnough = errors.New("enough rows")

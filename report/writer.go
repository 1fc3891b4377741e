package report

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"

	"github.com/gocarina/gocsv"
)

// bom is the UTF-8 byte order mark. Reports are written without one, for the programs that read them and would take it
// for a part of the first column's name; a spreadsheet that saved a report again adds one.
const bom = "\ufeff"

// header is the first line of a report.
func header() ([]byte, error) {
	var b bytes.Buffer
	if err := gocsv.MarshalCSV([]Row{}, gocsv.NewSafeCSVWriter(csv.NewWriter(&b))); err != nil {
		return nil, fmt.Errorf("writing the header of a report: %w", err)
	}
	return b.Bytes(), nil
}

// Writer writes a report row by row. It is not safe for concurrent use.
type Writer struct {
	w   io.Writer
	buf []byte
}

// NewWriter returns a Writer to w. It keeps nothing back: every call makes one Write of w, so a row is in the operating
// system's hands when Write returns if w is a file.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// WriteHeader writes the header line. It comes once, before the first row.
func (w *Writer) WriteHeader() error {
	line, err := header()
	if err != nil {
		return err
	}
	return w.write(line)
}

// Write writes one row.
func (w *Writer) Write(r Row) error {
	w.buf = r.Append(w.buf[:0])
	return w.write(w.buf)
}

func (w *Writer) write(line []byte) error {
	n, err := w.w.Write(line)
	if err == nil && n < len(line) {
		err = io.ErrShortWrite
	}
	return err
}

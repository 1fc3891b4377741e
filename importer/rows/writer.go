package rows

import (
	"encoding/csv"
	"io"
)

// Writer writes CSV that [Reader] and spreadsheets read back cell for cell: RFC 4180 quoting, lines
// that end in LF, and nothing changed inside cells. (A record of blank cells only is written too,
// but readers skip it.)
type Writer struct {
	csv *csv.Writer
	bom io.Writer // nil when no byte order mark is wanted or it is written
}

// NewWriter returns a Writer to w. With bom set, Excel sees that the file is UTF-8. Output is
// buffered until Flush.
func NewWriter(w io.Writer, delimiter rune, bom bool) *Writer {
	c := csv.NewWriter(w)
	c.Comma = delimiter
	writer := &Writer{csv: c}
	if bom {
		writer.bom = w
	}
	return writer
}

// Write writes one record. The error is that of the underlying writer, or about a delimiter that
// cannot be one.
func (w *Writer) Write(cells []string) error {
	if w.bom != nil {
		if _, err := io.WriteString(w.bom, "\ufeff"); err != nil {
			return err
		}
		w.bom = nil
	}
	return w.csv.Write(cells)
}

// Flush writes what is buffered; Error tells whether that worked.
func (w *Writer) Flush() { w.csv.Flush() }

// Error returns the first error of Write or Flush.
func (w *Writer) Error() error { return w.csv.Error() }

// Template returns a starter file: the header, and two rows that check clean.
func Template() string {
	return `id,name,value,country,account_uuids,primary_account_uuids
6f1c1f3e-2b5d-4c39-9d2e-0a7b8c9d0e1f,Work phone,020 7946 0958,GB,,
b3d9a7c4-58e1-4f60-8a2b-7c6d5e4f3a2b,Sydney office,(02) 5550 1234,AU,,
`
}

package rows

import (
	"encoding/csv"
	"io"
)

// NewWriter returns a writer of CSV that [Reader] and spreadsheets read back cell for cell. With bom set, Excel sees
// that the file is UTF-8.
func NewWriter(w io.Writer, delimiter rune, bom bool) *csv.Writer {
	if bom {
		w = &marker{w: w}
	}
	c := csv.NewWriter(w)
	c.Comma = delimiter
	return c
}

// marker writes a byte order mark before all else.
type marker struct {
	w    io.Writer
	done bool
}

func (m *marker) Write(p []byte) (int, error) {
	if !m.done {
		if _, err := io.WriteString(m.w, "\ufeff"); err != nil {
			return 0, err
		}
		m.done = true
	}
	return m.w.Write(p)
}

// Template returns a starter file: the header, and two rows that check clean.
func Template() string {
	return `id,name,value,country,account_uuids,primary_account_uuids
6f1c1f3e-2b5d-4c39-9d2e-0a7b8c9d0e1f,Work phone,020 7946 0958,GB,,
b3d9a7c4-58e1-4f60-8a2b-7c6d5e4f3a2b,Sydney office,(02) 5550 1234,AU,,
`
}

package rows

import (
	"encoding/csv"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"csvput/importer/rows/xlsx"
	"csvput/report/formula"
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

// Table is a file of texts in the making.
type Table interface {
	Write(cells []string) error
	Close() error // completes it
}

// NewTable begins a table: a workbook if name ends as those do, else CSV in which no cell can run as a formula.
func NewTable(w io.Writer, name string, header []string) (Table, error) {
	if NamesWorkbook(name) {
		out, err := xlsx.NewWriter(w, header)
		return workbookTable{out}, err
	}
	t := csvTable{NewWriter(w, ',', false), true}
	return t, t.Write(header)
}

// NewCopy begins a table for the rows of a file that was read, cell for cell. As CSV it is written as that was; what
// was text in a workbook runs as no formula there.
func NewCopy(w io.Writer, name string, header []string, of Info) (Table, error) {
	if NamesWorkbook(name) {
		return xlsx.NewWriter(w, header)
	}
	t := csvTable{NewWriter(w, of.Delimiter, of.Marked()), of.Kind == KindWorkbook}
	return t, t.Write(header)
}

// NamesWorkbook reports whether a file of that name is meant to be a workbook.
func NamesWorkbook(name string) bool { return strings.EqualFold(filepath.Ext(name), ".xlsx") }

type csvTable struct {
	*csv.Writer
	guard bool
}

func (t csvTable) Write(cells []string) error {
	if t.guard {
		cells = mapped(cells, formula.Guard)
	}
	return t.Writer.Write(cells)
}

func (t csvTable) Close() error {
	t.Flush()
	return t.Error()
}

// workbookTable is a workbook, in which a text runs nowhere. Only a cell that looks guarded has to be: who reads it
// takes a guard off.
type workbookTable struct{ *xlsx.Writer }

func (t workbookTable) Write(cells []string) error {
	return t.Writer.Write(mapped(cells, func(cell string) string {
		if formula.Unguard(cell) == cell {
			return cell
		}
		return formula.Guard(cell)
	}))
}

func mapped(cells []string, to func(string) string) []string {
	out := slices.Clone(cells)
	for i, cell := range cells {
		out[i] = to(cell)
	}
	return out
}

// TemplateWorkbook writes [Template] as a workbook that offers countries to choose from.
func TemplateWorkbook(w io.Writer, countries []string) error {
	all, err := csv.NewReader(strings.NewReader(Template())).ReadAll()
	if err != nil {
		return err
	}
	out, err := xlsx.NewWriter(w, all[0])
	if err != nil {
		return err
	}
	out.Offer(slices.Index(all[0], FieldCountry), countries)
	for _, row := range all[1:] {
		err = errors.Join(err, out.Write(row))
	}
	return errors.Join(err, out.Close())
}

// Template returns a starter file: the header, and two rows that check clean.
func Template() string {
	return `id,name,value,country,account_uuids,primary_account_uuids
6f1c1f3e-2b5d-4c39-9d2e-0a7b8c9d0e1f,Work phone,020 7946 0958,GB,,
b3d9a7c4-58e1-4f60-8a2b-7c6d5e4f3a2b,Sydney office,(02) 5550 1234,AU,,
`
}

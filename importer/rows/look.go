package rows

import (
	"errors"
	"io"
)

// Look is what there is to see of a file before it is settled how it is read.
type Look struct {
	Info    Info
	Columns []Column
	Rows    [][]string // the first rows, without the header
	Lines   []int      // on which they begin
	Refused *FileError // why Open refuses the file, for its columns or its rows; nil if it does not
}

// Column is a column of a file.
type Column struct {
	Header    string
	Field     string   // what it is taken for; "" is nothing
	Meant     string   // what it may be meant to be if it is taken for nothing and nobody has said so; "" is nothing
	Ignored   bool     // it is left out on purpose
	NotNeeded bool     // it is csvput's own and says nothing on reading
	Countries bool     // its cells are countries
	Samples   []string // the first cells that are not blank
}

// lookRows is how many of the first rows a Look shows, and of how many cells a Column.
const lookRows, lookCells = 20, 3

// LookAt looks at the beginning of a file. The error is for what is no table at all.
func LookAt(r io.Reader, o Options) (*Look, error) {
	rd, err := open(r, o, chunkSize)
	refused, isRefused := errors.AsType[*FileError](err)
	if err != nil && (!isRefused || rd.looked == nil) {
		return nil, err
	}
	l := rd.looked
	look := &Look{Info: rd.Info(), Rows: l.sample[:min(len(l.sample), lookRows)],
		Lines: l.lines[:min(len(l.lines), lookRows)], Refused: refused}
	for i, header := range l.header {
		c := Column{Header: header, Countries: l.holdsCountries(i)}
		cells := l.cellsOf(i)
		c.Samples = cells[:min(len(cells), lookCells)]
		if l.ignored != nil { // else the first line is no header
			c.Field, c.Ignored, c.NotNeeded = l.fields[i], l.ignored[i], l.readOnly(i)
			if l.unused(i) && !blank(header) {
				c.Meant = l.meant(i)
			}
		}
		look.Columns = append(look.Columns, c)
	}
	return look, nil
}

package xlsx

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"csvput/report/human"
)

// Kind is what a cell holds.
type Kind byte

// The kinds of cells.
const (
	Text     Kind = iota
	Number        // as it is stored
	Date          // a number shown as a date or a time; Text is the date
	Bool          // TRUE or FALSE
	Failure       // the error of a formula, such as #N/A
	NoResult      // a formula that nothing has calculated; Text is the formula
)

// Row is a row that is in the sheet.
type Row struct {
	Number int    // as Excel shows it
	Cells  []Cell // those that are not blank
}

// Cell is a cell that is not blank.
type Cell struct {
	Column int // counted from 0
	Kind   Kind
	Text   string
	Format string // of a number: how it is shown, "" for General
}

// Rows are the rows of a sheet, one after the other.
type Rows struct {
	*part
	row     int // number of the row that was read last
	inside  bool
	ended   bool
	scratch []byte
}

// Rows opens a sheet.
func (b *Book) Rows(s Sheet) (*Rows, error) {
	p, err := b.open(s.part)
	if err != nil {
		return nil, err
	}
	return &Rows{part: p}, nil
}

// Close gives a sheet up that was not read to its end.
func (r *Rows) Close() error { return r.raw.Close() }

// Next returns the next row that is in the sheet; rows without a cell need not be. At the end it is io.EOF, and the
// sheet was whole.
func (r *Rows) Next() (Row, error) {
	for !r.ended {
		t, err := r.token()
		if err == io.EOF {
			return Row{}, damaged(r.row, "the sheet breaks off")
		}
		if err != nil {
			return Row{}, r.here(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch {
			case t.Name.Local == "sheetData":
				r.inside = true
			case t.Name.Local == "row" && r.inside:
				return r.readRow(t)
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "sheetData":
				r.inside = false
			case "worksheet":
				if err := r.end(); err != nil {
					return Row{}, r.here(err)
				}
				r.ended = true
			}
		}
	}
	return Row{}, io.EOF
}

// here adds the row to an error.
func (r *Rows) here(err error) error {
	if e, ok := errors.AsType[*Error](err); ok && e.Row == 0 {
		e.Row = r.row
	}
	return err
}

// readRow reads a row that has begun.
func (r *Rows) readRow(start xml.StartElement) (Row, error) {
	r.row++
	if n := attribute(start, "r"); n != "" {
		number, err := strconv.Atoi(n)
		if err != nil || number < r.row {
			return Row{}, damaged(r.row, "after row %d comes a row numbered %s", r.row-1, human.Quote(n))
		}
		r.row = number
	}
	if r.row > maxRows {
		return Row{}, tooLarge("the sheet has more than the %d rows of a sheet", maxRows)
	}
	row, column, size := Row{Number: r.row}, -1, 0
	for {
		t, err := r.token()
		if err == io.EOF {
			return Row{}, damaged(r.row, "the sheet breaks off")
		}
		if err != nil {
			return Row{}, r.here(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local != "c" {
				continue
			}
			if column, err = r.column(t, column); err != nil {
				return Row{}, err
			}
			cell, blank, err := r.readCell(t)
			if err != nil {
				return Row{}, r.here(err)
			}
			if size += len(cell.Text); size > maxToken {
				return Row{}, &Error{CodeTooLarge, "a row of the sheet holds more than 1 MiB of text", r.row}
			}
			if !blank {
				cell.Column = column
				row.Cells = append(row.Cells, cell)
			}
		case xml.EndElement:
			if t.Name.Local == "row" {
				return row, nil
			}
		}
	}
}

// column is where a cell stands; the last one stood at last. Its reference may be missing: then it is the next.
func (r *Rows) column(cell xml.StartElement, last int) (int, error) {
	column := last + 1
	ref := attribute(cell, "r")
	if ref != "" {
		column = 0
		letters := strings.TrimRight(ref, "0123456789")
		for _, c := range []byte(strings.ToUpper(letters)) {
			if c < 'A' || c > 'Z' || column > MaxColumns {
				return 0, damaged(r.row, "%s is no place of a cell", human.Quote(ref))
			}
			column = column*26 + int(c-'A') + 1
		}
		column--
		if column <= last || ref[len(letters):] != strconv.Itoa(r.row) {
			return 0, damaged(r.row, "a cell of row %d says that it stands in %s", r.row, human.Quote(ref))
		}
	}
	if column >= MaxColumns {
		return 0, tooLarge("the sheet has more than the %d columns of a sheet", MaxColumns)
	}
	return column, nil
}

// readCell reads a cell that has begun.
func (r *Rows) readCell(start xml.StartElement) (cell Cell, blank bool, err error) {
	var value, formula string
	var hasValue, hasFormula bool
	into := (*string)(nil)
	for {
		t, err := r.token()
		if err == io.EOF {
			return cell, false, damaged(r.row, "the sheet breaks off")
		}
		if err != nil {
			return cell, false, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "v":
				into, hasValue = &value, true
			case "f":
				into, hasFormula = &formula, true
			case "is":
				r.scratch, err = r.text(r.scratch[:0], "is")
				if err != nil {
					return cell, false, err
				}
				value, hasValue = string(r.scratch), true
			}
		case xml.CharData:
			if into != nil {
				*into += string(t)
			}
		case xml.EndElement:
			into = nil
			if t.Name.Local != "c" {
				continue
			}
			kind := attribute(start, "t")
			if hasFormula && (!hasValue || value == "" && kind != "str") {
				return Cell{Kind: NoResult, Text: "=" + formula}, false, nil
			}
			cell, err := r.book.cell(kind, value, attribute(start, "s"))
			return cell, cell.Text == "", err
		}
	}
}

// cell is a cell with a value, of a type and a style.
func (b *Book) cell(kind, value, style string) (Cell, error) {
	switch kind {
	case "s":
		i, err := strconv.Atoi(strings.TrimSpace(value))
		text, ok := b.strings.at(i)
		if value != "" && (err != nil || !ok) {
			return Cell{}, damaged(0, "a cell names a text that is not in it")
		}
		return Cell{Text: text}, nil
	case "inlineStr":
		return Cell{Text: value}, nil // decoded already
	case "b":
		truth, err := strconv.ParseBool(strings.TrimSpace(value))
		if err != nil {
			return Cell{Text: value}, nil
		}
		return Cell{Kind: Bool, Text: strings.ToUpper(strconv.FormatBool(truth))}, nil
	case "e":
		return Cell{Kind: Failure, Text: value}, nil
	case "d":
		return Cell{Kind: Date, Text: value}, nil
	case "", "n":
	default:
		return Cell{Text: unescape(value)}, nil
	}
	value = strings.TrimSpace(value)
	n, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return Cell{Text: value}, nil
	}
	format := ""
	if i, err := strconv.Atoi(style); err == nil && i >= 0 && i < len(b.formats) {
		format = b.formats[i]
	}
	if isDate(format) && n >= 0 && n < afterDates {
		return Cell{Kind: Date, Text: b.date(n)}, nil
	}
	return Cell{Kind: Number, Text: value, Format: format}, nil
}

// afterDates is the day after the last one that Excel has.
const afterDates = 2958466

// date is a number of days as a date, with the time of the day if it has one; below the first day it is a time.
func (b *Book) date(n float64) string {
	first := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC) // day 1 is the last of the year, and 1900 has a February 29
	if b.since == 1904 {
		first = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	days, part := math.Modf(n)
	at := first.AddDate(0, 0, int(days)).Add(time.Duration(math.Round(part*86400)) * time.Second)
	switch {
	case days == 0 && part > 0:
		return at.Format(time.TimeOnly)
	case part == 0:
		return at.Format(time.DateOnly)
	}
	return at.Format(time.DateTime)
}

// attribute is the value of an attribute, "" where there is none.
func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// columnName is the name of a column counted from 0: A, B, ... Z, AA.
func columnName(column int) string {
	name := ""
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		name = fmt.Sprintf("%c%s", 'A'+(n-1)%26, name)
	}
	return name
}

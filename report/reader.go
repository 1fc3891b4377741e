package report

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/gocarina/gocsv"

	"csvput/report/code"
)

// Reader reads what Writer wrote, and takes nothing less: a plan that lacks its end is no plan. A report that a run
// is still writing, or was when it was killed, is read with Outcomes. It is not safe for concurrent use.
type Reader struct {
	scan *scanner
	dec  *decoder
	err  error
}

// NewReader reads the header of a report from r. It is an error when that is none.
func NewReader(r io.Reader) (*Reader, error) {
	scan := newScanner(r)
	dec, err := readHeader(scan)
	if err != nil {
		return nil, err
	}
	return &Reader{scan: scan, dec: dec}, nil
}

// errNoReport is the error of a file that is no report.
var errNoReport = errors.New("this is not a report of csvput")

// readHeader reads the first record and returns a decoder for those that follow.
func readHeader(scan *scanner) (*decoder, error) {
	rec, _, err := scan.next()
	switch {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%w: it is empty", errNoReport)
	case errors.Is(err, errTorn):
		return nil, fmt.Errorf("%w: its first line is incomplete", errNoReport)
	case err != nil:
		return nil, err
	}
	return newDecoder(rec)
}

// Read returns the next row. The error is io.EOF after the last one. Damage is an error that names the line, and
// every later call returns it again.
func (r *Reader) Read() (Row, error) {
	var row Row
	err := r.next(func(rec []byte) (err error) {
		row, err = r.dec.decode(rec)
		return err
	})
	return row, err
}

// Glance is Read for those who need no more of the next row. It notices less damage.
func (r *Reader) Glance() (Glance, error) {
	var g Glance
	err := r.next(func(rec []byte) error {
		if r.dec.own && bytes.Count(rec, newline) == 1 {
			var ok bool
			if g, ok = peek(rec); ok {
				return nil
			}
		}
		row, err := r.dec.decode(rec)
		g = row.glance()
		return err
	})
	return g, err
}

// next lets decode have the next record, and judges its error.
func (r *Reader) next(decode func(rec []byte) error) error {
	if r.err != nil {
		return r.err
	}
	rec, _, err := r.scan.next()
	if err == nil {
		err = decode(rec)
	} else if !errors.Is(err, errTorn) && !errors.Is(err, errQuote) {
		r.err = err
		return err
	}
	if err != nil {
		r.err = fmt.Errorf("line %d of the report is damaged: %w", r.scan.first, err)
	}
	return r.err
}

// decoder turns one record at a time into a Row.
type decoder struct {
	own     bool // the columns are ours, in our order
	feed    feed
	records *csv.Reader
	rows    *gocsv.Unmarshaller
}

// feed gives csv.Reader one record and then io.EOF, until there is another one. csv.Reader asks for more only
// when it has used up what it got, so it never reads ahead.
type feed struct{ rec []byte }

func (f *feed) Read(p []byte) (int, error) {
	if len(f.rec) == 0 {
		return 0, io.EOF
	}
	n := copy(p, f.rec)
	f.rec = f.rec[n:]
	return n, nil
}

// newDecoder returns a decoder for records below this header. Columns may stand in any order and others
// may be among them, but none of ours may be missing or there twice.
func newDecoder(head []byte) (*decoder, error) {
	d := &decoder{feed: feed{bytes.TrimPrefix(head, []byte(bom))}}
	d.records = csv.NewReader(&d.feed)
	d.records.ReuseRecord = true
	rows, err := gocsv.NewUnmarshaller(d.records, &cells{})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoReport, err)
	}
	if missing := rows.MismatchedStructFields; len(missing) > 0 {
		return nil, fmt.Errorf("%w: it has no column %s", errNoReport, strings.Join(missing, ", "))
	}
	if len(rows.Headers)-len(rows.MismatchedHeaders) != columns {
		return nil, fmt.Errorf("%w: it has one of the columns twice", errNoReport)
	}
	d.rows = rows
	ours, err := header()
	d.own = err == nil && sameHeader(head, ours)
	return d, err
}

// decode decodes one record.
func (d *decoder) decode(rec []byte) (Row, error) {
	if bytes.IndexByte(rec, 0) >= 0 {
		return Row{}, errors.New("it holds zero bytes, as a disk that lost power leaves them")
	}
	if d.own {
		if c, ok := cut(rec); ok {
			return c.row()
		}
	}
	d.feed.rec = rec
	v, err := d.rows.Read()
	if err != nil {
		d.drain()
		var p *csv.ParseError
		if errors.As(err, &p) {
			err = p.Err // the position counts records, not lines of the file
		}
		return Row{}, err
	}
	return v.(*cells).row()
}

// drain makes csv.Reader forget what is left of a broken record.
func (d *decoder) drain() {
	for err := error(nil); !errors.Is(err, io.EOF); {
		_, err = d.records.Read()
	}
}

// cut decodes a record of ours without quotation marks, as gocsv would, several times as fast: a run of a
// million rows reads each of them several times.
func cut(rec []byte) (cells, bool) {
	if bytes.IndexByte(rec, '"') >= 0 || bytes.Count(rec, comma) != columns-1 {
		return cells{}, false
	}
	rest := string(bytes.TrimSuffix(bytes.TrimSuffix(rec, newline), []byte{'\r'}))
	var c [columns]string
	for i := range c {
		c[i], rest, _ = strings.Cut(rest, ",")
	}
	return cells{
		c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9],
		c[10], c[11], c[12], c[13], c[14], c[15], c[16], c[17], c[18], c[19],
	}, true
}

// row is the inverse of Append for the cells of a record.
func (c *cells) row() (Row, error) {
	var bad error
	number := func(column, s string) int64 {
		if s == "" && column != "line" {
			return 0
		}
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil && bad == nil {
			bad = fmt.Errorf("%s is not a number", column)
		}
		return n
	}
	r := Row{
		Line: int(number("line", c.Line)),
		ID:   cellText(c.ID), Status: Status(cellText(c.Status)), Code: code.Code(cellText(c.Code)), Message: cellText(c.Message),
		Type: cellText(c.Type), NameBefore: cellText(c.NameBefore), Name: cellText(c.Name),
		ValueBefore: cellText(c.ValueBefore), Value: cellText(c.Value), Country: cellText(c.Country), National: cellText(c.National),
		AccountUUIDsBefore: cellText(c.AccountUUIDsBefore), AccountUUIDs: cellText(c.AccountUUIDs),
		PrimaryAccountUUIDsBefore: cellText(c.PrimaryAccountUUIDsBefore), PrimaryAccountUUIDs: cellText(c.PrimaryAccountUUIDs),
		HTTPStatus: int(number("http_status", c.HTTPStatus)), Attempts: int(number("attempts", c.Attempts)), MS: number("ms", c.MS),
		At: cellText(c.At),
	}
	if bad != nil {
		return Row{}, bad
	}
	if !r.Status.Known() {
		return Row{}, fmt.Errorf("%q is no status", r.Status)
	}
	return r, nil
}

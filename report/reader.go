package report

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/gocarina/gocsv"

	"csvput/report/code"
)

// errNoReport is the error of a file that is no report.
var errNoReport = errors.New("this is not a report of csvput")

// errTorn says that the last row has no line break at its end.
var errTorn = errors.New("the last line is incomplete")

// errLong says that a stray quotation mark makes one row of many.
var errLong = errors.New("a quotation mark is wrong")

// maxRecord is how long a row can be, give or take a buffer. The longest that csvput writes is far shorter.
const maxRecord = 4 << 20

// Reader reads what Writer wrote, and takes nothing less: a plan that lacks its end is no plan. A report that a run
// is still writing, or was when it was killed, is read with Outcomes. It is not safe for concurrent use.
type Reader struct {
	in      *source
	records *csv.Reader
	rows    *gocsv.Unmarshaller
	err     error
}

// source is where a Reader's bytes come from. It bounds what one row can take, and knows how it ended.
type source struct {
	r    io.Reader
	n    int64 // bytes so far
	done int64 // of which in rows
	last byte
	end  bool
}

func (s *source) Read(p []byte) (int, error) {
	if s.n-s.done > maxRecord {
		return 0, errLong
	}
	n, err := s.r.Read(p)
	if n > 0 {
		s.n, s.last = s.n+int64(n), p[n-1]
	}
	s.end = errors.Is(err, io.EOF)
	return n, err
}

// NewReader reads the header of a report from r. It is an error when that is none. Columns may stand in any order and
// others may be among them, but none of ours may be missing or there twice.
func NewReader(r io.Reader) (*Reader, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	if mark, _ := in.Peek(len(bom)); string(mark) == bom {
		_, _ = in.Discard(len(bom))
	}
	rd := &Reader{in: &source{r: in}}
	rd.records = csv.NewReader(rd.in)
	rd.records.ReuseRecord = true
	var err error
	rd.rows, err = gocsv.NewUnmarshaller(rd.records, &cells{})
	broken, isBroken := errors.AsType[*csv.ParseError](err)
	switch {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%w: it is empty", errNoReport)
	case isBroken:
		return nil, fmt.Errorf("%w: %w", errNoReport, broken.Err)
	case err != nil:
		return nil, err
	case rd.torn():
		return nil, fmt.Errorf("%w: its first line is incomplete", errNoReport)
	case len(rd.rows.MismatchedStructFields) > 0:
		return nil, fmt.Errorf("%w: it has no column %s", errNoReport, strings.Join(rd.rows.MismatchedStructFields, ", "))
	case len(rd.rows.Headers)-len(rd.rows.MismatchedHeaders) != columns:
		return nil, fmt.Errorf("%w: it has one of the columns twice", errNoReport)
	}
	return rd, nil
}

// torn reports whether what was read last goes to the end of the file and has no line break there.
func (r *Reader) torn() bool {
	return r.in.end && r.in.last != '\n' && r.records.InputOffset() == r.in.n
}

// damage is what is wrong with a row, and the physical line on which it begins.
type damage struct {
	line int
	error
}

func (d damage) Error() string {
	return fmt.Sprintf("line %d of the report is damaged: %v", d.line, d.error)
}
func (d damage) Unwrap() error { return d.error }

// Read returns the next row. The error is io.EOF after the last one. Damage is an error that names the line, and
// every later call returns it again.
func (r *Reader) Read() (row Row, err error) {
	if r.err == nil {
		row, r.err = r.read()
		r.in.done = r.records.InputOffset()
	}
	return row, r.err
}

func (r *Reader) read() (Row, error) {
	v, err := r.rows.Read()
	broken, isBroken := errors.AsType[*csv.ParseError](err)
	var line int
	var row Row
	switch {
	case isBroken:
		line, err = broken.StartLine, broken.Err
	case errors.Is(err, errLong):
		line, _ = r.records.FieldPos(0)
	case err != nil:
		return Row{}, err
	default:
		line, _ = r.records.FieldPos(0)
		row, err = v.(*cells).row()
	}
	if r.torn() {
		err = errTorn
	}
	if err != nil {
		return Row{}, damage{line, err}
	}
	return row, nil
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
	text := func(s string) string {
		if strings.IndexByte(s, 0) >= 0 {
			bad = errors.New("it holds zero bytes, as a disk that lost power leaves them")
		}
		return cellText(s)
	}
	r := Row{
		Line: int(number("line", c.Line)),
		ID:   text(c.ID), Status: Status(text(c.Status)), Code: code.Code(text(c.Code)), Message: text(c.Message),
		Type: text(c.Type), NameBefore: text(c.NameBefore), Name: text(c.Name),
		ValueBefore: text(c.ValueBefore), Value: text(c.Value), Country: text(c.Country), National: text(c.National),
		AccountUUIDsBefore: text(c.AccountUUIDsBefore), AccountUUIDs: text(c.AccountUUIDs),
		PrimaryAccountUUIDsBefore: text(c.PrimaryAccountUUIDsBefore), PrimaryAccountUUIDs: text(c.PrimaryAccountUUIDs),
		HTTPStatus: int(number("http_status", c.HTTPStatus)), Attempts: int(number("attempts", c.Attempts)), MS: number("ms", c.MS),
		At: text(c.At),
	}
	if bad == nil && !r.Status.Known() {
		bad = fmt.Errorf("%q is no status", r.Status)
	}
	if bad != nil {
		return Row{}, bad
	}
	return r, nil
}

package report

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// errNoReport is the error of a file that is no report.
var errNoReport = errors.New("this is not a report of csvput")

// errTorn says that the last row has no line break at its end.
var errTorn = errors.New("the last line is incomplete")

// errLong says that a stray quotation mark makes one row of many.
var errLong = errors.New("a quotation mark is wrong")

// lateColumn is not in the reports of earlier versions, which can still be undone.
const lateColumn = "matched_by"

// maxRecord is how long a row can be, give or take a buffer. The longest that csvput writes is far shorter.
const maxRecord = 4 << 20

// Reader reads what Writer wrote, and takes nothing less: a plan that lacks its end is no plan. A report that a run is
// still writing, or was when it was killed, is read with Outcomes. It is not safe for concurrent use.
type Reader struct {
	in      *source
	records *csv.Reader
	at      [columns]int // where our columns stand
	names   []string     // of our columns
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
	head, err := rd.records.Read()
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
	}
	return rd, rd.find(head)
}

// find finds our columns in a header.
func (r *Reader) find(head []string) error {
	ours, err := header()
	if err != nil {
		return err
	}
	r.names = strings.Split(strings.TrimSpace(string(ours)), ",")
	var missing []string
	for i, name := range r.names {
		r.at[i] = slices.Index(head, name)
		switch {
		case r.at[i] < 0 && name == lateColumn:
		case r.at[i] < 0:
			missing = append(missing, name)
		case slices.Contains(head[r.at[i]+1:], name):
			return fmt.Errorf("%w: it has the column %s twice", errNoReport, name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%w: it has no column %s", errNoReport, strings.Join(missing, ", "))
	}
	return nil
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

// Read returns the next row. The error is io.EOF after the last one. Damage is an error that names the line, and every
// later call returns it again.
func (r *Reader) Read() (row Row, err error) {
	if r.err == nil {
		row, r.err = r.read()
		r.in.done = r.records.InputOffset()
	}
	return row, r.err
}

func (r *Reader) read() (Row, error) {
	rec, err := r.records.Read()
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
		row, err = r.row(rec)
	}
	if r.torn() {
		err = errTorn
	}
	if err != nil {
		return Row{}, damage{line, err}
	}
	return row, nil
}

// row makes a Row of a record as gocsv would, in half the time (BenchmarkRead): a run reads every row several times.
func (r *Reader) row(rec []string) (row Row, err error) {
	for i, cell := range row.fields() {
		if r.at[i] < 0 {
			continue
		}
		s := rec[r.at[i]]
		if s == "" && i > 0 {
			continue
		}
		if strings.IndexByte(s, 0) >= 0 {
			return Row{}, errors.New("it holds zero bytes, as a disk that lost power leaves them")
		}
		switch v := cell.(type) {
		case *string:
			*v = cellText(s)
		case *int:
			*v, err = strconv.Atoi(s)
		case *int64:
			*v, err = strconv.ParseInt(s, 10, 64)
		}
		if err != nil {
			return Row{}, fmt.Errorf("%s is not a number", r.names[i])
		}
	}
	if !row.Status.Known() {
		return Row{}, fmt.Errorf("%q is no status", row.Status)
	}
	return row, nil
}

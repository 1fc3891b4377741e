// Package table shows a part of a run's rows: a hundred of a hundred thousand, filtered, searched and put in order,
// each with the cells of the input beside what csvput says of it. It keeps 16 bytes a row in memory; the rest stands in
// a file of the run's folder, which goes with the table.
package table

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"csvput/importer"
	"csvput/importer/rows"
	"csvput/report"
	"csvput/report/code"
	"csvput/report/safefile"
)

// fileName is the table's file in the run's folder. One that a kill has left is written over.
const fileName = ".table"

// Table is what can be shown of one of a folder's files. It is safe for concurrent use, but for Close.
type Table struct {
	Info   rows.Info // of the input; empty without one
	Groups []Group   // of rows with a code: what is wrong first, and the largest first
	report.Counts

	file  *os.File
	index []entry
	end   int64
	codes []code.Code
}

// entry is where a row's record stands in the file, and what it is chosen by.
type entry struct {
	offset       int64
	line         uint32
	status, code uint8
}

// Group are the rows with one code and one status.
type Group struct {
	Code    code.Code
	Status  report.Status
	Count   int
	Line    int // of the first
	Message string
}

// Row is a row with the cells of the input.
type Row struct {
	report.Row
	Cells []string // as they were uploaded, by column
}

// Query says which rows are wanted.
type Query struct {
	Status   report.Status // "" is any
	Code     code.Code     // "" is any
	Problems bool          // only what did not get through
	Text     string        // somewhere in its cells, or in what is said of it; capitals don't count
	Backward bool          // the last line first
	From     int           // rows to pass over
	Count    int           // rows to return at most
}

// Open makes a table of report.csv or plan.csv. original opens the input; nil for an undo, which has none.
func Open(folder *report.Folder, name string, original importer.Source) (*Table, error) {
	file, err := safefile.OpenFile(folder.Path(fileName), os.O_RDWR|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return nil, err
	}
	t := &Table{file: file}
	if err := t.fill(folder, name, original); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

// Close removes the table's file.
func (t *Table) Close() error {
	return errors.Join(t.file.Close(), os.Remove(t.file.Name()))
}

func (t *Table) fill(folder *report.Folder, name string, original importer.Source) error {
	input := &input{}
	if original != nil {
		in, closer, err := original()
		if err != nil {
			return err
		}
		defer closer.Close()
		input.Reader = in
	}
	out := bufio.NewWriterSize(t.file, 1<<20)
	groups := map[[2]uint8]*Group{}
	var record []byte
	for row, err := range importer.Rows(folder, name) {
		if err != nil {
			return err
		}
		cells, err := input.cells(row.Line)
		if err != nil {
			return err
		}
		e := entry{t.end, uint32(row.Line), uint8(slices.Index(report.Statuses(), row.Status)), t.codeIndex(row.Code)}
		record = appendRecord(record[:0], Row{row, cells})
		if _, err := out.Write(record); err != nil {
			return err
		}
		t.end += int64(len(record))
		t.index = append(t.index, e)
		t.Counts.Add(row)
		group := groups[[2]uint8{e.status, e.code}]
		if group == nil {
			group = &Group{Code: row.Code, Status: row.Status, Line: row.Line, Message: row.Message}
			groups[[2]uint8{e.status, e.code}] = group
		}
		group.Count++
	}
	for _, g := range groups {
		if g.Code != "" {
			t.Groups = append(t.Groups, *g)
		}
	}
	slices.SortFunc(t.Groups, func(a, b Group) int {
		if p := a.Problem(); p != b.Problem() {
			return map[bool]int{true: -1, false: 1}[p]
		}
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Line, b.Line))
	})
	if input.Reader != nil {
		t.Info = input.Info()
	}
	return out.Flush()
}

// Problem reports whether the rows did not get through.
func (g Group) Problem() bool { return report.Row{Status: g.Status, Code: g.Code}.Problem() }

// codeIndex is the place of a code among those that were met.
func (t *Table) codeIndex(c code.Code) uint8 {
	i := slices.Index(t.codes, c)
	if i < 0 {
		i = len(t.codes)
		t.codes = append(t.codes, c)
	}
	return uint8(i)
}

// input reads the input beside the report, which has its rows in the same order.
type input struct {
	*rows.Reader
	at rows.Row
}

func (in *input) cells(line int) ([]string, error) {
	for in.Reader != nil && in.at.Line < line {
		var err error
		if in.at, err = in.Read(); err != nil {
			return nil, err
		}
	}
	return in.at.Raw, nil
}

// appendRecord appends a row as the table's file has it: the text to be searched, the line of the report, the cells.
func appendRecord(dst []byte, r Row) []byte {
	said := []string{r.ID, r.Message, r.NameBefore, r.Name, r.ValueBefore, r.Value, r.National}
	dst = appendText(dst, strings.ToLower(strings.Join(append(said, r.Cells...), "\x00")))
	dst = appendText(dst, string(r.Append(nil)))
	dst = binary.AppendUvarint(dst, uint64(len(r.Cells)))
	for _, cell := range r.Cells {
		dst = appendText(dst, cell)
	}
	return dst
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// cutText takes a text off a record.
func cutText(record []byte) (text, rest []byte) {
	n, size := binary.Uvarint(record)
	return record[size : size+int(n)], record[size+int(n):]
}

// Rows returns the rows that are wanted, and how many there are in all.
func (t *Table) Rows(q Query) (page []Row, total int, err error) {
	found, err := t.find(q)
	if err != nil {
		return nil, 0, err
	}
	if q.Backward {
		slices.Reverse(found)
	}
	from := min(max(q.From, 0), len(found))
	page, err = t.read(found[from:min(from+q.Count, len(found))])
	return page, len(found), err
}

// Row returns the row that begins on a line of the input; ok is false when there is none.
func (t *Table) Row(line int) (row Row, ok bool, err error) {
	i, ok := slices.BinarySearchFunc(t.index, line,
		func(e entry, line int) int { return cmp.Compare(int(e.line), line) })
	if !ok {
		return Row{}, false, nil
	}
	page, err := t.read([]int{i})
	if err != nil {
		return Row{}, false, err
	}
	return page[0], true, nil
}

// find returns the places of the rows that are wanted.
func (t *Table) find(q Query) ([]int, error) {
	wanted := map[[2]uint8]bool{}
	for s, status := range report.Statuses() {
		for c, why := range t.codes {
			row := report.Row{Status: status, Code: why}
			wanted[[2]uint8{uint8(s), uint8(c)}] = (q.Status == "" || q.Status == status) &&
				(q.Code == "" || q.Code == why) && (!q.Problems || row.Problem())
		}
	}
	var found []int
	for i, e := range t.index {
		if wanted[[2]uint8{e.status, e.code}] {
			found = append(found, i)
		}
	}
	if q.Text != "" {
		var err error
		if found, err = t.search(found, []byte(strings.ToLower(q.Text))); err != nil {
			return nil, err
		}
	}
	if q.Code == code.DuplicateID {
		return t.sideBySide(found)
	}
	return found, nil
}

// sideBySide puts rows with the same id next to each other, where the first of them stands.
func (t *Table) sideBySide(among []int) ([]int, error) {
	twins, ids := map[string][]int{}, []string(nil)
	err := t.each(among, func(i int, said []byte) {
		id, _, _ := strings.Cut(string(said), "\x00")
		if twins[id] == nil {
			ids = append(ids, id)
		}
		twins[id] = append(twins[id], i)
	})
	var found []int
	for _, id := range ids {
		found = append(found, twins[id]...)
	}
	return found, err
}

// search returns those of the rows that hold a text.
func (t *Table) search(among []int, text []byte) ([]int, error) {
	var found []int
	err := t.each(among, func(i int, said []byte) {
		if bytes.Contains(said, text) {
			found = append(found, i)
		}
	})
	return found, err
}

// each reads the text to be searched of rows.
func (t *Table) each(among []int, do func(i int, said []byte)) error {
	in := bufio.NewReaderSize(io.NewSectionReader(t.file, 0, t.end), 1<<20)
	var at int64
	var record []byte
	for _, i := range among {
		from, to := t.span(i)
		if _, err := in.Discard(int(from - at)); err != nil {
			return err
		}
		record = slices.Grow(record[:0], int(to-from))[:to-from]
		if _, err := io.ReadFull(in, record); err != nil {
			return err
		}
		at = to
		said, _ := cutText(record)
		do(i, said)
	}
	return nil
}

// span is where a row's record begins and ends.
func (t *Table) span(i int) (from, to int64) {
	to = t.end
	if i+1 < len(t.index) {
		to = t.index[i+1].offset
	}
	return t.index[i].offset, to
}

// read reads the rows at the given places.
func (t *Table) read(places []int) ([]Row, error) {
	var lines bytes.Buffer
	if err := report.NewWriter(&lines).WriteHeader(); err != nil {
		return nil, err
	}
	page := make([]Row, len(places))
	for n, i := range places {
		from, to := t.span(i)
		record := make([]byte, to-from)
		if _, err := t.file.ReadAt(record, from); err != nil {
			return nil, err
		}
		_, rest := cutText(record)
		line, rest := cutText(rest)
		lines.Write(line)
		count, size := binary.Uvarint(rest)
		rest = rest[size:]
		page[n].Cells = make([]string, count)
		for j := range page[n].Cells {
			var cell []byte
			cell, rest = cutText(rest)
			page[n].Cells[j] = string(cell)
		}
	}
	in, err := report.NewReader(&lines)
	if err != nil {
		return nil, err
	}
	for n := range page {
		if page[n].Row, err = in.Read(); err != nil {
			return nil, err
		}
	}
	return page, nil
}

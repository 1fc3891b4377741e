package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"csvput/report/code"
)

// threeRows has a line break and quotation marks in its last row, so that it can be torn anywhere.
func threeRows() []Row {
	last := typical(4)
	last.NameBefore, last.Message, last.Name = "two\nlines", `he said "no", twice`, "ends in a quote\""
	return []Row{typical(2), typical(3), last}
}

// A report that is cut off is an error and never a shorter report, but where it ends with a line.
func TestReaderRefusesTornTail(t *testing.T) {
	rows := threeRows()
	whole := write(t, rows...)
	kept := len(write(t, rows[:2]...))
	for n := kept; n < len(whole); n++ {
		got, err := readAll(whole[:n])
		if len(got) != 2 || (err != nil) != (n > kept) || err != nil && !strings.Contains(err.Error(), "line 4 ") {
			t.Fatalf("cut after %d of %d bytes: %d rows, %v", n, len(whole), len(got), err)
		}
	}
}

func TestReaderDamage(t *testing.T) {
	good := string(write(t, threeRows()...))
	second := strings.Index(good, "\n") + 1
	for _, tt := range []struct {
		name, data, says string
	}{
		{"stray quote", good[:second] + strings.Replace(good[second:], "Work", `"Work`, 1), "line 2"},
		{"quote that swallows the rest", good[:second] + strings.Replace(good[second:], ",updated,", `,updated,"`, 1), "line 2"},
		{"too few cells", good[:second] + strings.Replace(good[second:], ",updated,", "updated", 1), "line 2 of the report is damaged: wrong number of fields"},
		{"two torn lines glued together", good[:second+40] + good[second:], "line 2 of the report is damaged"},
		{"line is no number", good[:second] + "x" + good[second:], "line 2 of the report is damaged: line is not a number"},
		{"octal is not read as such", good[:second] + "0x" + good[second:], "line is not a number"},
		{"no status", good[:second] + strings.Replace(good[second:], ",updated,", ",upd,", 1), `line 2 of the report is damaged: "upd" is no status`},
		{"zeros inside a cell", good[:second] + strings.Replace(good[second:], "Work", "Wo\x00\x00", 1), "line 2 of the report is damaged: it holds zero bytes"},
		{"zeros from a power failure in the middle", good[:second] + "\x00\x00\x00\x00\n" + good[second:], "line 2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rd, err := NewReader(strings.NewReader(tt.data))
			for err == nil {
				_, err = rd.Read()
			}
			if errors.Is(err, io.EOF) || !strings.Contains(err.Error(), tt.says) {
				t.Fatalf("got %v", err)
			}
			if _, again := rd.Read(); again != err {
				t.Errorf("the next Read says %v", again)
			}
		})
	}
}

func TestReaderHeader(t *testing.T) {
	head := string(write(t))
	for _, tt := range []struct{ name, data, says string }{
		{"empty", "", "it is empty"},
		{"incomplete", head[:20], "its first line is incomplete"},
		{"another file", "id,value\n1,2\n", "it has no column line, status"},
		{"one column missing", strings.Replace(head, ",national", "", 1), "it has no column national"},
		{"column twice", strings.Replace(head, "\n", ",id\n", 1), "it has the column id twice"},
		{"no CSV", "a\"b,c\n", "not a report"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := NewReader(strings.NewReader(tt.data)); !errors.Is(err, errNoReport) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v", err)
			}
		})
	}
	broken := errors.New("broken")
	if _, err := NewReader(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// What other programs do to a report when they save it again, short of changing the cells.
func TestReaderTakesSavedAgain(t *testing.T) {
	rows := []Row{typical(2), typical(3)}
	data := string(write(t, rows...))
	columnsMoved := "at," + strings.TrimSuffix(strings.SplitAfter(data, "\n")[0], ",at,matched_by\n") + ",remark\n"
	without := func(r Row) string {
		return "2026-01-02T15:04:05Z," + strings.TrimSuffix(string(r.Append(nil)), ",2026-01-02T15:04:05Z,\n") + ",mine\n"
	}
	for _, tt := range []struct{ name, data string }{
		{"byte order mark", bom + data},
		{"CRLF", strings.ReplaceAll(data, "\n", "\r\n")},
		{"blank lines", strings.ReplaceAll(data, "\n", "\n\n") + "\r\n"},
		{"columns moved, one more, and none of those added later", columnsMoved + without(rows[0]) + without(rows[1])},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readAll([]byte(tt.data))
			if err != nil || !slices.Equal(got, rows) {
				t.Errorf("%v, read %#v", err, got)
			}
		})
	}
}

func TestReaderPassesErrorsOn(t *testing.T) {
	broken := errors.New("broken")
	rd, err := NewReader(io.MultiReader(bytes.NewReader(write(t, typical(2))), strings.NewReader("3,x"), iotest.ErrReader(broken)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rd.Read(); err != nil {
		t.Fatal(err)
	}
	if _, err := rd.Read(); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// FuzzReader reads any bytes behind a good header without a panic, and what it reads comes back when it
// is written again. Everything that looks at a report agrees on where its rows are.
func FuzzReader(f *testing.F) {
	head := write(f)
	f.Add(write(f, threeRows()...)[len(head):])
	f.Add([]byte("2,\"a\"\"b\",updated,,,,,,,,,,,,,,,,,\n\n\r\n3,x,upd"))
	f.Add([]byte("2,\"\n3,b,updated,,,,,,,,,,,,,,,,,\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		data := append(slices.Clip(head), body...)
		rows, err := readAll(data)
		again, err2 := readAll(write(t, rows...))
		if err2 != nil || !slices.Equal(again, rows) {
			t.Fatalf("read %#v, wrote and read %#v, %v", rows, again, err2)
		}
		if err != nil {
			return
		}
		// A row of no line of the input is no outcome.
		counted := slices.DeleteFunc(rows, func(r Row) bool { return r.Line < 1 || r.Line > math.MaxUint32 })
		last := map[[2]uint32]Row{}
		for _, row := range counted {
			last[[2]uint32{uint32(row.Line), idSum(row.ID)}] = row
		}
		s, err := take(bytes.NewReader(data))
		index := latest(s.index)
		if err != nil || len(index) != len(last) || s.damaged > len(rows)-len(counted) || s.end > int64(len(data)) {
			t.Fatalf("%v, %d rows to %d, the reader has %d to %d", err, len(index), s.end, len(last), len(data))
		}
		for _, e := range index {
			row := last[[2]uint32{e.line, e.id}]
			if want, err := newEntry(row, e.offset(), e.size()); err != nil || e != want {
				t.Fatalf("%+v; the reader has %#v", e, row)
			}
		}
	})
}

func ExampleReader() {
	var b bytes.Buffer
	w := NewWriter(&b)
	w.WriteHeader()
	w.Write(Row{Line: 2, Status: Updated, Name: "-work-"})
	w.Write(Row{Line: 3, Status: Rejected, Code: code.NotFound})
	rd, err := NewReader(&b)
	if err != nil {
		fmt.Println(err)
		return
	}
	for {
		row, err := rd.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(row.Line, row.Status, row.Code+code.Code(row.Name))
	}
	// Output:
	// 2 updated -work-
	// 3 rejected not_found
}

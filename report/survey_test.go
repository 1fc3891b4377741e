package report

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
)

// damageRows are rows with ids of their own; each status tells them apart, and one has a text of several lines.
func damageRows() []Row {
	statuses := []Status{Updated, Failed, Conflict, Rejected, Unknown, Unchanged}
	var rows []Row
	for i, status := range statuses {
		row := typical(i + 2)
		row.ID, row.Status = "9b2c9a1b-9713-5c77-90e9-fdd59e305e0"+strconv.Itoa(i), status
		if i == 2 {
			row.Name, row.Message = "two\n\"lines\"\nand one", "he said \"no\", twice"
		}
		rows = append(rows, row)
	}
	return rows
}

// outcomesOf are the rows that have an outcome in a report.csv.
func outcomesOf(t *testing.T, f *Folder, rows []Row) map[int]Status {
	t.Helper()
	o, err := f.Outcomes()
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	got := map[int]Status{}
	for _, row := range rows {
		status, ok := o.Status(row.Line, row.ID)
		if !ok {
			continue
		}
		got[row.Line] = status
		if read, ok, err := o.Get(row.Line, row.ID); err != nil || !ok || read.Status != status {
			t.Errorf("line %d: %s, but read %t, %v, %#v", row.Line, status, ok, err, read)
		}
	}
	return got
}

// A damaged report keeps every row that is intact, and no other; it is mended, and what it was is kept.
func TestDamage(t *testing.T) {
	rows := damageRows()
	good := write(t, rows...)
	begin := func(line int) int { return len(write(t, rows[:line-2]...)) } // of the row of an input line
	zeros := func(from, to int) []byte {
		return slices.Concat(good[:from], make([]byte, to-from), good[to:])
	}
	change := func(line int, old, new string) []byte {
		at := begin(line)
		return slices.Concat(good[:at], []byte(strings.Replace(string(good[at:]), old, new, 1)))
	}
	insert := func(at int, text string) []byte { return slices.Concat(good[:at], []byte(text), good[at:]) }
	hidden := rows[0]
	hidden.Name = "x\n7," + rows[5].ID + ",updated,,,,,,,,,,,,,,,,,\ny"
	withHidden := write(t, append([]Row{hidden}, rows[1:5]...)...)
	later := rows[1]
	later.Status = Updated

	for _, tt := range []struct {
		name string
		data []byte
		lost []int // lines whose rows are open
		torn bool  // a kill leaves it so: no damage
	}{
		{"nothing", good, nil, false},
		{"zeros over the header", zeros(0, 40), nil, false},
		{"zeros over header and row", zeros(10, begin(2)+10), []int{2}, false},
		{"zeros inside a row", zeros(begin(3)+60, begin(3)+70), []int{3}, false},
		{"zeros over a number", zeros(begin(3), begin(3)+1), []int{3}, false},
		{"zeros from row to row", zeros(begin(3)+60, begin(5)+60), []int{3, 4, 5}, false},
		{"zeros from id to id", zeros(begin(5)+5, begin(6)+5), []int{5, 6}, false},
		{"zeros over a row but for its end", zeros(begin(3), begin(4)-1), []int{3}, false},
		{"zeros over a whole row", zeros(begin(3), begin(4)), []int{3, 4}, false},
		{"zeros in the row of several lines", zeros(begin(4)+200, begin(4)+210), []int{4}, false},
		{"zeros over the end of the row of several lines", zeros(begin(5)-200, begin(5)), []int{4, 5}, false},
		{"zeros from the row of several lines on", zeros(begin(5)-200, begin(5)+5), []int{4, 5}, false},
		{"zeros at the end", zeros(begin(6)+50, len(good)), []int{6, 7}, true},
		{"zeros behind the end", append(slices.Clip(good), make([]byte, 4096)...), nil, true},
		{"zeros behind the end, and rows behind them", slices.Concat(good[:begin(5)], make([]byte, 4096), good[begin(5):]), []int{5}, false},
		{"all zeros", make([]byte, len(good)), []int{2, 3, 4, 5, 6, 7}, false},
		{"half a row in the middle", slices.Concat(good[:begin(3)+60], good[begin(4):]), []int{3, 4}, false},
		{"half a row, ended", slices.Concat(good[:begin(3)+60], []byte("\n"), good[begin(4):]), []int{3}, false},
		{"a cell too few", change(3, "phone_number,", "phone_number"), []int{3}, false},
		{"a cell too many", change(3, "phone_number,", "phone_number,,"), []int{3}, false},
		{"no number", change(3, ",200,1,143,", ",200,one,143,"), []int{3}, false},
		{"line is no number", change(3, "3,", "three,"), []int{3}, false},
		{"no status", change(3, ",failed,", ",fail,"), []int{3}, false},
		{"the line of another row", change(3, "3,", "2,"), []int{3}, false},
		{"the id of another row", change(3, rows[1].ID, rows[0].ID), []int{3}, false},
		{"header twice", insert(begin(4), string(good[:begin(2)])), nil, false},
		{"no header", good[begin(2):], []int{2}, false}, // the first line is never a row
		{"garbage", insert(begin(4), "\x1b\xff\x80garbage\r\n\"\n,,,\n"), nil, false},
		{"a stray quotation mark", change(3, "Work", `"Work`), []int{3}, false},
		{"a quotation mark lost", change(4, `"two`, "two"), []int{4}, false},
		{"a lost mark before a text that looks like a row", bytes.Replace(withHidden, []byte(`"x`), []byte(`x`), 1), []int{2, 7}, false},
		{"a text that looks like a row", withHidden, []int{7}, false},
		{"no report", []byte("id,value\n1,2\n"), []int{2, 3, 4, 5, 6, 7}, false},
		{"no report, not even a line", []byte("id,va"), []int{2, 3, 4, 5, 6, 7}, false},
		{"other columns", bytes.Replace(good, []byte("line,id"), []byte("id,line"), 1), nil, false}, // the rows still are ours
		{"the last line damaged, which was open before", slices.Concat(good, bytes.Replace(later.Append(nil), []byte(",updated,"), []byte(",up\x00\x00ted,"), 1)), nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := map[int]Status{}
			for _, row := range rows {
				if !slices.Contains(tt.lost, row.Line) {
					want[row.Line] = row.Status
				}
			}
			f := folderWith(t, tt.data)
			if got := outcomesOf(t, f, rows); !maps.Equal(got, want) {
				t.Errorf("the outcomes are %v, want %v", got, want)
			}
			if got := contents(t, f, ReportName); !bytes.Equal(got, tt.data) {
				t.Errorf("reading changed the file to %q", got)
			}
			more := typical(8)
			appendTo(t, f, more)
			want[8] = more.Status
			if got := outcomesOf(t, f, append(rows, more)); !maps.Equal(got, want) {
				t.Errorf("mended, the outcomes are %v, want %v", got, want)
			}
			if _, err := readAll(contents(t, f, ReportName)); err != nil {
				t.Errorf("mended, it is read as %v", err)
			}
			if s, err := take(bytes.NewReader(tt.data)); err != nil || s.damaged == 0 {
				wantFiles(t, f, ReportName)
				if !tt.torn && !bytes.Equal(tt.data, good) && !bytes.Equal(tt.data, withHidden) && tt.name != "the line of another row" && tt.name != "the id of another row" {
					t.Errorf("no damage was found, %v", err)
				}
				return
			}
			wantFiles(t, f, DamagedName, ReportName)
			if kept := contents(t, f, DamagedName); tt.torn || !bytes.Equal(kept, tt.data) {
				t.Errorf("kept: %q", kept)
			}
			wantMode(t, f.Path(DamagedName), 0o600)
		})
	}
}

// What is kept of one damage is not lost to the next.
func TestDamageTwice(t *testing.T) {
	f := folderWith(t, nil)
	for _, data := range []string{"first\n", "second\n"} {
		if err := os.WriteFile(f.Path(ReportName), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		appendTo(t, f, typical(2))
		appendTo(t, f, typical(3)) // nothing is damaged any more
	}
	wantFiles(t, f, "report-damaged (2).csv", DamagedName, ReportName)
	if first, second := contents(t, f, DamagedName), contents(t, f, "report-damaged (2).csv"); string(first) != "first\n" || string(second) != "second\n" {
		t.Errorf("kept: %q and %q", first, second)
	}
}

// A quotation mark that swallows a large file takes no more memory than the longest record.
func TestDamageIsBounded(t *testing.T) {
	var b bytes.Buffer
	b.Write(write(t, typical(2)))
	b.WriteString("3,\"")
	line := append(bytes.Repeat([]byte("no row "), 2<<10), '\n')
	for b.Len() < 2*maxRecord { // in fewer than maxDamage lines
		b.Write(line)
	}
	b.Write(typical(4).Append(nil))
	s, err := take(bytes.NewReader(b.Bytes()))
	if err != nil || len(s.index) != 2 || s.damaged == 0 {
		t.Errorf("%d rows, %d damaged, %v", len(s.index), s.damaged, err)
	}
}

type brokenAt struct{ *bytes.Reader }

func (brokenAt) ReadAt([]byte, int64) (int, error) { return 0, iotest.ErrTimeout }

// A disk that can't be read is no damage: nothing is written again because of it.
func TestDamageIsNoReadError(t *testing.T) {
	if _, err := take(brokenAt{bytes.NewReader(nil)}); !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("got %v", err)
	}
	data := write(t, damageRows()...)
	half := io.NewSectionReader(bytes.NewReader(data), 0, int64(len(data)))
	if _, err := take(failingFrom{half, int64(len(data) / 2)}); !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("got %v", err)
	}
}

// failingFrom fails from an offset on.
type failingFrom struct {
	io.ReaderAt
	from int64
}

func (r failingFrom) ReadAt(p []byte, off int64) (int, error) {
	if off >= r.from {
		return 0, iotest.ErrTimeout
	}
	n, err := r.ReaderAt.ReadAt(p[:min(int64(len(p)), r.from-off)], off)
	if err == nil && n < len(p) {
		err = iotest.ErrTimeout
	}
	return n, err
}

// FuzzDamage puts a hole of zeros and any bytes into a report. Nothing panics, whatever is left can be gone on with,
// and no row has a status that no intact line says of it.
func FuzzDamage(f *testing.F) {
	rows := damageRows()
	good := write(f, rows...)
	f.Add(uint(0), uint(10), uint(0), []byte(nil))
	f.Add(uint(300), uint(500), uint(900), []byte("\"\n2,"))
	f.Add(uint(len(good)-100), uint(100), uint(0), []byte{})
	f.Fuzz(func(t *testing.T, from, length, at uint, garbage []byte) {
		start := int(from % uint(len(good)))
		end := start + int(length%uint(len(good)-start+1))
		data := slices.Clone(good)
		clear(data[start:end])
		told := map[int]Status{}
		for i, row := range rows {
			if a, b := len(write(t, rows[:i]...)), len(write(t, rows[:i+1]...)); end <= a || b <= start || start == end {
				told[row.Line] = row.Status
			}
		}
		folder := folderWith(t, data)
		for line, status := range outcomesOf(t, folder, rows) {
			if told[line] != status {
				t.Fatalf("zeros from %d to %d: line %d is %s, and no line says so", start, end, line, status)
			}
		}
		split := int(at % uint(len(data)+1))
		data = slices.Concat(data[:split], garbage, data[split:])
		if err := os.WriteFile(folder.Path(ReportName), data, 0o600); err != nil {
			t.Fatal(err)
		}
		before := outcomesOf(t, folder, rows)
		appendTo(t, folder, typical(100))
		if after := outcomesOf(t, folder, rows); !maps.Equal(before, after) {
			t.Fatalf("%v became %v", before, after)
		}
		if _, err := readAll(contents(t, folder, ReportName)); err != nil {
			t.Fatalf("mended, it is read as %v", err)
		}
	})
}

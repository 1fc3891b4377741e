package rows

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

const (
	id1 = "11111111-3b5d-4c39-9d2e-0a7b8c9d0e1f"
	id2 = "22222222-3b5d-4c39-9d2e-0a7b8c9d0e1f"
	id3 = "33333333-3b5d-4c39-9d2e-0a7b8c9d0e1f"
	id4 = "44444444-3b5d-4c39-9d2e-0a7b8c9d0e1f"
)

// show writes rows as line, raw cells and codes.
func show(rows []Row) string {
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "%d %q", r.Line, r.Raw)
		for _, p := range r.Problems {
			fmt.Fprintf(&b, " %s", p.Code)
			if p.Column != "" {
				fmt.Fprintf(&b, "(%s)", p.Column)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestRecords(t *testing.T) {
	for _, tt := range []struct {
		name, in, want string
		blank          int
	}{
		{"plain", "id,name\n1,a\n2,b\n", `2 ["1" "a"]` + "\n" + `3 ["2" "b"]`, 0},
		{"no last line end", "id,name\n1,a", `2 ["1" "a"]`, 0},
		{"empty last cell", "id,name\n1,", `2 ["1" ""]`, 0},
		{"lone CR", "id,name\r1,a\r2,b\r", `2 ["1" "a"]` + "\n" + `3 ["2" "b"]`, 0},
		{"lone CR without last line end", "id,name\r1,a", `2 ["1" "a"]`, 0},
		{"mixed line ends", "id,name\n1,a\r\n2,b\r3,c\n\r\n4,d", `2 ["1" "a"]` + "\n" + `3 ["2" "b"]` + "\n" + `4 ["3" "c"]` + "\n" + `6 ["4" "d"]`, 1},
		{"CR CR LF", "id,name\r\r\n1,a\r\r\n2,b\r\r\n", `3 ["1" "a"]` + "\n" + `5 ["2" "b"]`, 3},
		{"quoted line ends", "id,name\n1,\"a\nb\r\nc\rd\"\n2,e\n", `2 ["1" "a\nb\r\nc\rd"]` + "\n" + `6 ["2" "e"]`, 0},
		{"quoted header", "\"id\",\"name\"\n1,a\n", `2 ["1" "a"]`, 0},
		{"line end in the header", "id,\"name\",\"more\nthan one\"\n1,a,b\n", `3 ["1" "a" "b"]`, 0},
		{"doubled quotes", "id,name\n1,\"\"\"a\"\"\"\n2,\"\"\n3,\"\"\"\"\n", `2 ["1" "\"a\""]` + "\n" + `3 ["2" ""]` + "\n" + `4 ["3" "\""]`, 0},
		{"blank rows", "id,name\n\n , \n\"\",\"\"\n\u00a0,\u200b\n1,a\n,,,,\n", `6 ["1" "a"]`, 5},
		{"ragged", "id,name\n1\n2,b,c\n3,d\n", `2 ["1"] ragged_row` + "\n" + `3 ["2" "b" "c"] ragged_row` + "\n" + `4 ["3" "d"]`, 0},
		{"quote in a bare cell", "id,name\n1,5\" pipe\n2,b\n", `2 ["1" "5\" pipe"] stray_quote(name)` + "\n" + `3 ["2" "b"]`, 0},
		{"text behind a closing quote", "id,name\n1,\"Bob\" Smith\n2,b\n", `2 ["1" "\"Bob\" Smith"] stray_quote(name)` + "\n" + `3 ["2" "b"]`, 0},
		{"space before a quote", "id,name\n1, \"a\nb\"\n2,b\n", `2 ["1" " \"a"] stray_quote(name)` + "\n" + `3 ["b\""] stray_quote(id) ragged_row` + "\n" + `4 ["2" "b"]`, 0},
		{"a good quoted cell after a stray quote", "id,name,note\n1,5\",\"x\ny\"\n2,b,c\n", `2 ["1" "5\"" "x\ny"] stray_quote(name)` + "\n" + `4 ["2" "b" "c"]`, 0},
		{"quote closed early swallows a delimiter", "id,name\n1,\"a,b\"\n\"2,b\",c,d\n", `2 ["1" "a,b"]` + "\n" + `3 ["2,b" "c" "d"] ragged_row`, 0},
		{"delimiters in a note of several lines", "id,name,note\n" + id1 + ",a,\"Dear John,\nthanks, bye,\nPS: " + id2 + "\"\n", `2 ["` + id1 + `" "a" "Dear John,\nthanks, bye,\nPS: ` + id2 + `"]`, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, size := range []int{chunkSize, 1} { // in one chunk, and cut wherever it can be
				r, err := open(strings.NewReader(tt.in), Options{}, size)
				if err != nil {
					t.Fatal(err)
				}
				rows := readRest(t, r)
				if got := strings.TrimSuffix(show(rows), "\n"); got != tt.want {
					t.Errorf("chunks of %d: got\n%s\nwant\n%s", size, got, tt.want)
				}
				if _, n, blank := r.Progress(); n != len(rows) || blank != tt.blank {
					t.Errorf("chunks of %d: %d rows and %d blank, want %d and %d", size, n, blank, len(rows), tt.blank)
				}
			}
		})
	}
}

func readRest(t *testing.T, r *Reader) []Row {
	t.Helper()
	var rows []Row
	for {
		row, err := r.Read()
		if err != nil {
			if err.Error() != "EOF" {
				t.Fatal(err)
			}
			return rows
		}
		rows = append(rows, row)
	}
}

// TestUnclosedQuote holds that a quote which swallows rows refuses the file and names its line,
// wherever the quote is that ends it.
func TestUnclosedQuote(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		line     int
	}{
		{"never closed", "id,name,value\n" + id1 + ",a,1\n" + id2 + ",\"b,2\n" + id3 + ",c,3\n", 3},
		{"never closed, on the last line", "id,name,value\n" + id1 + ",a,1\n" + id2 + ",\"b,2", 3},
		{"never closed, behind a cell of two lines", "id,name,value\n" + id1 + ",\"a\nb\",1\n" + id2 + ",\"b,2\n" + id3 + ",c,3\n", 4},
		{"closed by the opening quote of a later row", "id,name,value\n" + id1 + ",\"a,1\n" + id2 + ",b,2\n" + id3 + ",\"c, d\",3\n", 2},
		{"closed by inches at the end of a later cell", "id,name,value\n" + id1 + ",\"a,1\n" + id2 + ",b,2\n" + id3 + ",12\",3\n", 2},
		{"closed in the next row", "id,name,value\n" + id1 + ",\"a,1\n" + id2 + ",12\",3\n", 2},
		{"in front of the id, closed in the next row", "name,id,value\n\"a," + id1 + ",1\n12\"," + id3 + ",3\n", 2},
		{"in the header", "id,\"name,value\n" + id1 + ",a,1\n", 1},
		{"lone CR", "id,name,value\r" + id1 + ",\"a,1\r" + id2 + ",b,2\r", 2},
		{"more than 1 MiB", "id,name,value\n" + id1 + ",\"a,1\n" + strings.Repeat(strings.Repeat("x", 100)+"\n", 12_000) + id2 + ",\"c\",3\n", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := readAll(strings.NewReader(tt.in), Options{})
			var refusal *FileError
			if !errors.As(err, &refusal) || refusal.Code != CodeUnclosedQuote || refusal.Line != tt.line {
				t.Errorf("got %#v, want unclosed_quote on line %d", err, tt.line)
			}
		})
	}
}

// TestUnclosedQuoteLate holds that the line is right also when chunks have gone before.
func TestUnclosedQuoteLate(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,name\n")
	for range 20_000 {
		b.WriteString(id1 + ",\"two\r\nlines\"\r\n")
	}
	b.WriteString(id2 + ",\"open\n")
	for range 50_000 {
		b.WriteString(id3 + ",x\n")
	}
	rows, _, err := readAll(strings.NewReader(b.String()), Options{})
	var refusal *FileError
	if !errors.As(err, &refusal) || refusal.Code != CodeUnclosedQuote || refusal.Line != 40_002 {
		t.Errorf("got %v", err)
	}
	if len(rows) == 0 || len(rows) > 20_000 {
		t.Errorf("%d rows before the quote", len(rows))
	}
}

func TestRecordTooLong(t *testing.T) {
	long := strings.Repeat("x", 3<<20)
	for name, in := range map[string]string{
		"row":    "id,name\n" + id1 + ",a\n" + id2 + "," + long + "\n" + id3 + ",b\n",
		"last":   "id,name\n" + id1 + ",a\n" + id2 + "," + long,
		"header": "id,name," + long + "\n" + id1 + ",a,b\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := readAll(strings.NewReader(in), Options{})
			var refusal *FileError
			if !errors.As(err, &refusal) || refusal.Code != CodeRecordTooLong {
				t.Fatalf("got %v", err)
			}
			if name != "header" && refusal.Line != 3 {
				t.Errorf("line %d", refusal.Line)
			}
		})
	}
	// Just below the limit, quoted and over many lines, it is read.
	in := "id,name\n" + id1 + ",\"" + strings.Repeat("line\n", 200_000) + "\"\n" + id2 + ",b\n"
	rows, _, err := readAll(strings.NewReader(in), Options{})
	if err != nil || len(rows) != 2 || rows[1].Line != 200_003 || len(rows[0].Name) != 1_000_000 {
		t.Errorf("got %d rows and %v", len(rows), err)
	}
}

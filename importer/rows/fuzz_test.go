package rows

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"csvput/report/formula"
)

// FuzzReader throws any bytes at the reader: it ends, it does not panic, every record is
// accounted for, and the size of the chunks makes no difference.
func FuzzReader(f *testing.F) {
	for _, e := range corpus() {
		if !e.gzip && e.lineEnd == "\r\n" {
			f.Add(e.bytes(&testing.T{}))
		}
	}
	f.Add([]byte(gzipped("id,name\n1,a\n")))
	f.Add([]byte("id,name\n1,\"a\n\"b\"\n"))
	f.Add([]byte("id,name\r1,\"a\r\n\n\"\r\r\n2,\"\"x,\r"))
	f.Add([]byte("sep=;\nid;name\n1;\"a\"\";\"\n"))
	f.Add([]byte("id\tname\n1\tRen\x8e\n2\tJos\xc3\xa9\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		whole, info, err := readChunks(data, chunkSize)
		small, _, errSmall := readChunks(data, 1)
		if (err == nil) != (errSmall == nil) {
			t.Fatalf("in one chunk: %v; in many: %v", err, errSmall)
		}
		checkRefusal(t, err)
		if err != nil {
			return
		}
		if a, b := show(whole.rows), show(small.rows); a != b || whole.blank != small.blank {
			t.Fatalf("in one chunk:\n%s, %d blank\nin many:\n%s, %d blank", a, whole.blank, b, small.blank)
		}
		checkRows(t, whole.rows, info)
		if info.Encoding == "UTF-8" && !info.Gzip {
			records, sep := countRecords(string(bytes.TrimPrefix(data, []byte("\ufeff"))), byte(info.Delimiter))
			if want := records - 1 - sep; len(whole.rows)+whole.blank != want {
				t.Errorf("%d rows and %d blank records of %d", len(whole.rows), whole.blank, want)
			}
		}
	})
}

type result struct {
	rows  []Row
	blank int
}

// readChunks reads data by Chunk and Rows.
func readChunks(data []byte, size int) (result, Info, error) {
	r, err := open(bytes.NewReader(data), Options{}, size)
	if err != nil {
		return result{}, Info{}, err
	}
	var res result
	for {
		c, err := r.Chunk()
		if err == io.EOF {
			break
		}
		if err != nil {
			return res, Info{}, err
		}
		rows, err := c.Rows()
		if err != nil {
			return res, Info{}, err
		}
		res.rows = append(res.rows, rows...)
	}
	n, rows, blank := r.Progress()
	if n != int64(len(data)) || rows != len(res.rows) {
		return res, Info{}, fmt.Errorf("progress of %d bytes and %d rows, read %d and %d", n, rows, len(data), len(res.rows))
	}
	res.blank = blank
	return res, r.Info(), nil
}

// checkRefusal holds that a refusal is a *FileError that a terminal can show.
func checkRefusal(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	var refusal *FileError
	if !errors.As(err, &refusal) {
		t.Fatalf("%v is no FileError", err)
	}
	if refusal.Message == "" || refusal.Hint == "" {
		t.Errorf("refusal %+v", refusal)
	}
	checkText(t, refusal.Message)
	checkText(t, advice(refusal))
}

func checkText(t *testing.T, s string) {
	t.Helper()
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		t.Errorf("text %q", s)
	}
}

func checkRows(t *testing.T, rows []Row, info Info) {
	t.Helper()
	line := info.HeaderLine
	for _, r := range rows {
		if r.Line <= line {
			t.Errorf("line %d after %d", r.Line, line)
		}
		line = r.Line
		for _, p := range r.Problems {
			checkText(t, p.Message)
		}
		if r.Problems != nil {
			continue
		}
		if len(r.Raw) != len(info.Header) {
			t.Errorf("line %d: %d cells under %d headers", r.Line, len(r.Raw), len(info.Header))
		}
		for _, s := range []string{r.ID, r.Name, r.Value, r.Country, r.AccountUUIDs, r.PrimaryAccountUUIDs, r.Type} {
			if !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\ufffd") {
				t.Errorf("line %d passes on %q", r.Line, s)
			}
		}
		_, _ = ParseID(r.ID)
		_, _, _ = ParseIDs(r.AccountUUIDs)
	}
}

// countRecords counts the records of text, byte by byte, and the separator line (0 or 1).
func countRecords(text string, delim byte) (records, separator int) {
	if _, n := separatorLine(text); n > 0 {
		separator = 1
	}
	const (
		start = iota
		bare
		quoted
		closed
	)
	state, open := start, false // open: a record has begun
	for i := 0; i < len(text); i++ {
		c := text[i]
		if state == quoted {
			if c == '"' {
				state = closed
			}
			continue
		}
		switch {
		case c == '"' && state == closed:
			state = quoted
		case c == '"' && state == start:
			state, open = quoted, true
		case c == delim:
			state, open = start, true
		case c == '\n' || c == '\r':
			if c == '\r' && i+1 < len(text) && text[i+1] == '\n' {
				i++
			}
			records++
			state, open = start, false
		default:
			state, open = bare, true
		}
	}
	if open {
		records++
	}
	return records, separator
}

// FuzzWellFormed compares with encoding/csv wherever that has no complaint.
func FuzzWellFormed(f *testing.F) {
	f.Add("1,a\n2,\"b\nc\"\n")
	f.Add("1,a\r\n\r\n2,\"\"\"\r\n\"\r\n")
	f.Add("1\n2,b,c\n,\n\"\",\u00a0\n3,\" x \"")
	f.Add(id1 + ",\"a\n" + id2 + ",b\n" + id3 + ",\"\n")
	f.Fuzz(func(t *testing.T, body string) {
		text := "id,name\n" + body
		if !utf8.ValidString(text) || strings.Contains(text, "\x00") || strings.Count(text, "\r") != strings.Count(text, "\r\n") {
			return // encoding/csv reads these otherwise
		}
		ref := csv.NewReader(strings.NewReader(text))
		ref.FieldsPerRecord = -1
		var want []string
		lines := false // a cell of several lines
		for n := 0; ; n++ {
			record, err := ref.Read()
			if err == io.EOF {
				break
			}
			if err != nil {
				return // not well-formed
			}
			if n == 0 || allBlank(record) {
				continue
			}
			line, _ := ref.FieldPos(0)
			want = append(want, fmt.Sprintf("%d %q", line, record))
			lines = lines || strings.Contains(strings.Join(record, ""), "\n")
		}
		rows, _, err := readAll(strings.NewReader(text), Options{Delimiter: ','})
		var refusal *FileError
		if errors.As(err, &refusal) {
			if refusal.Code == CodeNoRows && want == nil || refusal.Code == CodeUnclosedQuote && lines {
				return
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range rows {
			for i := range r.Raw {
				r.Raw[i] = strings.ReplaceAll(r.Raw[i], "\r\n", "\n") // as encoding/csv does
			}
			got = append(got, fmt.Sprintf("%d %q", r.Line, r.Raw))
		}
		if a, b := strings.Join(got, "\n"), strings.Join(want, "\n"); a != b {
			t.Errorf("got\n%s\nwant\n%s", a, b)
		}
	})
}

// FuzzParseName holds that a name that was accepted is accepted again as it is.
func FuzzParseName(f *testing.F) {
	f.Add(" Work\u200b phone\u00a0")
	f.Add("\u202d\u00a0\u200bx\ufeff ")
	f.Add("'\n0")
	f.Add("''=x")
	f.Fuzz(func(t *testing.T, s string) {
		name, _, p := ParseName(s)
		if p != nil {
			checkText(t, p.Message)
			return
		}
		if utf8.RuneCountInString(name) > maxNameLength {
			t.Errorf("%q gives %q, which is too long", s, name)
		}
		if strings.ContainsAny(name, "\r\t") || FoldName(name) != name {
			t.Errorf("%q gives %q, which folds to %q", s, name, FoldName(name))
		}
		if formula.Unguard(name) != name {
			return // of two apostrophes, the second is part of the name
		}
		again, notes, p := ParseName(name)
		if p != nil || notes != nil || again != name {
			t.Errorf("%q gives %q gives %q, %v, %v", s, name, again, notes, p)
		}
	})
}

// FuzzGuard holds that what csvput guards against formulas is read back as it was, whatever separates the cells:
// a name as FoldName has it, and the value of a report to the letter.
func FuzzGuard(f *testing.F) {
	for _, s := range []string{"=1+2", "'=1", "''-x", "a;=cmd|' /C calc'!A0;b", "＝1＋2", "a,\t@x", "+44 20", "two\r\n=lines", "\t-", "'", "\"=\"", "a;\"'=b"} {
		f.Add(s)
	}
	const report = "line,id,status,code,message,type,name_before,name,value_before,value,country,national,account_uuids_before"
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			return
		}
		for _, delimiter := range delimiters {
			for _, header := range []string{"id,name,value", report} {
				columns := strings.Split(header, ",")
				cells := make([]string, len(columns))
				cells[slices.Index(columns, "id")] = id1
				cells[slices.Index(columns, "name")] = formula.Guard(s)
				cells[slices.Index(columns, "value")] = formula.Guard(s)
				var b strings.Builder
				w := NewWriter(&b, delimiter, false)
				w.Write(columns)
				w.Write(cells)
				if w.Flush(); w.Error() != nil {
					t.Fatal(w.Error())
				}
				rows, _, err := readAll(strings.NewReader(b.String()), Options{Delimiter: delimiter, Encoding: "utf-8"})
				if err != nil || len(rows) != 1 {
					t.Fatalf("%q: %d rows, %v", b.String(), len(rows), err)
				}
				if name, _, p := ParseName(rows[0].Name); p == nil && name != FoldName(s) {
					t.Errorf("%q is read as %q", s, name)
				}
				if header == report && rows[0].Value != s {
					t.Errorf("%q is read as the value %q", s, rows[0].Value)
				}
			}
		}
	})
}

package rows

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestWriterReader holds that the reader gives back, cell for cell, what the writer wrote.
func TestWriterReader(t *testing.T) {
	pieces := []string{"a", "é", "漢", "😀", "\"", "\"\"", ",", ";", "\t", "|", "\n", "\r\n", "\r", " ", "=", "+44", "-", "@", "'", `\.`, "#", "sep=;", "\u00a0", "\u200b"}
	rnd := rand.New(rand.NewPCG(1, 2))
	for n := range 500 {
		delimiter := []rune(delimiters)[rnd.IntN(4)]
		header := []string{"id", "name", "value", "note"}
		records := [][]string{}
		for range 1 + rnd.IntN(10) {
			record := []string{id1}
			for range 3 {
				var cell strings.Builder
				for range rnd.IntN(5) {
					cell.WriteString(pieces[rnd.IntN(len(pieces))])
				}
				record = append(record, cell.String())
			}
			records = append(records, record)
		}
		var b bytes.Buffer
		w := NewWriter(&b, delimiter, n%2 == 0)
		for _, r := range append([][]string{header}, records...) {
			if err := w.Write(r); err != nil {
				t.Fatal(err)
			}
		}
		w.Flush()
		if err := w.Error(); err != nil {
			t.Fatal(err)
		}
		rd, err := open(bytes.NewReader(b.Bytes()), Options{}, 1+rnd.IntN(200))
		if err != nil {
			t.Fatalf("%v in\n%s", err, b.Bytes())
		}
		if info := rd.Info(); info.BOM != (n%2 == 0) || info.Delimiter != delimiter {
			t.Errorf("info %+v", info)
		}
		for _, want := range records {
			row, err := rd.Read()
			if err != nil || row.Problems != nil || !slices.Equal(row.Raw, want) {
				t.Fatalf("got %q %v %v, want %q", row.Raw, row.Problems, err, want)
			}
			if row.ID != want[0] || row.Name != want[1] || row.Value != want[2] {
				t.Errorf("got %q, want %q", row.Cells, want)
			}
		}
	}
}

func TestWriterErrors(t *testing.T) {
	full := errors.New("disk full")
	for _, bom := range []bool{false, true} {
		w := NewWriter(failing{full}, ',', bom)
		_ = w.Write([]string{"a"})
		w.Flush()
		if err := w.Error(); !errors.Is(err, full) {
			t.Errorf("got %v", err)
		}
	}
	w := NewWriter(&bytes.Buffer{}, '"', false)
	if err := w.Write([]string{"a"}); err == nil {
		t.Error("a quote as delimiter")
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestTemplate(t *testing.T) {
	rows, info, err := readAll(strings.NewReader(Template()), Options{})
	if err != nil || len(rows) != 2 || slices.Contains(info.Fields, "") {
		t.Fatalf("got %v, %+v, %v", rows, info, err)
	}
	for _, r := range rows {
		if _, p := ParseID(r.ID); p != nil || r.Problems != nil || r.Value == "" {
			t.Errorf("row %+v: %v", r, p)
		}
	}
}

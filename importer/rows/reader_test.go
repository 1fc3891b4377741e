package rows

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"csvput/importer/rows/xlsx"
	"csvput/report/code"
)

func TestRefused(t *testing.T) {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	fmt.Fprintln(w, "id,name")
	for i := range 20_000 {
		fmt.Fprintf(w, "%08x,name %d\n", i*7919, i)
	}
	_ = w.Close()
	for _, tt := range []struct {
		name, in string
		code     code.Code
		says     string
	}{
		{"empty", "", CodeEmptyFile, "empty"},
		{"only a byte order mark", "\ufeff", CodeEmptyFile, "empty"},
		{"only a UTF-16 byte order mark", "\xff\xfe", CodeEmptyFile, "empty"},
		{"blank lines only", "\n \r\n\t\n", CodeEmptyFile, "empty"},
		{"empty cells only", ",,,\n,,,\n", CodeEmptyFile, "empty"},
		{"sep line only", "sep=;\n", CodeEmptyFile, "empty"},
		{"header only", "id,name", CodeNoRows, "no rows"},
		{"header and blank lines", "id,name\n\n,\n\"\",\u00a0\n", CodeNoRows, "no rows"},
		{"header and many blank lines", "id,name\n" + strings.Repeat("\n,\n", 300_000), CodeNoRows, "no rows"},
		{"xlsx", "PK\x03\x04\x14\x00\x06\x00\x08\x00!\x00xl/workbook.xml", xlsx.CodeDamaged, "download"},
		{"numbers", "PK\x03\x04\x14\x00Index/Document.iwa", CodeNotCSV, "Numbers"},
		{"ods", "PK\x03\x04\x14\x00mimetypeapplication/vnd.oasis.opendocument.spreadsheet", CodeNotCSV, "LibreOffice"},
		{"zip", "PK\x03\x04\x14\x00contacts.csv", xlsx.CodeDamaged, "download"},
		{"xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", CodeNotCSV, ".xls"},
		{"pdf", "%PDF-1.7\n", CodeNotCSV, "PDF"},
		{"png", "\x89PNG\r\n\x1a\n", CodeNotCSV, "picture"},
		{"jpeg", "\xff\xd8\xff\xe0", CodeNotCSV, "picture"},
		{"html", "\n <!DOCTYPE html><html>", CodeNotCSV, "web page"},
		{"html in UTF-8 with mark", "\ufeff<html>", CodeNotCSV, "web page"},
		{"xml", "<?xml version=\"1.0\"?>", CodeNotCSV, "XML"},
		{"json", "[{\"id\": 1}]", CodeNotCSV, "JSON"},
		{"utf-32", "\xff\xfe\x00\x00i\x00\x00\x00", CodeNotCSV, "UTF-32"},
		{"binary", "id,na\x00me\n", CodeBinaryFile, "zero"},
		{"gzip, cut off", z.String()[:z.Len()/2], CodeDamagedGzip, "cut off"},
		{"gzip, header only", "\x1f\x8b\x08", CodeDamagedGzip, "cut off"},
		{"gzip, flipped", z.String()[:200] + "\xff\xff\xff" + z.String()[203:], CodeDamagedGzip, "damaged"},
		{"gzip of header only", gzipped("id,name\n"), CodeNoRows, "no rows"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := readAll(strings.NewReader(tt.in), Options{})
			var refusal *FileError
			if !errors.As(err, &refusal) || refusal.Code != tt.code {
				t.Fatalf("got %v, want %s", err, tt.code)
			}
			if !strings.Contains(refusal.Message+refusal.Hint, tt.says) || refusal.Hint == "" {
				t.Errorf("%q, %q does not say %q", refusal.Message, refusal.Hint, tt.says)
			}
			if strings.HasSuffix(refusal.Message, ".") || strings.HasSuffix(refusal.Hint, ".") {
				t.Errorf("full stop: %q %q", refusal.Message, refusal.Hint)
			}
		})
	}
}

func gzipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return b.String()
}

// TestAnyReader holds that neither the size of reads nor of chunks changes anything.
func TestAnyReader(t *testing.T) {
	for _, e := range corpus() {
		if e.refused != "" || e.gzip {
			continue
		}
		data := e.bytes(t)
		for name, r := range map[string]io.Reader{
			"one byte": iotest.OneByteReader(bytes.NewReader(data)),
			"half":     iotest.HalfReader(bytes.NewReader(data)),
			"data err": iotest.DataErrReader(bytes.NewReader(data)),
		} {
			rd, err := open(r, e.options, 64)
			if err != nil {
				t.Errorf("%s, %s: %v", e.name, name, err)
				continue
			}
			e.compare(t, readRest(t, rd))
		}
	}
}

func TestReadError(t *testing.T) {
	broken := errors.New("disk gone")
	for _, n := range []int{0, 5, 100_000, 1 << 20} {
		data := generate(20_000, false)[:n]
		_, _, err := readAll(io.MultiReader(bytes.NewReader(data), iotest.ErrReader(broken)), Options{})
		var refusal *FileError
		if !errors.Is(err, broken) || errors.As(err, &refusal) {
			t.Errorf("after %d bytes: got %v", n, err)
		}
	}
	if _, err := Open(stuck{}, Options{}); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("got %v", err)
	}
}

// stuck never returns anything.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func TestFromLineAndLimit(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,name\n")
	for i := 2; i <= 9000; i++ {
		fmt.Fprintf(&b, "%s,row %d\n", id1, i)
		if i%10 == 0 {
			b.WriteString("\n")
		}
	}
	whole, _, err := readAll(strings.NewReader(b.String()), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ from, limit int }{{0, 1}, {0, 4000}, {2, 0}, {11, 3}, {5000, 0}, {8000, 10}, {9899, 5}, {1, 100_000}} {
		for _, size := range []int{chunkSize, 4096} {
			r, err := open(strings.NewReader(b.String()), Options{FromLine: tt.from, Limit: tt.limit}, size)
			if err != nil {
				t.Fatal(err)
			}
			got := readRest(t, r)
			want := slices.DeleteFunc(slices.Clone(whole), func(r Row) bool { return r.Line < tt.from })
			if tt.limit > 0 && len(want) > tt.limit {
				want = want[:tt.limit]
			}
			if show(got) != show(want) {
				t.Errorf("from %d, limit %d: %d rows, want %d", tt.from, tt.limit, len(got), len(want))
			}
			if _, n, _ := r.Progress(); n != len(want) {
				t.Errorf("from %d, limit %d: counted %d rows of %d", tt.from, tt.limit, n, len(want))
			}
		}
	}
	_, _, err = readAll(strings.NewReader(b.String()), Options{FromLine: 100_000})
	var refusal *FileError
	if !errors.As(err, &refusal) || refusal.Code != CodeNoRows {
		t.Errorf("got %v", err)
	}
}

// TestParallel reads as the importer does, with somebody watching, and compares with Read.
func TestParallel(t *testing.T) {
	data := generate(30_000, true)
	data = append(data, "bad,J\xe9\n\n"...)
	want, _, err := readAll(bytes.NewReader(data), Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := Open(bytes.NewReader(data), Options{})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var watcher sync.WaitGroup
	watcher.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				r.Progress()
				_ = r.Info()
				runtime.Gosched()
			}
		}
	})
	var results []chan []Row
	for {
		c, err := r.Chunk()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		out := make(chan []Row, 1)
		results = append(results, out)
		go func() {
			rows, err := c.Rows()
			if err != nil {
				t.Error(err)
			}
			out <- rows
		}()
	}
	var got []Row
	for _, out := range results {
		got = append(got, <-out...)
	}
	close(done)
	watcher.Wait()
	if show(got) != show(want) {
		t.Errorf("%d rows, want %d", len(got), len(want))
	}
	if n, rows, blank := r.Progress(); n != int64(len(data)) || rows != len(want) || blank != 1 {
		t.Errorf("progress %d %d %d", n, rows, blank)
	}
}

func TestProgressOfGzip(t *testing.T) {
	z := gzipped(string(generate(1000, false)))
	r, err := Open(strings.NewReader(z), Options{})
	if err != nil {
		t.Fatal(err)
	}
	readRest(t, r)
	if n, rows, _ := r.Progress(); n != int64(len(z)) || rows != 1000 {
		t.Errorf("%d bytes of %d, %d rows", n, len(z), rows)
	}
}

func TestErrorsStay(t *testing.T) {
	r, err := Open(strings.NewReader("id,name\n"+strings.Repeat(id1+",a\n", 10_000)+id2+",\"b\n"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var refusal *FileError
	for range 20 {
		_, err = r.Chunk()
	}
	if !errors.As(err, &refusal) {
		t.Errorf("got %v", err)
	}
}

// TestFlatMemory holds that the reader keeps nothing of what it has handed out.
func TestFlatMemory(t *testing.T) {
	const rows = 400_000
	row := []byte(id1 + ",Work phone,020 7946 0123,GB,,customer since 2019\n")
	r, err := Open(io.MultiReader(strings.NewReader("id,name,value,country,accounts,notes\n"), io.LimitReader(&repeat{b: row}, int64(len(row))*rows)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var peak uint64
	for n := 0; ; n++ {
		c, err := r.Chunk()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Rows(); err != nil {
			t.Fatal(err)
		}
		if n%50 == 0 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
		}
	}
	if _, n, _ := r.Progress(); n != rows {
		t.Errorf("%d rows", n)
	}
	if peak > 8<<20 {
		t.Errorf("%d bytes live", peak)
	}
}

// repeat reads the same bytes over and over.
type repeat struct {
	b   []byte
	off int
}

func (r *repeat) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		m := copy(p[n:], r.b[r.off:])
		n += m
		r.off = (r.off + m) % len(r.b)
	}
	return n, nil
}

func TestOurs(t *testing.T) {
	r, err := Open(strings.NewReader("id,name,csvput_line\n1,a,2\n"), Options{})
	if err != nil || !r.Info().Ours(2) || r.Info().Ours(1) {
		t.Errorf("ours: %v", err)
	}
}

// TestHostile holds that no input makes the work grow faster than the file.
func TestHostile(t *testing.T) {
	const size = 200_000
	for name, in := range map[string]string{
		"cells of two lines":       "id,name\n" + strings.Repeat("\"\n\",", size/4) + "\n",
		"many columns, short rows": "id,name" + strings.Repeat(",", 16_000) + "\n" + strings.Repeat("a\n", size/2),
		"the same column":          strings.Repeat("id,", 16_000) + "\n1\n",
		"many uuids":               "id,accounts\n" + id1 + ",\"" + strings.Repeat(id1+";", size/40) + "\"\n",
		"delimiters":               "id,name\n" + strings.Repeat(",", size) + "x\n",
		"quotes":                   "id,name\n" + strings.Repeat(`"`, size) + "\n",
		"stray quotes":             "id,name\nx" + strings.Repeat(`"`, size) + "\n",
		"short rows":               "id,name\n" + strings.Repeat("a\n", size),
		"carriage returns":         "id,name\nx" + strings.Repeat("\r", size),
		"odd letters":              "id,name\n" + strings.Repeat("1,\xe9\xe8\n", size/5),
	} {
		t.Run(name, func(t *testing.T) {
			r, err := Open(strings.NewReader(in), Options{})
			for err == nil {
				var row Row
				row, err = r.Read()
				_, _, _ = ParseIDs(row.AccountUUIDs)
			}
			var refusal *FileError
			if err != io.EOF && !errors.As(err, &refusal) {
				t.Error(err)
			}
		})
	}
}

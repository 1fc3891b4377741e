package report

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/gocarina/gocsv"

	"csvput/report/code"
)

// cells is a Row as it is on disk. Every cell is text: gocsv would read "010" into an int as 8.
type cells struct {
	Line                      string `csv:"line"`
	ID                        string `csv:"id"`
	Status                    string `csv:"status"`
	Code                      string `csv:"code"`
	Message                   string `csv:"message"`
	Type                      string `csv:"type"`
	NameBefore                string `csv:"name_before"`
	Name                      string `csv:"name"`
	ValueBefore               string `csv:"value_before"`
	Value                     string `csv:"value"`
	Country                   string `csv:"country"`
	National                  string `csv:"national"`
	AccountUUIDsBefore        string `csv:"account_uuids_before"`
	AccountUUIDs              string `csv:"account_uuids"`
	PrimaryAccountUUIDsBefore string `csv:"primary_account_uuids_before"`
	PrimaryAccountUUIDs       string `csv:"primary_account_uuids"`
	HTTPStatus                string `csv:"http_status"`
	Attempts                  string `csv:"attempts"`
	MS                        string `csv:"ms"`
	At                        string `csv:"at"`
	MatchedBy                 string `csv:"matched_by"`
}

// cells is the row as gocsv is to write it.
func (r Row) cells() cells {
	count := func(n int64) string {
		if n == 0 {
			return ""
		}
		return strconv.FormatInt(n, 10)
	}
	return cells{
		Line: strconv.Itoa(r.Line), ID: diskText(r.ID), Status: diskText(string(r.Status)), Code: diskText(string(r.Code)),
		Message: diskText(r.Message), Type: diskText(r.Type), NameBefore: diskText(r.NameBefore), Name: diskText(r.Name),
		ValueBefore: diskText(r.ValueBefore), Value: diskText(r.Value), Country: diskText(r.Country), National: diskText(r.National),
		AccountUUIDsBefore: diskText(r.AccountUUIDsBefore), AccountUUIDs: diskText(r.AccountUUIDs),
		PrimaryAccountUUIDsBefore: diskText(r.PrimaryAccountUUIDsBefore), PrimaryAccountUUIDs: diskText(r.PrimaryAccountUUIDs),
		HTTPStatus: count(int64(r.HTTPStatus)), Attempts: count(int64(r.Attempts)), MS: count(r.MS), At: diskText(r.At), MatchedBy: diskText(r.MatchedBy),
	}
}

// byGocsv is the row as gocsv and encoding/csv write it.
func byGocsv(t *testing.T, r Row) string {
	t.Helper()
	var b bytes.Buffer
	if err := gocsv.MarshalCSVWithoutHeaders([]cells{r.cells()}, gocsv.NewSafeCSVWriter(csv.NewWriter(&b))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// nasty are texts that have broken one CSV program or another.
func nasty() []string {
	return []string{
		"", " ", "plain", "Zoë Ångström", "a,b", `say "hi"`, `"`, `""`, `\.`, `\`, "line\nbreak", "line\r\nbreak", "\r\r\n", "cr\ralone",
		"\n", "\r", "\r\n", "\t", " lead", "trail ", "\u00a0nbsp", "\u2003em", "\u0085", "=1+2", "+44 20", "+442079460958", "+1234567890123456",
		"-1", "@cmd", "'quoted", "'", "''", "'=x", "''=x", "'+442079460958", "''+442079460958", "+", "'+", "\xff\xfe", "\xffx", "\x00", "\ufeff",
		"<script>", "1,invalid,updated", "#CLEAR", "a\n2,b,updated,,,,,,,,,,,,,,,,,", strings.Repeat("long ", 3000),
	}
}

func randomRow(r *rand.Rand, line int) Row {
	texts := nasty()
	text := func() string {
		s := texts[r.IntN(len(texts))]
		if r.IntN(4) == 0 {
			s += texts[r.IntN(len(texts))]
		}
		return s
	}
	statuses := Statuses()
	return Row{
		Line: line, ID: text(), Status: statuses[r.IntN(len(statuses))], Code: code.Code(text()), Message: text(), Type: text(),
		NameBefore: text(), Name: text(), ValueBefore: text(), Value: text(), Country: text(), National: text(),
		AccountUUIDsBefore: text(), AccountUUIDs: text(), PrimaryAccountUUIDsBefore: text(), PrimaryAccountUUIDs: text(),
		HTTPStatus: r.IntN(3) * 200, Attempts: r.IntN(3), MS: int64(r.IntN(3) * 1000), At: text(), MatchedBy: text(),
	}
}

// typical is a row as most are.
func typical(line int) Row {
	return Row{
		Line: line, ID: "9b2c9a1b-9713-5c77-90e9-fdd59e305ea2", Status: Updated, Type: "phone_number",
		NameBefore: "Work phone", Name: "Work phone", ValueBefore: "+442079460123", Value: "+442079460958", Country: "GB", National: "020 7946 0958",
		AccountUUIDsBefore: "9fddf204-6ed4-5596-8b8a-257554a08e41", AccountUUIDs: "9fddf204-6ed4-5596-8b8a-257554a08e41",
		HTTPStatus: 200, Attempts: 1, MS: 143, At: "2026-01-02T15:04:05Z",
	}
}

func TestAppendEqualsGocsv(t *testing.T) {
	rows := []Row{{}, typical(2), {Line: -5, MS: -1, HTTPStatus: -200}}
	for _, s := range nasty() {
		rows = append(rows, Row{ID: s, At: s, Message: s})
	}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 2000 {
		rows = append(rows, randomRow(r, i))
	}
	for _, row := range rows {
		if got, want := string(row.Append(nil)), byGocsv(t, row); got != want {
			t.Fatalf("Append wrote\n%q\ngocsv writes\n%q", got, want)
		}
	}
	if got := string(typical(2).Append([]byte("before\n"))); !strings.HasPrefix(got, "before\n2,9b2c9a1b") {
		t.Errorf("Append does not append: %q", got)
	}
}

// What Reader makes of a record is what gocsv makes of it, wherever the columns stand.
func TestReadEqualsGocsv(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var rows []Row
	for i := range 500 {
		rows = append(rows, randomRow(r, i))
	}
	records, err := csv.NewReader(bytes.NewReader(write(t, rows...))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		var b bytes.Buffer
		if err := csv.NewWriter(&b).WriteAll(records); err != nil {
			t.Fatal(err)
		}
		got, err := readAll(b.Bytes())
		var want []cells
		if err := errors.Join(err, gocsv.UnmarshalBytes(b.Bytes(), &want)); err != nil || len(got) != len(want) {
			t.Fatalf("%d rows, gocsv reads %d, %v", len(got), len(want), err)
		}
		for i := range got {
			row, cell := reflect.ValueOf(got[i]), reflect.ValueOf(want[i])
			for _, field := range reflect.VisibleFields(cell.Type()) {
				text := cellText(cell.FieldByIndex(field.Index).String())
				if s := fmt.Sprint(row.FieldByName(field.Name)); s != text && (s != "0" || text != "") {
					t.Fatalf("%s of row %d is %q, by gocsv %q", field.Name, i, s, text)
				}
			}
		}
		for i, rec := range records { // move the columns
			records[i] = append(append([]string{"more"}, rec[7:]...), rec[:7]...)
		}
	}
}

func TestHeader(t *testing.T) {
	const want = "line,id,status,code,message,type,name_before,name,value_before,value,country,national," +
		"account_uuids_before,account_uuids,primary_account_uuids_before,primary_account_uuids,http_status,attempts,ms,at,matched_by\n"
	var b bytes.Buffer
	if err := NewWriter(&b).WriteHeader(); err != nil {
		t.Fatal(err)
	}
	if b.String() != want {
		t.Errorf("the header is %q", b.String())
	}
	if n := strings.Count(want, ",") + 1; n != columns {
		t.Errorf("the header has %d columns, the constant says %d", n, columns)
	}
}

// readAll reads a report to its end.
func readAll(data []byte) (rows []Row, err error) {
	rd, err := NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	for {
		row, err := rd.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
}

// write is a report of the rows.
func write(tb testing.TB, rows ...Row) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := NewWriter(&b)
	if err := w.WriteHeader(); err != nil {
		tb.Fatal(err)
	}
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			tb.Fatal(err)
		}
	}
	return b.Bytes()
}

func TestRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		rows := make([]Row, r.IntN(60))
		for i := range rows {
			rows[i] = randomRow(r, r.IntN(1000))
		}
		got, err := readAll(write(t, rows...))
		if err != nil || len(got) != len(rows) {
			t.Fatalf("%d of %d rows, %v", len(got), len(rows), err)
		}
		for i := range rows {
			if got[i] != rows[i] {
				t.Fatalf("row %d:\nwrote %#v\nread  %#v", i, rows[i], got[i])
			}
		}
	}
}

// chunks counts how often it is written to.
type chunks struct{ sizes []int }

func (c *chunks) Write(p []byte) (int, error) { c.sizes = append(c.sizes, len(p)); return len(p), nil }

func TestWriterMakesOneWritePerRow(t *testing.T) {
	var c chunks
	w := NewWriter(&c)
	for _, err := range []error{w.WriteHeader(), w.Write(typical(2)), w.Write(Row{Message: strings.Repeat("x", 200_000)})} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(c.sizes) != 3 {
		t.Errorf("%d writes for a header and two rows", len(c.sizes))
	}
}

type shortWriter struct{}

func (shortWriter) Write(p []byte) (int, error) { return len(p) / 2, nil }

func TestWriterReportsShortWrites(t *testing.T) {
	if err := NewWriter(shortWriter{}).Write(typical(2)); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("got %v", err)
	}
}

func ExampleRow_Append() {
	row := Row{Line: 2, ID: "9b2c9a1b-9713-5c77-90e9-fdd59e305ea2", Status: Updated, Name: "=SUM(A1)", Value: "+442079460958", Country: "GB"}
	fmt.Print(string(row.Append(nil)))
	// Output: 2,9b2c9a1b-9713-5c77-90e9-fdd59e305ea2,updated,,,,,'=SUM(A1),,+442079460958,GB,,,,,,,,,,
}

// The benchmarks say what Append and Reader gain over gocsv.
func BenchmarkWrite(b *testing.B) {
	row := typical(123_456)
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for buf := row.Append(nil); b.Loop(); buf = row.Append(buf[:0]) {
		}
	})
	b.Run("gocsv", func(b *testing.B) {
		w := gocsv.NewSafeCSVWriter(csv.NewWriter(io.Discard))
		b.ReportAllocs()
		for b.Loop() {
			if err := gocsv.MarshalCSVWithoutHeaders([]cells{row.cells()}, w); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	var rows []Row
	for i := range 1000 {
		rows = append(rows, typical(i+2))
	}
	data := write(b, rows...)
	for name, open := range map[string]func() (read func() error, err error){
		"ours": func() (func() error, error) {
			rd, err := NewReader(bytes.NewReader(data))
			return func() error { _, err := rd.Read(); return err }, err
		},
		"gocsv": func() (func() error, error) {
			records := csv.NewReader(bytes.NewReader(data))
			records.ReuseRecord = true
			rd, err := gocsv.NewUnmarshaller(records, &cells{})
			return func() error { _, err := rd.Read(); return err }, err
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				read, err := open()
				for err == nil {
					err = read()
				}
				if !errors.Is(err, io.EOF) {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/row")
		})
	}
}

// FuzzRow writes any texts: as gocsv would, and so that they come back.
func FuzzRow(f *testing.F) {
	for i, s := range nasty() {
		f.Add(i, s, "x"+s, s+"\r\n", int64(i)*1000)
	}
	f.Fuzz(func(t *testing.T, line int, id, name, at string, ms int64) {
		row := Row{Line: line, ID: id, Status: Failed, Code: code.Code(at), Name: name, At: at, MS: ms, Attempts: line}
		if got, want := string(row.Append(nil)), byGocsv(t, row); got != want {
			t.Fatalf("Append wrote\n%q\ngocsv writes\n%q", got, want)
		}
		rows, err := readAll(write(t, row, typical(3)))
		if err != nil || len(rows) != 2 || rows[0] != row {
			t.Fatalf("%v, read %#v, wrote %#v", err, rows, row)
		}
	})
}

package rows

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"csvput/importer/rows/xlsx"
	"csvput/report/code"
)

// contacts are the twenty records of the corpus: what Cells must hold, whatever the file looks
// like. Line ends inside cells are written as ¶ and become those of the file.
func contacts() []Cells {
	names := []string{
		"Work phone", "Café in Zürich", "Ångström, Malmö", `The "Blue" Bar`, "two¶lines",
		"Büro €5", "sœur aînée", "O’Brien", "Škoda šéf", "plain",
		"=SUM(A1)", "+44 hotline", "semi;colon", "pi|pe", "tab\tbed",
		" spaced ", "naïve façade", "Señor Muñoz", "three¶more¶lines, with \"quotes\"", "last",
	}
	var cells []Cells
	for i, name := range names {
		c := Cells{
			ID:      fmt.Sprintf("%08d-3b5d-4c39-9d2e-0a7b8c9d0e1f", i+1),
			Name:    name,
			Value:   fmt.Sprintf("020 7946 09%02d", i),
			Country: "GB",
		}
		switch i % 5 {
		case 1:
			c.Country = "AU"
		case 2:
			c.Value, c.Country = fmt.Sprintf("person%d@example.com", i), ""
		case 3:
			c.AccountUUIDs = "9b2c9a1b-9713-5c77-90e9-fdd59e305ea2;9fddf204-6ed4-5596-8b8a-257554a08e41"
		case 4:
			c.PrimaryAccountUUIDs, c.Type = "#CLEAR", "phone_number"
		}
		cells = append(cells, c)
	}
	return cells
}

// export is one way to save the contacts.
type export struct {
	name      string
	encoding  encoding.Encoding // nil: UTF-8
	bom       string
	delimiter rune
	lineEnd   string
	header    []string // in the order of Cells' fields
	shuffle   bool     // columns in another order, with strange ones between them
	quoteAll  bool
	before    string // lines above the header
	between   string // what stands after every third record
	gzip      bool
	noEnd     bool // no line end behind the last record
	options   Options
	want      string    // Info.Encoding; "" means UTF-8
	refused   code.Code // code of the FileError; "" means that it is read
	twist     func([]byte) []byte
}

var spellings = [][]string{
	{"id", "name", "value", "country", "account_uuids", "primary_account_uuids", "type"},
	{"UUID", "Label", "Phone Number", "Country Code", "Accounts", "Primary Account UUIDs", "Type"},
	{"Contact-Detail-ID", "DESCRIPTION", "telephone", "region", "owners", "PrimaryAccountUuids", "TYPE"},
	{"contact_detail_uuid", " Name ", "E-Mail", "COUNTRY", "account\u00a0uuids", "primary-account-uuids", "type"},
}

// cells returns the record as the file has it.
func (e export) cells(c Cells) []string {
	fields := []string{c.ID, c.Name, c.Value, c.Country, c.AccountUUIDs, c.PrimaryAccountUUIDs, c.Type}
	return e.columns(fields, "no matter")
}

func (e export) columns(fields []string, filler string) []string {
	if !e.shuffle {
		return fields
	}
	out := []string{filler + " 1"}
	for _, f := range slices.Backward(fields) {
		out = append(out, f)
	}
	return append(out, filler+" 2", "")
}

// inner is what the cell holds after line ends have become the file's.
func (e export) inner(s string) string {
	return strings.ReplaceAll(s, "¶", e.lineEnd)
}

func (e export) bytes(t *testing.T) []byte {
	t.Helper()
	var b strings.Builder
	b.WriteString(e.before)
	line := func(cells []string) {
		for i, c := range cells {
			if i > 0 {
				b.WriteRune(e.delimiter)
			}
			c = e.inner(c)
			if e.quoteAll || strings.ContainsAny(c, "\"\r\n"+string(e.delimiter)) {
				c = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
			}
			b.WriteString(c)
		}
	}
	line(e.columns(e.header, "unknown"))
	for i, c := range contacts() {
		b.WriteString(e.lineEnd)
		line(e.cells(c))
		if i%3 == 2 && e.between != "" {
			b.WriteString(e.lineEnd)
			b.WriteString(e.between)
		}
	}
	if !e.noEnd {
		b.WriteString(e.lineEnd)
	}
	text := b.String()
	if e.encoding == charmap.ISO8859_15 {
		text = strings.ReplaceAll(text, "’", "'") // it has no such character
	}
	data := []byte(text)
	if e.encoding != nil {
		encoded, err := e.encoding.NewEncoder().Bytes(data)
		if err != nil {
			t.Fatal(err)
		}
		data = encoded
	}
	data = append([]byte(e.bom), data...)
	if e.twist != nil {
		data = e.twist(data)
	}
	if e.gzip {
		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		data = z.Bytes()
	}
	return data
}

// corpus is every encoding with every delimiter and line end, the header spellings taking turns,
// and the special cases of each program.
func corpus() []export {
	le := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	be := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	encodings := []export{
		{name: "utf8"},
		{name: "utf8 bom", bom: "\ufeff"},
		{name: "utf16le bom", encoding: le, bom: "\xff\xfe", want: "UTF-16LE"},
		{name: "utf16be bom", encoding: be, bom: "\xfe\xff", want: "UTF-16BE"},
		{name: "utf16le", encoding: le, want: "UTF-16LE"},
		{name: "utf16be", encoding: be, want: "UTF-16BE"},
		{name: "windows1252", encoding: charmap.Windows1252, want: "Windows-1252"},
		{name: "latin9", encoding: charmap.ISO8859_15, want: "ISO-8859-15"},
	}
	var all []export
	for i, e := range encodings {
		for j, d := range delimiters {
			for k, end := range []string{"\n", "\r\n", "\r"} {
				e := e
				e.delimiter, e.lineEnd = d, end
				n := i + j + k
				e.header, e.shuffle, e.quoteAll, e.noEnd = spellings[n%len(spellings)], n%2 == 1, n%3 == 2, n%5 == 4
				e.name = fmt.Sprintf("%s/%q/%q", e.name, string(d), end)
				all = append(all, e)
			}
		}
	}
	comma := export{delimiter: ',', lineEnd: "\r\n", header: spellings[0]}
	with := func(name string, change func(*export)) {
		e := comma
		e.name = name
		change(&e)
		all = append(all, e)
	}
	with("excel sep line", func(e *export) { e.delimiter, e.before = ';', "sep=;\r\n" })
	with("excel sep line, odd delimiter", func(e *export) { e.delimiter, e.before = '^', "SEP=^\r\n" })
	with("gzip", func(e *export) { e.gzip = true })
	with("gzip of utf16", func(e *export) { e.gzip, e.encoding, e.bom, e.want = true, le, "\xff\xfe", "UTF-16LE" })
	with("blank lines", func(e *export) { e.between = "\r\n   " })
	with("rows of empty cells", func(e *export) { e.between = ",,, ,,,\r\n,,,,,,\r\n\u00a0" })
	with("blank lines above", func(e *export) { e.before = "\r\n\r\n" })
	with("CR CR LF of Python on Windows", func(e *export) { e.between = "\r" })
	with("named encoding", func(e *export) {
		e.encoding, e.options.Encoding, e.want = charmap.Windows1252, "cp1252", "Windows-1252"
	})
	with("named delimiter", func(e *export) { e.delimiter, e.options.Delimiter = '~', '~' })
	with("mapped", func(e *export) {
		e.header = []string{"Key", "Who", "Tel. no", "Land", "Members", "Leaders", "Sort"}
		e.options.Map = map[string]string{"key": "id", "Who": "name", "tel.no": "value", "Land": "country",
			"Members": "account_uuids", "Leaders": "primary account uuids", "Sort": "type"}
	})
	with("failed.csv fed back", func(e *export) {
		e.header = append(slices.Clone(spellings[0]), "csvput_line", "csvput_code", "csvput_message")
		e.twist = func(b []byte) []byte { return withColumns(b, `12,too_short,"The number, as it is, is too short."`) }
	})

	refused := func(name string, why code.Code, change func(*export)) {
		with(name, func(e *export) { e.refused = why; change(e) })
	}
	refused("xlsx that is cut off", xlsx.CodeDamaged, func(e *export) { e.twist = prefix("PK\x03\x04\x14\x00[Content_Types].xml") })
	refused("ods", CodeNotCSV, func(e *export) {
		e.twist = prefix("PK\x03\x04\x14\x00mimetypeapplication/vnd.oasis.opendocument.spreadsheet")
	})
	refused("xls", CodeNotCSV, func(e *export) { e.twist = prefix("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") })
	refused("html table called .xls", CodeNotCSV, func(e *export) { e.twist = prefix("\r\n<TABLE><tr>") })
	refused("zip in gzip", CodeNotCSV, func(e *export) { e.gzip = true; e.twist = prefix("PK\x03\x04") })
	refused("utf-32", CodeNotCSV, func(e *export) { e.twist = prefix("\xff\xfe\x00\x00") })
	refused("no header", CodeNoHeader, func(e *export) {
		e.twist = func(b []byte) []byte { return b[bytes.Index(b, []byte("\r\n"))+2:] }
	})
	refused("unknown columns", CodeMissingColumns, func(e *export) { e.header = []string{"a", "b", "c", "d", "e", "f", "g"} })
	refused("two values", CodeDuplicateColumns, func(e *export) {
		e.header = []string{"id", "phone", "mobile", "country", "accounts", "primary_account_uuids", "type"}
	})
	refused("quote left open", CodeUnclosedQuote, func(e *export) { e.twist = replace("020 7946 0909", `"020 7946 0909`) })
	refused("cut off in a quoted cell", CodeUnclosedQuote, func(e *export) {
		e.twist = func(b []byte) []byte { return b[:bytes.Index(b, []byte("more"))] }
	})
	refused("macintosh", CodeUnclearEncoding, func(e *export) { e.twist = macintosh })
	refused("cyrillic", CodeUnclearEncoding, func(e *export) { e.twist = cyrillic })
	refused("zero bytes", CodeBinaryFile, func(e *export) { e.twist = replace("Work phone", "Work\x00phone") })
	return all
}

func prefix(p string) func([]byte) []byte {
	return func(b []byte) []byte { return append([]byte(p), b...) }
}

func replace(old, new string) func([]byte) []byte {
	return func(b []byte) []byte { return bytes.Replace(b, []byte(old), []byte(new), 1) }
}

// withColumns adds cells to each record but the header.
func withColumns(b []byte, cells string) []byte {
	r := csv.NewReader(bytes.NewReader(b))
	r.FieldsPerRecord = -1
	records, _ := r.ReadAll()
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	for i, rec := range records {
		if i > 0 {
			more, _ := csv.NewReader(strings.NewReader(cells)).Read()
			rec = append(rec, more...)
		}
		_ = w.Write(rec)
	}
	w.Flush()
	// The reader has made every line end LF.
	return bytes.ReplaceAll(out.Bytes(), []byte("\n"), []byte("\r\n"))
}

func macintosh(b []byte) []byte {
	out, _ := encoding.ReplaceUnsupported(charmap.Macintosh.NewEncoder()).Bytes(b)
	return out
}

func cyrillic(b []byte) []byte {
	text := strings.NewReplacer("Café", "Кафе", "Büro €5", "Рабочий", "naïve façade", "Сергей", "Señor Muñoz", "Иванов",
		"sœur aînée", "Мария", "Škoda šéf", "Москва", "O’Brien", "Ирина", "Ångström, Malmö", "Пётр").Replace(string(b))
	out, _ := encoding.ReplaceUnsupported(charmap.Windows1251.NewEncoder()).Bytes([]byte(text))
	return out
}

// TestCorpus holds that every export of the same twenty records reads to the same twenty rows, or
// is refused for the reason named. There is no third result.
func TestCorpus(t *testing.T) {
	all := corpus()
	for _, e := range all {
		t.Run(e.name, func(t *testing.T) {
			data := e.bytes(t)
			rows, info, err := readAll(bytes.NewReader(data), e.options)
			if e.refused != "" {
				var refusal *FileError
				if !errors.As(err, &refusal) || refusal.Code != e.refused {
					t.Fatalf("got %d rows and error %v, want a refusal %s", len(rows), err, e.refused)
				}
				if refusal.Message == "" || refusal.Hint == "" {
					t.Errorf("refusal without message or hint: %#v", refusal)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := e.want
			if want == "" {
				want = "UTF-8"
			}
			if info.Encoding != want || info.Delimiter != e.delimiter || info.Gzip != e.gzip || info.BOM != (e.bom != "") {
				t.Errorf("info is %+v", info)
			}
			e.compare(t, rows)
		})
	}
	if len(all) < 100 {
		t.Errorf("only %d exports", len(all))
	}
}

func (e export) compare(t *testing.T, rows []Row) {
	t.Helper()
	want := contacts()
	if len(rows) != len(want) {
		t.Fatalf("%d rows, want %d", len(rows), len(want))
	}
	for i, row := range rows {
		w := want[i]
		w.Name = e.inner(w.Name)
		if e.encoding == charmap.ISO8859_15 {
			w.Name = strings.ReplaceAll(w.Name, "’", "'")
		}
		if row.Problems != nil {
			t.Errorf("row %d has problems: %v", i+1, row.Problems)
		}
		if row.Cells != w {
			t.Errorf("row %d is\n%q, want\n%q", i+1, row.Cells, w)
		}
		if raw := e.cells(w); !slices.Equal(row.Raw[:len(raw)], raw) {
			t.Errorf("row %d has raw cells\n%q, want\n%q", i+1, row.Raw, raw)
		}
	}
}

// readAll reads a file to its end.
func readAll(r io.Reader, o Options) ([]Row, Info, error) {
	rd, err := Open(r, o)
	if err != nil {
		return nil, Info{}, err
	}
	var rows []Row
	for {
		row, err := rd.Read()
		if err == io.EOF {
			return rows, rd.Info(), nil
		}
		if err != nil {
			return rows, rd.Info(), err
		}
		rows = append(rows, row)
	}
}

package xlsx

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// parts of a workbook by their names.
type parts map[string]string

const (
	rootRels = `<Relationships><Relationship Id="r1" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	bookXML  = `<workbook xmlns:r="r"><sheets><sheet name="Contacts" sheetId="1" r:id="r1"/></sheets></workbook>`
	bookRels = `<Relationships><Relationship Id="r1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="r2" Type="http://x/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="r3" Type="http://x/styles" Target="styles.xml"/></Relationships>`
)

// handMade is a workbook of one sheet with the given rows, and what else is given in place of its parts.
func handMade(rows string, more parts) parts {
	p := parts{
		"_rels/.rels":                rootRels,
		"xl/workbook.xml":            bookXML,
		"xl/_rels/workbook.xml.rels": bookRels,
		"xl/worksheets/sheet1.xml":   `<worksheet><sheetData>` + rows + `</sheetData></worksheet>`,
	}
	maps.Copy(p, more)
	return p
}

// pack makes an archive of parts.
func (p parts) pack(tb testing.TB) []byte {
	tb.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(p)) {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, p[name])
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// read is all of the first sheet: a line a row, such as 2: A="x" B=number 447 [00000].
func read(data []byte) (string, error) {
	book, err := Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return "", err
	}
	rows, err := book.Rows(book.Sheets[0])
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var b strings.Builder
	for {
		row, err := rows.Next()
		if err == io.EOF {
			return b.String(), nil
		}
		if err != nil {
			return b.String(), err
		}
		if row.Cells == nil {
			continue
		}
		fmt.Fprintf(&b, "%d:", row.Number)
		for _, c := range row.Cells {
			kind := [...]string{"", "number ", "date ", "bool ", "failure ", "no result "}[c.Kind]
			fmt.Fprintf(&b, " %s=%s%q", columnName(c.Column), kind, c.Text)
			if c.Format != "" {
				fmt.Fprintf(&b, " [%s]", c.Format)
			}
		}
		b.WriteByte('\n')
	}
}

func TestHandMade(t *testing.T) {
	long := strings.Repeat("x", 40_000)
	utf16 := func(s string) string {
		b := []byte("\xff\xfe")
		for _, r := range s {
			b = append(b, byte(r), byte(r>>8))
		}
		return string(b)
	}
	for name, c := range map[string]struct {
		rows string
		more parts
		want string
	}{
		"no references":       {`<row><c t="inlineStr"><is><t>a</t></is></c><c><v>1</v></c></row><row><c/><c><v>2</v></c></row>`, nil, "1: A=\"a\" B=number \"1\"\n2: B=number \"2\"\n"},
		"sparse":              {`<row r="3"><c r="B3"><v>1</v></c><c><v>2</v></c><c r="AA3"><v>3</v></c></row><row r="70"><c><v>4</v></c></row>`, nil, "3: B=number \"1\" C=number \"2\" AA=number \"3\"\n70: A=number \"4\"\n"},
		"runs without kana":   {`<row><c t="s"><v>0</v></c></row>`, parts{"xl/sharedStrings.xml": `<sst><si><r><rPr/><t>山</t></r><r><t xml:space="preserve"> 田</t></r><rPh sb="0" eb="1"><t>ヤマダ</t></rPh><phoneticPr/></si></sst>`}, "1: A=\"山 田\"\n"},
		"inline without kana": {`<row><c t="inlineStr"><is><t>東</t><rPh sb="0" eb="1"><r><t>ヒガシ</t></r></rPh><r><t>京</t></r></is></c></row>`, nil, "1: A=\"東京\"\n"},
		"escapes":             {`<row><c t="inlineStr"><is><t>a_x000D_b_x000d_c_x005F_x000D__xd83d__xDE00__x00_x0</t></is></c></row>`, nil, "1: A=\"a\\rb\\rc_x000D_😀_x00_x0\"\n"},
		"formulas":            {`<row><c><f>1+1</f><v>2</v></c><c><f>A1&amp;""</f></c><c t="str"><f>""</f><v></v></c><c t="str"><f>"x"</f></c><c t="e"><f>1/0</f><v>#DIV/0!</v></c></row>`, nil, "1: A=number \"2\" B=no result \"=A1&\\\"\\\"\" D=no result \"=\\\"x\\\"\" E=failure \"#DIV/0!\"\n"},
		"truth":               {`<row><c t="b"><v>1</v></c><c t="b"><v>0</v></c></row>`, nil, "1: A=bool \"TRUE\" B=bool \"FALSE\"\n"},
		"dates": {`<row><c s="1"><v>45658</v></c><c s="2"><v>0.5</v></c><c s="3"><v>45658.25</v></c><c s="1"><v>447911123456</v></c><c t="d"><v>2025-01-01</v></c><c s="4"><v>7</v></c><c s="9"><v>8</v></c></row>`,
			parts{"xl/styles.xml": `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="[$-409]d\ mmm;@"/><numFmt numFmtId="165" formatCode="0&quot;days&quot;[Red]"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="20"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>`},
			"1: A=date \"2025-01-01\" B=date \"12:00:00\" C=date \"2025-01-01 06:00:00\" D=number \"447911123456\" [yyyy-mm-dd] E=date \"2025-01-01\" F=number \"7\" [0\"days\"[Red]] G=number \"8\"\n"},
		"days from 1904": {`<row><c s="0"><v>1</v></c></row>`, parts{"xl/workbook.xml": strings.Replace(bookXML, "<sheets>", `<workbookPr date1904="1"/><sheets>`, 1), "xl/styles.xml": `<styleSheet><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>`}, "1: A=date \"1904-01-02\"\n"},
		"prefixes":       {"", parts{"xl/worksheets/sheet1.xml": `<?xml version="1.0"?><x:worksheet xmlns:x="y"><x:sheetData><x:row r="1"><x:c r="A1"><x:v>5</x:v></x:c></x:row></x:sheetData><x:pageMargins/></x:worksheet>`}, "1: A=number \"5\"\n"},
		"utf-16":         {"", parts{"xl/worksheets/sheet1.xml": utf16(`<?xml version="1.0" encoding="UTF-16"?><worksheet><sheetData><row><c t="str"><v>é</v></c></row></sheetData></worksheet>`)}, "1: A=\"é\"\n"},
		"absolute target, capitals, backslashes": {"", parts{
			"_rels/.rels": `<Relationships><Relationship Id="r1" Type="http://x/officeDocument" Target="/XL/Book.xml"/></Relationships>`,
			`xl\book.xml`: bookXML, "xl/_rels/book.XML.rels": `<Relationships><Relationship Id="r1" Type="http://x/worksheet" Target="/xl/Worksheets/SHEET1.XML"/></Relationships>`,
			"XL/worksheets/Sheet1.xml": `<worksheet><sheetData><row><c><v>6</v></c></row></sheetData></worksheet>`, "xl/worksheets/sheet1.xml": "", "xl/workbook.xml": ""}, "1: A=number \"6\"\n"},
		"long text": {`<row><c t="inlineStr"><is><t>` + long + `</t></is></c></row>`, nil, "1: A=\"" + long + "\"\n"},
	} {
		t.Run(name, func(t *testing.T) {
			p := handMade(c.rows, c.more)
			maps.DeleteFunc(p, func(_, text string) bool { return text == "" })
			if got, err := read(p.pack(t)); err != nil || got != c.want {
				t.Errorf("got %s\n(%v), want\n%s", got, err, c.want)
			}
		})
	}
}

func TestDigits(t *testing.T) {
	for _, c := range []struct {
		stored, format, want string
		added, ok            bool
	}{
		{"447911123456", "", "447911123456", false, true},
		{"447911123456", "0.00E+00", "447911123456", false, true},
		{"4.47911123456E11", "#,##0", "447911123456", false, true},
		{"447911123456.00003", "", "447911123456", false, true}, // calculated
		{"7911123456", "00000000000", "07911123456", true, true},
		{"7911123456", `(00000)\ 000000`, "07911123456", true, true},
		{"7911123456", `"0"#`, "07911123456", true, true},
		{"7911123456", `\+"44 "0000000000`, "+447911123456", true, true},
		{"7911123456", `[<=9999999]###\-####;\(###\)\ ###\-####`, "7911123456", false, true},
		{"7911123456", `#,##0.00`, "7911123456", false, true},
		{"7911123456", `0`, "7911123456", false, true},
		{"7911123456", `_-* #,##0_-;-* 0`, "7911123456", false, true},
		{"447911123456", "00000", "447911123456", false, true},
		{"999999999999999", "", "999999999999999", false, true},
		{"1234567890123456", "", "", false, false},
		{"0.5", "00000000000", "", false, false},
		{"-447911123456", "", "", false, false},
		{"NaN", "", "", false, false},
		{"Inf", "", "", false, false},
	} {
		got, added, ok := Cell{Kind: Number, Text: c.stored, Format: c.format}.Digits()
		if got != c.want || added != c.added || ok != c.ok {
			t.Errorf("%s as %s: got %q, %v, %v, want %q, %v, %v", c.stored, c.format, got, added, ok, c.want, c.added, c.ok)
		}
	}
}

func TestRefused(t *testing.T) {
	good := handMade(`<row r="1"><c r="A1"><v>1</v></c></row>`, nil)
	with := func(more parts) []byte {
		p := maps.Clone(good)
		maps.Copy(p, more)
		return p.pack(t)
	}
	sheet := func(xml string) []byte { return with(parts{"xl/worksheets/sheet1.xml": xml}) }
	rows := func(xml string) []byte { return sheet("<worksheet><sheetData>" + xml + "</sheetData></worksheet>") }
	many := maps.Clone(good)
	for i := range maxEntries {
		many[fmt.Sprint("junk/", i)] = ""
	}
	sum := with(nil)
	at := bytes.LastIndex(sum, []byte("PK\x01\x02")) // the directory's last entry: the sheet
	sum[at+16] ^= 1                                  // its check sum
	locked := with(nil)
	locked[bytes.LastIndex(locked, []byte("PK\x01\x02"))+8] |= 1
	lie := with(parts{"xl/worksheets/sheet1.xml": "<worksheet><sheetData>" + strings.Repeat(" ", 2*freeSize)})
	copy(lie[bytes.LastIndex(lie, []byte("PK\x01\x02"))+24:], "\x01\x00\x00\x00") // its size
	zeros := strings.Repeat("<x/>", 3<<20)
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"cut off":             {good.pack(t)[:300], "damaged"},
		"check sum":           {sum, "check sum"},
		"password":            {locked, "password"},
		"another archive":     {parts{"a.csv": "id"}.pack(t), "ZIP archive"},
		"xlsb":                {with(parts{"_rels/.rels": strings.ReplaceAll(rootRels, "workbook.xml", "workbook.bin")}), "xlsb"},
		"two parts of a name": {with(parts{"XL/workbook.xml": bookXML}), "two parts"},
		"no sheet":            {with(parts{"xl/_rels/workbook.xml.rels": "<Relationships/>"}), `"Contacts" is not in it`},
		"sheet cut off":       {sheet(`<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row>`), "breaks off"},
		"cut off in a cell":   {sheet(`<worksheet><sheetData><row r="1"><c r="A1"><v>1`), "breaks off"},
		"cut off in a tag":    {sheet(`<worksheet><sheetData><row r="1"><c r="A1`), "can't be read"},
		"cut off behind data": {sheet(`<worksheet><sheetData></sheetData>`), "breaks off"},
		"texts cut off":       {with(parts{"xl/sharedStrings.xml": "<sst><si><t>a</t></si>"}), "breaks off"},
		"no such text":        {rows(`<row><c t="s"><v>3</v></c></row>`), "names a text"},
		"rows in disorder":    {rows(`<row r="2"/><row r="1"/>`), "row"},
		"cells in disorder":   {rows(`<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>`), `"A1"`},
		"cell of another row": {rows(`<row r="1"><c r="B7"><v>1</v></c></row>`), `"B7"`},
		"no place":            {rows(`<row r="1"><c r="!1"><v>1</v></c></row>`), `"!1"`},
		"entity":              {sheet(`<!DOCTYPE a [<!ENTITY b "7">]><worksheet><sheetData><row><c><v>&b;</v></c></row></sheetData></worksheet>`), "can't be read"},
		"billion laughs":      {with(parts{"xl/workbook.xml": `<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>` + strings.Replace(bookXML, "Contacts", "&b;", 1)}), "can't be read"},
		"external entity":     {sheet(`<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><worksheet><sheetData><row><c t="str"><v>&b;</v></c></row></sheetData></worksheet>`), "can't be read"},
		"other encoding":      {sheet(`<?xml version="1.0" encoding="x-user"?><worksheet/>`), "can't be read"},

		"many parts":         {many.pack(t), "parts"},
		"many rows":          {rows(`<row r="1048577"><c><v>1</v></c></row>`), "rows"},
		"many columns":       {rows(`<row r="1"><c r="XFE1"><v>1</v></c></row>`), "columns"},
		"column of letters":  {rows(`<row r="1"><c r="` + strings.Repeat("Z", 50_000) + `1"/></row>`), "no place"},
		"zeros":              {rows(zeros), "expands"},
		"zeros, size denied": {lie, "can't be read"},
		"long text":          {rows(`<row><c><v>` + noise(2<<20) + `</v></c></row>`), "1 MiB"},
		"long row":           {rows(`<row>` + strings.Repeat(`<c t="str"><v>`+noise(1<<16)+`</v></c>`, 20) + `</row>`), "1 MiB"},
		"long tag":           {rows(`<row x="` + noise(2<<20) + `"/>`), "1 MiB"},
		"long shared text":   {with(parts{"xl/sharedStrings.xml": "<sst><si><t>" + noise(2<<20)}), "1 MiB"},
		"large styles":       {with(parts{"xl/styles.xml": "<styleSheet>" + strings.Repeat("<xf/>", 2<<20)}), "expands"},
		"many sheets":        {with(parts{"xl/workbook.xml": "<workbook><sheets>" + strings.Repeat("<sheet/>", maxSheets+1) + "</sheets></workbook>"}), "sheets"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := read(c.data)
			e, ok := errors.AsType[*Error](err)
			if !ok || !strings.Contains(e.Message, c.want) {
				t.Errorf("got %.200s and error %v, want one about %q", got, err, c.want)
			}
		})
	}
}

// noise is text that does not compress.
func noise(n int) string {
	r := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('A' + r.IntN(26))
	}
	return string(b)
}

// FuzzRead throws parts of a workbook, and whole archives, at the reader: it ends, and what it does not read is an Error.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`<row r="2"><c r="B2" t="s" s="1"><v>0</v></c><c t="inlineStr"><is><r><t>a_x000D_</t></r><rPh><t>b</t></rPh></is></c></row>`), []byte(`<si><t>x</t></si>`), `"0"#;@`)
	f.Add([]byte(`<row><c s="1"><f>A1</f><v>45000.5</v></c><c t="e"><v>#N/A</v></c></row><row r="9"/>`), []byte(``), `[h]:mm`)
	f.Fuzz(func(t *testing.T, rows, texts []byte, format string) {
		whole := handMade(string(rows), parts{"xl/sharedStrings.xml": "<sst>" + string(texts) + "</sst>",
			"xl/styles.xml": `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="` + format + `"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>`})
		for _, data := range [][]byte{whole.pack(t), rows} {
			if _, err := read(data); err != nil {
				if e, ok := errors.AsType[*Error](err); !ok || e.Message == "" {
					t.Errorf("%#v", err)
				}
			}
		}
		for _, text := range []string{string(rows), format} {
			if got := unescape(escape(text)); utf8.ValidString(text) && got != text {
				t.Errorf("%q comes back as %q", text, got)
			}
		}
		items(format)
		Cell{Text: string(texts), Format: format}.Digits()
	})
}

// TestAgainstExcelize reads sheets that excelize writes as excelize reads them.
func TestAgainstExcelize(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for round := range 40 {
		f := excelize.NewFile()
		var styles []int
		for _, format := range []string{"General", "00000000000", "0.00E+00", "@", `"+"#`} {
			style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
			if err != nil {
				t.Fatal(err)
			}
			styles = append(styles, style)
		}
		for range r.IntN(200) {
			cell, _ := excelize.CoordinatesToCellName(1+r.IntN(30), 1+r.IntN(300))
			value := []any{
				r.Int64N(1e15), r.Float64() * 1e6, "text " + noise(3), " a_x000D_b\r\n\tc ", "<&>\"'", r.IntN(2) == 0, "+44 7911 123456", "é山😀",
				[]excelize.RichTextRun{{Text: "bold", Font: &excelize.Font{Bold: true}}, {Text: " plain"}},
			}[r.IntN(9)]
			var err error
			if runs, ok := value.([]excelize.RichTextRun); ok {
				err = f.SetCellRichText("Sheet1", cell, runs)
			} else {
				err = f.SetCellValue("Sheet1", cell, value)
			}
			if err := errors.Join(err, f.SetCellStyle("Sheet1", cell, cell, styles[r.IntN(len(styles))])); err != nil {
				t.Fatal(err)
			}
		}
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		compare(t, fmt.Sprint("round ", round), b.Bytes())
	}
}

// compare reads a workbook with excelize too.
func compare(t *testing.T, name string, data []byte) {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	want, err := f.GetRows(f.GetSheetName(0), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	book, err := Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := book.Rows(book.Sheets[0])
	if err != nil {
		t.Fatal(err)
	}
	got := make([][]string, len(want))
	for {
		row, err := rows.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range row.Cells {
			for len(got[row.Number-1]) <= c.Column {
				got[row.Number-1] = append(got[row.Number-1], "")
			}
			if c.Kind == Bool {
				c.Text = map[string]string{"TRUE": "1", "FALSE": "0"}[c.Text]
			}
			got[row.Number-1][c.Column] = c.Text
		}
	}
	for i := range want {
		if g, w := strings.TrimRight(fmt.Sprintf("%q", got[i]), `]" `), strings.TrimRight(fmt.Sprintf("%q", want[i]), `]" `); g != w {
			t.Errorf("%s, row %d: got %s, excelize reads %s", name, i+1, g, w)
		}
	}
}

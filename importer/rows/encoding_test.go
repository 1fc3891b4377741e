package rows

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"csvput/report/code"
)

// file makes a CSV with one name a row.
func file(names ...string) string {
	var b strings.Builder
	b.WriteString("id,name,note\n")
	for _, n := range names {
		b.WriteString(id1 + "," + n + ",\n")
	}
	return b.String()
}

func encode(t *testing.T, e encoding.Encoding, s string) string {
	t.Helper()
	out, err := e.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDetect(t *testing.T) {
	for _, tt := range []struct {
		name, in, encoding string
		names              []string // of the good rows
		bad                []int    // lines with bad_encoding
	}{
		{"ascii", file("a"), "UTF-8", []string{"a"}, nil},
		{"utf-8", file("é", "ü"), "UTF-8", []string{"é", "ü"}, nil},
		{"utf-8 with a cut sequence", file("é", "Jos\xc3", "ü"), "UTF-8", []string{"é", "ü"}, []int{3}},
		{"utf-8, the cut one comes first", file("Jos\xc3", "é", "ü"), "UTF-8", []string{"é", "ü"}, []int{2}},
		{"utf-8 with a replacement character", file("é", "Jos\ufffd"), "UTF-8", []string{"é"}, []int{3}},
		{"utf-8 with a zero byte far down", file(append(slices.Repeat([]string{"a"}, 200), "b\x00")...), "UTF-8", slices.Repeat([]string{"a"}, 200), []int{202}},
		{"utf-8 with C1 characters", file("é", "Jos\u0082"), "UTF-8", []string{"é"}, []int{3}},
		{"windows-1252", file("caf\xe9"), "Windows-1252", []string{"café"}, nil},
		{"windows-1252 quotes", file("O\x92Brien", "\x80 5", "caf\xe9 \x96 bar", "2\xbd", "O\xb4Neil"), "Windows-1252", []string{"O’Brien", "€ 5", "café – bar", "2½", "O´Neil"}, nil},
		{"windows-1252 with an undefined byte", file("caf\xe9", "\x81x", "\x9d"), "Windows-1252", []string{"café"}, []int{3, 4}},
		{"iso-8859-15", file("\xa4 5", "s\xbdur", "\xb4i\xb8ek", "\xa6koda", "caf\xe9"), "ISO-8859-15", []string{"€ 5", "sœur", "Žižek", "Škoda", "café"}, nil},
		{"iso-8859-15 at the beginning of a word", file("\xbduf"), "ISO-8859-15", []string{"œuf"}, nil},
		{"windows-1252, a late line of utf-8", file("caf\xe9", "M\xfcller", "Jos\xc3\xa9"), "Windows-1252", []string{"café", "Müller"}, []int{4}},
		{"windows-1252, a late line of iso-8859-15", file("caf\xe9", "M\xfcller", "\x80 1", "s\xbdur"), "Windows-1252", []string{"café", "Müller", "€ 1"}, []int{5}},
		{"windows-1252, a late line of MacRoman", file("caf\xe9", "M\xfcller", "ann\xe9e", "Ren\x8e"), "Windows-1252", []string{"café", "Müller", "année"}, []int{5}},
		{"capitals", file("M\xdcLLER", "CAF\xc9", "\xc9cole", "NO\xcbL", "\xd3 h\xc9anaigh"), "Windows-1252", []string{"MÜLLER", "CAFÉ", "École", "NOËL", "Ó hÉanaigh"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows, info, err := readAll(strings.NewReader(tt.in), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if info.Encoding != tt.encoding {
				t.Errorf("encoding %s, want %s", info.Encoding, tt.encoding)
			}
			if info.Guessed != (tt.encoding != "UTF-8") {
				t.Errorf("guessed is %t", info.Guessed)
			}
			var names []string
			var bad []int
			for _, r := range rows {
				if r.Problems == nil {
					names = append(names, r.Name)
					continue
				}
				bad = append(bad, r.Line)
				if p := r.Problems[0]; p.Code != code.BadEncoding || p.Column != "name" || strings.ContainsAny(p.Message, "\x00\n\ufffd") {
					t.Errorf("problem %+v", p)
				}
			}
			if !slices.Equal(names, tt.names) || !slices.Equal(bad, tt.bad) {
				t.Errorf("got %q and bad lines %v, want %q and %v", names, bad, tt.names, tt.bad)
			}
		})
	}
}

// TestIgnoredColumnMayBeBad holds that a column that is never sent does not refuse its row.
func TestIgnoredColumnMayBeBad(t *testing.T) {
	rows, _, err := readAll(strings.NewReader("id,name,note\n"+id1+",é,Jos\xc3\n"+id2+",ü,\ufffd\n"), Options{})
	if err != nil || len(rows) != 2 || rows[0].Problems != nil || rows[1].Problems != nil {
		t.Errorf("got %v %v", rows, err)
	}
	if rows[0].Raw[2] != "Jos\xc3" {
		t.Errorf("raw cell %q", rows[0].Raw[2])
	}
}

// TestLateEncoding holds that the encoding is decided when it matters: at the first byte outside
// ASCII, though it be megabytes away.
func TestLateEncoding(t *testing.T) {
	ascii := strings.Repeat(id1+",plain,\n", 120_000) // over 5 MB
	for _, tt := range []struct{ late, encoding, name string }{
		{"caf\xe9", "Windows-1252", "café"},
		{"café", "UTF-8", "café"},
		{"\xa4 5", "ISO-8859-15", "€ 5"},
	} {
		in := "id,name,note\n" + ascii + id2 + "," + tt.late + ",\n"
		r, err := Open(strings.NewReader(in), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if info := r.Info(); info.Encoding != "UTF-8" || info.Guessed {
			t.Errorf("at first: %+v", info)
		}
		rows := readRest(t, r)
		if last := rows[len(rows)-1]; last.Name != tt.name || last.Problems != nil {
			t.Errorf("last row %q %v, want %q", last.Name, last.Problems, tt.name)
		}
		if info := r.Info(); info.Encoding != tt.encoding || info.Guessed != (tt.encoding != "UTF-8") {
			t.Errorf("at the end: %+v, want %s", info, tt.encoding)
		}
	}
}

// TestLateUnclear holds that text in an unknown encoding refuses the file also in its middle.
func TestLateUnclear(t *testing.T) {
	in := "id,name,note\n" + strings.Repeat(id1+",plain,\n", 20_000) +
		strings.Repeat(id2+","+encode(t, charmap.Windows1251, "Иванов")+",\n", 5)
	_, _, err := readAll(strings.NewReader(in), Options{})
	var refusal *FileError
	if !errors.As(err, &refusal) || refusal.Code != CodeUnclearEncoding {
		t.Errorf("got %v", err)
	}
}

func TestUTF16(t *testing.T) {
	le := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	text := file("é", "Ł€漢", "😀")
	for _, tt := range []struct {
		name, in string
		bad      int
	}{
		{"whole", encode(t, le, text), 0},
		{"lone surrogate", encode(t, le, text) + "x\x00,\x00\x00\xd8,\x00\n\x00", 1},
		{"half a character at the end", encode(t, le, text) + "x\x00,\x00y", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows, info, err := readAll(strings.NewReader("\xff\xfe"+tt.in), Options{})
			if err != nil || info.Encoding != "UTF-16LE" || len(rows) != 3+tt.bad || rows[1].Name != "Ł€漢" || rows[2].Name != "😀" {
				t.Fatalf("got %v, %+v, %v", rows, info, err)
			}
			for _, r := range rows[:3] {
				if r.Problems != nil {
					t.Errorf("line %d: %v", r.Line, r.Problems)
				}
			}
			if tt.bad == 1 && !slices.ContainsFunc(rows[3].Problems, func(p code.Problem) bool { return p.Code == code.BadEncoding }) {
				t.Errorf("no bad_encoding in %+v", rows[3])
			}
		})
	}
}

func TestNamedEncoding(t *testing.T) {
	for _, tt := range []struct {
		name string
		enc  encoding.Encoding
		as   string
		text string
	}{
		{"UTF-8", unicode.UTF8, "UTF-8", "é"},
		{"utf-8-sig", unicode.UTF8, "UTF-8", "é"},
		{"latin1", charmap.Windows1252, "Windows-1252", "é €"},
		{"CP1252", charmap.Windows1252, "Windows-1252", "é €"},
		{"ANSI", charmap.Windows1252, "Windows-1252", "é €"},
		{"iso-8859-15", charmap.ISO8859_15, "ISO-8859-15", "é €"},
		{"latin9", charmap.ISO8859_15, "ISO-8859-15", "é €"},
		{"windows-1250", charmap.Windows1250, "Windows-1250", "Łódź"},
		{"windows-1251", charmap.Windows1251, "Windows-1251", "Иванов"},
		{"macintosh", charmap.Macintosh, "MACINTOSH", "René"},
		{"cp850", charmap.CodePage850, "IBM850", "Müller"},
		{"IBM437", charmap.CodePage437, "IBM437", "Müller"},
		{"utf-16le", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "UTF-16LE", "é 漢"},
		{"utf-16be", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), "UTF-16BE", "é 漢"},
		{"utf-16", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), "UTF-16BE", "é 漢"},
		{"shift_jis", japanese.ShiftJIS, "SHIFT_JIS", "表|ポ"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows, info, err := readAll(strings.NewReader(encode(t, tt.enc, file(tt.text))), Options{Encoding: tt.name})
			if err != nil || len(rows) != 1 || rows[0].Name != tt.text || rows[0].Problems != nil {
				t.Fatalf("got %v, %v", rows, err)
			}
			if info.Encoding != tt.as || info.Guessed {
				t.Errorf("info %+v", info)
			}
		})
	}
}

func TestNamedEncodingRefused(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		code     code.Code
	}{
		{"klingon", file("a"), CodeUnknownEncoding},
		{"hz-gb-2312", file("a"), CodeUnknownEncoding}, // the Encoding Standard decodes it to nothing
		{"windows-1252", "\ufeff" + file("a"), CodeEncodingConflict},
		{"utf-8", "\xff\xfei\x00d\x00", CodeEncodingConflict},
	} {
		_, err := Open(strings.NewReader(tt.in), Options{Encoding: tt.name})
		var refusal *FileError
		if !errors.As(err, &refusal) || refusal.Code != tt.code {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.code)
		}
	}
}

// TestNamedEncodingIsBelieved holds that odd looks count only against a guess.
func TestNamedEncodingIsBelieved(t *testing.T) {
	in := file("Ren\x8e", "s\xbdur")
	rows, _, err := readAll(strings.NewReader(in), Options{Encoding: "windows-1252"})
	if err != nil || rows[0].Problems != nil || rows[0].Name != "RenŽ" || rows[1].Problems != nil {
		t.Errorf("got %+v, %v", rows, err)
	}
}

func TestMultiByte(t *testing.T) {
	for _, tt := range []struct {
		in           string
		more         bool
		good, broken int
	}{
		{"é", false, 1, 0},
		{"éü€😀", false, 4, 0},
		{"\xe9", false, 0, 1},
		{"\xe2\x82", false, 0, 1},
		{"é\xe2\x82", true, 1, 0}, // goes on beyond the window
		{"a\xe9b\xfc", false, 0, 2},
		{"\xed\xa0\x80é", false, 1, 1}, // a surrogate is no UTF-8
	} {
		good, broken := multiByte(tt.in, tt.more)
		if good != tt.good || broken != tt.broken {
			t.Errorf("%q: %d good and %d broken, want %d and %d", tt.in, good, broken, tt.good, tt.broken)
		}
	}
}

func TestFirstNonASCII(t *testing.T) {
	for n := range 40 {
		b := bytes.Repeat([]byte("a"), 40)
		b[n] = 0x80
		if got := firstNonASCII(string(b)); got != n {
			t.Errorf("found at %d, is at %d", got, n)
		}
	}
	if firstNonASCII("plain text, as it were") != -1 {
		t.Error("found where there is none")
	}
}

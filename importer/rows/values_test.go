package rows

import (
	"slices"
	"strings"
	"testing"

	"csvput/report/code"
	"csvput/report/formula"
)

func codeOf(p *code.Problem) code.Code {
	if p == nil {
		return ""
	}
	return p.Code
}

func TestParseID(t *testing.T) {
	const want = "0b9d8a0e-5f3c-4c8e-9a51-2f6d3e7c1b48"
	for in, refused := range map[string]code.Code{
		want:                                     "",
		strings.ToUpper(want):                    "",
		"{" + want + "}":                         "",
		"urn:uuid:" + want:                       "",
		"URN:UUID:" + strings.ToUpper(want):      "",
		"0b9d8a0e5f3c4c8e9a512f6d3e7c1b48":       "",
		" \t\u00a0" + want + "\ufeff\r\n":        "",
		"\u200b{" + want + "}\u202c":             "",
		"":                                       code.MissingID,
		" \u00a0\u200b":                          code.MissingID,
		"x" + want + "x":                         code.InvalidID, // the library looks only inside the braces
		"(" + want + ")":                         code.InvalidID,
		want[1:]:                                 code.InvalidID,
		want + "0":                               code.InvalidID,
		strings.ReplaceAll(want, "-", "_"):       code.InvalidID,
		"0b9d8a0e-5f3c-4c8e-9a51-2f6d3e7c1b4g":   code.InvalidID,
		"00000000-0000-0000-0000-000000000000":   code.InvalidID,
		"{00000000-0000-0000-0000-000000000000}": code.InvalidID,
		want + "," + want:                        code.InvalidID,
		"12345":                                  code.InvalidID,
	} {
		id, p := ParseID(in)
		if codeOf(p) != refused || refused == "" && id != want || refused != "" && id != "" {
			t.Errorf("%q: got %q, %v; want code %q", in, id, p, refused)
		}
	}
}

func TestParseIDs(t *testing.T) {
	for _, tt := range []struct {
		in    string
		ids   []string
		clear bool
		code  code.Code
	}{
		{"", nil, false, ""},
		{" \u00a0", nil, false, ""},
		{id1, []string{id1}, false, ""},
		{id1 + ";" + id2 + ", " + id3 + "|" + id4, []string{id1, id2, id3, id4}, false, ""},
		{id1 + "\n" + id2 + "\u00a0" + id3, []string{id1, id2, id3}, false, ""},
		{id2 + ";" + id1 + ";" + strings.ToUpper(id2) + ";{" + id1 + "};", []string{id2, id1}, false, ""},
		{"#CLEAR", nil, true, ""},
		{" #clear ", nil, true, ""},
		{id1 + ";#CLEAR", nil, false, code.InvalidAccountUUIDs},
		{id1 + ";x", nil, false, code.InvalidAccountUUIDs},
		{";;", nil, false, code.InvalidAccountUUIDs},
		{"none", nil, false, code.InvalidAccountUUIDs},
		{"00000000-0000-0000-0000-000000000000", nil, false, code.InvalidAccountUUIDs},
	} {
		ids, clear, p := ParseIDs(tt.in)
		if !slices.Equal(ids, tt.ids) || (ids == nil) != (tt.ids == nil) || clear != tt.clear || codeOf(p) != tt.code {
			t.Errorf("%q: got %q, %t, %v", tt.in, ids, clear, p)
		}
	}
}

func TestParseName(t *testing.T) {
	for _, tt := range []struct {
		in, want string
		notes    int
		code     code.Code
	}{
		{"", "", 0, ""},
		{"\u00a0 \u200b", "", 0, ""},
		{" Work phone\t", "Work phone", 0, ""},
		{"\u202aWork\u202c", "Work", 0, ""},
		{"Wo\u200brk\u00ad phone\u200e", "Work phone", 1, ""},
		{"a\u00a0b", "a\u00a0b", 0, ""},
		{"👨\u200d👩\u200d👧 home", "👨\u200d👩\u200d👧 home", 0, ""},
		{"نامه\u200cای", "نامه\u200cای", 0, ""},
		{"=SUM(A1)", "=SUM(A1)", 0, ""},
		{strings.Repeat("é", 255), strings.Repeat("é", 255), 0, ""},
		{" " + strings.Repeat("x", 255) + " ", strings.Repeat("x", 255), 0, ""},
		{strings.Repeat("é", 256), "", 0, code.NameTooLong},
		{strings.Repeat("e\u0301", 128), "", 0, code.NameTooLong}, // code points, not letters
		{"a\r\nb\nc\rd\r\re", "a\nb\nc\nd\n\ne", 0, ""},           // every line break is LF
		{"a\r\r\nb\n\nc", "a\nb\n\nc", 0, ""},                     // CRLF that was written as text once more
		{"'\r\nx", "x", 1, ""},
		{" '=x", "'=x", 0, ""},           // no guard of ours: it stands behind a blank
		{"'=SUM(A1)", "=SUM(A1)", 1, ""}, // as reports and exports guard it
		{"''-x", "'-x", 1, ""},
		{"'s-Gravenhage", "'s-Gravenhage", 0, ""},
		{"a\tb\t", "a b", 1, ""},
		{"'\ta\t\u00adb", "a b", 2, ""},
		{"a\x1bb", "", 0, code.InvalidName},
		{"a\u0085b", "", 0, code.InvalidName},
		{"a\u2028b", "", 0, code.InvalidName},
		{"#CLEAR", "", 0, code.InvalidName},
		{" #clear", "", 0, code.InvalidName},
		{"#CLEAR it", "#CLEAR it", 0, ""},
	} {
		name, notes, p := ParseName(tt.in)
		if name != tt.want || len(notes) != tt.notes || codeOf(p) != tt.code {
			t.Errorf("%q: got %q, %v, %v", tt.in, name, notes, p)
		}
		if p != nil && strings.ContainsFunc(p.Message, func(r rune) bool { return r < ' ' || r == '\u2028' }) {
			t.Errorf("%q: message %q", tt.in, p.Message)
		}
	}
}

// A name that an export wrote, guarded as exports and reports do and read again, folds to what the CRM
// has, whatever that is: an untouched export wishes for no change.
func TestFoldName(t *testing.T) {
	for in, want := range map[string]string{
		"":                          "",
		"Work":                      "Work",
		" Work\u00a0":               "Work",
		"a\u00a0b":                  "a\u00a0b",
		"Donau\u00addampf":          "Donaudampf",
		"a\tb":                      "a b",
		"\u200b a \u2060\t":         "a",
		"a\u200b\r\u200b\nb\rc":     "a\nb\nc",
		"'=x":                       "'=x", // part of the name: only a file has guards
		"👨\u200d👩\u200d👧 home":      "👨\u200d👩\u200d👧 home",
		"a\r\r\r\nb\n\r\nc":         "a\nb\n\nc",
		"\ufeff'\t\u202aHome\u202c": "' Home",
	} {
		got := FoldName(in)
		if got != want || FoldName(got) != got {
			t.Errorf("%q folds to %q, then to %q; want %q", in, got, FoldName(got), want)
		}
		name, _, p := ParseName(in)
		if p != nil || formula.Unguard(in) == in && name != want {
			t.Errorf("%q is read as %q, %v; want %q", in, name, p, want)
		}
	}
}

func TestParseType(t *testing.T) {
	for in, want := range map[string]string{
		"": "", " ": "", "phone_number": "phone_number", "Phone": "phone_number", "PHONE NUMBER": "phone_number",
		"mobile": "phone_number", "Tel": "phone_number", "email": "email", "E-Mail": "email", "e_mail address": "email",
		"fax": string(code.InvalidType), "phone;email": string(code.InvalidType),
	} {
		got, p := ParseType(in)
		if p != nil {
			got = string(p.Code)
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

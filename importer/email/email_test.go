package email

import (
	"net/mail"
	"strings"
	"testing"
	"unicode"
)

var accepted = []struct{ value, addr, notes string }{
	{"ann@example.com", "ann@example.com", ""},
	{"  ann@example.com ", "ann@example.com", ""},
	{"Ann.Smith+crm@Mail.Example.co.uk", "Ann.Smith+crm@Mail.Example.co.uk", ""},
	{"o'brien@example.com", "o'brien@example.com", ""},
	{"a_b-c&d=e@example.com", "a_b-c&d=e@example.com", ""},
	{"1@123.example", "1@123.example", ""},
	{"ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example", ""},
	{"ann@bücher.example", "ann@bücher.example", ""},
	{"ann@пример.рф", "ann@пример.рф", ""},
	{"ann@例え.jp", "ann@例え.jp", ""},
	{"ann@a--b.example", "ann@a--b.example", ""},
	{strings.Repeat("a", 64) + "@example.com", strings.Repeat("a", 64) + "@example.com", ""},
	{"ann@" + strings.Repeat("b", 63) + ".example", "ann@" + strings.Repeat("b", 63) + ".example", ""},

	{"\u00a0ann@example.com\t", "ann@example.com", CodeRepairedSpaces},
	{"ann@example.com\r\n", "ann@example.com", CodeRepairedSpaces},
	{"\u2003ann@example.com", "ann@example.com", CodeRepairedSpaces},
	{"\ufeffann@example.com", "ann@example.com", CodeRepairedInvisible},
	{"ann@exam\u00adple.com\u200b", "ann@example.com", CodeRepairedInvisible},
	{"\u200e\u00a0ann@example.com", "ann@example.com", CodeRepairedInvisible + " " + CodeRepairedSpaces},
	{"mailto:ann@example.com", "ann@example.com", CodeRepairedLabel},
	{"MailTo: ann@example.com", "ann@example.com", CodeRepairedLabel},
	{"E-mail: ann@example.com", "ann@example.com", CodeRepairedLabel},
	{`="ann@example.com"`, "ann@example.com", CodeRepairedTextMarker},
	{`"ann@example.com"`, "ann@example.com", CodeRepairedTextMarker},
	{"'ann@example.com'", "ann@example.com", CodeRepairedTextMarker},
	{"“ann@example.com”", "ann@example.com", CodeRepairedTextMarker},
	{"<ann@example.com>", "ann@example.com", CodeRepairedTextMarker},
	{"<mailto:ann@example.com>", "ann@example.com", CodeRepairedTextMarker + " " + CodeRepairedLabel},
}

func TestParse(t *testing.T) {
	for _, test := range accepted {
		addr, notes, p := Parse(test.value)
		var codes []string
		for _, note := range notes {
			codes = append(codes, note.Code)
			checkMessage(t, note.Message)
		}
		if p != nil || addr != test.addr || strings.Join(codes, " ") != test.notes {
			t.Errorf("%q: %q, %q, %v; want %q, %q", test.value, addr, codes, p, test.addr, test.notes)
		}
	}
}

var refused = []struct{ value, code, says string }{
	{"n/a", CodePlaceholder, ""},
	{"None", CodePlaceholder, ""},
	{"-", CodePlaceholder, ""},
	{"#N/A", CodePlaceholder, ""},
	{"TBC", CodePlaceholder, ""},
	{"no email", CodePlaceholder, ""},
	{"\u200b", CodePlaceholder, ""},
	{"<>", CodePlaceholder, ""},
	{"mailto:", CodePlaceholder, ""},
	{"=HYPERLINK(\"mailto:ann@example.com\")", CodeFormula, ""},
	{"=ann@example.com", CodeFormula, ""},

	{"ann@example.com; bob@example.com", CodeMultipleEmails, ""},
	{"ann@example.com,bob@example.com", CodeMultipleEmails, ""},
	{"ann@example.com / bob@example.com", CodeMultipleEmails, ""},
	{"ann@example.com bob@example.com", CodeMultipleEmails, ""},
	{"ann@example.com\nbob@example.com", CodeMultipleEmails, ""},
	{"Ann <ann@example.com>, Bob <bob@example.com>", CodeMultipleEmails, ""},

	{"Ann <ann@example.com>", CodeEmailDisplayName, "ann@example.com"},
	{`"Smith, Ann" <ann@example.com>`, CodeEmailDisplayName, ""},
	{"ann@example.com (Ann)", CodeEmailDisplayName, ""},
	{"ann@example.com (work)", CodeEmailDisplayName, ""},
	{"Ann: ann@example.com", CodeEmailDisplayName, ""},
	{"Ann ann@example.com", CodeEmailDisplayName, ""},
	{"ann@example.com; 020 7946 0958", CodeEmailDisplayName, ""},

	{"ann", CodeInvalidEmail, "no @"},
	{"ann(at)example.com", CodeInvalidEmail, "no @"},
	{"n/a@n/a", CodeInvalidEmail, ""},
	{"@", CodeInvalidEmail, ""},
	{"ann@", CodeInvalidEmail, "behind the @"},
	{"@example.com", CodeInvalidEmail, "in front of the @"},
	{"ann@@example.com", CodeInvalidEmail, "more than one @"},
	{"ann@bob@example.com", CodeInvalidEmail, "more than one @"},
	{"ann@example", CodeInvalidEmail, ".com"},
	{"ann@localhost", CodeInvalidEmail, ""},
	{"ann@example.c", CodeInvalidEmail, ".c"},
	{"ann@192.0.2.1", CodeInvalidEmail, ""},
	{"ann@[192.0.2.1]", CodeInvalidEmail, ""},
	{"ann @example.com", CodeInvalidEmail, "blank"},
	{"ann@ example.com", CodeInvalidEmail, "blank"},
	{"ann smith@example .com", CodeInvalidEmail, "blank"},
	{"ann@exam\u00a0ple.com", CodeInvalidEmail, "blank"},
	{".ann@example.com", CodeInvalidEmail, "full stop"},
	{"ann.@example.com", CodeInvalidEmail, "full stop"},
	{"ann..smith@example.com", CodeInvalidEmail, "full stop"},
	{"ann@example..com", CodeInvalidEmail, "full stop"},
	{"ann@.example.com", CodeInvalidEmail, "full stop"},
	{"ann@example.com.", CodeInvalidEmail, "ends with"},
	{"ann@example.com,", CodeInvalidEmail, "ends with"},
	{"ann@example.com;", CodeInvalidEmail, "ends with"},
	{"ann@example,com", CodeInvalidEmail, ","},
	{"'ann@example.com", CodeInvalidEmail, "apostrophe"},
	{`"ann smith"@example.com`, CodeInvalidEmail, ""},
	{`ann\@example.com`, CodeInvalidEmail, `\`},
	{"a***@example.com", CodeInvalidEmail, "*"},
	{"jos?@example.com", CodeInvalidEmail, "?"},
	{"ann/bob@example.com", CodeInvalidEmail, "/"},
	{"josé@example.com", CodeInvalidEmail, "é"},
	{"ann@-example.com", CodeInvalidEmail, "hyphen"},
	{"ann@example-.com", CodeInvalidEmail, "hyphen"},
	{"ann@exa_mple.com", CodeInvalidEmail, "_"},
	{"ann@ex\u0430mple.com", CodeInvalidEmail, "alphabets"},
	{"ann@bu\u0308cher.example", CodeInvalidEmail, "usual form"},
	{"ann@ｅｘａｍｐｌｅ.com", CodeInvalidEmail, "usual form"},
	{"ann＠example.com", CodeInvalidEmail, "no @"},
	{"ann\x00@example.com", CodeInvalidEmail, "unreadable"},
	{"ann\xff@example.com", CodeInvalidEmail, "unreadable"},
	{"mailto:ann@example.com?subject=Hello", CodeInvalidEmail, "?"},
	{strings.Repeat("a", 65) + "@example.com", CodeInvalidEmail, "64"},
	{"ann@" + strings.Repeat("b", 64) + ".example", CodeInvalidEmail, "63"},
	{"ann@" + strings.Repeat("b.", 125) + "example", CodeInvalidEmail, "254"},
}

func TestParseRefuses(t *testing.T) {
	for _, test := range refused {
		addr, notes, p := Parse(test.value)
		if p == nil || p.Code != test.code || !strings.Contains(p.Message, test.says) || addr != "" || notes != nil {
			t.Errorf("%q: %q, %v, %+v; want %s and %q", test.value, addr, notes, p, test.code, test.says)
			continue
		}
		checkMessage(t, p.Error())
	}
}

// checkMessage holds a message to one line of printable characters and a sensible length.
func checkMessage(t *testing.T, message string) {
	t.Helper()
	if message == "" || len(message) > 600 || strings.ContainsFunc(message, func(r rune) bool {
		return unicode.IsControl(r) || dropInvisible(r) < 0
	}) {
		t.Errorf("message %q", message)
	}
}

// FuzzParse holds a good address to what net/mail says of it, and to being read as itself without a repair.
func FuzzParse(f *testing.F) {
	for _, test := range accepted {
		f.Add(test.value)
	}
	for _, test := range refused {
		f.Add(test.value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		addr, notes, p := Parse(value)
		if p != nil {
			if addr != "" || notes != nil || p.Code == "" {
				t.Fatalf("%q: %q, %v, %+v", value, addr, notes, p)
			}
			checkMessage(t, p.Message)
			return
		}
		if parsed, err := mail.ParseAddress(addr); err != nil || parsed.Address != addr || parsed.Name != "" {
			t.Fatalf("%q: %q is %v, %v to net/mail", value, addr, parsed, err)
		}
		if again, notes, p := Parse(addr); again != addr || notes != nil || p != nil {
			t.Fatalf("%q: %q is read again as %q, %v, %v", value, addr, again, notes, p)
		}
		for _, note := range notes {
			checkMessage(t, note.Message)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		Parse("ann.smith@mail.example.com")
	}
}

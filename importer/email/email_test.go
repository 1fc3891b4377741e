package email

import (
	"net/mail"
	"strings"
	"testing"
	"unicode"

	"csvput/report/code"
)

var accepted = []struct {
	value, addr string
	notes       code.Code
}{
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

	{"\u00a0ann@example.com\t", "ann@example.com", code.RepairedSpaces},
	{"ann@example.com\r\n", "ann@example.com", code.RepairedSpaces},
	{"\u2003ann@example.com", "ann@example.com", code.RepairedSpaces},
	{"\ufeffann@example.com", "ann@example.com", code.RepairedInvisible},
	{"ann@exam\u00adple.com\u200b", "ann@example.com", code.RepairedInvisible},
	{"\u200e\u00a0ann@example.com", "ann@example.com", code.RepairedInvisible + " " + code.RepairedSpaces},
	{"mailto:ann@example.com", "ann@example.com", code.RepairedLabel},
	{"MailTo: ann@example.com", "ann@example.com", code.RepairedLabel},
	{"E-mail: ann@example.com", "ann@example.com", code.RepairedLabel},
	{`="ann@example.com"`, "ann@example.com", code.RepairedTextMarker},
	{`"ann@example.com"`, "ann@example.com", code.RepairedTextMarker},
	{"'ann@example.com'", "ann@example.com", code.RepairedTextMarker},
	{"“ann@example.com”", "ann@example.com", code.RepairedTextMarker},
	{"<ann@example.com>", "ann@example.com", code.RepairedTextMarker},
	{"<mailto:ann@example.com>", "ann@example.com", code.RepairedTextMarker + " " + code.RepairedLabel},
}

func TestParse(t *testing.T) {
	for _, test := range accepted {
		addr, notes, p := Parse(test.value)
		var codes []string
		for _, note := range notes {
			codes = append(codes, string(note.Code))
			checkMessage(t, note.Message)
		}
		if p != nil || addr != test.addr || code.Code(strings.Join(codes, " ")) != test.notes {
			t.Errorf("%q: %q, %q, %v; want %q, %q", test.value, addr, codes, p, test.addr, test.notes)
		}
	}
}

var refused = []struct {
	value string
	code  code.Code
	says  string
}{
	{"n/a", code.Placeholder, ""},
	{"None", code.Placeholder, ""},
	{"-", code.Placeholder, ""},
	{"#N/A", code.Placeholder, ""},
	{"TBC", code.Placeholder, ""},
	{"no email", code.Placeholder, ""},
	{"\u200b", code.Placeholder, ""},
	{"<>", code.Placeholder, ""},
	{"mailto:", code.Placeholder, ""},
	{"=HYPERLINK(\"mailto:ann@example.com\")", code.Formula, ""},
	{"=ann@example.com", code.Formula, ""},

	{"ann@example.com; bob@example.com", code.MultipleEmails, ""},
	{"ann@example.com,bob@example.com", code.MultipleEmails, ""},
	{"ann@example.com / bob@example.com", code.MultipleEmails, ""},
	{"ann@example.com bob@example.com", code.MultipleEmails, ""},
	{"ann@example.com\nbob@example.com", code.MultipleEmails, ""},
	{"Ann <ann@example.com>, Bob <bob@example.com>", code.MultipleEmails, ""},

	{"Ann <ann@example.com>", code.EmailDisplayName, "ann@example.com"},
	{`"Smith, Ann" <ann@example.com>`, code.EmailDisplayName, ""},
	{"ann@example.com (Ann)", code.EmailDisplayName, ""},
	{"ann@example.com (work)", code.EmailDisplayName, ""},
	{"Ann: ann@example.com", code.EmailDisplayName, ""},
	{"Ann ann@example.com", code.EmailDisplayName, ""},
	{"ann@example.com; 020 7946 0958", code.EmailDisplayName, ""},

	{"ann", code.InvalidEmail, "no @"},
	{"ann(at)example.com", code.InvalidEmail, "no @"},
	{"n/a@n/a", code.InvalidEmail, ""},
	{"@", code.InvalidEmail, ""},
	{"ann@", code.InvalidEmail, "behind the @"},
	{"@example.com", code.InvalidEmail, "in front of the @"},
	{"ann@@example.com", code.InvalidEmail, "more than one @"},
	{"ann@bob@example.com", code.InvalidEmail, "more than one @"},
	{"ann@example", code.InvalidEmail, ".com"},
	{"ann@localhost", code.InvalidEmail, ""},
	{"ann@example.c", code.InvalidEmail, ".c"},
	{"ann@192.0.2.1", code.InvalidEmail, ""},
	{"ann@[192.0.2.1]", code.InvalidEmail, ""},
	{"ann @example.com", code.InvalidEmail, "blank"},
	{"ann@ example.com", code.InvalidEmail, "blank"},
	{"ann smith@example .com", code.InvalidEmail, "blank"},
	{"ann@exam\u00a0ple.com", code.InvalidEmail, "blank"},
	{".ann@example.com", code.InvalidEmail, "full stop"},
	{"ann.@example.com", code.InvalidEmail, "full stop"},
	{"ann..smith@example.com", code.InvalidEmail, "full stop"},
	{"ann@example..com", code.InvalidEmail, "full stop"},
	{"ann@.example.com", code.InvalidEmail, "full stop"},
	{"ann@example.com.", code.InvalidEmail, "ends with"},
	{"ann@example.com,", code.InvalidEmail, "ends with"},
	{"ann@example.com;", code.InvalidEmail, "ends with"},
	{"ann@example,com", code.InvalidEmail, ","},
	{"'ann@example.com", code.InvalidEmail, "apostrophe"},
	{`"ann smith"@example.com`, code.InvalidEmail, ""},
	{`ann\@example.com`, code.InvalidEmail, `\`},
	{"a***@example.com", code.InvalidEmail, "*"},
	{"jos?@example.com", code.InvalidEmail, "?"},
	{"ann/bob@example.com", code.InvalidEmail, "/"},
	{"josé@example.com", code.InvalidEmail, "é"},
	{"ann@-example.com", code.InvalidEmail, "hyphen"},
	{"ann@example-.com", code.InvalidEmail, "hyphen"},
	{"ann@exa_mple.com", code.InvalidEmail, "_"},
	{"ann@ex\u0430mple.com", code.InvalidEmail, "alphabets"},
	{"ann@bu\u0308cher.example", code.InvalidEmail, "usual form"},
	{"ann@ｅｘａｍｐｌｅ.com", code.InvalidEmail, "usual form"},
	{"ann＠example.com", code.InvalidEmail, "no @"},
	{"ann\x00@example.com", code.InvalidEmail, "unreadable"},
	{"ann\xff@example.com", code.InvalidEmail, "unreadable"},
	{"mailto:ann@example.com?subject=Hello", code.InvalidEmail, "?"},
	{strings.Repeat("a", 65) + "@example.com", code.InvalidEmail, "64"},
	{"ann@" + strings.Repeat("b", 64) + ".example", code.InvalidEmail, "63"},
	{"ann@" + strings.Repeat("b.", 125) + "example", code.InvalidEmail, "254"},
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

package formula

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

func TestGuard(t *testing.T) {
	for _, tt := range []struct{ in, out string }{
		{"", ""},
		{"Ada", "Ada"},
		{"=1+2", "'=1+2"},
		{"+442079460958", "+442079460958"},
		{"+44 20 7946 0958", "'+44 20 7946 0958"},
		{"+123456789012345", "+123456789012345"},
		{"+1234567890123456", "'+1234567890123456"},
		{"+", "'+"},
		{"+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"},
		{"-2", "'-2"},
		{"@SUM(1)", "'@SUM(1)"},
		{"\t1", "'\t1"},
		{"\t=1", "'\t'=1"},
		{"\r=1", "'\r'=1"},
		{"\n=1", "'\n'=1"},
		{"＝1+2", "'＝1+2"},
		{"＋44", "'＋44"},
		{"－2", "'－2"},
		{"＠SUM(1)", "'＠SUM(1)"},
		{"＃1", "＃1"},
		{"'", "'"},
		{"'tis", "'tis"},
		{"'=1", "''=1"},
		{"''=1", "'''=1"},
		{"'+442079460958", "''+442079460958"},
		{" =1", " =1"},
		// In a file that a program cuts elsewhere, a cell begins inside the text.
		{"a;=cmd|' /C calc'!A0;b", "a;'=cmd|' /C calc'!A0;b"},
		{"a\t@SUM(1)\t-1", "a\t'@SUM(1)\t'-1"},
		{"Smith,-Jones", "Smith,'-Jones"},
		{"a\n=1", "a\n'=1"},
		{"a\r\n=1", "a\r\n'=1"},
		{"a;＝1", "a;'＝1"},
		{"a;'=1", "a;''=1"},
		{`a;"=1"`, `a;'"=1"`},
		{"a;;=1", "a;;'=1"},
		{"=a;=b", "'=a;'=b"},
		{"a;+442079460958", "a;+442079460958"},
		{"a;+442079460958;b", "a;'+442079460958;b"},
		{"+1,cmd|' /C calc'!A0", "'+1,cmd|' /C calc'!A0"},
		{"a; =1", "a; =1"},
		{"a\n\nb", "a\n\nb"},
		{"a;", "a;"},
		{"a;'", "a;'"},
		{"a;'b", "a;'b"},
		{`"+44 20" is no number`, `"+44 20" is no number`},
	} {
		if got := Guard(tt.in); got != tt.out {
			t.Errorf("Guard(%q) = %q, want %q", tt.in, got, tt.out)
		}
		if got := Unguard(tt.out); got != tt.in {
			t.Errorf("Unguard(%q) = %q, want %q", tt.out, got, tt.in)
		}
	}
	// What a person wrote with an apostrophe in front of a number is not ours to take away.
	if got := Unguard("'+442079460958"); got != "'+442079460958" {
		t.Errorf("Unguard took an apostrophe that Guard did not put there: %q", got)
	}
}

func FuzzGuard(f *testing.F) {
	for _, s := range []string{"", "'", "''=x", "=1+2", "+44 20", "+442079460958", "'+442079460958", "\r\n", "a;=1", "a;'=1", "=;=\t＋", "a,\"\"'-1", "\xff;\xef\xbc=", "a;+1;+2"} {
		f.Add(s)
	}
	number := regexp.MustCompile(`^\+[0-9]{1,15}$`)
	whole, inside := regexp.MustCompile(`^'*[=+\-@\t\r\n＝＋－＠]`), regexp.MustCompile(`^['"]*[=+\-@＝＋－＠]`)
	f.Fuzz(func(t *testing.T, s string) {
		g := Guard(s)
		if Unguard(g) != s {
			t.Fatalf("Unguard(%q) is not %q", g, s)
		}
		// The same, said in another way: one apostrophe where a cell would run.
		var want strings.Builder
		for i := range len(s) + 1 {
			rest := s[i:]
			begins := i == 0 && whole.MatchString(rest) || i > 0 && strings.ContainsRune(",;\t\r\n", rune(s[i-1])) && inside.MatchString(rest)
			if begins && !number.MatchString(rest) {
				want.WriteByte('\'')
			}
			if rest != "" {
				want.WriteByte(rest[0])
			}
		}
		if g != want.String() {
			t.Fatalf("Guard(%q) = %q, want %q", s, g, want.String())
		}
	})
}

func ExampleGuard() {
	fmt.Println(Guard(`=HYPERLINK("https://example.com")`))
	fmt.Println(Guard("+442079460958"))
	// Output:
	// '=HYPERLINK("https://example.com")
	// +442079460958
}

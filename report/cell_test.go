package report

import (
	"fmt"
	"regexp"
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
		{"\t=1", "'\t=1"},
		{"\r=1", "'\r=1"},
		{"\n=1", "'\n=1"},
		{"'", "'"},
		{"'tis", "'tis"},
		{"'=1", "''=1"},
		{"''=1", "'''=1"},
		{"'+442079460958", "''+442079460958"},
		{" =1", " =1"},
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
	for _, s := range nasty() {
		f.Add(s)
	}
	trigger, number := regexp.MustCompile(`^'*[=+\-@\t\r\n]`), regexp.MustCompile(`^\+[0-9]{1,15}$`)
	f.Fuzz(func(t *testing.T, s string) {
		g := Guard(s)
		if Unguard(g) != s {
			t.Fatalf("Unguard(%q) is not %q", g, s)
		}
		if want := trigger.MatchString(s) && !number.MatchString(s); want != (g != s) {
			t.Fatalf("Guard(%q) = %q", s, g)
		}
		if g != s && g != "'"+s {
			t.Fatalf("Guard(%q) = %q", s, g)
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

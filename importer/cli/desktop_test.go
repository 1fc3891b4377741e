package cli_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"csvput/importer/cli"
)

// TestQuote quotes what is pasted into a shell.
func TestQuote(t *testing.T) {
	for _, tt := range []struct{ arg, unix, windows string }{
		{"runs/contacts-20260102T150405Z", "runs/contacts-20260102T150405Z", "runs/contacts-20260102T150405Z"},
		{`C:\Users\ann\contacts.csv`, `'C:\Users\ann\contacts.csv'`, `C:\Users\ann\contacts.csv`},
		{`C:\My files\contacts.csv`, `'C:\My files\contacts.csv'`, `"C:\My files\contacts.csv"`},
		{`C:\My files\`, `'C:\My files\'`, `"C:\My files\\"`},
		{"Phone No=value", "'Phone No=value'", `"Phone No=value"`},
		{"it's", `'it'\''s'`, `"it's"`},
		{"a,b;c", "'a,b;c'", `"a,b;c"`},
		{"ünï.csv", "'ünï.csv'", `"ünï.csv"`},
		{"", "''", `""`},
	} {
		if got := cli.QuoteForTest("linux", tt.arg); got != tt.unix {
			t.Errorf("for sh, %s is quoted %s, want %s", tt.arg, got, tt.unix)
		}
		if got := cli.QuoteForTest("windows", tt.arg); got != tt.windows {
			t.Errorf("for Windows, %s is quoted %s, want %s", tt.arg, got, tt.windows)
		}
	}
}

// TestDropped says that a file dropped on the program's icon is checked, and nothing else changes.
func TestDropped(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "contacts.csv")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ args, want []string }{
		{[]string{"csvput"}, []string{"csvput"}},
		{[]string{"csvput", file}, []string{"csvput", "check", file}},
		{[]string{"csvput", dir}, []string{"csvput", dir}},
		{[]string{"csvput", "logins"}, []string{"csvput", "logins"}},
		{[]string{"csvput", "--help"}, []string{"csvput", "--help"}},
	} {
		if got := cli.DroppedForTest(tt.args); !slices.Equal(got, tt.want) {
			t.Errorf("%v becomes %v, want %v", tt.args, got, tt.want)
		}
	}
}

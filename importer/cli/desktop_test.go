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
	for _, tt := range []struct{ arg, sh, cmd, powershell string }{
		{"runs/contacts-20260102T150405Z", "runs/contacts-20260102T150405Z", "runs/contacts-20260102T150405Z", "runs/contacts-20260102T150405Z"},
		{`C:\Users\ann\contacts.csv`, `'C:\Users\ann\contacts.csv'`, `C:\Users\ann\contacts.csv`, `C:\Users\ann\contacts.csv`},
		{`C:\My files\contacts.csv`, `'C:\My files\contacts.csv'`, `"C:\My files\contacts.csv"`, `'C:\My files\contacts.csv'`},
		{`C:\My files\`, `'C:\My files\'`, `"C:\My files\\"`, `'C:\My files\\'`},
		{"Phone No=value", "'Phone No=value'", `"Phone No=value"`, "'Phone No=value'"},
		{"it's", `'it'\''s'`, `"it's"`, "'it''s'"},
		{"it’s", `'it’s'`, `"it’s"`, "'it’’s'"},
		{"a,b;c", "'a,b;c'", `"a,b;c"`, "'a,b;c'"},
		{"a&b^c.csv", "'a&b^c.csv'", `"a&b^c.csv"`, "'a&b^c.csv'"},
		{"100%PATH%!x!.csv", "'100%PATH%!x!.csv'", `^"100^%PATH^%^!x^!.csv^"`, "'100%PATH%!x!.csv'"},
		{`6"&x=value`, `'6"&x=value'`, `^"6\^"^&x=value^"`, `'6"&x=value'`},
		{"$HOME `id`", "'$HOME `id`'", "\"$HOME `id`\"", "'$HOME `id`'"},
		{"a\nb\t\x1b[2J\u202e'\\.csv", `$'a\nb\t\033[2J\342\200\256\'\\.csv'`, "\"a\nb\t\x1b[2J\u202e'\\.csv\"", "'a\nb\t\x1b[2J\u202e''\\.csv'"},
		{"latin1 \xe9.csv", `$'latin1 \351.csv'`, "\"latin1 \xe9.csv\"", "'latin1 \xe9.csv'"},
		{"ünï.csv", "'ünï.csv'", `"ünï.csv"`, "'ünï.csv'"},
		{"", "''", `""`, "''"},
	} {
		for shell, want := range map[string]string{"sh": tt.sh, "cmd": tt.cmd, "powershell": tt.powershell} {
			if got := cli.QuoteForTest(shell, tt.arg); got != want {
				t.Errorf("for %s, %q is quoted %s, want %s", shell, tt.arg, got, want)
			}
		}
	}
}

// TestDropped says that a double-click opens the pages, as does a file dropped on the program's icon; nothing else
// changes.
func TestDropped(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "contacts.csv")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ args, want []string }{
		{[]string{"csvput"}, []string{"csvput", "ui"}},
		{[]string{"csvput", file}, []string{"csvput", "ui", file}},
		{[]string{"csvput", dir}, []string{"csvput", dir}},
		{[]string{"csvput", "logins"}, []string{"csvput", "logins"}},
		{[]string{"csvput", "--help"}, []string{"csvput", "--help"}},
	} {
		if got := cli.DroppedForTest(tt.args); !slices.Equal(got, tt.want) {
			t.Errorf("%v becomes %v, want %v", tt.args, got, tt.want)
		}
	}
}

package report

import (
	"flag"
	"os"
	"strings"
	"testing"

	"csvput/report/code"
)

var update = flag.Bool("update", false, "write the generated tables into README.md")

// TestReadme holds the README's tables of statuses and codes equal to the lists in the program.
func TestReadme(t *testing.T) {
	const path = "../README.md"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for name, table := range map[string]string{"statuses": StatusesMarkdown(), "codes": code.Markdown()} {
		before, rest, ok := strings.Cut(text, "<!-- "+name+" -->\n")
		got, after, ok2 := strings.Cut(rest, "<!-- /"+name+" -->")
		if !ok || !ok2 {
			t.Fatalf("README.md has no place for the table of %s", name)
		}
		if *update {
			text = before + "<!-- " + name + " -->\n" + table + "<!-- /" + name + " -->" + after
		} else if got != table {
			t.Errorf("the README's table of %s is out of date: go test ./report -run TestReadme -update", name)
		}
	}
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

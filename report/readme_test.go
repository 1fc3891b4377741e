package report

import (
	"flag"
	"os"
	"regexp"
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
	for name, table := range map[string]string{"statuses": statusesMarkdown(), "codes": codesMarkdown()} {
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

// statusesMarkdown is the table of statuses for the README.
func statusesMarkdown() string {
	var b strings.Builder
	b.WriteString("| status | meaning | taken up again by `apply` |\n| --- | --- | --- |\n")
	for _, info := range statusTable() {
		again := "yes"
		if info.settled {
			again = "no"
		}
		b.WriteString("| `" + string(info.status) + "` | " + info.means + " | " + again + " |\n")
	}
	return b.String()
}

// codesMarkdown is the table of codes for the README.
func codesMarkdown() string {
	var b strings.Builder
	b.WriteString("| code | kind | meaning | what to do |\n| --- | --- | --- | --- |\n")
	cell := strings.NewReplacer("|", `\|`, "<", "&lt;", ">", "&gt;", "*", `\*`)
	for _, info := range code.All() {
		b.WriteString("| `" + string(info.Code) + "` | " + string(info.Kind) + " | " + cell.Replace(info.Means) + " | " + cell.Replace(info.Hint) + " |\n")
	}
	return b.String()
}

func TestCodesMarkdown(t *testing.T) {
	table := codesMarkdown()
	if n := strings.Count(table, "\n"); n != len(code.All())+2 {
		t.Errorf("%d lines", n)
	}
	bare := regexp.MustCompile(`\\.`)
	for line := range strings.Lines(table) {
		if n := strings.Count(bare.ReplaceAllString(line, ""), "|"); n != 5 {
			t.Errorf("%d bars in %s", n, line)
		}
	}
	if !strings.Contains(table, "| `too_short` | problem | The number has too few digits for its country. | ") {
		t.Errorf("got\n%s", table)
	}
}

package report

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"csvput/report/code"
)

var update = flag.Bool("update", false, "write README.md anew")

// TestReadme holds README.md, the tables of statuses and codes, equal to the lists in the program.
func TestReadme(t *testing.T) {
	want := "# The words of a report\n\nMade by `go test ./report -run TestReadme -update`. `csvput explain CODE` says the same of one.\n\n" +
		"## Statuses\n\nEvery row of a file ends in one of these; their sum is the number of rows, which csvput checks itself.\n\n" + statusesMarkdown() +
		"\n## Codes\n\nEach row's `code` is one of these words; they are stable, for scripts.\n\n" + codesMarkdown()
	if *update {
		if err := os.WriteFile("README.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile("README.md"); err != nil || string(got) != want {
		t.Errorf("README.md is out of date: go test ./report -run TestReadme -update (%v)", err)
	}
}

// statusesMarkdown is the table of statuses as README.md has it.
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

// codesMarkdown is the table of codes as README.md has it.
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

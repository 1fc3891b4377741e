package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"csvput/importer/run"
)

// The help pages are written here in full, not by the library's templates: options in the order in which they matter,
// one readable column, and no environment variable behind every line.

const (
	helpWidth  = 92 // columns of a page
	helpIndent = 28 // where the explanations begin
)

const sameEverywhere = "Every option is also an environment variable (--max-errors is CSVPUT_MAX_ERRORS) and a key of\n" +
	"the settings file csvput.yaml (max-errors: 5%). An option counts more than the environment, and\n" +
	"the environment more than the file; csvput config shows what holds, and csvput config --help\n" +
	"where that file may stand and what it may say.\n"

// rootHelp is the page of csvput --help.
func rootHelp(root *cli.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "csvput: %s\n\n%s\n\nCommands:\n", root.Usage, root.Description)
	for _, c := range root.Commands {
		fmt.Fprintf(&b, "   %-11s %s\n", c.Name, c.Usage)
	}
	fmt.Fprintf(&b, "   %-11s %s\n\n", "completion", "print a script that completes commands and options in your shell")
	b.WriteString("csvput COMMAND --help explains a command, with examples.\n\n" + sameEverywhere + "\n")
	writeExitCodes(&b, nil)
	return literal(b.String())
}

// commandHelp is the page of csvput COMMAND --help.
func commandHelp(c *cli.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "csvput %s: %s\n\nUsage:\n   csvput %s", c.Name, c.Usage, c.Name)
	if len(c.Flags) > 0 {
		b.WriteString(" [options]")
	}
	if c.ArgsUsage != "" {
		b.WriteString(" " + c.ArgsUsage)
	}
	for _, alias := range c.Aliases {
		fmt.Fprintf(&b, "   (also: csvput %s)", alias)
	}
	fmt.Fprintf(&b, "\n\n%s\n", c.Description)
	categories := []string{forRunning, forReading, forConnecting, forPacing, forOutput}
	for _, category := range categories {
		title := category
		for _, f := range c.VisibleFlags() {
			if !inCategory(f, category) {
				continue
			}
			if title != "" {
				fmt.Fprintf(&b, "\n%s:\n", title)
				title = ""
			}
			writeFlag(&b, f)
		}
	}
	if codes, ok := c.Metadata[exitsKey].([]run.End); ok {
		b.WriteString("\n")
		writeExitCodes(&b, codes)
	}
	if len(c.Flags) > 0 {
		b.WriteString("\n" + sameEverywhere)
	}
	return literal(b.String())
}

// exitsKey is where a command's Metadata has the exit codes that its page lists.
const exitsKey = "exits"

// exits is the Metadata of a command that ends with these codes, beside 0, 1 and 2.
func exits(codes ...run.End) map[string]any {
	codes = append([]run.End{run.EndDone, run.EndError, run.EndUsage}, codes...)
	slices.Sort(codes)
	return map[string]any{exitsKey: codes}
}

// writeExitCodes lists exit codes; nil is all of them.
func writeExitCodes(b *strings.Builder, codes []run.End) {
	b.WriteString("Exit codes:\n")
	for _, e := range exitCodes() {
		if codes == nil || slices.Contains(codes, e.end) {
			fmt.Fprintf(b, "   %3d  %s\n", e.end, e.means)
		}
	}
}

func inCategory(f cli.Flag, category string) bool {
	c, ok := f.(cli.CategorizableFlag)
	return ok && c.GetCategory() == category
}

var placeholder = regexp.MustCompile("`([^`]*)`")

// writeFlag writes one option with its explanation wrapped beside it.
func writeFlag(b *strings.Builder, f cli.Flag) {
	d, ok := f.(cli.DocGenerationFlag)
	if !ok {
		return
	}
	names := make([]string, len(f.Names()))
	for i, name := range f.Names() {
		names[len(names)-1-i] = dashed(name)
	}
	head := "   " + strings.Join(names, ", ")
	text := d.GetUsage()
	if m := placeholder.FindStringSubmatch(text); m != nil {
		head += " " + m[1]
		text = strings.Replace(text, m[0], m[1], 1)
		text = strings.TrimPrefix(text, m[1]+": ") // it stands beside the option
	}
	if value := d.GetDefaultText(); d.TakesValue() && value != "" && d.IsDefaultVisible() {
		text += " (default: " + strings.Trim(value, `"`) + ")"
	}
	lines := wrap(text, helpWidth-helpIndent)
	if len(head) > helpIndent-2 {
		b.WriteString(head + "\n")
		head = ""
	}
	for _, line := range lines {
		fmt.Fprintf(b, "%-*s%s\n", helpIndent, head, line)
		head = ""
	}
}

func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// wrap breaks a text into lines of at most width characters.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// literal makes a text of itself in the library's templates.
func literal(page string) string {
	return strings.ReplaceAll(page, "{{", `{{"{{"}}`)
}

const completionHelp = `Examples:
   bash:        csvput completion bash > ~/.local/share/bash-completion/completions/csvput
   zsh:         csvput completion zsh > "${fpath[1]}/_csvput"
   fish:        csvput completion fish > ~/.config/fish/completions/csvput.fish
   PowerShell:  csvput completion pwsh | Out-String | Invoke-Expression`

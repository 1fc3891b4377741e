package cli

import (
	"context"
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"
)

// The help pages are written here in full, not by the library's templates: the options that most people need first, one
// readable column, and no environment variable behind every line. What they say of a command stands in help/: a line
// for the list of commands, and what there is to read below it.

//go:embed help/*.txt
var helpTexts embed.FS

const (
	helpWidth  = 92 // columns of a page
	helpIndent = 28 // where the explanations begin
	fewOptions = 8  // are shown all at once
)

// mostNeeded are the options that a command's page shows first.
var mostNeeded = []string{
	"yes", "dry-run", "sandbox", "country", "map", "sheet", "account", "max-errors", "max-duration", "overwrite",
	"fresh", "base-url", "output", "type", "seed", "port", "save-map", "save-ids", "out", "json",
}

// helpText is one of the texts.
func helpText(name string) string {
	text, _ := helpTexts.ReadFile("help/" + name + ".txt") // TestHelp asks for each
	return string(text)
}

// describe gives a command the texts of its page.
func describe(c *cli.Command) {
	usage, text, _ := strings.Cut(helpText(c.Name), "\n")
	c.Usage, c.Description = usage, strings.TrimSpace(text)
}

func (a *app) helpCommand() *cli.Command {
	return &cli.Command{
		Name:      "help",
		Aliases:   []string{"h"},
		ArgsUsage: "[COMMAND|columns|exit-codes]",
		Action: func(ctx context.Context, c *cli.Command) error {
			switch topic := c.Args().First(); {
			case topic == "":
				return cli.ShowRootCommandHelp(c.Root())
			case topic == "columns" || topic == "exit-codes":
				_, err := fmt.Fprint(a.Stdout, helpText(topic))
				return err
			case c.Root().Command(topic) == nil:
				return a.noCommand(c.Root(), topic)
			default:
				return cli.ShowCommandHelp(ctx, c.Root(), topic)
			}
		},
	}
}

// allOptions takes --all out of a command line that asks for help, and reports whether it was there: it is no option of
// any command.
func allOptions(args []string) ([]string, bool) {
	asks := func(s string) bool { return s == "--help" || s == "-h" || s == "help" }
	at := slices.Index(args, "--all")
	if at < 0 || !slices.ContainsFunc(args, asks) {
		return args, false
	}
	return slices.Delete(slices.Clone(args), at, at+1), true
}

// rootHelp is the page of csvput --help.
func rootHelp(root *cli.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "csvput: %s\n\n%s\n\nCommands:\n", root.Usage, root.Description)
	for _, c := range root.Commands {
		fmt.Fprintf(&b, "   %-11s %s\n", c.Name, c.Usage)
	}
	usage, _, _ := strings.Cut(helpText("completion"), "\n")
	fmt.Fprintf(&b, "   %-11s %s\n\n", "completion", usage)
	b.WriteString("csvput COMMAND --help explains a command, with examples.\n\n" + helpText("settings"))
	return literal(b.String())
}

// commandHelp is the page of csvput COMMAND --help.
func commandHelp(c *cli.Command, all bool) string {
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
	flags := c.VisibleFlags()
	switch {
	case len(flags) == 0:
		return literal(b.String())
	case all || len(flags) <= fewOptions:
		for _, category := range []string{forRunning, forReading, forConnecting, forPacing, forOutput} {
			writeFlags(&b, category, slices.DeleteFunc(slices.Clone(flags),
				func(f cli.Flag) bool { return !inCategory(f, category) }))
		}
		b.WriteString("\n" + helpText("settings"))
	default:
		var first []cli.Flag
		for _, name := range mostNeeded {
			if f := flagOf(c, name); f != nil && slices.Contains(flags, f) {
				first = append(first, f)
			}
		}
		writeFlags(&b, "Options", first)
		fmt.Fprintf(&b, "\nMore options: csvput %s --help --all. Also: csvput help columns, csvput help exit-codes.\n",
			c.Name)
	}
	return literal(b.String())
}

func inCategory(f cli.Flag, category string) bool {
	c, ok := f.(cli.CategorizableFlag)
	return ok && c.GetCategory() == category
}

// writeFlags writes options below a title, if there are any.
func writeFlags(b *strings.Builder, title string, flags []cli.Flag) {
	if len(flags) > 0 {
		fmt.Fprintf(b, "\n%s:\n", title)
	}
	for _, f := range flags {
		if d, ok := f.(cli.DocGenerationFlag); ok {
			writeFlag(b, f.Names(), d)
		}
	}
}

var placeholder = regexp.MustCompile("`([^`]*)`")

// writeFlag writes one option with its explanation wrapped beside it.
func writeFlag(b *strings.Builder, given []string, d cli.DocGenerationFlag) {
	names := make([]string, len(given))
	for i, name := range given {
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

package cli

import (
	"bufio"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"csvput/importer"
	"csvput/report"
)

// mostProblems is how many rows with problems are shown on the terminal; failed.csv has all of them.
const mostProblems = 5

// canAsk refuses early what would have to ask and can't.
func (s *session) canAsk(file string) error {
	switch {
	case s.c.Bool("yes"):
		return nil
	case file == "-":
		return usagef("the file comes from standard input, so there is nobody to ask").hint("add --yes to update without a question, or use csvput plan")
	case s.c.Bool("no-input") || !isTerminal(s.Stdin):
		return usagef("there is no terminal to ask on").hint("add --yes to update without a question, or use csvput plan to look first")
	}
	return nil
}

// ask asks once. Anything but yes is no.
func (s *session) ask(question string) error {
	if s.c.Bool("yes") {
		return nil
	}
	fmt.Fprintf(s.Stderr, "%s [y/N] ", question)
	answer := make(chan string, 1)
	// A read from a terminal can't be cancelled: the goroutine ends with the process.
	go func() {
		line, _ := bufio.NewReader(s.Stdin).ReadString('\n')
		answer <- line
	}()
	select {
	case <-s.soft.Done():
		fmt.Fprintln(s.Stderr)
		return endingOf(context.Cause(s.soft))
	case line := <-answer:
		switch strings.ToLower(strings.TrimSpace(line)) {
		case "y", "yes":
			return nil
		}
	}
	return &ending{code: exitInterrupted}
}

// where says whose records a question is about.
func (s *session) where() string {
	var b strings.Builder
	if s.summary.Firm.Name != "" {
		fmt.Fprintf(&b, " of %s", s.summary.Firm.Name)
	}
	if s.summary.Account.Name != "" {
		fmt.Fprintf(&b, ", acting as %s", s.summary.Account.Name)
	}
	if s.summary.Sandbox != "" {
		b.WriteString(" (in the sandbox)")
	}
	return b.String()
}

// count writes "1 record", "2 records".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// showPlan shows what a plan found.
func (s *session) showPlan(t *importer.Tally) {
	var b strings.Builder
	counts := t.Statuses
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, line := range []struct {
		n    int
		text string
	}{
		{counts[report.Planned], "will change"},
		{counts[report.Unchanged], "already right"},
		{counts[report.Invalid], "refused by csvput"},
		{counts[report.Rejected], "unknown to the CRM"},
		{counts[report.Conflict], "changed by somebody since: left alone"},
	} {
		if line.n > 0 || line.text == "will change" {
			fmt.Fprintf(w, "%d\t %s\n", line.n, line.text)
		}
	}
	w.Flush()
	fmt.Fprintf(&b, "\n%s in the file", count(t.Rows, "row"))
	if t.Blank > 0 {
		fmt.Fprintf(&b, ", %s skipped", count(t.Blank, "blank row"))
	}
	fmt.Fprintf(&b, "; %s made to read, %s to make", count(s.summary.Requests.List, "request"), count(t.Requests(), "update"))
	if wait := s.client.Estimate(t.Requests()); wait > 0 {
		fmt.Fprintf(&b, ", about %s at the quota", roughly(wait))
	}
	b.WriteString(".\n")
	s.changes(&b, t)
	s.problems(&b, t)
	s.screen.say("%s", strings.TrimRight(b.String(), "\n"))
}

// changes shows a sample of a plan as old -> new.
func (s *session) changes(b *strings.Builder, t *importer.Tally) {
	if len(t.First) == 0 {
		return
	}
	b.WriteString("\n")
	for _, row := range t.First {
		fmt.Fprintf(b, "line %d", row.Line)
		for _, f := range []struct{ was, is, what string }{
			{row.ValueBefore, row.Value, ""},
			{row.NameBefore, row.Name, "name "},
			{row.AccountUUIDsBefore, row.AccountUUIDs, "owners "},
			{row.PrimaryAccountUUIDsBefore, row.PrimaryAccountUUIDs, "primary "},
		} {
			if f.was != f.is && f.is != "" {
				fmt.Fprintf(b, "  %s%s -> %s", f.what, s.paint(red, orNothing(f.was)), s.paint(green, oneLine(f.is)))
			}
		}
		b.WriteString("\n")
	}
	if more := t.Statuses[report.Planned] - len(t.First); more > 0 {
		fmt.Fprintf(b, "... and %d more, all in %s\n", more, s.folder.Path(report.PlanName))
	}
}

// orNothing writes an old value, which may be empty or unknown.
func orNothing(s string) string {
	if s == "" {
		return "(nothing)"
	}
	return oneLine(s)
}

// problems lists what a check found, code by code, with one example line each.
func (s *session) problems(b *strings.Builder, t *importer.Tally) {
	for _, kind := range []struct {
		kind  report.Kind
		title string
	}{{report.KindProblem, "Problems"}, {report.KindRepair, "Repaired"}, {report.KindWarning, "Worth a look"}, {report.KindNote, "Notes"}} {
		first := true
		for _, code := range t.SortedCodes() {
			info, _ := code.Info()
			if info.Kind != kind.kind || code == report.CodeAlreadySo {
				continue
			}
			if first {
				fmt.Fprintf(b, "\n%s\n", kind.title)
				first = false
			}
			f := t.Codes[code]
			fmt.Fprintf(b, "  %6d  %s, such as line %d: %s\n", f.Count, code, f.Line, oneLine(f.Message))
			if info.Kind == report.KindProblem && info.Hint != "" {
				fmt.Fprintf(b, "          %s\n", info.Hint)
			}
		}
	}
}

// showCheck shows what a check found.
func (s *session) showCheck(t *importer.Tally) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d valid, %d refused", count(t.Rows, "row"), t.Statuses[report.Valid], t.Problems())
	if t.Blank > 0 {
		fmt.Fprintf(&b, ", %s skipped", count(t.Blank, "blank row"))
	}
	fmt.Fprintf(&b, " (%s)\n", roughly(time.Duration(s.summary.DurationMS)*time.Millisecond))
	if len(t.First) > 0 {
		b.WriteString("\nWhat the CRM would get for the first rows\n")
		w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		for _, row := range t.First {
			fmt.Fprintf(w, "  line %d\t%s\t%s\t%s\t%s\n", row.Line, row.Value, row.Country, row.National, oneLine(row.Name))
		}
		w.Flush()
	}
	s.problems(&b, t)
	fmt.Fprintf(&b, "\nThe report is in %s\n", s.folder.Dir())
	s.screen.say("%s", strings.TrimRight(b.String(), "\n"))
}

// showEnd shows how a run ended.
func (s *session) showEnd(end *ending) {
	var b strings.Builder
	sum := s.summary
	b.WriteString("\n")
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, status := range report.Statuses() {
		if n := sum.Statuses[status]; n > 0 {
			fmt.Fprintf(w, "%d\t %s\n", n, s.paintStatus(status))
		}
	}
	fmt.Fprintf(w, "%d\t rows in all\n", sum.Rows)
	w.Flush()
	if sum.Problems() > 0 {
		s.firstProblems(&b)
	}
	fmt.Fprintf(&b, "\n%s Took %s.\n", sum.Headline(), roughly(time.Duration(sum.DurationMS)*time.Millisecond))
	fmt.Fprintf(&b, "Report: %s\n", s.folder.Path(report.PageName))
	for _, next := range sum.Next {
		fmt.Fprintf(&b, "Next:   %s\n", next)
	}
	s.screen.say("%s", strings.TrimRight(b.String(), "\n"))
}

// firstProblems shows the first rows that did not get through, with their lines and what to do.
func (s *session) firstProblems(b *strings.Builder) {
	shown := 0
	for row, err := range importer.Rows(s.folder, s.summary.Files["report"]) {
		if err != nil {
			return // the table above is right; the rows are in the report
		}
		if !row.Status.Problem() || row.Status == report.NotAttempted {
			continue
		}
		if shown == mostProblems {
			fmt.Fprintf(b, "\n... and more: all of them are in %s\n", s.folder.Path(report.FailedName))
			return
		}
		shown++
		fmt.Fprintf(b, "\n%s:%d  %s: %s\n", s.summary.Input.Name, row.Line, row.Code, oneLine(row.Message))
		if hint := row.Code.Hint(); hint != "" {
			fmt.Fprintf(b, "    %s\n", hint)
		}
	}
}

// nextCommands are what there is to do after a run, ready to paste.
func (s *session) nextCommands(end *ending) []string {
	var next []string
	if end.resumable {
		next = append(next, s.command("apply", s.folder.Dir()))
	} else if s.summary.Problems() > 0 && s.summary.UndoOf == "" {
		next = append(next, s.command("run", s.folder.Path(report.FailedName)))
	}
	if s.summary.Statuses[report.Updated] > 0 && s.summary.Settings["no-lookup"] != "true" {
		next = append(next, s.command("undo", s.folder.Dir()))
	}
	return next
}

// command writes a command line that does what is said, with those options of this one that it needs.
func (s *session) command(name, argument string) string {
	words := []string{programName(s.Args), name}
	take := []string{"token-file", "token-command", "ca-cert", "rate", "reserve", "workers", "config"}
	if name == "run" || name == "plan" {
		take = append(take, "sandbox", "base-url", "account", "country", "extension", "vanity", "map", "map-file", "on-duplicate", "no-lookup", "out")
	}
	for _, flag := range take {
		words = append(words, s.given(flag)...)
	}
	return strings.Join(append(words, quoteArg(argument)), " ")
}

// given is an option as it stands on the command line.
func (s *session) given(flag string) []string {
	var out []string
	for i := 1; i < len(s.Args); i++ {
		name, value, has := strings.Cut(strings.TrimLeft(s.Args[i], "-"), "=")
		if !strings.HasPrefix(s.Args[i], "-") || name != flag {
			continue
		}
		switch {
		case has:
			out = append(out, "--"+flag+"="+quoteArg(value))
		case flag == "sandbox" || flag == "vanity" || flag == "no-lookup":
			out = append(out, "--"+flag)
		case i+1 < len(s.Args):
			out = append(out, "--"+flag, quoteArg(s.Args[i+1]))
		}
	}
	return out
}

func programName(args []string) string {
	if len(args) == 0 {
		return "csvput"
	}
	// "go run ." makes a program in a temporary folder that is gone by now.
	if strings.Contains(args[0], "go-build") {
		return "go run ."
	}
	return quoteArg(strings.TrimSuffix(filepath.Base(args[0]), ".exe"))
}

// The colours of a terminal (ECMA-48).
const (
	red   = "31"
	green = "32"
)

func (s *session) paint(colour, text string) string {
	if !s.screen.color {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

func (s *session) paintStatus(status report.Status) string {
	switch {
	case status.Problem():
		return s.paint(red, string(status))
	case status == report.Updated:
		return s.paint(green, string(status))
	}
	return string(status)
}

// mask hides a phone number or an e-mail address in a log line: enough is left to compare two.
func mask(value string) string {
	r := []rune(value)
	if len(r) <= 6 {
		return strings.Repeat("*", len(r))
	}
	return string(r[:3]) + strings.Repeat("*", len(r)-6) + string(r[len(r)-3:])
}

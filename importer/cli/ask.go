package cli

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"csvput/report"
)

// canAsk refuses early what would have to ask and can't.
func (s *session) canAsk(file string) error {
	const hint = "add --yes to update without a question, or use csvput plan to look first"
	switch {
	case s.c.Bool("yes"):
		return nil
	case file == "-":
		return usagef("the file comes from standard input, so there is nobody to ask").hint(hint)
	case s.screen.machine:
		return usagef("with --log-format json there is no room for a question").hint(hint)
	case s.c.Bool("no-input") || !isTerminal(s.Stdin):
		return usagef("there is no terminal to ask on").hint(hint)
	}
	return nil
}

// ask asks once. Anything but yes is no.
func (s *session) ask(question string) (bool, error) {
	if s.c.Bool("yes") {
		return true, nil
	}
	fmt.Fprintf(s.Stderr, "\n%s [y/N] ", s.screen.paint(bold, question))
	line, err := await(s.soft, func() (string, error) { return bufio.NewReader(s.Stdin).ReadString('\n') })
	if !strings.HasSuffix(line, "\n") {
		fmt.Fprintln(s.Stderr) // Ctrl-C, Ctrl-D
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	line = strings.ToLower(strings.TrimSpace(line))
	return line == "y" || line == "yes", nil
}

// question asks about n records, and says whose they are.
func (s *session) question(n int) string {
	what := "Update"
	if s.summary.UndoOf != "" {
		what = "Put the old values back for"
	}
	return what + " " + report.Plural(n, "record") + s.where() + "?"
}

// where says whose records a question is about, and on which server.
func (s *session) where() string {
	var b strings.Builder
	if s.summary.Firm.Name != "" {
		fmt.Fprintf(&b, " of %s", oneLine(s.summary.Firm.Name))
	}
	if who := cmp.Or(s.summary.Account.Name, s.summary.Account.UUID); who != "" {
		fmt.Fprintf(&b, ", acting as %s", oneLine(who))
	}
	if s.summary.Sandbox != "" {
		return b.String() + " (in the sandbox)"
	}
	if server, err := url.Parse(s.summary.BaseURL); err == nil {
		fmt.Fprintf(&b, ", at %s", oneLine(server.Host))
	}
	return b.String()
}

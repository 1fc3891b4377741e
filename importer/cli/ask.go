package cli

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strings"
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
	answer := make(chan string, 1)
	// A read from a terminal can't be cancelled: the goroutine ends with the process.
	go func() {
		line, _ := bufio.NewReader(s.Stdin).ReadString('\n')
		answer <- line
	}()
	select {
	case <-s.soft.Done():
		fmt.Fprintln(s.Stderr)
		return false, context.Cause(s.soft)
	case line := <-answer:
		if !strings.HasSuffix(line, "\n") {
			fmt.Fprintln(s.Stderr) // Ctrl-D
		}
		line = strings.ToLower(strings.TrimSpace(line))
		return line == "y" || line == "yes", nil
	}
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

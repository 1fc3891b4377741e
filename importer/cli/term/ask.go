package term

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// Ask asks once, with a question that is neutral. Anything but yes is no.
func (s *Screen) Ask(ctx context.Context, in io.Reader, question string) (bool, error) {
	fmt.Fprintf(s.W, "\n%s [y/N] ", s.Paint(Bold, question))
	line, err := ReadLine(ctx, in)
	if !strings.HasSuffix(line, "\n") {
		fmt.Fprintln(s.W) // Ctrl-C, Ctrl-D
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	line = strings.ToLower(strings.TrimSpace(line))
	return line == "y" || line == "yes", nil
}

// AskSecret reads a line: from a terminal that does not show what is typed, and shows it again afterwards, or from a
// pipe. At the terminal Ctrl-C and Ctrl-D are keys like others then, and both are io.EOF.
func (s *Screen) AskSecret(ctx context.Context, in io.Reader, prompt string) (string, error) {
	f, ok := in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		line, err := ReadLine(ctx, in)
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return line, err
	}
	defer fmt.Fprintln(s.W)
	// Not term.ReadPassword: it would hide what is typed at a time of its own, perhaps after we have gone.
	before, err := term.MakeRaw(int(f.Fd()))
	if err != nil {
		return "", err
	}
	defer term.Restore(int(f.Fd()), before)
	terminal := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{f, s.W}, "")
	return await(ctx, func() (string, error) { return terminal.ReadPassword(prompt) })
}

// ReadLine reads a line, which may never come, until the context ends.
func ReadLine(ctx context.Context, in io.Reader) (string, error) {
	return await(ctx, func() (string, error) { return bufio.NewReader(in).ReadString('\n') })
}

// await calls f, which may block for ever, until the context ends. f then goes on behind its back until the process
// ends.
func await[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		v, err := f()
		done <- result{v, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	}
}

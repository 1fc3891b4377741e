package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"

	"csvput/importer/cli/term"
	"csvput/importer/run"
	"csvput/report"
	"csvput/report/human"
	"csvput/report/safefile"
)

// handOver gives the summary to whoever asked for it: --json, --metrics-file, --on-finish. That a hook fails is said,
// but does not change how the run ended: its exit code decides whether to go on with it.
func (f *face) handOver(s report.Summary) error {
	for _, hook := range []func(report.Summary) error{f.writeMetrics, f.onFinish} {
		if err := hook(s); err != nil {
			f.log.Error("hook", "error", err.Error())
			f.screen.Say("csvput: warning: %s", human.Line(err.Error()))
		}
	}
	if f.c.Bool("json") {
		return s.Encode(f.Stdout)
	}
	return nil
}

// writeMetrics writes the Prometheus textfile whole or not at all: the collector may read it at any time.
func (f *face) writeMetrics(s report.Summary) error {
	path := f.c.String("metrics-file")
	if path == "" {
		return nil
	}
	if err := safefile.Write(path, 0o644, s.WritePrometheus); err != nil {
		return fmt.Errorf("--metrics-file: %w", err)
	}
	return nil
}

const (
	hookTimeout = 5 * time.Minute // for --on-finish
	lastChance  = 2 * time.Second // for --on-finish, when the person has asked twice to stop
	outputDelay = time.Second     // for a command that has ended, while its output is still open
	signalDelay = 200 * time.Millisecond
)

// onFinish runs the user's command with the summary as its input.
func (f *face) onFinish(s report.Summary) error {
	command := f.c.String("on-finish")
	if command == "" {
		return nil
	}
	var summary bytes.Buffer
	if err := s.Encode(&summary); err != nil {
		return err
	}
	ctx, cancel := f.hookContext()
	defer cancel()
	if err := f.runCommand(ctx, "on-finish", command, &summary, f.childOutput("on-finish")); err != nil {
		return fmt.Errorf("--on-finish failed: %w", err)
	}
	return nil
}

// hookContext is for a command that runs after interruptions too: only the next signal ends it, or its time.
func (f *face) hookContext() (context.Context, context.CancelFunc) {
	limit := hookTimeout
	if f.hard.Err() != nil {
		limit = lastChance
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(f.hard), limit)
	for _, end := range []context.Context{f.soft, f.hard} {
		if end.Err() == nil {
			context.AfterFunc(end, func() {
				if run.AskedFor(end) { // not the end of --max-duration
					cancel()
				}
			})
		}
	}
	return ctx, cancel
}

// runCommand runs a command line of the user's until it ends or the context does. What it leaves behind in the
// background is not waited for, though it may keep the output open. Where somebody is at a terminal the command stays
// in the foreground: it may have to ask for a password, and hears Ctrl-C itself.
func (f *face) runCommand(ctx context.Context, name, command string, in io.Reader, out io.Writer) error {
	attended := term.IsTerminal(f.Stdin) || term.IsTerminal(f.Stderr)
	cmd := shell(ctx, command, !attended)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, f.childOutput(name)
	cmd.WaitDelay = outputDelay
	err := cmd.Run()
	if errors.Is(err, exec.ErrWaitDelay) {
		return nil
	}
	if err != nil && attended {
		// The Ctrl-C that ended the command may take a moment longer to get to us.
		select {
		case <-ctx.Done():
		case <-time.After(signalDelay):
		}
	}
	return err
}

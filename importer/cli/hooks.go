package cli

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"csvput/report/safefile"
)

// handOver gives the summary to whoever asked for it: --json, --metrics-file, --on-finish. That a hook
// fails is said, but does not change how the run ended: its exit code decides whether to go on with it.
func (s *session) handOver() error {
	s.told = true
	for _, hook := range []func() error{s.writeMetrics, s.onFinish} {
		if err := hook(); err != nil {
			s.log.Error("hook", "error", err.Error())
			s.screen.say("csvput: warning: %s", oneLine(err.Error()))
		}
	}
	if s.c.Bool("json") {
		return s.summary.Encode(s.Stdout)
	}
	return nil
}

// writeMetrics writes the Prometheus textfile whole or not at all: the collector may read it at any time.
func (s *session) writeMetrics() error {
	path := s.c.String("metrics-file")
	if path == "" {
		return nil
	}
	if err := safefile.Write(path, 0o644, s.summary.WritePrometheus); err != nil {
		return fmt.Errorf("--metrics-file: %w", err)
	}
	return nil
}

// hookTimeout is how long --on-finish may take.
const hookTimeout = 5 * time.Minute

// onFinish runs the user's command with the summary as its input. It runs after interruptions too, so
// it gets a context of its own.
func (s *session) onFinish() error {
	command := s.c.String("on-finish")
	if command == "" {
		return nil
	}
	var summary bytes.Buffer
	if err := s.summary.Encode(&summary); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.hard), hookTimeout)
	defer cancel()
	cmd := shell(ctx, command)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &summary, s.childOutput("on-finish"), s.childOutput("on-finish")
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("--on-finish failed: %w", err)
	}
	return nil
}

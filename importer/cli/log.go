package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"sync/atomic"

	"github.com/urfave/cli/v3"

	"csvput/importer/crm"
	"csvput/importer/rows"
)

// machine tells whether stderr holds log records and nothing else: --log-format json, and no file for
// them.
func (a *app) machine() bool {
	return a.early("log-format") == "json" && a.early("log-file") == ""
}

// jsonLog writes records to stderr.
func (a *app) jsonLog() *slog.Logger {
	return slog.New(slog.NewJSONHandler(neutralWriter{a.Stderr}, nil))
}

// openLog decides where log records go: to --log-file, to stderr, or nowhere. On a stderr that people
// read they go through the screen, so that they do not mix with the bar.
func (s *session) openLog(c *cli.Command) error {
	var (
		w    io.Writer
		json = c.String("log-format") == "json"
	)
	switch file := c.String("log-file"); {
	case file != "":
		f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return usagef("--log-file: %v", err)
		}
		s.later(f.Close)
		w = neutralWriter{f}
	case json:
		w = neutralWriter{s.Stderr}
		s.screen.machine = true
	case c.Bool("verbose") || c.IsSet("log-format"):
		w = s.screen
	default:
		s.log = slog.New(slog.DiscardHandler)
		return nil
	}
	o := &slog.HandlerOptions{Level: slog.LevelInfo}
	if !c.Bool("log-values") {
		o.ReplaceAttr = withoutWords
	}
	switch {
	case c.Bool("verbose"):
		o.Level = slog.LevelDebug
	case c.Bool("quiet"):
		o.Level = slog.LevelError
	}
	var h slog.Handler = slog.NewTextHandler(w, o)
	if json {
		h = slog.NewJSONHandler(w, o)
	}
	s.log = slog.New(runHandler{h, &s.runID})
	return nil
}

// withoutWords leaves out of a record what a server chose to call a request: it may be anything.
func withoutWords(_ []string, a slog.Attr) slog.Attr {
	if a.Key == "request_id" {
		return slog.Attr{}
	}
	return a
}

// quoted is what a sentence about a file quotes of it.
var quoted = regexp.MustCompile(`".*"`)

// loggable is what a log record says of an ending. A sentence about a file quotes it, and what a server says
// may hold anything: without values, only what csvput itself says is left.
func loggable(end *ending, values bool) []any {
	what, hints := oneLine(end.what), end.hints
	file, ofFile := errors.AsType[*rows.FileError](end)
	remote, ofServer := errors.AsType[*crm.Error](end)
	switch {
	case values:
	case ofFile:
		hint := file.Advice(func(s rows.Suggestion) string { return columnFlag(rows.Suggestion{Header: "...", Field: s.Field}) })
		what, hints = quoted.ReplaceAllString(what, `"..."`), []string{quoted.ReplaceAllString(oneLine(hint), `"..."`)}
	case ofServer:
		what = string(remote.Code)
		if remote.Status > 0 {
			what += fmt.Sprintf(" (HTTP status %d)", remote.Status)
		}
	}
	return []any{"error", what, "hints", hints}
}

// runHandler adds the run's id to every record from when it is known: the API client has its logger
// before there is a folder.
type runHandler struct {
	slog.Handler
	id *atomic.Pointer[string]
}

// Handle adds the id.
func (h runHandler) Handle(ctx context.Context, r slog.Record) error {
	if id := h.id.Load(); id != nil {
		r.AddAttrs(slog.String("run", *id))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs keeps the id.
func (h runHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return runHandler{h.Handler.WithAttrs(attrs), h.id}
}

// WithGroup keeps the id.
func (h runHandler) WithGroup(name string) slog.Handler {
	return runHandler{h.Handler.WithGroup(name), h.id}
}

// childOutput is where a command of the user's writes its messages: to stderr, or line by line into
// records where stderr is for machines.
func (s *session) childOutput(name string) io.Writer {
	if !s.screen.machine {
		return s.screen
	}
	return lineWriter(func(line string) { s.log.Info("output", "of", name, "text", line) })
}

// lineWriter hands on what is written, line by line; a child process writes whole lines.
type lineWriter func(line string)

// Write hands on the lines of p.
func (w lineWriter) Write(p []byte) (int, error) {
	for line := range strings.Lines(string(p)) {
		if line = strings.TrimSpace(oneLine(line)); line != "" {
			w(line)
		}
	}
	return len(p), nil
}

// mask hides a phone number or an e-mail address in a log record: enough is left to compare two.
func mask(value string) string {
	r := []rune(value)
	if len(r) <= 6 {
		return strings.Repeat("*", len(r))
	}
	return string(r[:3]) + strings.Repeat("*", len(r)-6) + string(r[len(r)-3:])
}

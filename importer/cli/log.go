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

	"csvput/importer/cli/term"
	"csvput/importer/crm"
	"csvput/importer/rows"
	"csvput/importer/run"
	"csvput/report/human"
)

// openLog decides where log records go: to --log-file, to stderr, or nowhere. On a stderr that people read they go
// through the screen, so that they do not mix with the bar.
func (f *face) openLog() (closeLog func() error, err error) {
	var (
		w    io.Writer
		c    = f.c
		json = c.String("log-format") == "json"
	)
	closeLog = func() error { return nil }
	switch path := c.String("log-file"); {
	case path != "":
		file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, run.Usagef("--log-file: %v", err)
		}
		w, closeLog = term.Neutral{Writer: file}, file.Close
	case json:
		w = term.Neutral{Writer: f.Stderr}
		f.screen.Machine = true
	case c.Bool("verbose") || c.IsSet("log-format"):
		w = f.screen
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
	var h slog.Handler
	switch {
	case w == nil:
		h = slog.DiscardHandler
	case json:
		h = slog.NewJSONHandler(w, o)
	default:
		h = slog.NewTextHandler(w, o)
	}
	f.log = slog.New(runHandler{h, &f.runID})
	f.screen.Log = f.log
	return closeLog, nil
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

// loggable is what a log record says of an ending. A sentence about a file quotes it, and what a server says may hold
// anything: without values, only what csvput itself says is left.
func loggable(end *run.Ending, values bool) []any {
	what, hints := human.Line(end.What), hintsOf(end, columnOption)
	_, ofFile := errors.AsType[*rows.FileError](end)
	remote, ofServer := errors.AsType[*crm.Error](end)
	switch {
	case values:
	case ofFile:
		what, hints = quoted.ReplaceAllString(what, `"..."`), hintsOf(end, func(s rows.Suggestion) string {
			return columnOption(rows.Suggestion{Header: "...", Field: s.Field})
		})
		for i, h := range hints {
			hints[i] = quoted.ReplaceAllString(human.Line(h), `"..."`)
		}
	case ofServer:
		what = string(remote.Code)
		if remote.Status > 0 {
			what += fmt.Sprintf(" (HTTP status %d)", remote.Status)
		}
	}
	return []any{"error", what, "hints", hints}
}

// runHandler adds the run's id to every record from when it is known: the API client has its logger before there is a
// folder. A logger made of it with With would lose the id; none is made.
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

// childOutput is where a command of the user's writes its messages: to stderr, or line by line into records where
// stderr is for machines.
func (f *face) childOutput(name string) io.Writer {
	if !f.screen.Machine {
		return f.screen
	}
	return lineWriter(func(line string) { f.log.Info("output", "of", name, "text", line) })
}

// lineWriter hands on what is written, line by line; a child process writes whole lines.
type lineWriter func(line string)

// Write hands on the lines of p.
func (w lineWriter) Write(p []byte) (int, error) {
	for line := range strings.Lines(string(p)) {
		if line = strings.TrimSpace(human.Line(line)); line != "" {
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

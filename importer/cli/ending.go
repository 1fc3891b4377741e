package cli

import (
	"errors"
	"fmt"
	"log/slog"

	"csvput/importer/cli/term"
	"csvput/importer/rescue"
	"csvput/importer/run"
	"csvput/report/human"
)

// report prints what ended the command and returns the exit code.
func (a *app) report(err error) int {
	if err == nil {
		return int(run.EndDone)
	}
	end, ok := errors.AsType[*run.Ending](err)
	if !ok {
		end = run.EndingOf(err)
	}
	trace := ""
	if fault, ok := errors.AsType[*rescue.PanicError](err); ok {
		trace = string(fault.Stack)
	}
	if a.machine() {
		if !a.ended && end.What != "" {
			a.jsonLog().Error("ended", append([]any{"exit_code", int(end.End)}, loggable(end, false)...)...)
		}
		if trace != "" {
			a.jsonLog().Error("fault", "trace", trace)
		}
		return int(end.End)
	}
	if end.What != "" {
		fmt.Fprintf(a.Stderr, "csvput: error: %s\n", human.Line(end.What))
		for _, h := range hintsOf(end, columnOption) {
			fmt.Fprintf(a.Stderr, "csvput: hint: %s\n", human.Line(h))
		}
	}
	if trace != "" {
		fmt.Fprintf(a.Stderr, "\n%s", human.Neutral(trace))
	}
	return int(end.End)
}

// jsonLog writes records to stderr.
func (a *app) jsonLog() *slog.Logger {
	return slog.New(slog.NewJSONHandler(term.Neutral{Writer: a.Stderr}, nil))
}

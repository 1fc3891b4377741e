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

// exitCode is one exit code as the help pages explain it.
type exitCode struct {
	end   run.End
	means string
}

// exitCodes are all exit codes.
func exitCodes() []exitCode {
	return []exitCode{
		{run.EndDone, "every row is done, or was right already"},
		{run.EndError, "an unexpected error"},
		{run.EndUsage, "the options or settings are wrong; nothing was sent"},
		{run.EndRowsFailed, "finished, but some rows have problems: see the report"},
		{run.EndFileRefused, "the file was refused; nothing was sent"},
		{run.EndTransient, "stopped for a cause that passes (network, quota): go on with csvput apply"},
		{run.EndPermanent, "stopped for a cause that does not pass by itself"},
		{run.EndMaxErrors, "stopped by --max-errors"},
		{run.EndNoChange, "nothing had to change (only with --error-on-no-change)"},
		{run.EndMaxDuration, "stopped by --max-duration or --first: go on with csvput apply"},
		{run.EndLocked, "another csvput is working on the same folder, or from the same file"},
		{run.EndCredentials, "the CRM refused the access token"},
		{run.EndChanges, "something would change (only with plan --detailed-exit-code)"},
		{run.EndInterrupted, "you stopped it (Ctrl-C, or no to the question)"},
		{run.EndTerminated, "the system stopped it"},
	}
}

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

package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"syscall"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/rescue"
	"csvput/importer/rows"
	"csvput/report/code"
)

// Exit codes. Where restic or rclone have a number for the same ending, it is theirs.
const (
	exitDone        = 0
	exitError       = 1
	exitUsage       = 2
	exitRowsFailed  = 3
	exitFileRefused = 4
	exitPassing     = 5
	exitPermanent   = 7
	exitMaxErrors   = 8
	exitNoChange    = 9
	exitMaxDuration = 10
	exitLocked      = 11
	exitCredentials = 12
	exitChanges     = 20
	exitInterrupted = 130 // 128 + SIGINT
	exitTerminated  = 143 // 128 + SIGTERM
)

// exitCode is one exit code as the help pages explain it.
type exitCode struct {
	code  int
	means string
}

// exitCodes are all exit codes.
func exitCodes() []exitCode {
	return []exitCode{
		{exitDone, "every row is done, or was right already"},
		{exitError, "an unexpected error"},
		{exitUsage, "the options or settings are wrong; nothing was sent"},
		{exitRowsFailed, "finished, but some rows have problems: see the report"},
		{exitFileRefused, "the file was refused; nothing was sent"},
		{exitPassing, "stopped for a cause that passes (network, quota): go on with csvput apply"},
		{exitPermanent, "stopped for a cause that does not pass by itself"},
		{exitMaxErrors, "stopped by --max-errors"},
		{exitNoChange, "nothing had to change (only with --error-on-no-change)"},
		{exitMaxDuration, "stopped by --max-duration: go on with csvput apply"},
		{exitLocked, "another csvput is working on the same folder, or from the same file"},
		{exitCredentials, "the CRM refused the access token"},
		{exitChanges, "something would change (only with plan --detailed-exit-code)"},
		{exitInterrupted, "you stopped it (Ctrl-C, or no to the question)"},
		{exitTerminated, "the system stopped it"},
	}
}

// stopMaxErrors is the summary's word for a run that --max-errors stopped.
const stopMaxErrors code.Code = "max_errors"

// ending is an error that knows its exit code and what to tell the person.
type ending struct {
	code      int
	what      string    // what is wrong; empty when there is nothing to say
	hints     []string  // what to do
	stop      code.Code // the summary's word for why the run stopped
	resumable bool
	told      bool // the log has it already
	err       error
}

func (e *ending) Error() string {
	if e.what == "" && e.err != nil {
		return e.err.Error()
	}
	return e.what
}

func (e *ending) Unwrap() error { return e.err }

func (e *ending) hint(s string) *ending {
	if s != "" {
		e.hints = append(e.hints, s)
	}
	return e
}

// usagef is an ending for wrong options or settings.
func usagef(format string, args ...any) *ending {
	return &ending{code: exitUsage, what: fmt.Sprintf(format, args...), stop: "usage"}
}

// errMaxDuration is the cause of a context that --max-duration ended.
var errMaxDuration = errors.New("the time given by --max-duration is over")

// signalError is the cause of a context that a signal ended.
type signalError struct{ os.Signal }

func (e signalError) Error() string {
	switch e.Signal {
	case syscall.SIGTERM:
		return "terminated"
	case syscall.SIGHUP:
		return "the terminal was closed"
	case syscall.SIGPIPE:
		return "nobody reads the output any more"
	}
	return "interrupted"
}

// byPerson tells whether somebody stopped csvput; else it was the system.
func (e signalError) byPerson() bool {
	return e.Signal == os.Interrupt || e.Signal == syscall.SIGQUIT
}

// endingOf says how an error ends the program.
func endingOf(err error) *ending {
	end := &ending{code: exitError, what: err.Error(), stop: "error", err: err}
	var (
		known      *ending
		sig        signalError
		file       *rows.FileError
		remote     *crm.Error
		unrecorded *importer.UnrecordedError
		fault      *rescue.PanicError
	)
	switch {
	case errors.As(err, &fault):
		end.what, end.resumable = fmt.Sprintf("csvput itself has a fault and had to stop; it is neither your file's nor yours (%v)", fault), true
		end.hint("please report it, with the lines that follow")
	case errors.As(err, &known):
		return known
	case errors.As(err, &unrecorded):
		end.stop, end.resumable = "unrecorded", true
		end.hint("make room on the disk, then go on with csvput apply: it reads those rows from the CRM first")
	case errors.As(err, &sig):
		end.code, end.stop = exitTerminated, "terminated"
		if sig.byPerson() {
			end.code, end.stop = exitInterrupted, "interrupted"
		}
		end.what, end.resumable = sig.Error(), true
	case brokenPipe(err):
		return endingOf(signalError{syscall.SIGPIPE})
	case errors.Is(err, errMaxDuration):
		end.code, end.what, end.stop, end.resumable = exitMaxDuration, errMaxDuration.Error(), "max_duration", true
	case errors.Is(err, importer.ErrMaxErrors):
		end.code, end.stop, end.resumable = exitMaxErrors, stopMaxErrors, true
		end.hint("look at the problems before you go on: --max-errors stopped the run")
	case errors.As(err, &file):
		end.code, end.what, end.stop = exitFileRefused, file.Message, "file_refused"
		if file.Line > 0 {
			end.what = fmt.Sprintf("line %d: %s", file.Line, file.Message)
		}
		end.hint(file.Advice(columnFlag))
	case errors.As(err, &remote):
		end.code, end.stop, end.resumable = exitOfRemote(remote), remote.Code, true
		end.what = remote.Message
		end.hint(remote.Code.Hint())
	case errors.Is(err, context.Canceled):
		end.code, end.what, end.stop = exitInterrupted, "interrupted", "interrupted"
	}
	return end
}

func exitOfRemote(e *crm.Error) int {
	switch {
	case e.Code == crm.CodeSettings, e.Code == code.TokenMissing:
		return exitUsage
	case e.Stop == crm.StopAuth, e.Code == code.Unauthenticated:
		return exitCredentials
	case e.Stop == crm.StopPermanent:
		return exitPermanent
	case e.Stop == crm.StopTransient:
		return exitPassing
	case slices.Contains([]code.Code{code.Network, code.Timeout, code.ServerError, code.Throttled, code.IncompleteList}, e.Code):
		return exitPassing
	}
	return exitPermanent
}

// report prints what ended the command and returns the exit code.
func (a *app) report(err error) int {
	if err == nil {
		return exitDone
	}
	end, ok := errors.AsType[*ending](err)
	if !ok {
		end = endingOf(err)
	}
	trace := ""
	if fault, ok := errors.AsType[*rescue.PanicError](err); ok {
		trace = string(fault.Stack)
	}
	if a.machine() {
		if !end.told && end.what != "" {
			a.jsonLog().Error("ended", append([]any{"exit_code", end.code}, loggable(end, false)...)...)
		}
		if trace != "" {
			a.jsonLog().Error("fault", "trace", trace)
		}
		return end.code
	}
	if end.what != "" {
		fmt.Fprintf(a.Stderr, "csvput: error: %s\n", oneLine(end.what))
		for _, h := range end.hints {
			fmt.Fprintf(a.Stderr, "csvput: hint: %s\n", oneLine(h))
		}
	}
	if trace != "" {
		fmt.Fprintf(a.Stderr, "\n%s", neutral(trace))
	}
	return end.code
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/rows"
	"csvput/report"
)

// Exit codes. Where restic or rclone have a number for the same ending, it is theirs.
const (
	exitDone        = 0   // every row done or already right
	exitError       = 1   // unexpected error
	exitUsage       = 2   // usage or settings
	exitRowsFailed  = 3   // finished, some rows failed
	exitFileRefused = 4   // the file was refused, nothing sent
	exitPassing     = 5   // stopped for a passing cause, go on with apply
	exitPermanent   = 7   // stopped for a cause that will not pass
	exitMaxErrors   = 8   // stopped by --max-errors
	exitNoChange    = 9   // nothing to do, only with --error-on-no-change
	exitMaxDuration = 10  // stopped by --max-duration
	exitLocked      = 11  // another run holds the folder
	exitCredentials = 12  // the server refused the credentials
	exitChanges     = 20  // plan --detailed-exit-code: there are changes
	exitInterrupted = 130 // SIGINT
	exitTerminated  = 143 // SIGTERM
)

// ending is an error that knows its exit code and what to tell the person.
type ending struct {
	code      int
	what      string   // what is wrong; empty when it was said already
	hints     []string // what to do
	stop      report.Code
	resumable bool
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
	return &ending{code: exitUsage, what: fmt.Sprintf(format, args...)}
}

// Causes that stop a run from outside.
var errMaxDuration = errors.New("the time given by --max-duration is over")

// signalError is the cause of a context that a signal ended.
type signalError struct{ os.Signal }

func (e signalError) Error() string {
	if e.Signal == syscall.SIGTERM {
		return "terminated"
	}
	return "interrupted"
}

// endingOf says how an error ends the program.
func endingOf(err error) *ending {
	end := &ending{code: exitError, what: err.Error(), err: err}
	var (
		known      *ending
		sig        signalError
		file       *rows.FileError
		remote     *crm.Error
		unrecorded *importer.UnrecordedError
	)
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &unrecorded):
		end.stop, end.resumable = report.CodeStopped, true
		end.hint("make room on the disk, then go on with: csvput apply")
	case errors.As(err, &sig):
		end.code, end.what, end.stop, end.resumable = exitInterrupted, sig.Error(), report.CodeStopped, true
		if sig.Signal == syscall.SIGTERM {
			end.code = exitTerminated
		}
	case errors.Is(err, errMaxDuration):
		end.code, end.stop, end.resumable = exitMaxDuration, report.CodeStopped, true
	case errors.Is(err, importer.ErrMaxErrors):
		end.code, end.stop, end.resumable = exitMaxErrors, report.CodeStopped, true
		end.hint("look at the problems first: --max-errors stopped the run")
	case errors.Is(err, report.ErrLocked):
		end.code = exitLocked
		end.hint("wait until the other run has ended, or give --lock-timeout 5m to wait here")
	case errors.As(err, &file):
		end.code, end.what = exitFileRefused, file.Message
		if file.Line > 0 {
			end.what = fmt.Sprintf("line %d: %s", file.Line, file.Message)
		}
		end.hint(file.Hint)
	case errors.As(err, &remote):
		end.code, end.stop, end.resumable = exitOfRemote(remote), report.Code(remote.Code), true
		end.what = remote.Message
		end.hint(report.Code(remote.Code).Hint())
	case errors.Is(err, context.Canceled):
		end.code, end.what = exitInterrupted, "interrupted"
	}
	return end
}

func exitOfRemote(e *crm.Error) int {
	switch {
	case e.Code == crm.CodeSettings:
		return exitUsage
	case e.Stop == crm.StopAuth || e.Code == string(report.CodeUnauthenticated):
		return exitCredentials
	case e.Stop == crm.StopPermanent:
		return exitPermanent
	case e.Stop == crm.StopPassing:
		return exitPassing
	}
	switch report.Code(e.Code) {
	case report.CodeNetwork, report.CodeTimeout, report.CodeServerError, report.CodeThrottled:
		return exitPassing
	}
	return exitPermanent
}

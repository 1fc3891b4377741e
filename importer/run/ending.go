package run

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/rescue"
	"csvput/importer/rows"
	"csvput/report/code"
)

// End says how a run ended. Its number is the exit code of a command, and exit_code in the summary. Where restic or
// rclone have a number for the same end, it is theirs.
type End int

// The ends of a run.
const (
	EndDone        End = 0
	EndError       End = 1
	EndUsage       End = 2
	EndRowsFailed  End = 3
	EndFileRefused End = 4
	EndTransient   End = 5
	EndPermanent   End = 7
	EndMaxErrors   End = 8
	EndNoChange    End = 9
	EndMaxDuration End = 10
	EndLocked      End = 11
	EndCredentials End = 12
	EndChanges     End = 20
	EndInterrupted End = 130 // 128 + SIGINT
	EndTerminated  End = 143 // 128 + SIGTERM
)

// stopMaxErrors is the summary's word for a run that stopped because of too many problems.
const stopMaxErrors code.Code = "max_errors"

// stopFirst is the summary's word for a run that sent as many rows as were asked for.
const stopFirst code.Code = "first"

// Ending is how a run ended, and what to tell the person. As the cause of a context it says why the run is to end.
type Ending struct {
	End       End
	What      string    // what is wrong; empty when there is nothing to say
	Hints     []string  // what to do
	Code      code.Code // the summary's word for why the run stopped
	Resumable bool      // the run can be gone on with
	Err       error
}

func (e *Ending) Error() string {
	if e.What == "" && e.Err != nil {
		return e.Err.Error()
	}
	return e.What
}

func (e *Ending) Unwrap() error { return e.Err }

// Hint adds what to do.
func (e *Ending) Hint(s string) *Ending {
	if s != "" {
		e.Hints = append(e.Hints, s)
	}
	return e
}

// Usagef is an ending for wrong settings.
func Usagef(format string, args ...any) *Ending {
	return &Ending{End: EndUsage, What: fmt.Sprintf(format, args...), Code: "usage"}
}

// NoFile is the ending for a file that is not there.
func NoFile(path string) *Ending {
	return Usagef("there is no file %s", path).Hint("look at the spelling; the path counts from the folder you are in")
}

// AskedFor reports whether somebody, or the system, has asked the run of a context to end.
func AskedFor(ctx context.Context) bool {
	why, ok := errors.AsType[*Ending](context.Cause(ctx))
	return ok && (why.End == EndInterrupted || why.End == EndTerminated)
}

// EndingOf says how an error ends a run.
func EndingOf(err error) *Ending {
	end := &Ending{End: EndError, What: err.Error(), Code: "error", Err: err}
	var (
		known      *Ending
		file       *rows.FileError
		remote     *crm.Error
		unrecorded *importer.UnrecordedError
		fault      *rescue.PanicError
	)
	switch {
	case errors.As(err, &fault):
		end.What,
			end.Resumable = fmt.Sprintf("csvput itself has a fault and had to stop; it is neither your file's nor "+
			"yours (%v)", fault), true
		end.Hint("please report it, with the lines that follow")
	case errors.As(err, &known):
		own := *known // the cause of a context ends more than one thing
		return &own
	case errors.As(err, &unrecorded):
		end.Code, end.Resumable = "unrecorded", true
		end.Hint("make room on the disk, then go on with csvput apply: it reads those rows from the CRM first")
	case errors.Is(err, importer.ErrMaxErrors):
		end.End, end.Code, end.Resumable = EndMaxErrors, stopMaxErrors, true
	case errors.Is(err, importer.ErrFirst):
		end.End, end.Code, end.Resumable = EndMaxDuration, stopFirst, true
	case errors.As(err, &file):
		end.End, end.What, end.Code = EndFileRefused, file.Message, "file_refused"
		if file.Line > 0 {
			end.What = fmt.Sprintf("line %d: %s", file.Line, file.Message)
		}
		// What to do about it names columns as options of a command or otherwise: see rows.FileError.Advice.
	case errors.As(err, &remote):
		end.End, end.What, end.Code, end.Resumable = endOfRemote(remote), remote.Message, remote.Code, true
		end.Hint(end.Code.Hint())
	case errors.Is(err, context.Canceled):
		end.End, end.What, end.Code = EndInterrupted, "interrupted", "interrupted"
	}
	return end
}

func endOfRemote(e *crm.Error) End {
	switch {
	case e.Code == crm.CodeSettings, e.Code == code.TokenMissing:
		return EndUsage
	case e.Stop == crm.StopAuth, e.Code == code.Unauthenticated:
		return EndCredentials
	case e.Stop == crm.StopPermanent:
		return EndPermanent
	case e.Stop == crm.StopTransient:
		return EndTransient
	case slices.Contains([]code.Code{code.Network, code.Timeout, code.ServerError, code.Throttled, code.IncompleteList},
		e.Code):
		return EndTransient
	}
	return EndPermanent
}

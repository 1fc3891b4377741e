package importer

import (
	"context"
	"errors"
	"time"

	"csvput/importer/crm"
	"csvput/report"
)

// job is one row on its way to the server.
type job struct {
	row   report.Row
	open  bool // an earlier run has a line for it that settles nothing
	prior int  // attempts of earlier runs
	doubt bool // one of these may have been applied, and nobody has looked
}

// outcome is a row after its request.
type outcome struct {
	row      report.Row
	attempts int   // of this run
	stop     error // why the run should stop because of it
}

// known tells whether there is anything to record: a row that was stopped before its first request
// stays as it was, open or unknown.
func (o outcome) known() bool { return o.row.Status != report.NotAttempted || o.attempts > 0 }

// put sends one row and says what came of it.
func (r *run) put(ctx context.Context, j *job) outcome {
	row := &j.row
	answer, err := r.client.Put(ctx, row.ID, body(row), time.Time{}, nil)
	row.HTTPStatus, row.Attempts = answer.Status, j.prior+answer.Attempts
	row.MS, row.At = answer.Duration.Milliseconds(), stamp()
	failure, ok := errors.AsType[*crm.Error](err)
	switch {
	case err == nil:
		row.Status = report.Updated
	case !ok:
		// Not one of the client's errors: nothing is known of the request.
		note(row, report.Unknown, report.CodeNetwork, err.Error())
	default:
		note(row, j.statusOf(failure), codeOf(failure), failure.Message)
		if failure.Stop != crm.StopNone {
			return outcome{row: *row, attempts: answer.Attempts, stop: failure}
		}
	}
	return outcome{row: *row, attempts: answer.Attempts}
}

// codeOf is a failure's code as a report has it.
func codeOf(e *crm.Error) report.Code {
	if e.Code == crm.CodeCancelled {
		return report.CodeInterrupted
	}
	return report.Code(e.Code)
}

// statusOf is the row's status after a request that did not succeed. That this one certainly was not applied says
// nothing of an earlier one that is in doubt.
func (j *job) statusOf(e *crm.Error) report.Status {
	status := statusOf(e)
	if j.doubt && e.Sent && (status == report.Failed || status == report.NotAttempted) {
		return report.Unknown
	}
	return status
}

// statusOf is a row's status after a request that did not succeed.
func statusOf(e *crm.Error) report.Status {
	switch {
	case e.Code == crm.CodeMismatch:
		return report.Mismatch
	case e.Doubt != crm.DoubtNone:
		return report.Unknown
	case !e.Sent && e.Stop != crm.StopNone, e.Stop == crm.StopAuth, e.Code == crm.CodeStopped, e.Code == crm.CodeCancelled:
		return report.NotAttempted
	case e.Refused:
		return report.Rejected
	}
	return report.Failed
}

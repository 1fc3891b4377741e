package importer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"csvput/importer/crm"
	"csvput/report"
	"csvput/report/code"
)

const (
	// maxAge is how old a reading may be when the request leaves that relies on it. What somebody changes after it
	// was read and before we send can't be seen, so it is short.
	maxAge = 5 * time.Second
	// mostOutdated is how often one row's reading may grow too old.
	mostOutdated = 10
)

// job is one row on its way to the server.
type job struct {
	row     report.Row
	prior   int       // attempts of earlier processes
	sent    sent      // what is known of its requests so far
	late    time.Time // until when the request of an earlier process may be applied
	settled bool      // a reading after that has shown the record as it was
	tries   crm.Tries // the client's own memory of them
	// when the reading was asked for that shows the record as the row says it was; zero: there is none
	read     time.Time
	outdated int  // how often its reading had grown too old before its request could leave
	noted    bool // report.csv says that it may have been sent
}

// stale reports whether the row's record is to be read before the row is sent.
func (j *job) stale() bool { return time.Since(j.read) > maxAge/2 }

// judge compares a row with a new reading of its record and reports whether it is to be sent. If not, the row says why.
func (j *job) judge(rec crm.Record, found, overwrite bool) bool {
	row := &j.row
	s := look(row, rec, found)
	v := decide(j.sent, s)
	if v.send || overwrite && v.code == code.ChangedSince {
		if !v.send {
			j.noted = false // undo must know what is replaced
		}
		merge(row, rec)
		j.read = rec.Asked
		j.settled = v.send && time.Now().After(j.late)
		return true
	}
	words := ""
	if v.status == report.Unchanged && mayBeRedone(*row) && time.Now().Before(redoneUntil(*row)) {
		v = verdict{status: report.NotAttempted, code: code.Interrupted}
		words = "The record is as it was before that run, but a request of that run may still be on its way: apply " +
			"this undo again in a few minutes."
	}
	switch {
	case v.code == code.ChangedSince && s == seenOther:
		words = "Changed since the plan was made: " + differences(row, rec) + "."
	case v.code == code.NotShown:
		words = notShown(row, rec)
	case v.code == code.AlreadySo:
		words = "Somebody else has made the same change since the plan was made; nothing was sent."
	}
	row.Attempts, row.At = j.prior+j.tries.Attempts(), stamp(time.Now())
	v.note(row, row.Code, words)
	return false
}

// put sends one row and says what came of it. again says that nothing did, because the reading of its record is too
// old: it must be read again.
func (j *job) put(ctx context.Context, client *crm.Client, blind bool) (o outcome, again bool) {
	row := &j.row
	notAfter := time.Time{}
	if !blind {
		notAfter = j.read.Add(maxAge)
	}
	answer, err := client.Put(ctx, row.ID, body(row), notAfter, &j.tries)
	row.HTTPStatus, row.Attempts = answer.Status, j.prior+answer.Attempts
	row.MS, row.At = answer.Duration.Milliseconds(), stamp(time.Now())
	failure := failureOf(err)
	if failure != nil && failure.Code == crm.CodeOutdated {
		if j.outdated++; j.outdated < mostOutdated {
			if now := sentOf(row, answer, failure); now != sentNothing &&
				(j.sent != sentEarlier || j.settled || now == sentMaybeYet) {
				j.sent = now
			}
			return outcome{}, true
		}
		failure.Message = fmt.Sprintf("the CRM answers so slowly that %d times its record could not be read and "+
			"updated within %s", mostOutdated, maxAge)
	}
	now := sentOf(row, answer, failure)
	switch {
	case now == sentNothing:
		now = j.sent
	case j.sent == sentEarlier && !j.settled && (now == sentRefused || now == sentFailed || now == sentMaybe):
		now = sentEarlier // nobody knows what came of the earlier request
	}
	o = outcome{sent: now, attempts: answer.Attempts}
	v := decide(now, seenNothing)
	switch {
	case failure == nil && v.code == code.NotShown:
		v.note(row, row.Code, notShown(row, answer.Record))
	case failure == nil:
		v.note(row, row.Code, "")
	case v.status == report.NotAttempted && failure.Code != crm.CodeOutdated:
		row.Status, row.Code = v.status, "" // the end of the run says why
	default:
		v.note(row, codeOf(failure), failure.Message)
	}
	if failure != nil && failure.Stop != crm.StopNone {
		o.stop = failure
	}
	o.row = *row
	return o, false
}

// failureOf is the client's error; of any other error nothing is known, not even whether a request was sent.
func failureOf(err error) *crm.Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*crm.Error](err); ok {
		return e
	}
	return &crm.Error{Code: code.Network, Message: err.Error(), Doubt: crm.DoubtPending}
}

// sentOf is what the requests of a Put can have done.
func sentOf(row *report.Row, answer crm.Answer, e *crm.Error) sent {
	switch {
	case e == nil && hides(row, answer.Record):
		return sentUnseen
	case e == nil:
		return sentAccepted
	case e.Code == code.Mismatch:
		return sentOther
	case e.Doubt == crm.DoubtPending:
		return sentMaybeYet
	case e.Doubt == crm.DoubtAnswered:
		return sentMaybe
	case e.Refused:
		return sentRefused
	case answer.Attempts > 0:
		return sentFailed
	case e.Stop != crm.StopNone, e.Code == code.Stopped, e.Code == crm.CodeCancelled, e.Code == crm.CodeOutdated:
		return sentNothing
	}
	return sentFailed // tried, and not once was there a connection
}

// codeOf is a failure's code as a report has it.
func codeOf(e *crm.Error) code.Code {
	switch e.Code {
	case crm.CodeCancelled:
		return code.Interrupted
	case crm.CodeOutdated:
		return code.Timeout
	}
	return e.Code
}

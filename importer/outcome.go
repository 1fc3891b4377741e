package importer

import (
	"strings"

	"csvput/report"
	"csvput/report/code"
)

// sent is what the requests of a run, in this process or an earlier one, can have done to a row's record.
type sent int

const (
	sentNothing  sent = iota // no request has left for the row
	sentEarlier              // an earlier process of this run may have sent the row, and ended before it knew
	sentRefused              // the server refuses the row, and no attempt can have been applied
	sentFailed               // no attempt has succeeded, and none can have been applied, now or later
	sentMaybe                // an attempt may have been applied, and the server is done with it
	sentMaybeYet             // an attempt may have been applied, or may yet be
	sentUnseen               // the server said yes, and its answer does not show everything that was wished
	sentAccepted             // the server said yes, and its answer shows the record as wished
	sentOther                // the server said yes, and its answer shows something else
	sents
)

// seen is what a reading of the record shows, made after everything that is known to be sent.
type seen int

const (
	seenNothing seen = iota // it was not read
	seenGone                // the server does not show the record
	seenWished              // everything that was wished is as wished
	seenBefore              // everything shown is as the plan found it
	seenHidden              // everything shown is as the plan found it, and what was wished is not shown
	seenPart                // everything shown is as wished, but something that was wished is not shown
	seenOther               // it holds something else
	seens
)

// verdict is the outcome of a row.
type verdict struct {
	status report.Status
	code   code.Code // "" keeps the code of the error that led here
	text   string    // "" where that error's words, or what the record holds, say it all
	// the row may be sent (again): the record is as the plan found it. The status is true if it is not sent
	send bool
}

// decide is the one place where evidence becomes an outcome: planning, sending, settling, verifying and undoing all ask
// it. What each status means is documented with report.Status; no entry may claim more than that.
func decide(s sent, r seen) verdict { return verdicts[s][r] }

const (
	textAbsent = "The CRM shows no contact detail with this id to this account."
	textGone   = "The CRM no longer shows a contact detail with this id to this account, so nobody can tell " +
		"whether the change was made before."
	textDeleted = "The server confirmed the update, but read back, the CRM shows no such contact detail: it may " +
		"have been deleted since."
	textConfirmed = "Read from the CRM: the record holds the new value."
	textSame      = "Read from the CRM: somebody else has made the same change, after an attempt of this run that " +
		"failed."
	textUntouched = "Read from the CRM afterwards: the record was not changed."
	textPending   = "Read from the CRM afterwards: the record is not changed so far, but the request may still be " +
		"on its way."
	textCrossed = "Read from the CRM afterwards: the record holds neither the old nor the new value, so somebody " +
		"else is changing it too."
)

var verdicts = [sents][seens]verdict{
	sentNothing: {
		seenNothing: {report.NotAttempted, "", "", true},
		seenGone:    {report.Rejected, code.NotFound, textAbsent, false},
		seenWished:  {report.Unchanged, code.AlreadySo, "", false},
		seenBefore:  {report.NotAttempted, "", "", true},
		seenHidden:  {report.NotAttempted, "", "", true},
		seenPart:    {report.Conflict, code.ChangedSince, "", false},
		seenOther:   {report.Conflict, code.ChangedSince, "", false},
	},
	sentEarlier: {
		seenNothing: {report.Unknown, "", "", true}, // only a run that never reads sends it without looking
		seenGone:    {report.Unknown, code.NotFound, textGone, false},
		seenWished:  {report.Updated, code.ConfirmedByReading, textConfirmed, false},
		seenBefore:  {report.Unknown, "", textPending, true},
		seenHidden:  {report.Unknown, code.NotShown, "", true},
		seenPart:    {report.Unknown, code.NotShown, "", false},
		seenOther:   {report.Unknown, code.ChangedSince, textCrossed, false},
	},
	sentRefused: {
		seenNothing: {report.Rejected, "", "", false},
		seenGone:    {report.Rejected, "", "", false},
		seenWished:  {report.Rejected, "", "", false},
		seenBefore:  {report.Rejected, "", "", false},
		seenHidden:  {report.Rejected, "", "", false},
		seenPart:    {report.Rejected, "", "", false},
		seenOther:   {report.Rejected, "", "", false},
	},
	sentFailed: {
		seenNothing: {report.Failed, "", "", true},
		seenGone:    {report.Rejected, code.NotFound, textAbsent, false},
		seenWished:  {report.Conflict, code.ChangedSince, textSame, false},
		seenBefore:  {report.Failed, "", "", true},
		seenHidden:  {report.Failed, "", "", true},
		seenPart:    {report.Conflict, code.ChangedSince, "", false},
		seenOther:   {report.Conflict, code.ChangedSince, "", false},
	},
	sentMaybe: {
		seenNothing: {report.Unknown, "", "", false},
		seenGone:    {report.Unknown, code.NotFound, textGone, false},
		seenWished:  {report.Updated, code.ConfirmedByReading, textConfirmed, false},
		seenBefore:  {report.Failed, "", textUntouched, true},
		seenHidden:  {report.Unknown, code.NotShown, "", true},
		seenPart:    {report.Unknown, code.NotShown, "", false},
		seenOther:   {report.Unknown, code.ChangedSince, textCrossed, false},
	},
	sentMaybeYet: {
		seenNothing: {report.Unknown, "", "", false},
		seenGone:    {report.Unknown, code.NotFound, textGone, false},
		seenWished:  {report.Updated, code.ConfirmedByReading, textConfirmed, false},
		seenBefore:  {report.Unknown, "", textPending, true},
		seenHidden:  {report.Unknown, code.NotShown, "", true},
		seenPart:    {report.Unknown, code.NotShown, "", false},
		seenOther:   {report.Unknown, code.ChangedSince, textCrossed, false},
	},
	sentUnseen: {
		seenNothing: {report.Unknown, "", "", false},
		seenGone:    {report.Unknown, code.NotFound, textDeleted, false},
		seenWished:  {report.Updated, code.ConfirmedByReading, textConfirmed, false},
		seenBefore:  {report.Mismatch, code.Mismatch, "", false},
		seenHidden:  {report.Unknown, code.NotShown, "", false},
		seenPart:    {report.Unknown, code.NotShown, "", false},
		seenOther:   {report.Mismatch, code.Mismatch, "", false},
	},
	sentAccepted: {
		seenNothing: {report.Updated, "", "", false},
		seenGone:    {report.Mismatch, code.NotFound, textDeleted, false},
		seenWished:  {report.Updated, "", "", false},
		seenBefore:  {report.Mismatch, code.Mismatch, "", false},
		seenHidden:  {report.Updated, "", "", false},
		seenPart:    {report.Updated, "", "", false},
		seenOther:   {report.Mismatch, code.Mismatch, "", false},
	},
	sentOther: {
		seenNothing: {report.Mismatch, "", "", false},
		seenGone:    {report.Mismatch, code.NotFound, textDeleted, false},
		seenWished:  {report.Updated, code.ConfirmedByReading, textConfirmed, false},
		seenBefore:  {report.Mismatch, code.Mismatch, "", false},
		seenHidden:  {report.Mismatch, "", "", false},
		seenPart:    {report.Mismatch, "", "", false},
		seenOther:   {report.Mismatch, code.Mismatch, "", false},
	},
}

// note writes the verdict into the row. The code and the words are those of the error, if any, that led here.
func (v verdict) note(row *report.Row, why code.Code, words string) {
	if row.Code == code.UndoNotPossible && v.status == report.Updated {
		v.status, v.code = report.Unknown, row.Code // what was known is put back, and of the rest nobody can tell
	}
	if v.code != "" {
		why = v.code
	}
	if v.text != "" {
		words = strings.TrimSpace(v.text + " " + sentence(words))
	}
	note(row, v.status, why, words)
}

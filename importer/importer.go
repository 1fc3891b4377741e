// Package importer is the engine of csvput: it checks a contact CSV, plans what would change in the
// CRM, applies the plan, and puts the old values back. It takes readers, a run folder and an API
// client, and returns values; it reads no flags, prints nothing and does not touch the file system
// but through the run folder that it is given.
//
// A bad row is data: a [report.Row] with a status, a code and a sentence. A Go error stops the run.
//
// # What is promised if the process dies at any instant
//
// plan.csv is complete and synced before the first request that changes anything; it holds every row
// with the record as it was. Before a row can be sent, report.csv has a synced line that calls it
// unknown; its outcome is appended, in one write, before the next row of the same worker is taken. So
// a row without a line was never sent, a row with a settled line is never sent again, and an unknown
// one is read from the server before it is touched again: a request that was in flight when the
// process died is recognised by its effect. A PUT repeats without harm.
package importer

import (
	"io"
	"time"

	"csvput/importer/crm"
	"csvput/importer/phone"
	"csvput/importer/rows"
	"csvput/report"
)

// OnDuplicate says what happens to rows that name the same record with different wishes.
type OnDuplicate int

const (
	// DuplicateRefuse makes all of them invalid, each naming the others' lines. A row that is refused anyway
	// has a different wish.
	DuplicateRefuse OnDuplicate = iota
	// DuplicateLast takes the last of them; the others are reported as superseded. If the last is refused,
	// none is taken.
	DuplicateLast
)

// CheckOptions says how rows are read as wishes.
type CheckOptions struct {
	// Phone holds the default country and what to do with extensions and letters.
	Phone phone.Options
	// OnDuplicate is for rows that name one record with different wishes.
	OnDuplicate OnDuplicate
	// Size is the length of the input in bytes, for progress; 0 is not known.
	Size int64
	// Again opens the input once more, from its beginning. A plan reads it twice, and once more where
	// ids are missing; a check only when rows share an id.
	Again Source
	// Began is when the run began, for its page.
	Began time.Time
	// Workers is the number of goroutines that check; 0 means one for each processor.
	Workers int
}

// Run is what a run works with: it checks a file or makes a plan of it, carries the plan out, or makes one that takes
// another run back, or exports what the CRM has.
type Run struct {
	Folder   *report.Folder // an export has none
	Client   *crm.Client    // a check has none
	Progress Progress
}

// Stage is a part of a run, for display.
type Stage string

// The stages of a run, in the order in which they come.
const (
	StageCheck  Stage = "checking"  // counted in bytes of the input
	StageMatch  Stage = "matching"  // counted in records of the CRM
	StageLookup Stage = "reading"   // counted in rows
	StageSend   Stage = "updating"  // counted in rows
	StageSettle Stage = "settling"  // counted in rows whose outcome is unknown
	StageVerify Stage = "verifying" // counted in rows that were updated
)

// Progress is told how a run goes on. Its methods are called from one goroutine at a time.
type Progress interface {
	// Stage begins a stage of so many units; total is below 0 when it is not known.
	Stage(s Stage, total int64)
	// Advance says how many units of the stage are done in all.
	Advance(done int64)
	// Outcome is called for every row whose outcome became known while sending.
	Outcome(report.Row)
}

// listSeparator stands between the uuids of a list in a report's cell.
const listSeparator = ";"

// clearWord empties a list, in the user's file and in a report.
const clearWord = "#CLEAR"

// Source opens the file that a run was made from, from its beginning.
type Source func() (*rows.Reader, io.Closer, error)

// sizeOf is the input's length as a Progress takes it.
func sizeOf(o CheckOptions) int64 {
	if o.Size <= 0 {
		return -1
	}
	return o.Size
}

// lookupRows is how many records one request of the list endpoint reads (API page, "how long may
// filter[uuid] be").
const lookupRows = 200

// The kinds of contact detail, in the words of the API.
const (
	typePhone = "phone_number"
	typeEmail = "email"
)

// clientSeparator stands between the clients of one contact detail in a cell.
const clientSeparator = ";"

package importer

import (
	"context"
	"errors"

	"csvput/importer/crm"
	"csvput/report"
)

// Apply carries out what is left of the folder's plan. Rows that are settled in report.csv are left
// alone; the others are sent, each only while a reading of its record that is at most [maxAge] old
// shows it as the plan found it.
//
// When soft ends, no further row is taken: requests in flight finish and are recorded. When hard
// ends they are given up and their rows recorded as unknown. The client's Config.Stop is to be soft.
//
// The error is nil when every row was dealt with, whatever its outcome. Otherwise it says why the run
// stopped: the cause of soft or hard, a *crm.Error that stops, ErrMaxErrors, ErrFirst, an *UnrecordedError.
// Whatever it is, the plan can be applied again; Finish is to be called in any case but the last.
func Apply(soft, hard context.Context, folder *report.Folder, client *crm.Client, o ApplyOptions, progress Progress) (err error) {
	journal, settled, err := folder.Journal()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, journal.Close(), settled.Close()) }()
	r := &run{ApplyOptions: o, folder: folder, client: client}
	r.ledger = ledger{journal: journal, progress: progress, maxErrors: o.MaxErrors, doubts: map[int]sent{}}
	r.settled = settled
	if settled.Begun() {
		r.JustMade = false // an earlier run may have sent rows that it could not write down
	}
	if r.plan, err = readPlanFacts(folder, r.done); err != nil {
		return err
	}
	r.problems = r.plan.problems
	more := o.First > 0 && r.plan.open > o.First
	if more {
		r.plan.open = o.First
	}
	err = r.send(soft, hard)
	if len(r.doubts) > 0 && !o.NoLookup && !unrecorded(err) {
		// When the run was stopped, what can't be read now is read by the next apply.
		if e := r.settle(hard); err == nil {
			err = e
		}
	}
	if o.Verify && err == nil {
		err = r.verify(hard)
	}
	if more && err == nil {
		err = ErrFirst
	}
	return err
}

func unrecorded(err error) bool {
	_, ok := errors.AsType[*UnrecordedError](err)
	return ok
}

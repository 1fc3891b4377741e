package importer

import (
	"context"
	"errors"
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
func (r Run) Apply(soft, hard context.Context, o ApplyOptions) (err error) {
	journal, settled, err := r.Folder.Journal()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, journal.Close(), settled.Close()) }()
	s := &sending{ApplyOptions: o, folder: r.Folder, client: r.Client, settled: settled}
	s.ledger = ledger{journal: journal, progress: r.Progress, maxErrors: o.MaxErrors, doubts: map[int]sent{}}
	if settled.Begun() {
		s.JustMade = false // an earlier run may have sent rows that it could not write down
	}
	if err = s.readPlan(); err != nil {
		return err
	}
	more := o.First > 0 && s.due > o.First
	if more {
		s.due = o.First
	}
	err = s.send(soft, hard)
	if len(s.doubts) > 0 && !o.NoLookup && !unrecorded(err) {
		// When the run was stopped, what can't be read now is read by the next apply.
		if e := s.settle(hard); err == nil {
			err = e
		}
	}
	if o.Verify && err == nil {
		err = s.verify(hard)
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

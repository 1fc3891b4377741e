package importer

import (
	"csvput/importer/crm"
	"csvput/report"
)

// run is one carrying out of a plan.
type run struct {
	ApplyOptions
	ledger
	folder  *report.Folder
	client  *crm.Client
	plan    planFacts
	settled *report.Outcomes // what report.csv said when the run began
}

// done reports whether there is nothing to do for the row on a line: an earlier run has dealt with it, or somebody has left
// it out. With Overwrite, a conflict is to be dealt with again.
func (r *run) done(line int, id string) bool {
	status, ok := r.settled.Status(line, id)
	return r.LeftOut.has(r.settled, line, id) || ok && status.Settled() && !(r.Overwrite && status == report.Conflict)
}

// requests is how many requests the run is going to make, as far as one can know: an update for each
// open row, and a reading for every 200.
func (r *run) requests() int {
	n := r.plan.open
	if !r.NoLookup {
		n += (r.plan.open + lookupRows - 1) / lookupRows
	}
	if r.Verify {
		n += (r.plan.rows + lookupRows - 1) / lookupRows
	}
	return n
}

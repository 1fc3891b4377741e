package importer

import (
	"csvput/importer/crm"
	"csvput/report"
)

// sending is one carrying out of a plan.
type sending struct {
	ApplyOptions
	ledger
	folder  *report.Folder
	client  *crm.Client
	settled *report.Outcomes // what report.csv said when the run began
	rows    int              // of the plan
	due     int              // requests of it that are still to be made
}

// done reports whether there is nothing to do for the row on a line: an earlier run has dealt with it, or somebody has
// left it out. With Overwrite, a conflict is to be dealt with again.
func (r *sending) done(line int, id string) bool {
	status, ok := r.settled.Status(line, id)
	return r.LeftOut.has(r.settled, line, id) || ok && status.Settled() && !(r.Overwrite && status == report.Conflict)
}

// requests is how many requests the run is going to make, as far as one can know: an update for each
// open row, and a reading for every 200.
func (r *sending) requests() int {
	n := r.due
	if !r.NoLookup {
		n += (r.due + lookupRows - 1) / lookupRows
	}
	if r.Verify {
		n += (r.rows + lookupRows - 1) / lookupRows
	}
	return n
}

// readPlan counts what the plan says before any of it is carried out.
func (r *sending) readPlan() error {
	return eachRow(r.folder, report.PlanName, func(row report.Row) error {
		r.rows++
		switch {
		case row.Problem():
			r.problems++
		case toSend(row.Status, row.Code) && !r.done(row.Line, row.ID):
			r.due++
		}
		return nil
	})
}

// ApplyOptions says how a plan is carried out.
type ApplyOptions struct {
	Workers   int
	NoLookup  bool // never read records: what is uncertain stays unknown
	Overwrite bool // send although somebody changed the record since the plan
	Verify    bool // read every updated record back at the end
	JustMade  bool // the plan was made by this process: its readings count as long as they are young
	// MaxErrors stops the run when so many rows had problems; 0 is no limit.
	MaxErrors int
	// First stops the run when so many rows were taken up; 0 is no limit.
	First   int
	LeftOut LeftOut
}

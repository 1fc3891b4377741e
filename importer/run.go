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

// planFacts is what a plan says before any of it is carried out.
type planFacts struct {
	rows     int
	open     int // requests that are still to be made
	problems int // rows that will not be sent because something is wrong with them
}

// readPlanFacts reads the plan. done tells of a line whether an earlier run has dealt with it.
func readPlanFacts(folder *report.Folder, done func(line int, id string) bool) (p planFacts, err error) {
	err = eachRow(folder, report.PlanName, func(g report.Row) error {
		p.rows++
		switch {
		case g.Problem():
			p.problems++
		case toSend(g.Status, g.Code) && !done(g.Line, g.ID):
			p.open++
		}
		return nil
	})
	return p, err
}

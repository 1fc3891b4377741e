package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"csvput/importer/crm"
	"csvput/report"
	"csvput/report/code"
)

const (
	// maxAge is how old a reading may be when the request leaves that relies on it. What somebody changes after it
	// was read and before we send can't be seen, so it is short.
	maxAge = 5 * time.Second
	// leaveWithin is the time for which a batch is read: less than maxAge, since the reading itself takes time.
	leaveWithin = 4 * time.Second
	// firstSize is the size of the first batch. It doubles when a batch left in less than half of maxAge, and is
	// halved when a part of it grew too old.
	firstSize = 64
	// blindSize is the size of a batch of rows that are not read.
	blindSize = 1000
	// mostOutdated is how often one row's reading may grow too old.
	mostOutdated = 10
)

// textOpen is what report.csv says of a row from the moment at which it is handed out: it is true if the process dies.
const textOpen = "The run ended before anybody knew whether the row was sent."

// batch makes the next rows ready to be sent: as many as will leave while a reading of their records is fresh, read
// when the quota lets them leave and not before. The error is io.EOF when there are none.
func (r *run) batch(soft, hard context.Context, plan *report.Reader) ([]job, error) {
	size := blindSize
	if !r.NoLookup {
		n, err := r.client.Ready(soft, leaveWithin)
		if err != nil {
			return nil, err
		}
		size = max(1, min(r.size, n-1))
	}
	jobs, err := r.open(plan, r.takeOutdated(size), size)
	if err != nil {
		return nil, err
	}
	if !r.NoLookup {
		if jobs, err = r.refresh(hard, jobs); err != nil {
			return nil, err
		}
	}
	if !r.announce(jobs) {
		return nil, r.lost
	}
	return jobs, nil
}

// putBack takes a row whose reading grew too old. Its turn comes again with the next batch.
func (r *run) putBack(jobs ...job) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.outdated = append(r.outdated, jobs...)
}

// takeOutdated takes rows whose reading grew too old, at most size, and makes the batches as large as leave in time.
func (r *run) takeOutdated(size int) []job {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.outdated) > 0 {
		r.size = max(1, r.size/2)
	} else {
		r.size = min(2*r.size, lookupRows)
	}
	n := min(size, len(r.outdated))
	jobs := r.outdated[:n:n]
	r.outdated = r.outdated[n:]
	return jobs
}

// open adds the plan's next open rows to jobs, up to size. The error is io.EOF when there are no jobs.
func (r *run) open(plan *report.Reader, jobs []job, size int) ([]job, error) {
	for len(jobs) < size {
		row, err := plan.Read()
		if errors.Is(err, io.EOF) && len(jobs) > 0 {
			break
		}
		if errors.Is(err, io.EOF) {
			return nil, err
		}
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", r.folder.Path(report.PlanName), err)
		}
		if !toSend(row.Status, row.Code) || r.done(row.Line, row.ID) {
			continue
		}
		j := job{row: row}
		prior, ok, err := r.settled.Get(row.Line, row.ID)
		if err != nil {
			return nil, err
		}
		switch {
		case !ok && r.settled.Damaged():
			j.sent = sentEarlier
		case ok:
			j.prior = prior.Attempts
			switch {
			case prior.Status == report.Unknown:
				j.sent, j.late = sentEarlier, lateUntil(prior)
			case prior.Attempts > 0 && prior.Status != report.Conflict:
				j.sent = sentFailed
			}
			adopt(&j.row, prior)
		case r.JustMade && !mayBeRedone(row):
			j.read, _ = time.Parse(time.RFC3339, row.At) // else it is read
		}
		jobs = append(jobs, j)
	}
	return jobs, nil
}

// refresh reads the records of jobs whose reading is too old, in one request, and returns the jobs that are to be sent.
func (r *run) refresh(ctx context.Context, jobs []job) ([]job, error) {
	var ids []string
	for _, j := range jobs {
		if j.stale() {
			ids = append(ids, j.row.ID)
		}
	}
	if len(ids) == 0 {
		return jobs, nil
	}
	records, err := r.client.Lookup(ctx, ids)
	if err != nil {
		r.putBack(jobs...)
		return nil, err
	}
	ready := jobs[:0]
	for _, j := range jobs {
		if j.stale() {
			rec, found := records[j.row.ID]
			if !r.judge(&j, rec, found) {
				r.take(outcome{row: j.row, sent: j.sent, read: true})
				continue
			}
		}
		ready = append(ready, j)
	}
	return ready, nil
}

// How long a request may still be applied after nobody waits for its answer any more.
const (
	// lateAfterLoss is for an answer that did not come: something holds the request up, and servers and proxies let none
	// last longer.
	lateAfterLoss = 10 * time.Minute
	// lateAfterKill is for a request that was under way when its process ended: nothing is known to hold it up.
	lateAfterKill = 30 * time.Second
)

// lateUntil is when no request of an unknown row can be on its way any more.
func lateUntil(row report.Row) time.Time {
	at, _ := time.Parse(time.RFC3339, row.At)
	return at.Add(lateAfterLoss)
}

// stale reports whether the row's record is to be read before the row is sent.
func (j *job) stale() bool { return time.Since(j.read) > maxAge/2 }

// judge compares a row with a new reading of its record and reports whether it is to be sent. If not, the row says why.
func (r *run) judge(j *job, rec crm.Record, found bool) bool {
	row := &j.row
	s := look(row, rec, found)
	v := decide(j.sent, s)
	if v.send || r.Overwrite && v.code == code.ChangedSince {
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
		words = "The record is as it was before that run, but a request of that run may still be on its way: apply this undo again in a few minutes."
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

// announce writes down which rows are handed out, before any of them can leave, and reports whether that worked. If the
// process dies, or the machine, exactly these may have been sent without anybody knowing; of the others it is certain
// that they were not.
func (r *run) announce(jobs []job) bool {
	var rows []report.Row
	now := stamp(time.Now())
	for i := range jobs {
		j := &jobs[i]
		j.noted = true // again, if it is handed out again: the time counts, see lateUntil
		row := j.row
		row.Attempts, row.At = j.prior+j.tries.Attempts(), now
		note(&row, report.Unknown, code.Interrupted, textOpen)
		rows = append(rows, row)
	}
	r.mu.Lock()
	ok := len(rows) == 0 || r.record(0, rows...)
	r.mu.Unlock()
	if ok {
		r.sync()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lost == nil
}

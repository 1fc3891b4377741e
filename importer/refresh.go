package importer

import (
	"context"
	"time"

	"csvput/importer/crm"
	"csvput/report"
)

// refresh reads the records of jobs whose plan is too old, in one request, and returns the jobs that
// are still to be sent. What Overwrite is going to replace is written down before.
func (r *run) refresh(ctx context.Context, batch []job) ([]job, error) {
	var ids []string
	asked := make([]bool, len(batch))
	for i, j := range batch {
		if asked[i] = r.stale(j); asked[i] {
			ids = append(ids, j.row.ID)
		}
	}
	if len(ids) == 0 {
		return batch, nil
	}
	records, err := r.client.Lookup(ctx, ids)
	if err != nil {
		return nil, err
	}
	var ready []job
	replacing := false
	for i, j := range batch {
		if asked[i] {
			rec, ok := records[j.row.ID]
			if r.settleByReading(&j.row, rec, ok) {
				j.row.Attempts = j.prior
				r.take(outcome{row: j.row})
				continue
			}
			if !asBefore(j.row, rec) {
				replacing = true
				overlay(&j.row, rec)
				r.intend(j)
			}
		}
		ready = append(ready, j)
	}
	if replacing {
		r.sync() // nothing else knows what is replaced
	}
	return ready, nil
}

// intend writes down what the report says of a row while its request is under way: undo must know what it replaces,
// even if the process dies right then, and the plan does not.
func (r *run) intend(j job) {
	row := j.row
	row.Attempts, row.At = j.prior, stamp()
	note(&row, report.Unknown, report.CodeInterrupted, "The run ended before anybody knew whether the row was sent.")
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.record(row, 0) {
		r.unknown++
	}
}

// stale tells whether the row's record is to be read again before it is sent.
func (r *run) stale(j job) bool {
	if r.NoLookup {
		return false
	}
	at, err := time.Parse(time.RFC3339, j.row.At)
	return err != nil || j.open || r.Trust == 0 || time.Since(at) > r.Trust
}

// settleByReading compares an open row with the record as it is now and tells whether that settles it.
func (r *run) settleByReading(row *report.Row, rec crm.Record, found bool) bool {
	switch {
	case !found:
		note(row, report.Rejected, report.CodeNotFound, "The CRM no longer shows a contact detail with this id to this account.")
	case asWished(*row, rec):
		note(row, report.Updated, report.CodeConfirmedByReading, "Read from the CRM: the record holds the new value.")
	case asBefore(*row, rec), r.Overwrite:
		return false
	default:
		note(row, report.Conflict, report.CodeChangedSince, "Changed since the plan was made: "+differences(*row, rec)+".")
	}
	row.At = stamp()
	return true
}

// overlay renews a planned row whose record was changed since: what the row wishes for goes over the
// record as it is now, and undo will bring back what it is now.
func overlay(row *report.Row, rec crm.Record) {
	keep := func(cell *string, was string) {
		if *cell == was {
			*cell = ""
		}
	}
	keep(&row.Name, row.NameBefore)
	keep(&row.Value, row.ValueBefore)
	keep(&row.AccountUUIDs, row.AccountUUIDsBefore)
	keep(&row.PrimaryAccountUUIDs, row.PrimaryAccountUUIDsBefore)
	merge(row, rec)
}

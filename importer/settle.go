package importer

import (
	"context"
	"fmt"

	"csvput/importer/crm"
	"csvput/report"
)

// settleUnknown reads the records of rows whose requests had no answer that says what happened, and
// settles those that the record itself settles.
func (r *run) settleUnknown(ctx context.Context) error {
	r.progress.Stage(StageSettle, int64(r.unknown))
	return r.reread(ctx, report.Unknown, func(row *report.Row, rec crm.Record, ok bool) bool {
		switch {
		case !ok:
			note(row, report.Rejected, report.CodeNotFound, "The CRM no longer shows a contact detail with this id to this account.")
		case asWished(*row, rec):
			note(row, report.Updated, report.CodeConfirmedByReading, "Read from the CRM afterwards: the record holds the new value.")
		case asBefore(*row, rec) && row.Attempts == 0:
			note(row, report.NotAttempted, report.CodeStopped, "Read from the CRM afterwards: the record was not changed.")
		case asBefore(*row, rec):
			note(row, report.Failed, row.Code, "Read from the CRM afterwards: the record was not changed.")
		default:
			return false
		}
		return true
	})
}

// verify reads every updated record back; one that does not hold what was confirmed is a mismatch.
func (r *run) verify(ctx context.Context) error {
	r.progress.Stage(StageVerify, -1)
	return r.reread(ctx, report.Updated, func(row *report.Row, rec crm.Record, ok bool) bool {
		switch {
		case !ok:
			note(row, report.Mismatch, report.CodeNotFound, "The server confirmed the update, but read back, the CRM shows no such contact detail.")
		case !asWished(*row, rec):
			note(row, report.Mismatch, report.CodeMismatch, fmt.Sprintf("The server confirmed the update, but read back, the record holds %q, name %q.", rec.Value, rec.Name))
		default:
			return false
		}
		return true
	})
}

// reread reads the records of all rows that stand at the given status in report.csv, 200 a request,
// and appends a line for each that settle changes.
func (r *run) reread(ctx context.Context, status report.Status, settle func(row *report.Row, rec crm.Record, ok bool) bool) error {
	now, err := r.folder.Outcomes()
	if err != nil {
		return err
	}
	defer now.Close()
	var (
		batch []report.Row
		done  int64
	)
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		ids := make([]string, len(batch))
		for i, row := range batch {
			ids[i] = row.ID
		}
		records, err := r.client.Lookup(ctx, ids)
		if err != nil {
			return err
		}
		for _, row := range batch {
			rec, ok := records[row.ID]
			if !settle(&row, rec, ok) {
				continue
			}
			row.At = stamp()
			if !r.record(row, 0) {
				return r.lost
			}
			r.progress.Outcome(row)
		}
		done += int64(len(batch))
		r.progress.Advance(done)
		batch = batch[:0]
		return nil
	}
	err = eachRow(r.folder, report.PlanName, func(planned report.Row) error {
		if s, ok := now.Status(planned.Line, planned.ID); !ok || s != status || !toSend(planned.Status, planned.Code) {
			return nil
		}
		row, _, err := now.Get(planned.Line, planned.ID)
		if err != nil {
			return err
		}
		if batch = append(batch, row); len(batch) < lookupRows {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

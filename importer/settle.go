package importer

import (
	"context"
	"time"

	"csvput/importer/crm"
	"csvput/report"
	"csvput/report/code"
)

// settle reads the records of rows whose requests had no answer that says what happened, once, and settles those that
// the record itself settles. What an earlier process left is judged before it is sent again.
func (r *run) settle(ctx context.Context) error {
	r.progress.Stage(StageSettle, int64(len(r.doubts)))
	return r.reread(ctx, report.Unknown, func(row *report.Row, rec crm.Record, found bool) bool {
		s, ours := r.doubts[row.Line]
		if !ours {
			return false
		}
		v := decide(s, look(row, rec, found))
		v.note(row, row.Code, held(v, row, rec))
		return true
	})
}

// verify reads every updated record back; one that does not hold what was confirmed is a mismatch.
func (r *run) verify(ctx context.Context) error {
	r.progress.Stage(StageVerify, -1)
	return r.reread(ctx, report.Updated, func(row *report.Row, rec crm.Record, found bool) bool {
		if row.Code == code.ConfirmedByReading {
			return false // that was the proof
		}
		v := decide(sentAccepted, look(row, rec, found))
		if v.status == report.Updated {
			return false
		}
		v.note(row, row.Code, held(v, row, rec))
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
			row.At = stamp(time.Now())
			if err := r.record(row); err != nil {
				return err
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

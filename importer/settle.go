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
func (r *sending) settle(ctx context.Context) error {
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
func (r *sending) verify(ctx context.Context) error {
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

// reread reads the records of all rows that stand at the given status in report.csv, 200 a request, and appends a line
// for each that judge changes.
func (r *sending) reread(ctx context.Context, status report.Status, judge judgeAnew) error {
	now, err := r.folder.Outcomes()
	if err != nil {
		return err
	}
	defer now.Close()
	var batch []report.Row
	done := 0
	flush := func() error {
		if err := r.rereadBatch(ctx, batch, judge); err != nil {
			return err
		}
		done += len(batch)
		r.progress.Advance(int64(done))
		batch = batch[:0]
		return nil
	}
	for planned, err := range Rows(r.folder, report.PlanName) {
		if err != nil {
			return err
		}
		s, ok := now.Status(planned.Line, planned.ID)
		if !ok || s != status || !toSend(planned.Status, planned.Code) {
			continue
		}
		row, _, err := now.Get(planned.Line, planned.ID)
		if err != nil {
			return err
		}
		if batch = append(batch, row); len(batch) == lookupRows {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if len(batch) == 0 {
		return nil
	}
	return flush()
}

// judgeAnew changes a row by its record as it is now, and reports whether it did.
type judgeAnew func(row *report.Row, rec crm.Record, found bool) (changed bool)

func (r *sending) rereadBatch(ctx context.Context, batch []report.Row, judge judgeAnew) error {
	ids := make([]string, len(batch))
	for i, row := range batch {
		ids[i] = row.ID
	}
	records, err := r.client.Lookup(ctx, ids)
	if err != nil {
		return err
	}
	for _, row := range batch {
		rec, found := records[row.ID]
		if !judge(&row, rec, found) {
			continue
		}
		row.At = stamp(time.Now())
		if err := r.record(row); err != nil {
			return err
		}
		r.progress.Outcome(row)
	}
	return nil
}

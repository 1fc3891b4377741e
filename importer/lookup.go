package importer

import (
	"context"
	"time"

	"csvput/importer/crm"
	"csvput/report"
)

// lookupsAhead is how many requests of the list endpoint may be under way at once.
const lookupsAhead = 4

// judge decides about one row by the record it names.
type judge func(row *report.Row, rec crm.Record, found bool)

// window is a run of consecutive rows of which at most lookupRows ids are to be read.
type window struct {
	rows []report.Row
	ids  []string
}

// planner writes the folder's plan.csv.
type planner struct {
	Run
	judge  judge
	shared leaders // rows that others follow
}

// write writes the plan: a request reads 200 records, a few requests are under way at once, and the rows are written in
// the order in which source gives them, n in all; below 0 is not known. It counts them as the plan has them.
func (p planner) write(
	ctx context.Context, n int, source func(ctx context.Context, give func(report.Row) error) error,
) (*Tally, error) {
	p.Progress.Stage(StageLookup, int64(n))
	tally := newTally()
	readers := make([]func(context.Context, window) (window, error), lookupsAhead)
	for i := range readers {
		readers[i] = func(ctx context.Context, win window) (window, error) { return win, p.read(ctx, win) }
	}
	windows := func(ctx context.Context, give func(window) error) error {
		c := cutter{give: give}
		if err := source(ctx, c.add); err != nil {
			return err
		}
		return c.flush()
	}
	_, err := writeRows(p.Folder, report.PlanName, func(w *report.Writer) error {
		var done int64
		return inOrder(ctx, lookupsAhead, windows, readers, func(win window) error {
			for i := range win.rows {
				p.shared.lead(&win.rows[i])
				if err := w.Write(win.rows[i]); err != nil {
					return err
				}
			}
			tally.plan(win.rows)
			done += int64(len(win.rows))
			p.Progress.Advance(done)
			return nil
		})
	})
	return tally, err
}

// cutter cuts rows into windows.
type cutter struct {
	give  func(window) error
	win   window
	asked map[string]bool
}

func (c *cutter) add(row report.Row) error {
	// A window in which there is little to read (a file of mostly invalid rows) is bounded too. It costs one request
	// in so many rows at most.
	const mostRows = 5 * lookupRows
	asks := toSend(row.Status, row.Code) && !c.asked[row.ID]
	if asks && len(c.win.ids) == lookupRows || len(c.win.rows) == mostRows {
		if err := c.flush(); err != nil {
			return err
		}
	}
	if asks {
		if c.asked == nil {
			c.asked = map[string]bool{}
		}
		c.asked[row.ID] = true
		c.win.ids = append(c.win.ids, row.ID)
	}
	c.win.rows = append(c.win.rows, row)
	return nil
}

// flush gives away what there is.
func (c *cutter) flush() error {
	win := c.win
	c.win, c.asked = window{}, nil
	if len(win.rows) == 0 {
		return nil
	}
	return c.give(win)
}

// read asks the server for the window's records and judges each row. Without a client the rows stay as they are.
func (p planner) read(ctx context.Context, win window) error {
	if p.Client == nil || len(win.ids) == 0 {
		return nil
	}
	records, err := p.Client.Lookup(ctx, win.ids)
	if err != nil {
		return err
	}
	now := time.Now()
	for i := range win.rows {
		if row := &win.rows[i]; toSend(row.Status, row.Code) {
			rec, found := records[row.ID]
			row.At = stamp(now)
			if found {
				row.At = stamp(rec.Asked)
			}
			p.judge(row, rec, found)
		}
	}
	return nil
}

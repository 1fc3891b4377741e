package importer

import (
	"context"
	"io"
	"time"

	"csvput/importer/crm"
	"csvput/importer/rows"
	"csvput/report"
)

// lookupsAhead is how many of those requests may be under way at once.
const lookupsAhead = 4

// Plan checks every row of in, reads the records they name, and writes the folder's plan.csv: each
// row with what is to be done about it, and the record as it was. Nothing is changed on the server.
// A nil client plans without reading: the file's words are taken as they are.
//
// The tally counts the rows as the plan has them. An error means that there is no plan.
func Plan(ctx context.Context, in *rows.Reader, folder *report.Folder, client *crm.Client, o CheckOptions, progress Progress) (*Tally, error) {
	progress.Stage(StageCheck, sizeOf(o))
	s := scan{CheckOptions: o, good: goodRow{report.Planned, report.Planned}}
	if client == nil {
		s.good.idle = report.Unchanged
	}
	// Which rows share an id must be known before any is planned.
	var missing wanted
	survey, index, err := s.run(ctx, in, func(b batch) error {
		progress.Advance(b.read)
		missing.add(b)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if missing.any {
		if survey, index, err = s.match(ctx, client, missing, progress); err != nil {
			return nil, err
		}
	}
	if index.anyShared() {
		if s.rulings, err = s.judge(ctx, index); err != nil {
			return nil, err
		}
	}
	var checked *Tally
	said := claims{byLine: map[int]whose{}}
	planned, err := planRows(ctx, folder, client, survey.Rows, s.rulings.shared, progress, said.judge, func(ctx context.Context, give func(report.Row) error) error {
		tally, _, err := s.again(ctx, func(b batch) error {
			for _, row := range b.rows {
				if client != nil {
					said.put(row, b.whose[row.Line])
				}
				if err := give(row); err != nil {
					return err
				}
			}
			return nil
		})
		checked = tally
		return err
	})
	if err != nil {
		return nil, err
	}
	checked.become(planned)
	return checked, nil
}

// judge decides about one row by the record it names.
type judge func(row *report.Row, rec crm.Record, found bool)

// window is a run of consecutive rows of which at most lookupRows ids are to be read.
type window struct {
	rows []report.Row
	ids  []string
}

// planRows writes the folder's plan.csv: a request reads 200 records, a few requests are under way at once, and the rows
// are written in the order in which source gives them, n in all. It counts them as the plan has them.
func planRows(ctx context.Context, folder *report.Folder, client *crm.Client, n int, shared leaders, progress Progress, judge judge, source func(ctx context.Context, give func(report.Row) error) error) (*Tally, error) {
	progress.Stage(StageLookup, int64(n))
	tally := newTally()
	readers := make([]func(context.Context, window) (window, error), lookupsAhead)
	for i := range readers {
		readers[i] = func(ctx context.Context, win window) (window, error) { return win, win.read(ctx, client, judge) }
	}
	_, err := writeFile(folder, report.PlanName, func(w *report.Writer, _ io.Writer) error {
		if err := w.WriteHeader(); err != nil {
			return err
		}
		var done int64
		return inOrder(ctx, lookupsAhead, func(ctx context.Context, give func(window) error) error {
			c := cutter{give: give}
			if err := source(ctx, c.add); err != nil {
				return err
			}
			return c.flush()
		}, readers, func(win window) error {
			for i := range win.rows {
				shared.lead(&win.rows[i])
				if err := w.Write(win.rows[i]); err != nil {
					return err
				}
			}
			tally.plan(win.rows)
			done += int64(len(win.rows))
			progress.Advance(done)
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
func (win *window) read(ctx context.Context, client *crm.Client, judge judge) error {
	if client == nil || len(win.ids) == 0 {
		return nil
	}
	records, err := client.Lookup(ctx, win.ids)
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
			judge(row, rec, found)
		}
	}
	return nil
}

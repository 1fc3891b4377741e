package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"csvput/importer/crm"
	"csvput/importer/rows"
	"csvput/report"
	"csvput/report/code"
)

// lookupRows is how many records one request of the list endpoint reads (API page, "how long may
// filter[uuid] be").
const lookupRows = 200

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

// writeFile makes one file of the folder: whole, or not at all. It returns the name that the file got:
// another one when a spreadsheet holds the old file open.
func writeFile(folder *report.Folder, name string, fill func(w *report.Writer, raw io.Writer) error) (string, error) {
	f, err := folder.File(name)
	if err != nil {
		return "", err
	}
	if err := fill(report.NewWriter(f), f); err != nil {
		return "", errors.Join(err, f.Discard())
	}
	err = f.Commit()
	return f.Name(), err
}

// eachRow calls do for every row of a file of the folder.
func eachRow(folder *report.Folder, name string, do func(report.Row) error) error {
	f, err := folder.Reader(name)
	if err != nil {
		return err
	}
	defer f.Close()
	rd, err := report.NewReader(f)
	if err != nil {
		return err
	}
	for {
		row, err := rd.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", folder.Path(name), err)
		}
		if err := do(row); err != nil {
			return err
		}
	}
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

// toSend reports whether a row of the plan asks for a request of its own.
func toSend(status report.Status, why code.Code) bool {
	return status == report.Planned && why != code.DuplicateRow
}

// follows reports whether the row is served by an earlier row's request.
func follows(row report.Row) bool {
	return row.Status == report.Planned && row.Code == code.DuplicateRow
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

// compare judges one planned row by the record it names.
func compare(row *report.Row, rec crm.Record, found bool) {
	if found && row.Type != "" && row.Type != rec.Type {
		wish := *row
		*row = report.Row{Line: wish.Line, ID: wish.ID, Type: rec.Type, At: wish.At, ValueBefore: rec.Value, NameBefore: rec.Name}
		note(row, report.Invalid, code.TypeMismatch, fmt.Sprintf("The row is about %s, and the record in the CRM is %s.", typeWords(wish.Type), typeWords(rec.Type)))
		return
	}
	before(row, rec)
	v := decide(sentNothing, look(row, rec, found))
	if found {
		merge(row, rec)
	}
	if v.send {
		return // it stays planned
	}
	why := v.code
	if v.status == report.Unchanged && row.Code != "" {
		v.code, why = "", row.Code
	}
	v.note(row, why, "")
}

// leaders are the rows whose requests serve others that say the same, by id.
type leaders map[string]report.Row

// findLeaders finds the ids of the folder's file that several rows share with the same wishes.
func findLeaders(folder *report.Folder, name string) (leaders, error) {
	l := leaders{}
	return l, eachRow(folder, name, func(row report.Row) error {
		if follows(row) {
			l[row.ID] = report.Row{}
		}
		return nil
	})
}

// lead keeps a row that others follow, and gives a row that follows what became of its leader, which stands before it.
func (l leaders) lead(row *report.Row) {
	leader, shared := l[row.ID]
	switch {
	case !shared:
	case follows(*row):
		*row = follow(*row, leader)
	case row.Status != report.Invalid || leader.Line == 0:
		l[row.ID] = *row
	}
}

// follow gives a row the outcome of the row whose request serves it.
func follow(row, leader report.Row) report.Row {
	adopt(&row, leader)
	row.Status, row.HTTPStatus, row.MS, row.At = leader.Status, leader.HTTPStatus, leader.MS, leader.At
	if leader.Status.Problem() {
		row.Code = leader.Code
		row.Message = leader.Message + " " + row.Message
	}
	return row
}

// note sets a row's status and code, and puts a sentence before what its message says already.
func note(row *report.Row, status report.Status, why code.Code, text string) {
	row.Status, row.Code = status, why
	row.Message = strings.TrimSpace(sentence(text) + " " + row.Message)
}

func typeWords(t string) string {
	switch t {
	case typePhone:
		return "a phone number"
	case typeEmail:
		return "an e-mail address"
	}
	return fmt.Sprintf("a contact detail of type %q", t)
}

// stamp is a time as a report has it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"csvput/importer/crm"
	"csvput/importer/rescue"
	"csvput/importer/rows"
	"csvput/report"
	"csvput/report/code"
)

// checkedName is the file of checked rows while a plan is being made.
const checkedName = "checked.csv"

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
	if client == nil {
		return checkInto(ctx, in, folder, report.PlanName, o, goodRow{report.Planned, report.Unchanged}, progress)
	}
	defer folder.Remove(checkedName)
	tally, err := checkInto(ctx, in, folder, checkedName, o, goodRow{report.Planned, report.Planned}, progress)
	if err != nil {
		return nil, err
	}
	return tally, planWindows(ctx, folder, client, tally, progress, compare)
}

// checkInto writes the checked rows of in to the folder's file target, which exists only when it is whole.
func checkInto(ctx context.Context, in *rows.Reader, folder *report.Folder, target string, o CheckOptions, good goodRow, progress Progress) (*Tally, error) {
	progress.Stage(StageCheck, sizeOf(o))
	var (
		tally *Tally
		seen  *idIndex
	)
	_, err := writeFile(folder, target, func(w *report.Writer, raw io.Writer) error {
		if err := w.WriteHeader(); err != nil {
			return err
		}
		var err error
		tally, seen, err = scan(ctx, in, outputs{all: raw}, o, good, progress)
		return err
	})
	if err != nil {
		return nil, err
	}
	if _, err := settleDuplicates(ctx, folder, target, seen, o.OnDuplicate, tally); err != nil {
		return nil, errors.Join(err, folder.Remove(target))
	}
	return tally, nil
}

// settleDuplicates writes the folder's file target again with the rulings on rows that share an id, and
// tells whether there were any.
func settleDuplicates(ctx context.Context, folder *report.Folder, target string, seen *idIndex, on OnDuplicate, tally *Tally) (changed bool, err error) {
	suspects := seen.suspects()
	if len(suspects) == 0 {
		return false, nil
	}
	checked, err := folder.Reader(target)
	if err != nil {
		return false, err
	}
	judged, err := judgeDuplicates(ctx, checked, suspects, on)
	checked.Close()
	if err != nil || len(judged) == 0 {
		return false, err
	}
	_, err = writeFile(folder, target, func(w *report.Writer, _ io.Writer) error {
		if err := w.WriteHeader(); err != nil {
			return err
		}
		return eachRow(folder, target, func(row report.Row) error {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			was := row
			judged.apply(&row)
			tally.change(was, row)
			return w.Write(row)
		})
	})
	return true, err
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
	return eachRecord(folder, name, (*report.Reader).Read, do)
}

// eachRecord calls do with what next reads from a file of the folder.
func eachRecord[T any](folder *report.Folder, name string, next func(*report.Reader) (T, error), do func(T) error) error {
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
		record, err := next(rd)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", folder.Path(name), err)
		}
		if err := do(record); err != nil {
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
	err = eachRecord(folder, report.PlanName, (*report.Reader).Glance, func(g report.Glance) error {
		p.rows++
		switch {
		case g.Status.Problem():
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

// window is a run of consecutive rows of which at most lookupRows ids are to be read.
type window struct {
	rows []report.Row
	ids  []string
	done chan struct{}
}

// judge decides about one row by the record it names.
type judge func(row *report.Row, rec crm.Record, found bool)

// planWindows turns the checked rows into the plan: a request reads 200 records, a few requests are
// under way at once, and the rows are written in their order.
func planWindows(ctx context.Context, folder *report.Folder, client *crm.Client, tally *Tally, progress Progress, judge judge) error {
	progress.Stage(StageLookup, int64(tally.Rows))
	leaders, err := findLeaders(folder, checkedName)
	if err != nil {
		return err
	}
	tally.startPlan()
	_, err = writeFile(folder, report.PlanName, func(w *report.Writer, _ io.Writer) error {
		if err := w.WriteHeader(); err != nil {
			return err
		}
		group, ctx := rescue.WithContext(ctx)
		todo, ordered := make(chan *window), make(chan *window, lookupsAhead)
		group.Go(func() error {
			defer close(todo)
			defer close(ordered)
			return cutWindows(folder, func(win *window) error {
				for _, c := range []chan *window{ordered, todo} {
					select {
					case c <- win:
					case <-ctx.Done():
						return context.Cause(ctx)
					}
				}
				return nil
			})
		})
		for range lookupsAhead {
			group.Go(func() error {
				for win := range todo {
					if err := win.read(ctx, client, judge); err != nil {
						return err
					}
				}
				return nil
			})
		}
		group.Go(func() error {
			var done int64
			for win := range ordered {
				select {
				case <-win.done:
				case <-ctx.Done():
					return context.Cause(ctx)
				}
				for i := range win.rows {
					row := &win.rows[i]
					leaders.lead(row)
					if err := w.Write(*row); err != nil {
						return err
					}
				}
				tally.plan(win.rows)
				done += int64(len(win.rows))
				progress.Advance(done)
			}
			return nil
		})
		return group.Wait()
	})
	return err
}

// cutWindows reads the checked rows and hands them on in windows.
func cutWindows(folder *report.Folder, give func(*window) error) error {
	// A window in which there is little to read (a file of mostly invalid rows) is bounded too. It costs one request
	// in so many rows at most.
	const mostRows = 20 * lookupRows
	win := &window{done: make(chan struct{})}
	asked := map[string]bool{}
	flush := func() error {
		full := win
		win, asked = &window{done: make(chan struct{})}, map[string]bool{}
		return give(full)
	}
	err := eachRow(folder, checkedName, func(row report.Row) error {
		if toSend(row.Status, row.Code) && !asked[row.ID] {
			if len(win.ids) == lookupRows {
				if err := flush(); err != nil {
					return err
				}
			}
			asked[row.ID] = true
			win.ids = append(win.ids, row.ID)
		}
		win.rows = append(win.rows, row)
		if len(win.rows) == mostRows {
			return flush()
		}
		return nil
	})
	if err != nil || len(win.rows) == 0 {
		return err
	}
	return flush()
}

// read asks the server for the window's records and judges each row.
func (win *window) read(ctx context.Context, client *crm.Client, judge judge) error {
	defer close(win.done)
	if len(win.ids) == 0 {
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

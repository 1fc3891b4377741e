package importer

import (
	"context"
	"errors"

	"csvput/report"
	"csvput/report/code"
	"csvput/report/page"
)

// eachFinal calls do for the folder's rows in input order as they stand: the plan's, with the outcomes
// that report.csv has so far. A row that was to be sent and has no outcome is not_attempted, for the
// given reason, or because somebody has left it out. shares says that the row was served by another one's request.
func eachFinal(folder *report.Folder, stop report.Stop, out LeftOut, do func(row report.Row, shares bool) error) error {
	outcomes, err := folder.Outcomes()
	if err != nil {
		return err
	}
	defer outcomes.Close()
	leaders, err := findLeaders(folder, report.PlanName)
	if err != nil {
		return err
	}
	final := func(_ context.Context, rows []report.Row) ([]report.Row, error) {
		for i := range rows {
			if err := finalOf(&rows[i], outcomes, stop, out); err != nil {
				return nil, err
			}
		}
		return rows, nil
	}
	use := func(rows []report.Row) error {
		for i := range rows {
			shares := follows(rows[i])
			leaders.lead(&rows[i])
			if err := do(rows[i], shares); err != nil {
				return err
			}
		}
		return nil
	}
	// Reading the plan, reading the outcomes and what do writes each take as long as the others: they go on side by
	// side.
	workers := []func(context.Context, []report.Row) ([]report.Row, error){final}
	return inOrder(context.Background(), 1, planBatches(folder), workers, use)
}

// planBatches gives the rows of the plan, a few hundred at a time.
func planBatches(folder *report.Folder) func(ctx context.Context, give func([]report.Row) error) error {
	const most = 256
	return func(_ context.Context, give func([]report.Row) error) error {
		var rows []report.Row
		err := eachRow(folder, report.PlanName, func(row report.Row) error {
			if rows = append(rows, row); len(rows) < most {
				return nil
			}
			full := rows
			rows = make([]report.Row, 0, most)
			return give(full)
		})
		if err == nil && len(rows) > 0 {
			err = give(rows)
		}
		return err
	}
}

// finalOf makes of a row of the plan what became of it. A row that another one's request serves stays as it is.
func finalOf(row *report.Row, outcomes *report.Outcomes, stop report.Stop, out LeftOut) error {
	if !toSend(row.Status, row.Code) {
		return nil
	}
	final, ok, err := outcomes.Get(row.Line, row.ID)
	if err != nil {
		return err
	}
	if ok {
		*row = final
	}
	switch {
	case out.has(outcomes, row.Line, row.ID):
		note(row, report.NotAttempted, code.LeftOut, textLeftOut)
	case !ok && outcomes.Damaged():
		note(row, report.Unknown, code.Interrupted,
			"The line of report.csv that said what became of the row is damaged.")
	case !ok || row.Status == report.NotAttempted && (row.Code == "" || row.Code == code.LeftOut):
		note(row, report.NotAttempted, stop.Code, stop.Message)
	}
	return nil
}

// Left counts the rows of the folder's plan that Apply would take up.
func Left(folder *report.Folder, out LeftOut) (int, error) {
	n := 0
	err := eachFinal(folder, report.Stop{}, out, func(row report.Row, _ bool) error {
		if !row.Status.Settled() && row.Code != code.LeftOut {
			n++
		}
		return nil
	})
	return n, err
}

// Finish writes the folder's report.csv in input order, each row exactly once, failed.csv with the rows that did not
// get through, and the page, which holds all rows and waits for the rest of the summary. It counts every row into s,
// and checks that the sum over the statuses is the number of rows of the plan. original opens the file that the plan
// was made from; nil when there is none (undo), and then failed.csv has the columns that an import takes.
func Finish(
	folder *report.Folder, s *report.Summary, stop report.Stop, out LeftOut, original Source,
) (*page.Page, error) {
	var counts report.Counts
	return forPeople(folder, s, original, func(add func(report.Row) error) error {
		name, err := writeRows(folder, report.ReportName, func(w *report.Writer) error {
			return eachFinal(folder, stop, out, func(row report.Row, _ bool) error {
				counts.Add(row)
				return errors.Join(w.Write(row), add(row))
			})
		})
		if err != nil {
			return err
		}
		counts.Rows = s.Rows // as the plan counted them: that is what the sum is held against
		if err := counts.Check(); err != nil {
			return err
		}
		s.Counts = counts
		s.Name("report", name)
		return nil
	})
}

// Leave writes of a plan what Finish does of a run: failed.csv with the rows that will not be sent, and the page.
func Leave(folder *report.Folder, s *report.Summary, original Source) (*page.Page, error) {
	return forPeople(folder, s, original, func(add func(report.Row) error) error {
		return eachRow(folder, report.PlanName, add)
	})
}

// forPeople writes failed.csv and the page of the rows that each adds.
func forPeople(
	folder *report.Folder, s *report.Summary, original Source, each func(add func(report.Row) error) error,
) (*page.Page, error) {
	failed, err := createFailed(folder, original)
	if err != nil {
		return nil, err
	}
	defer failed.close()
	p, err := page.Create(folder, s.StartedAt)
	if err != nil {
		return nil, err
	}
	err = each(func(row report.Row) error { return errors.Join(failed.add(row), p.Add(row)) })
	if err == nil {
		err = failed.commit(folder, s)
	}
	if err != nil {
		return nil, errors.Join(err, p.Discard())
	}
	return p, nil
}

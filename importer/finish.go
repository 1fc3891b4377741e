package importer

import (
	"errors"
	"io"
	"iter"

	"csvput/report"
	"csvput/report/code"
)

// Rows are the rows of one of the folder's files.
func Rows(folder *report.Folder, name string) iter.Seq2[report.Row, error] {
	return sequence(func(do func(report.Row) error) error { return eachRow(folder, name, do) })
}

// sequence makes an iterator of a function that calls back.
func sequence(each func(do func(report.Row) error) error) iter.Seq2[report.Row, error] {
	return func(yield func(report.Row, error) bool) {
		err := each(func(row report.Row) error {
			if !yield(row, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(report.Row{}, err)
		}
	}
}

var errEnough = errors.New("enough rows")

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
	return eachRow(folder, report.PlanName, func(row report.Row) error {
		shares := follows(row)
		if toSend(row.Status, row.Code) {
			final, ok, err := outcomes.Get(row.Line, row.ID)
			if err != nil {
				return err
			}
			if ok {
				row = final
			}
			switch {
			case out.has(outcomes, row.Line, row.ID):
				note(&row, report.NotAttempted, code.LeftOut, textLeftOut)
			case !ok && outcomes.Damaged():
				note(&row, report.Unknown, code.Interrupted, "The line of report.csv that said what became of the row is damaged.")
			case !ok || row.Status == report.NotAttempted && (row.Code == "" || row.Code == code.LeftOut):
				note(&row, report.NotAttempted, stop.Code, stop.Message)
			}
		}
		leaders.lead(&row)
		return do(row, shares)
	})
}

// Finish writes the folder's report.csv in input order, each row exactly once, and failed.csv with
// the rows that did not get through. It counts every row into s, and checks that the sum over the
// statuses is the number of rows of the plan. original opens the file that the plan was made from; nil
// when there is none (undo), and then failed.csv has the columns that an import takes.
func Finish(folder *report.Folder, s *report.Summary, stop report.Stop, out LeftOut, original Source) error {
	file, err := folder.File(report.FailedName)
	if err != nil {
		return err
	}
	defer file.Discard() // nothing happens to a file that was committed
	failed := failedRows{w: file}
	if original != nil {
		in, closer, err := original()
		if err != nil {
			return err
		}
		defer closer.Close()
		failed.in = in
	}
	var counts report.Counts
	name, err := writeFile(folder, report.ReportName, func(w *report.Writer, _ io.Writer) error {
		if err := w.WriteHeader(); err != nil {
			return err
		}
		return eachFinal(folder, stop, out, func(row report.Row, _ bool) error {
			counts.Add(row)
			return errors.Join(w.Write(row), failed.add(row))
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
	if failed.n == 0 {
		// An earlier end of this run may have left some: their rows have got through since.
		return folder.Remove(report.FailedName, report.FailedWorkbookName)
	}
	return failed.layout.commit(folder, file, s.Name)
}

package importer

import (
	"errors"
	"io"
	"iter"

	"csvput/report"
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
// given reason. shares says that the row was served by another one's request.
func eachFinal(folder *report.Folder, stop report.Stop, do func(row report.Row, shares bool) error) error {
	outcomes, err := folder.Outcomes()
	if err != nil {
		return err
	}
	defer outcomes.Close()
	shared := map[string]bool{} // ids that several rows name with the same wishes
	err = eachRow(folder, report.PlanName, func(row report.Row) error {
		if follows(row) {
			shared[row.ID] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	leaders := map[string]report.Row{}
	return eachRow(folder, report.PlanName, func(row report.Row) error {
		if row.Status != report.Planned {
			return do(row, false)
		}
		if follows(row) {
			return do(follow(row, leaders[row.ID]), true)
		}
		final, ok, err := outcomes.Get(row.Line, row.ID)
		if err != nil {
			return err
		}
		if !ok || final.Status == report.Planned {
			final = row
			note(&final, report.NotAttempted, stop.Code, stop.Message)
		}
		if shared[row.ID] {
			leaders[row.ID] = final
		}
		return do(final, false)
	})
}

// follow gives a row the outcome of the row whose request served it.
func follow(row, leader report.Row) report.Row {
	row.Status, row.HTTPStatus, row.MS, row.At = leader.Status, leader.HTTPStatus, leader.MS, leader.At
	if leader.Status.Problem() {
		row.Code = leader.Code
		row.Message = leader.Message + " " + row.Message
	}
	return row
}

// Finish writes the folder's report.csv in input order, each row exactly once, and failed.csv with
// the rows that did not get through. It counts every row into s, and checks that the sum over the
// statuses is the number of rows of the plan. original opens the file that the plan was made from; nil
// when there is none (undo), and then failed.csv has the columns that an import takes.
func Finish(folder *report.Folder, s *report.Summary, stop report.Stop, original Source) error {
	name, err := writeFile(folder, report.ReportName, func(w *report.Writer, _ io.Writer) error {
		if err := w.WriteHeader(); err != nil {
			return err
		}
		return eachFinal(folder, stop, func(row report.Row, _ bool) error {
			s.Count(row)
			return w.Write(row)
		})
	})
	if err != nil {
		return err
	}
	if err := s.Check(); err != nil {
		return err
	}
	s.Name("report", name)
	return WriteFailed(folder, s, original)
}

package importer

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"csvput/importer/crm"
	"csvput/importer/phone"
	"csvput/report"
	"csvput/report/code"
)

// Undo makes the plan that puts back what the run in the folder from changed: its
// plan.csv holds a row for each record that the run updated or may have updated, with the old values
// as the wish. A record that somebody has changed since is a conflict and left alone; one that holds
// the old values already is unchanged. later are other runs of the same person: where one of them made the change, the
// conflict says so.
func (r Run) Undo(ctx context.Context, from *report.Folder, later []*report.Folder) (*Tally, error) {
	p := planner{Run: r, judge: compareUndo}
	tally, err := p.write(ctx, -1, func(_ context.Context, give func(report.Row) error) error {
		return eachFinal(from, report.Stop{}, nil, func(row report.Row, shares bool) error {
			if shares || !mayHaveChanged(row) {
				return nil
			}
			return give(swap(row))
		})
	})
	if err != nil {
		return nil, err
	}
	return tally, nameOwnRuns(r.Folder, later, tally)
}

// nameOwnRuns says of the conflicts in a folder's plan which of them a later run of the same person has made.
func nameOwnRuns(folder *report.Folder, later []*report.Folder, tally *Tally) error {
	if tally.Statuses[report.Conflict] == 0 {
		return nil
	}
	by := map[string]string{} // ids of conflicts, and whose they are
	err := eachRow(folder, report.PlanName, func(row report.Row) error {
		if row.Status == report.Conflict {
			by[row.ID] = ""
		}
		return nil
	})
	if err != nil {
		return err
	}
	found := false
	for _, run := range later {
		summary, err := run.ReadSummary()
		if err != nil {
			continue // whatever it is, it is no finished run
		}
		name := fmt.Sprintf("Changed by your own run of %s, in %s.", summary.StartedAt.Local().Format("2 Jan 15:04"),
			run.ID())
		err = eachFinal(run, report.Stop{}, nil, func(row report.Row, _ bool) error {
			if _, ok := by[row.ID]; ok && row.Status == report.Updated {
				by[row.ID], found = name, true
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if !found {
		return nil
	}
	_, err = writeRows(folder, report.PlanName, func(w *report.Writer) error {
		return eachRow(folder, report.PlanName, func(row report.Row) error {
			if name := by[row.ID]; name != "" && row.Status == report.Conflict {
				row.Message = name + " " + row.Message
			}
			if tally.Examples[row.Code].Line == row.Line {
				tally.Examples[row.Code] = Example{row.Line, row.Message}
			}
			return w.Write(row)
		})
	})
	return err
}

// mayHaveChanged reports whether a run can have changed the row's record.
func mayHaveChanged(row report.Row) bool {
	switch row.Status {
	case report.Updated, report.Unknown, report.Mismatch:
		return true
	}
	return false
}

// swap turns a row of a run into the wish to have the old values back. A list that was not shown before the run can't
// be put back.
func swap(row report.Row) report.Row {
	out := report.Row{
		Line: row.Line, ID: row.ID, Status: report.Planned, Type: row.Type,
		NameBefore: row.Name, Name: row.NameBefore,
		ValueBefore: row.Value, Value: row.ValueBefore,
		AccountUUIDsBefore:        cmp.Or(row.AccountUUIDs, row.AccountUUIDsBefore), // as it was, where it was not sent
		PrimaryAccountUUIDsBefore: cmp.Or(row.PrimaryAccountUUIDs, row.PrimaryAccountUUIDsBefore),
	}
	var lost []string
	if row.NameBefore == "" && row.ValueBefore == "" { // no record is like that: it was never read
		lost = append(lost, "the record")
	}
	back := func(name, was, is string) string {
		if is == "" || sameList(is, was) {
			return "" // the run left it alone
		}
		if was == "" {
			lost = append(lost, name)
		}
		return was
	}
	out.AccountUUIDs = back("account_uuids", row.AccountUUIDsBefore, row.AccountUUIDs)
	out.PrimaryAccountUUIDs = back("primary_account_uuids", row.PrimaryAccountUUIDsBefore, row.PrimaryAccountUUIDs)
	if row.Type == typePhone {
		out.Country, out.National, _ = phone.Describe(out.Value)
	}
	if row.Status == report.Mismatch {
		out.Code = code.Mismatch
	}
	if row.Status == report.Unknown && time.Now().Before(redoneUntil(row)) {
		if out.Code = code.Timeout; row.Code == code.Interrupted {
			out.Code = row.Code
		}
	}
	if len(lost) > 0 {
		out.Code = code.UndoNotPossible
		out.Message = fmt.Sprintf("The CRM did not show %s before that run, so what was there is not known and is "+
			"left as it is.", strings.Join(lost, " and "))
	}
	return out
}

// compareUndo judges one row of an undo by the record as it is now.
func compareUndo(row *report.Row, rec crm.Record, found bool) {
	if found && rec.Type == typeEmail && strings.EqualFold(row.ValueBefore, rec.Value) {
		row.ValueBefore = rec.Value // the server may have stored it in lower case
	}
	s := look(row, rec, found)
	v := decide(sentNothing, s)
	nothingElse := crm.SameName(row.Name, row.NameBefore) && sameText(row.Value, row.ValueBefore) &&
		row.AccountUUIDs == "" && row.PrimaryAccountUUIDs == ""
	switch {
	case (s == seenBefore || s == seenHidden) && (row.Name == "" && rec.Name != "" || row.Value == ""):
		note(row, report.Invalid, code.UndoNotPossible,
			"The record had an empty name or value before, and the CRM takes no empty one back.")
	case row.Code == code.UndoNotPossible && (v.status == report.Unchanged || v.send && nothingElse):
		row.Status = report.Invalid // there is nothing that could be put back
	case mayBeRedone(*row) && v.status == report.Unchanged:
		// It stays planned, without anything to do, until that run's request can't be on its way any more.
		before(row, rec)
		row.AccountUUIDs, row.PrimaryAccountUUIDs = "", ""
	case v.send:
		merge(row, rec)
	default:
		words := ""
		if v.status == report.Conflict {
			words = "Changed since that run: " + differences(row, rec) + "."
			if row.Code == code.Mismatch {
				words = "That run ended with a mismatch, so nobody can tell who made the record what it is: " +
					differences(row, rec) + "."
			}
		}
		v.note(row, v.code, words)
	}
}

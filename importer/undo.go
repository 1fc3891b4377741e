package importer

import (
	"context"
	"fmt"
	"io"
	"strings"

	"csvput/importer/crm"
	"csvput/importer/phone"
	"csvput/report"
)

// Undo makes the plan, in the folder to, that puts back what the run in the folder from changed: its
// plan.csv holds a row for each record that the run updated or may have updated, with the old values
// as the wish. A record that somebody has changed since is a conflict and left alone; one that holds
// the old values already is unchanged.
func Undo(ctx context.Context, from, to *report.Folder, client *crm.Client, progress Progress) (*Tally, error) {
	tally := newTally()
	_, err := writeFile(to, checkedName, reverse(from, tally))
	if err != nil {
		return nil, err
	}
	defer to.Remove(checkedName)
	progress.Stage(StageLookup, int64(tally.Rows))
	return tally, planWindows(ctx, to, client, tally, progress, compareUndo)
}

// reverse writes the rows that may have to be put back, with before and after swapped.
func reverse(from *report.Folder, tally *Tally) func(*report.Writer, io.Writer) error {
	return func(w *report.Writer, _ io.Writer) error {
		if err := w.WriteHeader(); err != nil {
			return err
		}
		return eachFinal(from, report.Stop{}, func(row report.Row, shares bool) error {
			if shares || !mayHaveChanged(row) {
				return nil
			}
			tally.Rows++
			return w.Write(swap(row))
		})
	}
}

// mayHaveChanged tells whether a run can have changed the row's record.
func mayHaveChanged(row report.Row) bool {
	switch row.Status {
	case report.Updated, report.Unknown, report.Mismatch:
		return true
	case report.NotAttempted:
		// A run that was killed has no line for what was in flight.
		return row.Code == ""
	}
	return false
}

// swap turns a row of a run into the wish to have the old values back.
func swap(row report.Row) report.Row {
	out := report.Row{
		Line: row.Line, ID: row.ID, Status: report.Planned, Type: row.Type,
		NameBefore: row.Name, Name: row.NameBefore,
		ValueBefore: row.Value, Value: row.ValueBefore,
		AccountUUIDsBefore: row.AccountUUIDs, AccountUUIDs: orClear(row.AccountUUIDsBefore, row.AccountUUIDs),
		PrimaryAccountUUIDsBefore: row.PrimaryAccountUUIDs, PrimaryAccountUUIDs: orClear(row.PrimaryAccountUUIDsBefore, row.PrimaryAccountUUIDs),
	}
	if row.Type == typePhone {
		out.Country, out.National, _ = phone.Describe(out.Value)
	}
	return out
}

// orClear is the old list; where it was empty and the run filled it, the word that empties it.
func orClear(old, now string) string {
	if old == "" && now != "" && now != clearWord {
		return clearWord
	}
	return old
}

// compareUndo settles one row of an undo against the record as it is now.
func compareUndo(row *report.Row, records map[string]crm.Record, now string) {
	row.At = now
	rec, ok := records[row.ID]
	switch {
	case !ok:
		note(row, report.Rejected, report.CodeNotFound, "The CRM no longer shows a contact detail with this id to this account.")
	case asLeft(*row, rec) && (row.Name == "" && rec.Name != "" || row.Value == ""):
		note(row, report.Invalid, report.CodeUndoNotPossible, "The record had an empty name or value before, and the CRM takes no empty one back.")
	case already(*row, rec):
		note(row, report.Unchanged, report.CodeAlreadySo, "")
	case !asLeft(*row, rec):
		note(row, report.Conflict, report.CodeChangedSince, fmt.Sprintf("Changed since that run: %s.", differences(*row, rec)))
	default:
		before(row, rec)
	}
}

// asLeft tells whether the record still is as the run left it. The server may have stored an e-mail address
// in lower case.
func asLeft(row report.Row, rec crm.Record) bool {
	if rec.Type == typeEmail && strings.EqualFold(row.ValueBefore, rec.Value) {
		row.ValueBefore = rec.Value
	}
	return asBefore(row, rec)
}

package web

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"csvput/importer/run"
	"csvput/importer/web/table"
	"csvput/report"
)

// changes shows what a plan changes, old beside new, and lets rows be left out.
func (s *server) changes(w http.ResponseWriter, r *http.Request, past run.Past) error {
	if at := where(past); at == "read" || at == "check" {
		return redirect(w, r, "/runs/"+past.ID())
	}
	v := changesView{view: viewOf(r), Sent: past.Agreed}
	v.Status = report.Planned
	if err := s.withRows(past, report.PlanName, v.fill); err != nil {
		return err
	}
	return s.render(w, page{Screen: "changes", Title: "Changes", Past: &past, View: v})
}

// changesView is what a plan changes.
type changesView struct {
	view
	Rows                   []changedRow
	Records, Out           int // to be changed, and left out since the plan
	Same, Problems, Before int // already right, in need of correction, left out before the plan
	Sent                   bool
	Outdated               bool
}

// changedRow is a record that is to be changed.
type changedRow struct {
	table.Row
	Changes []change
	LeftOut bool
}

// change is one field, old and new, parted where they differ.
type change struct {
	What           string
	Head, Old, New string
	Tail           string
	Blank          bool // nothing was there before
}

func (v *changesView) fill(sh sheet) error {
	counts := sh.Counts
	v.Out, v.Outdated = len(sh.LeftOut), sh.Outdated
	v.Records, v.Same, v.Problems = counts.Statuses[report.Planned]-v.Out, counts.Statuses[report.Unchanged],
		counts.Problems()
	v.Before = counts.Statuses[report.NotAttempted]
	found, total, err := sh.Table.Rows(v.Query)
	v.Total = total
	for _, row := range found {
		v.Rows = append(v.Rows, changedRow{row, changesOf(row.Row), sh.LeftOut[row.Line]})
	}
	return err
}

// changesOf are the fields of a record that are to be others.
func changesOf(row report.Row) []change {
	var all []change
	for _, f := range []struct{ what, old, new string }{
		{"", row.ValueBefore, row.Value}, {"label", row.NameBefore, row.Name},
		{"owners", row.AccountUUIDsBefore, row.AccountUUIDs},
		{"main detail of", row.PrimaryAccountUUIDsBefore, row.PrimaryAccountUUIDs},
	} {
		if f.new != "" && f.new != f.old {
			c := differ(f.old, f.new)
			c.What = f.what
			all = append(all, c)
		}
	}
	return all
}

// differ parts two texts where they differ.
func differ(old, new string) change {
	c := change{Old: old, New: new, Blank: old == ""}
	for c.Old != "" && c.New != "" {
		a, n := utf8.DecodeRuneInString(c.Old)
		if b, m := utf8.DecodeRuneInString(c.New); a != b || n != m {
			break
		}
		c.Head, c.Old, c.New = c.Head+c.Old[:n], c.Old[n:], c.New[n:]
	}
	for c.Old != "" && c.New != "" {
		a, n := utf8.DecodeLastRuneInString(c.Old)
		if !strings.HasSuffix(c.New, c.Old[len(c.Old)-n:]) || a == utf8.RuneError {
			break
		}
		c.Tail = c.Old[len(c.Old)-n:] + c.Tail
		c.Old, c.New = c.Old[:len(c.Old)-n], c.New[:len(c.New)-n]
	}
	return c
}

package web

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"time"

	"csvput/importer"
	"csvput/importer/quota"
	"csvput/importer/run"
	"csvput/report"
	"csvput/report/human"
)

// mostConflicts is how many rows the preview of an undo explains.
const mostConflicts = 50

// confirm is the last page before anything is sent: what, where, as whom, for how long, and whether it can be undone.
func (s *server) confirm(w http.ResponseWriter, r *http.Request, past run.Past) error {
	was := past.Was
	if was.State != report.StatePlanned || past.Agreed {
		return redirect(w, r, "/runs/"+past.ID())
	}
	in, err := run.OpenInput(past.Dir)
	if err != nil {
		return err
	}
	if in.Outdated {
		return redirect(w, r, "/runs/"+past.ID()+"/changes")
	}
	view := confirmView{
		Records: was.Statuses[report.Planned] - len(in.LeftOut), Out: was.Problems(),
		Same: was.Statuses[report.Unchanged],
		Firm: was.Firm.Name, Account: cmp.Or(was.Account.Name, was.Account.UUID), Time: about(was),
		Undo: was.UndoOf != "", Undoable: was.Settings["no-lookup"] != "true",
	}
	if view.Undo {
		view.Conflicts, err = conflicts(past)
	} else {
		err = s.withRows(past, report.PlanName, func(sh sheet) error { view.Repaired = sh.unapproved(); return nil })
	}
	if err != nil {
		return err
	}
	return s.render(w, page{Screen: "confirm", Title: "Confirm", Past: &past, View: view})
}

// confirmView is what is to be said yes to.
type confirmView struct {
	Records       int
	Firm, Account string
	Time          string
	Undo          bool // it puts old values back
	Undoable      bool
	Out           int // rows that have problems and are left out
	Same          int // rows that are right already
	Repaired      int // records whose new value was mended, which nobody has approved
	Conflicts     []report.Row
}

// about is how long a plan takes at its pace, in words; "" when it has none.
func about(was report.Summary) string {
	rate, err := quota.ParseRate(was.Settings["rate"])
	if err != nil || rate.N == 0 {
		return ""
	}
	requests := was.Requests.PutPlanned
	if limit := was.Requests.QuotaLimit; limit > 0 && rate.Per == time.Minute {
		rate.N = min(rate.N, limit)
	}
	if d := time.Duration(requests) * rate.Per / time.Duration(rate.N); d >= 2*time.Second {
		return roughly(d)
	}
	return "a few seconds"
}

// roughly is a length of time that nobody can know to the second.
func roughly(d time.Duration) string {
	if d >= 2*time.Minute {
		d = d.Round(time.Minute)
	}
	return "about " + human.Duration(d)
}

// conflicts are the rows that an undo leaves alone because somebody has changed them since.
func conflicts(past run.Past) ([]report.Row, error) {
	folder, err := report.Open(past.Dir)
	if err != nil {
		return nil, err
	}
	var found []report.Row
	for row, err := range importer.Rows(folder, report.PlanName) {
		if err != nil {
			return nil, err
		}
		if row.Status == report.Conflict && len(found) < mostConflicts {
			found = append(found, row)
		}
	}
	return found, nil
}

// apply carries out what is left of a run: a plan that somebody has just said yes to, or a run that was stopped.
func (s *server) apply(w http.ResponseWriter, r *http.Request, past run.Past) error {
	settings := s.settingsOf(past)
	settings.ReportXLSX = true // who works with the pages opens files in Excel
	if only := r.FormValue("only"); only != "" {
		var err error
		if settings.First, err = strconv.Atoi(only); err != nil || settings.First < 1 {
			return run.Usagef("%q is no number of records", only)
		}
	}
	apply := func(j run.Job, soft, hard context.Context, dir string) run.Result {
		return j.Apply(soft, hard, dir, false)
	}
	return s.beginAndShow(w, r, s.job("apply", settings), past, apply)
}

package web

import (
	"context"
	"net/http"

	"csvput/importer/run"
)

// check shows what is wrong with the rows of a file.
func (s *server) check(w http.ResponseWriter, r *http.Request) error {
	past, err := s.past(r)
	if err != nil {
		return err
	}
	return s.render(w, page{Screen: "check", Title: "Check", Past: &past, View: past.Was.Headline()})
}

// checkAgain checks a file once more, with its corrections.
func (s *server) checkAgain(w http.ResponseWriter, r *http.Request) error {
	past, err := s.past(r)
	if err != nil {
		return err
	}
	return s.beginAndShow(w, r, s.job("check", s.settingsOf(past)), func(j run.Job, soft, hard context.Context) run.Result {
		return j.Check(soft, hard, past.Dir)
	})
}

// plan compares a file, with its corrections, with the CRM.
func (s *server) plan(w http.ResponseWriter, r *http.Request) error {
	past, err := s.past(r)
	if err != nil {
		return err
	}
	settings, given := s.settingsOf(past), []string(nil)
	if !rehearsed(past.Was) {
		if ok, err := s.connected(); err != nil {
			return err
		} else if !ok {
			return toConnection(w, r, past.ID())
		}
		settings.Account, given = s.connection.chosen(s.Job.Settings.Account), []string{"account"}
	}
	return s.beginAndShow(w, r, s.job("plan", settings, given...), func(j run.Job, soft, hard context.Context) run.Result {
		return j.Plan(soft, hard, past.Dir)
	})
}

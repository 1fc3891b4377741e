package web

import (
	"errors"
	"net/http"

	"csvput/importer/run"
)

// history is a list of all runs.
func (s *server) history(w http.ResponseWriter, r *http.Request) error {
	all, err := s.runs()
	if err != nil {
		return err
	}
	for i := range all {
		all[i].Deletable = !all[i].AtWork
	}
	return s.render(w, page{Screen: "history", Title: "History", View: all})
}

// remove deletes a run's folder.
func (s *server) remove(w http.ResponseWriter, r *http.Request) error {
	past, err := s.past(r)
	if past.Dir == "" {
		return err // there is no such run; one that can't be read can be deleted all the same
	}
	if r.FormValue("sure") != "yes" {
		return run.Usagef("nothing was deleted: tick that you are sure")
	}
	if err := errors.Join(s.tables.close(), run.Delete(r.Context(), past.Dir)); err != nil {
		return err
	}
	return redirect(w, r, "/history")
}

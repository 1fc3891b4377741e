package web

import (
	"errors"
	"net/http"

	"csvput/importer/run"
	"csvput/report"
)

// findRun leads to the page where a run stands.
func (s *server) findRun(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	past, err := s.past(r)
	if work := s.work(id); work != nil {
		if !work.over() {
			return redirect(w, r, "/runs/"+id+"/running")
		}
		if end := work.outcome(); errors.Is(err, errNotFound) && end.What != "" {
			return end // and the folder went with it: there was nothing in it
		}
	}
	if err != nil {
		return err
	}
	return redirect(w, r, "/runs/"+id+"/"+where(past))
}

// where is the page on which a run is gone on with.
func where(past run.Past) string {
	switch past.State() {
	case string(report.StateDraft):
		return "read"
	case string(report.StateChecked):
		return "check"
	case string(report.StatePlanned):
		if past.Was.UndoOf == "" {
			return "changes"
		}
		return "confirm"
	}
	return "result"
}

// running shows how work goes on.
func (s *server) running(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	work := s.work(id)
	if work == nil || work.over() {
		return redirect(w, r, "/runs/"+id)
	}
	p := page{Screen: "running", Title: "Under way", View: struct {
		ID      string
		Sending bool
		state
	}{id, work.command == "apply", work.state()}}
	if past, err := s.past(r); err == nil {
		p.Past = &past
	}
	return s.render(w, p)
}

// tellState answers the script that asks once a second.
func (s *server) tellState(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	told := state{Counts: map[string]int{}, Notes: []string{}, Next: "/runs/" + id}
	if work := s.work(id); work != nil {
		told = work.state()
	}
	told.Ending = s.soft.Err() != nil
	return writeJSON(w, told)
}

// stop asks the work to stop.
func (s *server) stop(w http.ResponseWriter, r *http.Request) error {
	work := s.work(r.PathValue("id"))
	if work == nil {
		return errNotFound
	}
	work.halt()
	return redirect(w, r, "/runs/"+r.PathValue("id")+"/running")
}

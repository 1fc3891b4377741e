package web

import (
	"net/http"

	"csvput/importer/run"
	"csvput/report"
)

// undo explains what putting the old values back means for a run.
func (s *server) undo(w http.ResponseWriter, r *http.Request, past run.Past) error {
	view := struct {
		Undoable bool
		Updated  int
		Cut      bool
	}{past.Undoable(), past.Was.Statuses[report.Updated], past.State() == "begun"}
	return s.render(w, page{Screen: "undo", Title: "Undo", Past: &past, View: view})
}

// planUndo compares what a run changed with what the CRM holds now. It is a run of its own, which is confirmed as any.
func (s *server) planUndo(w http.ResponseWriter, r *http.Request, past run.Past) error {
	settings := s.settingsOf(past)
	settings.DryRun = true
	return s.beginAndShow(w, r, s.job("undo", settings), past, run.Job.Undo)
}

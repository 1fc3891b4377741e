package web

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"csvput/importer/run"
	"csvput/report"
)

// mostRecent is how many runs the first page shows.
const mostRecent = 5

// home is the first page: a file to drop, and what was done lately.
func (s *server) home(w http.ResponseWriter, r *http.Request) error {
	all, err := s.runs()
	if err != nil {
		return err
	}
	view := struct {
		Runs     []listed
		More     int
		HasToken bool
	}{all[:min(len(all), mostRecent)], max(0, len(all)-mostRecent), s.rehearse.Load() || s.hasToken()}
	return s.render(w, page{Screen: "home", Title: "Start", View: view})
}

// listed is a run in a list of runs.
type listed struct {
	run.Past
	AtWork    bool
	State     string // in words
	Trouble   string // why it can't be read
	Deletable bool
}

// runs are all runs here, the newest first.
func (s *server) runs() ([]listed, error) {
	past, err := run.Runs(s.folders())
	if err != nil {
		return nil, err
	}
	slices.Reverse(past)
	list := make([]listed, len(past))
	for i, p := range past {
		list[i] = listed{Past: p, AtWork: p.Busy || s.atWork(p.ID()), State: stateWords(p)}
		if list[i].AtWork {
			list[i].State = "under way"
		}
		if p.Err != nil {
			list[i].Trouble = s.plain(p.Err.Error())
		}
	}
	return list, nil
}

// Rehearsal reports whether the run is one.
func (l listed) Rehearsal() bool { return rehearsed(l.Was) }

// Cut reports whether nobody knows yet how the run ended.
func (l listed) Cut() bool { return l.Past.State() == "begun" && !l.AtWork }

// GoesOn reports whether the run was begun and something is left of it.
func (l listed) GoesOn() bool { return l.Left() && l.Agreed && !l.AtWork }

// Unsent reports whether nobody has said yes to the run yet.
func (l listed) Unsent() bool { return !l.Agreed && !l.AtWork }

// CanUndo reports whether there is something to put back.
func (l listed) CanUndo() bool { return l.Undoable() && !l.AtWork }

// Tone says how the state is shown.
func (l listed) Tone() report.Status {
	switch {
	case l.Err != nil:
		return report.Failed
	case l.AtWork:
		return report.Planned
	case l.Was.State == report.StateFinished && l.Was.Problems() == 0:
		return report.Updated
	case l.Was.State == report.StateFinished:
		return report.Invalid
	case l.Past.State() == "begun", l.Was.State == report.StateStopped:
		return report.Rejected
	}
	return report.Unchanged
}

// stateWords says how far a run got.
func stateWords(p run.Past) string {
	words := map[string]string{
		"unreadable": "can't be read", "begun": "was cut off", "draft": "file opened", "checked": "checked",
		"planned": "planned, nothing sent", "stopped": "stopped early", "finished": "finished",
	}
	if text := words[p.State()]; text != "" {
		return text
	}
	return p.State()
}

// setMode makes new runs rehearsals or not.
func (s *server) setMode(w http.ResponseWriter, r *http.Request) error {
	s.rehearse.Store(r.FormValue("mode") != "live" || s.Job.Settings.Sandbox)
	return redirect(w, r, "/")
}

// receive takes a file that was dropped on the first page. It has its own bounds: a file is longer than a form.
func (s *server) receive(w http.ResponseWriter, r *http.Request) {
	err := func() error {
		if r.ContentLength > s.upload.bytes {
			return &http.MaxBytesError{Limit: s.upload.bytes}
		}
		if err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(s.upload.time)); err != nil {
			return err
		}
		name := filepath.Base(filepath.Clean("/" + r.URL.Query().Get("name")))
		id, err := s.open(r.Context(), incoming{
			name: name, file: http.MaxBytesReader(w, r.Body, s.upload.bytes), settings: s.settings(s.rehearse.Load()),
		})
		if err != nil {
			return err
		}
		return redirect(w, r, "/runs/"+id)
	}()
	if err != nil {
		s.problem(w, r, err)
	}
}

// openFile makes a run of the file that the program was started with.
func (s *server) openFile(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", run.Usagef("%s can't be read: %v", path, err)
	}
	defer f.Close()
	return s.open(ctx, incoming{name: filepath.Base(path), file: f, settings: s.settings(s.rehearse.Load())})
}

package web

import (
	"context"
	"io"
	"net/http"

	"csvput/importer/run"
	"csvput/report"
)

// again makes a new run of what an earlier one was made of: of the rows that are left, to correct them, or of the whole
// file, to do for real what was rehearsed.
func (s *server) again(w http.ResponseWriter, r *http.Request, past run.Past) error {
	folder, err := report.Open(past.Dir)
	if err != nil {
		return err
	}
	was, left := past.Was, r.FormValue("rows") == "left"
	file, names := folder.Input(), []string{"country", "map", "extension", "vanity", "on-duplicate"}
	if left {
		if file = was.Failed(); file == "" {
			return run.Usagef("no row is left to correct")
		}
	} else {
		names = append(names, "header-line", "from-line", "limit", "delimiter", "encoding", "sheet")
	}
	in := incoming{name: was.Input.Name, settings: s.settings(left && rehearsed(was) || s.Job.Settings.Sandbox)}
	for _, name := range names {
		if text, ok := was.Settings[name]; ok {
			_ = in.settings.Set(name, text) // it was a setting once
		}
	}
	if !left {
		if in.corrections, err = folder.Corrections(); err != nil {
			return err
		}
	}
	f, err := folder.Reader(file)
	if err != nil {
		return err
	}
	defer f.Close()
	in.file = f
	id, err := s.open(r.Context(), in)
	if err != nil {
		return err
	}
	return redirect(w, r, "/runs/"+id)
}

// incoming is a file on its way into a run.
type incoming struct {
	name        string
	file        io.Reader
	settings    run.Settings
	corrections []report.Correction // of its cells, made before
}

// open makes a run of a file, and begins to check it unless its columns have to be settled first. The file is read when
// it returns the run's id.
func (s *server) open(ctx context.Context, in incoming) (string, error) {
	id, err := s.begin(ctx, s.job("check", in.settings), func(j run.Job, soft, hard context.Context) run.Result {
		return j.Draft(soft, hard, in.name, in.file)
	})
	if err != nil {
		return "", err
	}
	draft := s.work(id)
	<-draft.ended
	if end := draft.outcome(); end.What != "" {
		return "", end
	}
	past, err := s.find(id)
	if err == nil && len(in.corrections) > 0 {
		err = run.Correct(ctx, past.Dir, in.corrections...)
	}
	if err != nil {
		return "", err
	}
	j := s.job("check", s.settingsOf(past))
	if look, err := j.Look(past.Dir); err != nil || look.Refused != nil {
		return id, nil // the screens say what is the matter
	}
	return s.begin(ctx, j, func(j run.Job, soft, hard context.Context) run.Result {
		return j.Check(soft, hard, past.Dir)
	})
}

package web

import (
	"errors"
	"net/http"
	"slices"

	"csvput/importer/rows"
	"csvput/importer/run"
)

// readingChoices are the settings that the screen Read asks for.
func readingChoices() []string { return []string{"encoding", "delimiter", "sheet", "header-line"} }

// read shows the first rows of a file as they are read, and how they could be read otherwise.
func (s *server) read(w http.ResponseWriter, r *http.Request, past run.Past) error {
	j := s.reader(past, r, readingChoices()...)
	v := readView{Encodings: []string{"utf-8", "windows-1252", "iso-8859-15", "utf-16", "macintosh", "ibm850"}}
	v.Encoding, v.Delimiter, v.Sheet = chosen(past, r, "encoding"), chosen(past, r, "delimiter"),
		chosen(past, r, "sheet")
	if line := chosen(past, r, "header-line"); line != "0" {
		v.HeaderLine = line
	}
	if v.Encoding != "" && !slices.Contains(v.Encodings, v.Encoding) {
		v.Encodings = append(v.Encodings, v.Encoding)
	}
	var err error
	if v.Look, err = j.Look(past.Dir); err != nil {
		if _, ok := errors.AsType[*rows.FileError](err); !ok {
			return err
		}
		v.Trouble = s.troubleOf(err)
	} else if v.Look.Refused != nil {
		v.Refused = s.troubleOf(v.Look.Refused)
	}
	return s.render(w, page{Screen: "read", Title: "Read", Past: &past, View: v})
}

// readView is a file as it is read.
type readView struct {
	*rows.Look
	Encodings                  []string
	Encoding, Delimiter, Sheet string
	HeaderLine                 string   // as it was chosen; "" or 0 is found out
	Trouble                    *trouble // it can't be read so
	Refused                    *trouble // it can be read, and not be used yet
}

// reader is a job that reads a run's file as the run does, but for the named settings that a request gives.
func (s *server) reader(past run.Past, r *http.Request, names ...string) run.Job {
	j := s.job("check", s.settingsOf(past))
	for _, name := range names {
		_ = j.Settings.Set(name, chosen(past, r, name)) // it takes texts
		j.Given = append(j.Given, name)
	}
	return j
}

// chosen is a setting that a request gives; else it is the run's.
func chosen(past run.Past, r *http.Request, name string) string {
	if r.Form.Has(name) {
		return r.FormValue(name)
	}
	return past.Was.Settings[name]
}

// keepReading keeps the choice.
func (s *server) keepReading(w http.ResponseWriter, r *http.Request, past run.Past) error {
	if err := s.reader(past, r, readingChoices()...).Settle(r.Context(), past.Dir); err != nil {
		return err
	}
	return redirect(w, r, "/runs/"+past.ID()+"/columns")
}

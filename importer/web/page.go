package web

import (
	"bytes"
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"time"

	"csvput/importer/run"
	"csvput/report"
	"csvput/report/human"
	reportpage "csvput/report/page"
)

//go:embed templates static
var files embed.FS

// page is what a template is made with.
type page struct {
	Screen string    // names the template and the script
	Title  string    // in the browser's tab, and over the page
	Past   *run.Past // the run that the page is about; nil is none
	View   any       // the screen's own

	// What every page shows; see render.
	Rehearsal bool
	Always    bool // every run is a rehearsal
	Account   string
	Script    bool
	Elsewhere bool     // another csvput is at work on the run
	Trouble   *trouble // why the last job on the run has come to nothing
	Steps     []step
}

// step is one screen on the way from a file to a result.
type step struct {
	Name, Title string
	Link        string // "" can't be gone to now
	Here, Done  bool
}

// render answers with a page.
func (s *server) render(w http.ResponseWriter, p page) error {
	p.Rehearsal, p.Always = s.rehearse.Load(), s.Job.Settings.Sandbox
	p.Account = s.connection.who()
	if p.Past != nil {
		p.Rehearsal = rehearsed(p.Past.Was)
		p.Account = s.connection.named(p.Past.Was)
		p.Steps = stepsOf(p.Screen, *p.Past)
		p.Trouble = s.lastTrouble(p.Past.ID())
		p.Elsewhere = p.Past.Busy && !s.atWork(p.Past.ID())
	}
	_, err := fs.Stat(files, "static/"+p.Screen+".js")
	p.Script = err == nil
	tmpl, err := template.New("layout.tmpl").Funcs(template.FuncMap{
		"count": report.Thousands, "plural": report.Plural, "line": human.Line, "when": when, "lower": strings.ToLower,
		"list": func(words ...string) []string { return words },
	}).ParseFS(files, "templates/layout.tmpl", "templates/runs.tmpl", "templates/rows.tmpl",
		"templates/"+p.Screen+".tmpl")
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := tmpl.Execute(&out, p); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, err = out.WriteTo(w)
	return err
}

// lastTrouble is why the last job on a run has come to nothing: where it left something, that tells. It is said until
// the next.
func (s *server) lastTrouble(id string) *trouble {
	work := s.work(id)
	if work == nil || !work.over() || work.result.What == "" || work.result.Left {
		return nil
	}
	return s.troubleOf(work.result.Ending)
}

// when is a moment as people say it, in this computer's time.
func when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("2 January 2006, 15:04")
}

// rehearsed reports whether a run is a rehearsal.
func rehearsed(was report.Summary) bool {
	return was.Sandbox != "" || was.Settings["sandbox"] == "true"
}

// stepsOf is the way of a run, as far as it can be gone now: back, until something was sent.
func stepsOf(screen string, past run.Past) []step {
	all := []step{
		{Name: "read", Title: "Read"}, {Name: "columns", Title: "Columns"}, {Name: "check", Title: "Check"},
		{Name: "changes", Title: "Changes"}, {Name: "confirm", Title: "Confirm"}, {Name: "running", Title: "Run"},
		{Name: "result", Title: "Result"},
	}
	if past.Was.UndoOf != "" {
		all = all[3:]
	}
	at := func(name string) int { return slices.IndexFunc(all, func(st step) bool { return st.Name == name }) }
	here, most, sent := at(screen), at(where(past)), where(past) == "result"
	for i := range all {
		st := &all[i]
		st.Here, st.Done = i == here, i < here
		if screen != "running" && i <= most && (!sent || st.Name == "changes" || st.Name == "result") {
			st.Link = "/runs/" + past.ID() + "/" + st.Name
		}
	}
	return all
}

// static serves the style sheets and scripts.
func static() (http.Handler, error) {
	own, err := fs.Sub(files, "static")
	if err != nil {
		return nil, err
	}
	rest := http.FileServerFS(own)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "page.css" {
			w.Header().Set("Content-Type", "text/css; charset=utf-8")
			_, _ = w.Write([]byte(reportpage.CSS()))
			return
		}
		rest.ServeHTTP(w, r)
	}), nil
}

// hintsOf are the hints of an ending, as sentences, but for those about command lines.
func (s *server) hintsOf(end *run.Ending) []string {
	var hints []string
	for _, h := range end.Hints {
		if !strings.Contains(h, "csvput ") && !strings.Contains(h, "--") && !strings.Contains(h, "CSVPUT_") {
			hints = append(hints, s.plain(h))
		}
	}
	if end.End == run.EndCredentials {
		hints = append(hints, "Paste a new one under Connection.")
	}
	return hints
}

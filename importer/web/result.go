package web

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"path/filepath"
	"slices"
	"strings"

	"csvput/importer/run"
	"csvput/report"
)

// result is what a run came to, and what there is to do now.
func (s *server) result(w http.ResponseWriter, r *http.Request, past run.Past) error {
	was := past.Was
	view := resultView{Headline: was.Brief(), Files: downloads(was), Left: past.Left(), Undoable: past.Undoable()}
	if past.State() == "begun" {
		view.Headline, view.Cut = "This run was cut off before its end.", true
	}
	if past.Busy {
		view = resultView{Headline: "This run is under way.", Files: view.Files}
		return s.render(w, page{Screen: "result", Title: "Result", Past: &past, View: view})
	}
	for _, status := range report.Statuses() {
		if n := was.Statuses[status]; n > 0 && !view.Cut {
			view.Counts = append(view.Counts, counted{status, n})
		}
	}
	for _, why := range was.Reasons() {
		info, _ := why.Info()
		view.Reasons = append(view.Reasons, reason{was.Codes[why], info.Means})
	}
	if was.UndoOf == "" && was.Files["failed"] != "" && !view.Left {
		view.Wrong = was.Problems()
	}
	view.ForReal = rehearsed(was) && was.UndoOf == "" && !s.Job.Settings.Sandbox
	if was.Stop != nil {
		view.Why = s.plain(was.Stop.Message)
	}
	return s.render(w, page{Screen: "result", Title: "Result", Past: &past, View: view})
}

// resultView is what the page says.
type resultView struct {
	Headline string
	Cut      bool // nobody knows yet what was sent last
	Why      string
	Counts   []counted
	Reasons  []reason // why rows did not get through
	Left     bool     // something can be gone on with
	Undoable bool
	Wrong    int  // rows that can be corrected
	ForReal  bool // what was rehearsed can be done
	Files    []download
}

// counted are the rows of one status.
type counted struct {
	report.Status
	Count int
}

// reason is why rows did not get through, in words.
type reason struct {
	Count int
	Means string
}

// download is a file of a run that the page hands out.
type download struct {
	Key  string // its name in the summary
	Name string // in its folder
	Use  string
}

// downloads are the files that a run has. The folder may be somebody else's: what its summary names is taken for one of
// its files only when it is a plain name.
func downloads(was report.Summary) []download {
	var out []download
	for _, d := range []download{
		{"report", "", "what became of every row"},
		{"report.xlsx", "", "the same as a workbook"},
		{"failed", "", "the rows with problems, to be corrected in a spreadsheet"},
		{"failed.xlsx", "", "the same as a workbook"},
		{"page", "", "the report as a page, to keep or to send on"},
		{"plan", "", "what was to be changed"},
		{"corrections", "", "the cells that were corrected on the page"},
		{"input", "", "your file as it was read"},
		{"summary", "", "the figures, for programs"},
	} {
		if d.Name = was.Files[d.Key]; filepath.IsLocal(d.Name) && d.Name != "." && !strings.ContainsAny(d.Name, `/\:`) {
			out = append(out, d)
		}
	}
	return out
}

// handOut sends one of a run's files.
func (s *server) handOut(w http.ResponseWriter, r *http.Request, past run.Past) error {
	all := downloads(past.Was)
	i := slices.IndexFunc(all, func(d download) bool { return d.Key == r.PathValue("name") })
	if i < 0 {
		return errNotFound
	}
	name := all[i].Name
	folder, err := report.Open(past.Dir)
	if err != nil {
		return err
	}
	f, err := folder.Reader(name)
	if errors.Is(err, fs.ErrNotExist) {
		return errNotFound
	}
	if err != nil {
		return err
	}
	defer f.Close()
	attach(w.Header(), past.ID()+"-"+name)
	_, err = io.Copy(w, f)
	if err != nil {
		s.Job.Log.Warn("download", "file", name, "error", err.Error())
	}
	return nil
}

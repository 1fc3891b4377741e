package run

import (
	"errors"
	"os"
	"path/filepath"

	"csvput/report"
)

// Past is an earlier run, as its folder tells of it.
type Past struct {
	Dir    string
	Was    report.Summary
	Err    error // why the folder tells nothing: it is damaged, or was left before its plan was whole
	Agreed bool  // somebody has said yes to its plan
	Busy   bool  // a job on it is under way

	folder *report.Folder
}

// Runs are the runs in a folder and in the runs below it, in the order in which they were made. A folder that tells
// nothing is among them, with its error.
func Runs(parent string) ([]Past, error) {
	dirs, err := runDirs(parent)
	past := make([]Past, len(dirs))
	for i, dir := range dirs {
		past[i] = pastIn(dir)
	}
	return past, err
}

// runDirs are the folders of runs in a folder and below it; where there is no folder there are none.
func runDirs(parent string) ([]string, error) {
	dirs, err := report.Runs(parent)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, Usagef("%v", err)
	}
	return dirs, nil
}

// pastIn is what a folder tells.
func pastIn(dir string) Past {
	p := Past{Dir: dir}
	if p.folder, p.Was, p.Err = openRun(dir); p.Err == nil {
		p.Agreed, p.Busy = agreed(p.folder, p.Was), p.folder.Busy()
	}
	return p
}

// ID is the run's name.
func (p Past) ID() string { return filepath.Base(p.Dir) }

// State is how far the run got, in a word: that of its summary, "begun" when it was cut off or is still under way, or
// "unreadable".
func (p Past) State() string {
	switch {
	case p.Err != nil:
		return "unreadable"
	case p.begun():
		return "begun"
	}
	return string(p.Was.State)
}

// begun reports whether the run has not ended since somebody said yes to its plan.
func (p Past) begun() bool { return p.Was.State == report.StatePlanned && p.Agreed }

// Left reports whether there is something to go on with.
func (p Past) Left() bool { return p.Err == nil && hasPlan(p.Was) && p.Was.Open() > 0 }

// Undoable reports whether the run has changed something, or may have, that can be put back.
func (p Past) Undoable() bool {
	return p.Err == nil && (undoable(p.Was) || p.begun() && p.Was.Settings["no-lookup"] != "true")
}

// undoable reports whether a run has changed something and knows what was there before.
func undoable(was report.Summary) bool {
	return was.Statuses[report.Updated] > 0 && was.Settings["no-lookup"] != "true"
}

// agreed reports whether somebody has said yes to the plan in a folder: only then there is a report, but for a run that
// was stopped before the question because too many rows of the file are wrong.
func agreed(folder *report.Folder, was report.Summary) bool {
	_, err := os.Stat(folder.Path(report.ReportName))
	unasked := was.Stop != nil && was.Stop.Code == stopMaxErrors && was.Requests.Put == 0
	return err == nil && hasPlan(was) && !unasked
}

// hasPlan reports whether a folder's last job has made a plan: there is something in it to go on with, or to take back.
func hasPlan(was report.Summary) bool {
	return was.State != report.StateDraft && was.State != report.StateChecked
}

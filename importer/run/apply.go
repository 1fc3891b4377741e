package run

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"csvput/importer"
	"csvput/importer/rows"
	"csvput/report"
)

// Unfinished is a run with something left to do.
type Unfinished struct {
	Dir    string
	Agreed bool // somebody has said yes to it
	Was    report.Summary
}

// FindUnfinished are the runs in a folder that have something left to do.
func FindUnfinished(parent string) ([]Unfinished, error) {
	dirs, err := report.Runs(parent)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, Usagef("%v", err)
	}
	var left []Unfinished
	for _, dir := range dirs {
		if folder, was, err := openRun(dir); err == nil && was.Command != "check" && unfinished(was) {
			left = append(left, Unfinished{dir, agreed(folder, was), was})
		}
	}
	return left, nil
}

// unfinished reports whether there is something in a run's folder to go on with.
func unfinished(was report.Summary) bool {
	for status, n := range was.Statuses {
		if n > 0 && !status.Settled() {
			return true
		}
	}
	return false
}

// agreed reports whether somebody has said yes to the plan in a folder: only then there is a report, but for a run that
// was stopped before the question because too many rows of the file are wrong.
func agreed(folder *report.Folder, was report.Summary) bool {
	_, err := os.Stat(folder.Path(report.ReportName))
	unasked := was.Stop != nil && was.Stop.Code == stopMaxErrors && was.Requests.Put == 0
	return err == nil && !unasked
}

// openRun opens the folder of an earlier run and reads what it was made with.
func openRun(dir string) (*report.Folder, report.Summary, error) {
	folder, err := report.Open(dir)
	if err != nil {
		return nil, report.Summary{}, Usagef("%v", err)
	}
	was, err := folder.ReadSummary()
	if errors.Is(err, os.ErrNotExist) {
		return nil, was, Usagef("%s holds no finished plan: nothing was sent from it", dir).Hint("start again with csvput run")
	}
	return folder, was, err
}

// openPlan is openRun for a folder that must hold a plan.
func (c *course) openPlan(dir string) (*report.Folder, report.Summary, error) {
	folder, was, err := openRun(dir)
	if err == nil && was.Command == "check" {
		err = Usagef("%s holds a check, not a plan", dir).Hint("make a plan of the file first: " + c.CommandLine("plan", was.Input.Path, nil))
	}
	return folder, was, err
}

// Apply carries out what is left of a run. When ask is set, a plan that nobody has said yes to is decided upon first.
func (j Job) Apply(soft, hard context.Context, dir string, ask bool) Result {
	return j.do(soft, hard, func(c *course) error { return c.applyFolder(dir, ask) })
}

func (c *course) applyFolder(dir string, ask bool) error {
	folder, was, err := c.openPlan(dir)
	if err != nil {
		return err
	}
	c.useFolder(folder, was.RunID)
	c.hasPlan()
	if err := c.lock(folder); err != nil {
		return err
	}
	if err := c.lockInput(filepath.Dir(folder.Dir()), was); err != nil {
		return err
	}
	// Another process may have gone on with it while we waited.
	if was, err = folder.ReadSummary(); err != nil {
		return err
	}
	c.summary.Input, c.summary.Rows, c.summary.UndoOf = was.Input, was.Rows, was.UndoOf
	c.summary.Settings = maps.Clone(was.Settings)
	limit, err := c.keepSettings(was)
	if err != nil {
		return err
	}
	if unfinished(was) {
		c.note("Going on with %s", dir)
	} else {
		c.note("Nothing was left to do in %s", dir)
	}
	if err := c.connectAs(folder, was); err != nil {
		return err
	}
	if ask && !agreed(folder, was) {
		yes, err := c.Face.Decide(c.soft, was.Statuses[report.Planned], *c.summary)
		if err != nil {
			return err
		}
		if !yes {
			c.note("\nNothing was changed. The plan is in %s", dir)
			return &Ending{End: EndInterrupted}
		}
	}
	original, err := c.original(folder, was)
	if err != nil {
		return err
	}
	c.summary.Requests.ListPlanned, c.summary.Requests.PutPlanned = was.Requests.ListPlanned, was.Requests.PutPlanned
	return c.apply(importer.ApplyOptions{MaxErrors: limit(was.Rows), Overwrite: c.Settings.Overwrite}, original)
}

// keepSettings makes the pace and the limits of an earlier run this one's, but for those that are given anew, and
// returns the limit of errors.
func (c *course) keepSettings(was report.Summary) (limit func(rows int) int, err error) {
	if c.summary.Settings == nil {
		c.summary.Settings = map[string]string{}
	}
	for _, name := range []string{"rate", "reserve", "workers", "timeout", "retries", "max-wait", "breaker", "max-errors", "verify"} {
		if held := was.Settings[name]; held != "" && !slices.Contains(c.Given, name) {
			if err := c.Settings.Set(name, held); err != nil {
				return nil, Usagef("the run was made with %s %q, which is not understood", c.word(name), held)
			}
		}
		c.summary.Settings[name] = c.Settings.Text(name)
	}
	return c.maxErrors()
}

// apply carries out the plan in the run's folder and ends the run.
func (c *course) apply(o importer.ApplyOptions, original importer.Source) error {
	o.Workers = max(1, c.Settings.Workers)
	o.NoLookup = c.summary.Settings["no-lookup"] == "true" || c.Settings.NoLookup
	o.Verify = c.Settings.Verify
	c.client.SetTotal(c.summary.Requests.PutPlanned)
	c.sending.Store(true)
	err := importer.Apply(c.soft, c.hard, c.folder, c.client, o, c.Face)
	c.sending.Store(false)
	c.Face.Stage("", 0)
	return c.finish(err, original)
}

// original opens the file that a run was made from, read as it was read then; nil for an undo, which was made from a
// report.
func (c *course) original(folder *report.Folder, was report.Summary) (importer.Source, error) {
	if was.UndoOf != "" {
		return nil, nil
	}
	then := Job{Word: c.Word}
	for _, name := range []string{"encoding", "delimiter", "from-line", "limit", "map", "sheet"} {
		_ = then.Settings.Set(name, was.Settings[name]) // a number that is none is 0
	}
	s := then.Settings
	ro := rows.Options{Encoding: s.Encoding, FromLine: s.FromLine, Limit: s.Limit, Sheet: s.Sheet, Map: map[string]string{}}
	var err error
	if ro.Delimiter, err = then.delimiter(); err != nil {
		return nil, err
	}
	if err := then.readMap(ro.Map, then.Settings.Map); err != nil {
		return nil, err
	}
	return again(folder, was.Input.Path, ro), nil
}

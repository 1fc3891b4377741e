package run

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"csvput/importer"
	"csvput/report"
)

// openRun opens the folder of an earlier run and reads what it was made with.
func openRun(dir string) (*report.Folder, report.Summary, error) {
	folder, err := report.Open(dir)
	if err != nil {
		return nil, report.Summary{}, Usagef("%v", err)
	}
	was, err := folder.ReadSummary()
	if errors.Is(err, os.ErrNotExist) {
		return nil, was, Usagef("%s holds no finished plan: nothing was sent from it", dir).
			Hint("start again with csvput run")
	}
	return folder, was, err
}

// openPlan is openRun for a folder that must hold a plan.
func (c *course) openPlan(dir string) (*report.Folder, report.Summary, error) {
	folder, was, err := openRun(dir)
	if err == nil && !hasPlan(was) {
		file := was.Input.Path
		if kept(folder) {
			file = dir
		}
		err = Usagef("%s holds a check, not a plan", dir).
			Hint("make a plan of the file first: " + c.CommandLine("plan", file, nil))
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
	if was, err = c.takeOver(folder, was); err != nil {
		return err
	}
	c.summary.UndoOf = was.UndoOf
	c.summary.Settings = maps.Clone(was.Settings)
	limit, err := c.keepLimits(was)
	if err != nil {
		return err
	}
	leftOut, err := c.leftOut(folder, was)
	if err != nil {
		return err
	}
	if was.Open() > len(leftOut) {
		c.note("Going on with %s", dir)
	} else {
		c.note("Nothing was left to do in %s", dir)
	}
	if err := c.connectAs(folder, was); err != nil {
		return err
	}
	return c.carryOn(was, importer.ApplyOptions{MaxErrors: limit(was.Rows), Overwrite: c.Settings.Overwrite,
		LeftOut: leftOut}, ask && !agreed(folder, was))
}

// takeOver makes the folder of an earlier run this one's, locks it and its input, and says how the run stands: another
// process may have gone on with it while we waited.
func (c *course) takeOver(folder *report.Folder, was report.Summary) (report.Summary, error) {
	c.useFolder(folder, was.RunID)
	c.hasPlan()
	if err := c.lock(folder); err != nil {
		return was, err
	}
	if err := c.lockInput(filepath.Dir(folder.Dir()), was); err != nil {
		return was, err
	}
	return folder.ReadSummary()
}

// carryOn carries out what is left of an earlier run, after the question if there is to be one.
func (c *course) carryOn(was report.Summary, o importer.ApplyOptions, ask bool) error {
	c.summary.Input, c.summary.Rows = was.Input, was.Rows
	if ask {
		if err := c.askAgain(was, o.LeftOut); err != nil {
			return err
		}
	}
	original, err := original(c.folder, was)
	if err != nil {
		return err
	}
	c.summary.Requests.ListPlanned, c.summary.Requests.PutPlanned = was.Requests.ListPlanned, was.Requests.PutPlanned
	return c.apply(o, original)
}

// askAgain has it decided whether to go on with what is left of an earlier run, if anything is.
func (c *course) askAgain(was report.Summary, leftOut importer.LeftOut) error {
	n, err := importer.Left(c.folder, leftOut)
	if err != nil || n == 0 {
		return err
	}
	yes, err := c.Face.Decide(c.soft, n, *c.summary)
	if err != nil || yes {
		return err
	}
	what := "Nothing was changed. The plan is in %s"
	if agreed(c.folder, was) {
		what = "Nothing more was changed. What is left of the run is in %s"
	}
	c.note("\n"+what, c.folder.Dir())
	return &Ending{End: EndInterrupted}
}

// keepLimits makes the pace and the limits of an earlier run this one's, but for those that are given anew, and returns
// the limit of errors.
func (c *course) keepLimits(was report.Summary) (limit func(rows int) int, err error) {
	if err := c.keep(was, "rate", "reserve", "workers", "timeout", "retries", "max-wait", "breaker", "max-errors",
		"verify"); err != nil {
		return nil, err
	}
	return c.maxErrors()
}

// keep makes settings of an earlier job this one's, but for those that are given anew.
func (c *course) keep(was report.Summary, names ...string) error {
	if c.summary.Settings == nil {
		c.summary.Settings = map[string]string{}
	}
	for _, name := range names {
		if held := was.Settings[name]; held != "" && !slices.Contains(c.Given, name) {
			if err := c.Settings.Set(name, held); err != nil {
				return Usagef("the run was made with %s %q, which is not understood", c.word(name), held)
			}
		}
		c.summary.Settings[name] = c.Settings.Text(name)
	}
	return nil
}

// apply carries out the plan in the run's folder and ends the run.
func (c *course) apply(o importer.ApplyOptions, original importer.Source) error {
	o.Workers = max(1, c.Settings.Workers)
	o.NoLookup = c.summary.Settings["no-lookup"] == "true" || c.Settings.NoLookup
	o.Verify, o.First = c.Settings.Verify, c.Settings.First
	c.client.SetTotal(c.summary.Requests.PutPlanned)
	c.sending.Store(true)
	err := importer.Run{Folder: c.folder, Client: c.client, Progress: c.Face}.Apply(c.soft, c.hard, o)
	c.sending.Store(false)
	c.Face.Stage("", 0)
	return c.finish(err, o.LeftOut, original)
}

// original opens the file that a run was made from, read as it was read then; nil for an undo, which was made from a
// report.
func original(folder *report.Folder, was report.Summary) (importer.Source, error) {
	if was.UndoOf != "" {
		return nil, nil
	}
	ro, _, err := readingOf(was)
	if err != nil {
		return nil, err
	}
	all, err := folder.Corrections()
	ro.Corrections = corrected(all)
	return again(folder, was.Input.Path, ro), err
}

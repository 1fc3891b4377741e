package run

import (
	"context"
	"path/filepath"
	"strings"

	"csvput/importer"
	"csvput/report"
)

// Undo puts the old values back for what a run updated.
func (j Job) Undo(soft, hard context.Context, dir string) Result {
	return j.do(soft, hard, func(c *course) error { return c.undo(dir) })
}

func (c *course) undo(dir string) error {
	from, was, err := c.openPlan(dir)
	if err != nil {
		return err
	}
	if was.Settings["no-lookup"] == "true" {
		return Usagef("the run in %s did not read the records before it updated them (%s), so the old values are "+
			"not known", dir, c.word("no-lookup"))
	}
	if err := c.lock(from); err != nil {
		return err
	}
	if err := c.lockInput(filepath.Dir(from.Dir()), was); err != nil {
		return err
	}
	if err := c.newFolder(from.Dir(), strings.TrimSuffix(from.Stem(), "-undo")+"-undo"); err != nil {
		return err
	}
	c.summary.Input, c.summary.UndoOf = was.Input, from.Dir()
	c.summary.Input.Corrections = 0 // those are in the values that it puts back
	limit, err := c.keepLimits(was)
	if err != nil {
		return err
	}
	if err := c.connectAs(from, was); err != nil {
		return err
	}
	t, err := importer.Run{Folder: c.folder, Client: c.client, Progress: c.Face}.Undo(c.soft, from,
		laterRuns(from, c.folder))
	if err != nil {
		return err
	}
	if err := c.keepPlan(t); err != nil {
		return err
	}
	if c.Settings.DryRun {
		return c.onlyPlan(t, nil)
	}
	return c.decideAndApply(t, limit(t.Rows), nil)
}

// laterRuns are the runs beside a folder, or in it, that were made after its own, but for the one that is being made.
func laterRuns(from, to *report.Folder) []*report.Folder {
	past, err := Runs(filepath.Dir(from.Dir()))
	if err != nil {
		return nil // they only make a message better
	}
	var later []*report.Folder
	after := false
	for _, p := range past {
		switch {
		case p.ID() == from.ID():
			after = true
		case after && p.Err == nil && hasPlan(p.Was) && p.ID() != to.ID():
			later = append(later, p.folder)
		}
	}
	return later
}

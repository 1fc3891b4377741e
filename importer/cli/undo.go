package cli

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/urfave/cli/v3"

	"csvput/importer"
	"csvput/report"
)

func (a *app) undoCommand() *cli.Command {
	return &cli.Command{
		Name:      "undo",
		Usage:     "put the old values back for what a run updated",
		ArgsUsage: "FOLDER",
		Description: "Reads what the run changed and what the CRM holds now, shows what would be put back, asks,\n" +
			"and does it. A record that somebody has changed since is a conflict and left alone. It is a\n" +
			"run of its own, with a report, and can itself be undone. Pace and limits are those of the run,\n" +
			"unless you give others.\n\n" +
			"Examples:\n" +
			"   csvput undo contacts-20260102T150405Z\n" +
			"   csvput undo --dry-run contacts-20260102T150405Z",
		Metadata: exits(exitRowsFailed, exitPassing, exitPermanent, exitMaxErrors, exitNoChange, exitMaxDuration, exitLocked, exitCredentials, exitInterrupted, exitTerminated),
		Flags: slices.Concat(a.askFlags(), []cli.Flag{
			a.yes("dry-run", forRunning, "only show what would be put back"),
		}, a.stopFlags(), a.connectFlags(), a.runFlags()),
		Action: func(ctx context.Context, c *cli.Command) error {
			dir, err := argument(c, "folder")
			if err != nil {
				return err
			}
			return a.withSession(ctx, c, func(s *session) error { return s.undo(dir) })
		},
	}
}

// undo is csvput undo.
func (s *session) undo(dir string) error {
	if !s.c.Bool("dry-run") {
		if err := s.canAsk(""); err != nil {
			return err
		}
	}
	from, was, err := openRun(dir)
	if err != nil {
		return err
	}
	if was.Settings["no-lookup"] == "true" {
		return usagef("the run in %s did not read the records before it updated them (--no-lookup), so the old values are not known", dir)
	}
	if err := s.lock(from); err != nil {
		return err
	}
	if err := s.lockInput(filepath.Dir(from.Dir()), was); err != nil {
		return err
	}
	if err := s.newFolder(from.Dir(), filepath.Base(from.Dir())+"-undo"); err != nil {
		return err
	}
	s.summary.Input, s.summary.UndoOf = was.Input, from.Dir()
	limit, err := s.keepSettings(was)
	if err != nil {
		return err
	}
	if err := s.connectAs(from, was); err != nil {
		return err
	}
	tally, err := importer.Undo(s.soft, from, s.folder, s.client, laterRuns(from, s.folder), s)
	if err != nil {
		return err
	}
	if err := s.keepPlan(tally); err != nil {
		return err
	}
	if s.c.Bool("dry-run") {
		end := &ending{}
		if tally.Problems() > 0 {
			end.code = exitRowsFailed
		}
		return s.finishPlan(tally, end)
	}
	return s.askAndApply(tally, importer.ApplyOptions{MaxErrors: limit(tally.Rows), JustMade: true}, nil)
}

// laterRuns are the runs beside a folder, or in it, that were made after its own, but for the one that is being made.
func laterRuns(from, to *report.Folder) []*report.Folder {
	var later []*report.Folder
	dirs, err := report.Runs(filepath.Dir(from.Dir()))
	if err != nil {
		return nil // they only make a message better
	}
	after := false
	for _, dir := range dirs {
		run, err := report.Open(dir)
		switch {
		case err != nil:
		case run.ID() == from.ID():
			after = true
		case after && run.ID() != to.ID():
			later = append(later, run)
		}
	}
	return later
}

package cli

import (
	"context"
	"slices"

	"github.com/urfave/cli/v3"

	"csvput/importer/run"
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
		Metadata: exits(run.EndRowsFailed, run.EndTransient, run.EndPermanent, run.EndMaxErrors, run.EndNoChange, run.EndMaxDuration, run.EndLocked, run.EndCredentials, run.EndInterrupted, run.EndTerminated),
		Flags: slices.Concat(a.askFlags(), []cli.Flag{
			a.yes("dry-run", forRunning, "only show what would be put back"),
		}, a.stopFlags(), a.connectFlags(), a.runFlags()),
		Action: func(_ context.Context, c *cli.Command) error {
			if !c.Args().Present() {
				return a.whichUndo(c.String("out"))
			}
			dir, err := argument(c, "folder")
			if err != nil {
				return err
			}
			undo := func(j run.Job) run.Result { return j.Undo(a.soft, a.hard, dir) }
			if c.Bool("dry-run") {
				return a.do(c, undo)
			}
			return a.ask(c, "", undo)
		},
	}
}

// whichUndo says which runs can be taken back: whoever names none is not to take back the wrong one.
func (a *app) whichUndo(parent string) error {
	runs, err := a.pastRuns(parent, run.Past.Undoable)
	switch {
	case err != nil:
		return err
	case len(runs) == 0:
		return run.Usagef("there is no run here that can be put back").Hint("to put back one elsewhere, name its folder: csvput undo FOLDER")
	}
	return a.choice(run.Usagef("which run?"), "undo", runs)
}

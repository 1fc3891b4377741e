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
		ArgsUsage: "[FOLDER]",
		Flags: slices.Concat(a.askFlags(), []cli.Flag{
			a.yes("dry-run", forRunning, "only show what would be put back", "n"),
		}, a.stopFlags(), accepted(a.connectFlags(), "sandbox"), a.runFlags()),
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
		return run.Usagef("there is no run here that can be put back").
			Hint("to put back one elsewhere, name its folder: csvput undo FOLDER")
	}
	return a.choice(run.Usagef("which run?"), "undo", runs)
}

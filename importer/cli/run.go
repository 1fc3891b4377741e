package cli

import (
	"context"
	"slices"

	"github.com/urfave/cli/v3"

	"csvput/importer/run"
)

func (a *app) runCommand() *cli.Command {
	return &cli.Command{
		Name:      "run",
		ArgsUsage: "FILE",
		Flags: slices.Concat(a.askFlags(), []cli.Flag{
			a.yes("dry-run", forRunning, "only plan, like csvput plan", "n"),
			a.yes("fresh", forRunning, "make a new plan although the last run of the file was interrupted"),
			a.noLookupFlag(),
			a.saveIDsFlag(),
		}, a.stopFlags(), a.readingFlags(), a.connectFlags(), a.runFlags()),
		Action: func(_ context.Context, c *cli.Command) error {
			file, err := argument(c, "file")
			if err != nil {
				return err
			}
			if c.Bool("dry-run") {
				return a.do(c, func(j run.Job) run.Result { return j.Plan(a.soft, a.hard, file) })
			}
			return a.ask(c, file, func(j run.Job) run.Result { return j.Run(a.soft, a.hard, file) })
		},
	}
}

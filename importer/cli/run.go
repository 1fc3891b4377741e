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
		Usage:     "compare a CSV file with the CRM, ask once, and update",
		ArgsUsage: "FILE",
		Description: "Checks every row, reads the records it names, shows what would change, asks, and then\n" +
			"updates. Rows that are wrong are never sent; rows that are right already need no request.\n" +
			"Everything is written down in a folder beside the file, so that the run can be continued\n" +
			"(csvput apply) and taken back (csvput undo).\n" +
			"The folder of a run from which nothing was sent stands for its file, with its corrections.\n\n" +
			"Examples:\n" +
			"   csvput run contacts.csv                 see what will change, say yes, done\n" +
			"   csvput run --sandbox contacts.csv       rehearse with a pretend CRM\n" +
			"   csvput run --yes contacts.csv           in a script: ask nothing\n" +
			"   csvput run --dry-run contacts.csv       only look, like csvput plan\n" +
			"   csvput export | csvput run --yes -      read standard input",
		Metadata: exits(run.EndRowsFailed, run.EndFileRefused, run.EndTransient, run.EndPermanent, run.EndMaxErrors, run.EndNoChange, run.EndMaxDuration, run.EndLocked, run.EndCredentials, run.EndInterrupted, run.EndTerminated),
		Flags: slices.Concat(a.askFlags(), []cli.Flag{
			a.yes("dry-run", forRunning, "only plan, like csvput plan"),
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

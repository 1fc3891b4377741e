package cli

import (
	"context"
	"slices"

	"github.com/urfave/cli/v3"

	"csvput/importer/run"
)

func (a *app) planCommand() *cli.Command {
	return &cli.Command{
		Name:      "plan",
		Usage:     "compare a CSV file with the CRM and show what would change; nothing is changed",
		ArgsUsage: "FILE",
		Description: "Checks every row, reads the records it names (200 a request) and shows old and new values.\n" +
			"The plan is kept in a folder beside the file; csvput apply carries it out.\n" +
			"The folder of a run from which nothing was sent stands for its file, with its corrections.\n\n" +
			"Examples:\n" +
			"   csvput plan contacts.csv\n" +
			"   csvput plan --sandbox contacts.csv\n" +
			"   csvput plan --detailed-exit-code contacts.csv    exit code 20 when something would change",
		Metadata: exits(run.EndRowsFailed, run.EndFileRefused, run.EndTransient, run.EndPermanent, run.EndNoChange, run.EndCredentials, run.EndChanges, run.EndInterrupted, run.EndTerminated),
		Flags: slices.Concat([]cli.Flag{
			a.yes("detailed-exit-code", forRunning, "end with exit code 20 when something would change"),
			a.yes("error-on-no-change", forRunning, "end with exit code 9 when nothing would change"),
			a.noLookupFlag(),
			a.saveIDsFlag(),
		}, a.readingFlags(), a.connectFlags(), a.runFlags(), accepted(a.askFlags()), accepted(without(a.stopFlags(), "error-on-no-change"))),
		Action: func(_ context.Context, c *cli.Command) error {
			file, err := argument(c, "file")
			if err != nil {
				return err
			}
			return a.do(c, func(j run.Job) run.Result { return j.Plan(a.soft, a.hard, file) })
		},
	}
}

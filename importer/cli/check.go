package cli

import (
	"context"
	"slices"

	"github.com/urfave/cli/v3"

	"csvput/importer/run"
)

func (a *app) checkCommand() *cli.Command {
	return &cli.Command{
		Name:      "check",
		Usage:     "look at a CSV file: which rows are right, which are not and why; no network",
		ArgsUsage: "FILE",
		Description: "Reads the file, formats every phone number, and writes a report of what is valid and what\n" +
			"is not into a folder beside the file. Nothing leaves this computer.\n" +
			"The folder of a run from which nothing was sent stands for its file, with its corrections.\n\n" +
			"Examples:\n" +
			"   csvput check contacts.csv\n" +
			"   csvput check --country DE kontakte.csv\n" +
			"   csvput check --map 'Phone No=value' --save-map mapping.txt contacts.csv",
		Metadata: exits(run.EndRowsFailed, run.EndFileRefused, run.EndInterrupted, run.EndTerminated),
		Flags: slices.Concat(a.readingFlags(), []cli.Flag{
			a.text("save-map", "", forReading, "write which column is which to `FILE`, for --map-file"),
		}, a.runFlags(), accepted(a.askFlags())),
		Action: func(_ context.Context, c *cli.Command) error {
			file, err := argument(c, "file")
			if err != nil {
				return err
			}
			return a.do(c, func(j run.Job) run.Result { return j.Check(a.soft, a.hard, file) })
		},
	}
}

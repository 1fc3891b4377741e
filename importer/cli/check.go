package cli

import (
	"slices"

	"github.com/urfave/cli/v3"

	"csvput/importer/run"
)

func (a *app) checkCommand() *cli.Command {
	return &cli.Command{
		Name:      "check",
		ArgsUsage: "FILE",
		Flags: slices.Concat(a.readingFlags(), []cli.Flag{
			a.text("save-map", "", forReading, "write which column is which to `FILE`, for --map-file"),
		}, a.runFlags(), accepted(a.askFlags())),
		Action: a.onFile(run.Job.Check),
	}
}

package cli

import (
	"slices"

	"github.com/urfave/cli/v3"

	"csvput/importer/run"
)

func (a *app) planCommand() *cli.Command {
	return &cli.Command{
		Name:      "plan",
		ArgsUsage: "FILE",
		Flags: slices.Concat([]cli.Flag{
			a.yes("detailed-exit-code", forRunning, "end with exit code 20 when something would change"),
			a.yes("error-on-no-change", forRunning, "end with exit code 9 when nothing would change"),
			a.noLookupFlag(),
			a.saveIDsFlag(),
		}, a.readingFlags(), a.connectFlags(), a.runFlags(), accepted(a.askFlags()),
			accepted(without(a.stopFlags(), "error-on-no-change"))),
		Action: a.onFile(run.Job.Plan),
	}
}

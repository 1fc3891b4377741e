package cli

import (
	"context"
	"slices"

	"github.com/urfave/cli/v3"

	"csvput/importer/run"
)

func (a *app) applyCommand() *cli.Command {
	return &cli.Command{
		Name:      "apply",
		Aliases:   []string{"resume"},
		ArgsUsage: "[FOLDER]",
		Flags: slices.Concat(a.askFlags(), []cli.Flag{
			a.number("first", 0, forRunning,
				"take up the first `N` of the rows that are left, and leave the others for later"),
			a.yes("overwrite", forRunning, "send rows although somebody changed the record since the plan"),
		}, a.stopFlags(), accepted(a.connectFlags(), "sandbox"), []cli.Flag{a.jsonFlag("the summary")},
			a.messageFlags(), accepted([]cli.Flag{a.noLookupFlag()})),
		Action: func(_ context.Context, c *cli.Command) error {
			if c.Args().Present() {
				// Whoever names the folder says yes to the plan in it.
				dir, err := argument(c, "folder")
				if err != nil {
					return err
				}
				return a.do(c, func(j run.Job) run.Result { return j.Apply(a.soft, a.hard, dir, false) })
			}
			return a.do(c, func(j run.Job) run.Result {
				left, err := a.unfinished()
				if err == nil && !left.Agreed {
					err = a.canAsk(c, "")
				}
				if err != nil {
					return a.refuse(j, err)
				}
				return j.Apply(a.soft, a.hard, left.Dir, true)
			})
		},
	}
}

// unfinished is the only unfinished run here.
func (a *app) unfinished() (run.Past, error) {
	left, err := a.pastRuns(a.surrounding("out"), run.Past.Left)
	switch {
	case err != nil:
		return run.Past{}, err
	case len(left) == 0:
		return run.Past{}, run.Usagef("there is no unfinished run here").
			Hint("to go on with one elsewhere, name its folder: csvput apply FOLDER")
	case len(left) > 1:
		return run.Past{}, a.choice(run.Usagef("several runs here are unfinished"), "apply", left)
	}
	return left[0], nil
}

package cli

import (
	"context"

	"github.com/urfave/cli/v3"

	"csvput/importer/cli/term"
	"csvput/importer/run"
)

// ask is do for a command that is going to ask.
func (a *app) ask(c *cli.Command, file string, work func(run.Job) run.Result) error {
	return a.do(c, func(j run.Job) run.Result {
		if err := a.canAsk(c, file); err != nil {
			return a.refuse(j, err)
		}
		return work(j)
	})
}

// canAsk refuses early what would have to ask and can't.
func (a *app) canAsk(c *cli.Command, file string) error {
	const hint = "add --yes to update without a question, or use csvput plan to look first"
	switch {
	case c.Bool("yes"):
		return nil
	case file == "-":
		return run.Usagef("the file comes from standard input, so there is nobody to ask").Hint(hint)
	case a.machine():
		return run.Usagef("with --log-format json there is no room for a question").Hint(hint)
	case c.Bool("no-input") || !term.IsTerminal(a.Stdin):
		return run.Usagef("there is no terminal to ask on").Hint(hint)
	}
	return nil
}

// refuse ends a job that is not begun.
func (a *app) refuse(j run.Job, err error) run.Result {
	return j.Do(a.soft, a.hard, func(context.Context) error { return err })
}

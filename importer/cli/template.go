package cli

import (
	"context"
	"io"

	"github.com/urfave/cli/v3"

	"csvput/importer/rows"
	"csvput/importer/run"
)

func (a *app) templateCommand() *cli.Command {
	return &cli.Command{
		Name: "template",
		Action: func(_ context.Context, c *cli.Command) error {
			if c.Args().Present() {
				return run.Usagef("template takes no file").Hint("csvput template > " + quoteArg(c.Args().First()))
			}
			_, err := io.WriteString(a.Stdout, rows.Template())
			return err
		},
	}
}

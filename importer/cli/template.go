package cli

import (
	"context"
	"io"

	"github.com/urfave/cli/v3"

	"csvput/importer/rows"
)

func (a *app) templateCommand() *cli.Command {
	return &cli.Command{
		Name: "template",
		Action: func(_ context.Context, c *cli.Command) error {
			_, err := io.WriteString(a.Stdout, rows.Template())
			return err
		},
	}
}

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
		Name:  "template",
		Usage: "print a starter CSV: the header and two example rows",
		Description: "Fill it in with a spreadsheet and give it to csvput check. The column id names the contact\n" +
			"detail; an empty cell leaves what the CRM has.\n\n" +
			"Example:\n" +
			"   csvput template > contacts.csv",
		Action: func(_ context.Context, c *cli.Command) error {
			if c.Args().Present() {
				return run.Usagef("template takes no file").Hint("csvput template > " + quoteArg(c.Args().First()))
			}
			_, err := io.WriteString(a.Stdout, rows.Template())
			return err
		},
	}
}

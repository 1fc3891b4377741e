package cli

import (
	"context"
	"io"

	"github.com/urfave/cli/v3"

	"csvput/importer/phone"
	"csvput/importer/rows"
	"csvput/importer/run"
)

func (a *app) templateCommand() *cli.Command {
	return &cli.Command{
		Name: "template",
		Flags: []cli.Flag{a.text("output", "", forRunning,
			"write to `FILE`, which must not be there yet; a workbook if it ends in .xlsx (default: standard output)")},
		Action: func(_ context.Context, c *cli.Command) error {
			path := c.String("output")
			if path == "" {
				_, err := io.WriteString(a.Stdout, rows.Template())
				return err
			}
			return run.WriteNew(path, func(w io.Writer) error {
				if rows.NamesWorkbook(path) {
					return rows.TemplateWorkbook(w, phone.Countries())
				}
				_, err := io.WriteString(w, rows.Template())
				return err
			})
		},
	}
}

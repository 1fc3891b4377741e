package cli

import (
	"context"
	"fmt"

	docs "github.com/urfave/cli-docs/v3"
	"github.com/urfave/cli/v3"
)

// manCommand writes the manual page. It is for packagers, so it is not listed.
func (a *app) manCommand() *cli.Command {
	return &cli.Command{
		Name:        "man",
		Usage:       "print the manual page, made from the commands themselves",
		Description: "Example:\n   csvput man > csvput.1",
		Hidden:      true,
		Action: func(context.Context, *cli.Command) error {
			page, err := docs.ToManWithSection(a.root(), 1)
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(a.Stdout, page)
			return err
		},
	}
}

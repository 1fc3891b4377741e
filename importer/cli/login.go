package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/urfave/cli/v3"

	"csvput/importer/cli/term"
	"csvput/importer/crm"
	"csvput/importer/run"
	"csvput/report"
)

func (a *app) loginCommand() *cli.Command {
	return &cli.Command{
		Name: "login",
		Flags: slices.Concat(accepted(a.connectFlags(), "sandbox", "account", "token-file", "token-command"),
			a.messageFlags()),
		Action: func(_ context.Context, c *cli.Command) error {
			return a.do(c, a.login)
		},
	}
}

func (a *app) logoutCommand() *cli.Command {
	return &cli.Command{
		Name: "logout",
		Flags: []cli.Flag{a.text("base-url", run.Defaults().BaseURL, forConnecting, "`URL`: the address of the CRM"),
			a.configFlag()},
		Action: func(_ context.Context, c *cli.Command) error {
			base := c.String("base-url")
			stored, err := run.ForgetToken(base)
			if err != nil {
				return err
			}
			if !stored {
				fmt.Fprintf(a.Stderr, "No token was stored for %s.\n", base)
				return nil
			}
			fmt.Fprintf(a.Stderr, "The token for %s is removed.\n", base)
			return nil
		},
	}
}

// login is csvput login.
func (a *app) login(j run.Job) run.Result {
	var token string
	j.Settings.Sandbox = false
	j.Token = func(string) (func(context.Context) (string, error), error) {
		from := "standard input"
		if term.IsTerminal(a.Stdin) {
			from = "the answer"
		}
		answer, err := (&term.Screen{W: a.Stderr}).AskSecret(a.soft, a.Stdin, "Access token (not shown): ")
		if errors.Is(err, io.EOF) {
			err = signalled(os.Interrupt)
		}
		if err != nil {
			return nil, err
		}
		token, err = run.CleanToken(answer, from)
		return func(context.Context) (string, error) { return token, nil }, err
	}
	return j.Talk(a.soft, a.hard, false, func(ctx context.Context, client *crm.Client) error {
		logins, err := client.Logins(ctx)
		if err != nil {
			return err
		}
		if err := run.StoreToken(j.Settings.BaseURL, token); err != nil {
			return err
		}
		j.Log.Info("stored", "accounts", len(logins))
		j.Face.Note("The token is good and stored. It may act as " + report.Plural(len(logins), "account") + ".")
		return nil
	})
}

package cli

import (
	"context"
	"slices"

	"github.com/urfave/cli/v3"

	"csvput/importer/crm"
	"csvput/importer/run"
)

func (a *app) loginsCommand() *cli.Command {
	return &cli.Command{
		Name:    "logins",
		Aliases: []string{"accounts"},
		Flags: slices.Concat(a.connectFlags(), []cli.Flag{a.jsonFlag("the list")}, a.messageFlags(),
			accepted(a.askFlags())),
		Action: func(_ context.Context, c *cli.Command) error {
			return a.do(c, func(j run.Job) run.Result {
				return j.Talk(a.soft, a.hard, false, func(ctx context.Context, client *crm.Client) error {
					logins, err := client.Logins(ctx)
					if err != nil {
						return err
					}
					return a.printLogins(logins, c.Bool("json"))
				})
			})
		},
	}
}

// loginView is a login as --json prints it.
type loginView struct {
	AccountUUID string `json:"account_uuid"`
	AccountName string `json:"account_name"`
	AccountType string `json:"account_type"`
	AccountRole string `json:"account_role"`
	FirmUUID    string `json:"firm_uuid"`
	FirmName    string `json:"firm_name"`
	CanWrite    bool   `json:"can_write"`
	Preferred   bool   `json:"preferred"`
}

// printLogins is what csvput logins prints.
func (a *app) printLogins(logins []crm.Login, json bool) error {
	if json {
		views := []loginView{}
		for _, l := range logins {
			views = append(views, loginView{l.AccountUUID, l.AccountName, l.AccountType, l.AccountRole, l.FirmUUID,
				l.FirmName, l.CanWrite, run.Preferred(logins, l)})
		}
		return printJSON(a.Stdout, views)
	}
	header := []string{"ACCOUNT UUID", "NAME", "FIRM", "TYPE", "ROLE", "MAY WRITE", "PREFERRED"}
	return printTable(a.Stdout, header, func(row func(...string)) {
		for _, l := range logins {
			row(l.AccountUUID, l.AccountName, l.FirmName, l.AccountType, l.AccountRole, yesNo(l.CanWrite),
				yesNo(run.Preferred(logins, l)))
		}
	})
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v3"
)

func (a *app) loginsCommand() *cli.Command {
	return &cli.Command{
		Name:  "logins",
		Usage: "list the accounts that the access token may act as",
		Description: "The first column is what --account takes. Without --account, csvput acts as the preferred\n" +
			"account, or as the only employee's account that may write.\n\n" +
			"Examples:\n" +
			"   csvput logins\n" +
			"   csvput logins --json",
		Metadata: exits(exitPassing, exitPermanent, exitCredentials),
		Flags:    slices.Concat(a.connectFlags(), []cli.Flag{a.jsonFlag("the list")}, a.messageFlags(), accepted(a.askFlags())),
		Action: func(ctx context.Context, c *cli.Command) error {
			return a.withSession(ctx, c, (*session).logins)
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

// logins is csvput logins.
func (s *session) logins() error {
	if s.c.Args().Present() {
		return usagef("logins takes no argument")
	}
	cfg, err := s.connectPlain()
	if err != nil {
		return err
	}
	if err := s.openClient(cfg); err != nil {
		return err
	}
	logins, err := s.client.Logins(s.soft)
	if err != nil {
		return err
	}
	if s.c.Bool("json") {
		views := []loginView{}
		for _, l := range logins {
			views = append(views, loginView{l.AccountUUID, l.AccountName, l.AccountType, l.AccountRole, l.FirmUUID, l.FirmName, l.CanWrite, preferred(logins, l)})
		}
		return printJSON(s.Stdout, views)
	}
	header := []string{"ACCOUNT UUID", "NAME", "FIRM", "TYPE", "ROLE", "MAY WRITE", "PREFERRED"}
	return printTable(s.Stdout, header, func(row func(...string)) {
		for _, l := range logins {
			row(l.AccountUUID, l.AccountName, l.FirmName, l.AccountType, l.AccountRole, yesNo(l.CanWrite), yesNo(preferred(logins, l)))
		}
	})
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// printTable writes rows in columns.
func printTable(w io.Writer, header []string, fill func(row func(...string))) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, strings.Join(header, "\t"))
	fill(func(cells ...string) {
		for i, c := range cells {
			cells[i] = oneLine(c)
		}
		fmt.Fprintln(t, strings.Join(cells, "\t"))
	})
	return t.Flush()
}

// printJSON writes a value for another program.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

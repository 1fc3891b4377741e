package cli

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/urfave/cli/v3"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/rows"
)

func (a *app) exportCommand() *cli.Command {
	return &cli.Command{
		Name:  "export",
		Usage: "write contact details of the CRM as a CSV that csvput run takes back",
		Description: "Writes every contact detail of the account, or those named, to a file or to standard output.\n" +
			"Changed in a spreadsheet and given to csvput run, only what was changed is sent.\n\n" +
			"Examples:\n" +
			"   csvput export --output contacts.csv\n" +
			"   csvput export --type email --output emails.csv\n" +
			"   csvput export --account-uuid 9b2c9a1b-9713-5c77-90e9-fdd59e305ea2",
		Flags: slices.Concat([]cli.Flag{
			a.text("output", "", forOutput, "write to `FILE`, which must not be there yet (default: standard output)"),
			&cli.StringSliceFlag{Name: "id", Category: forReading, Usage: "only the contact detail with this `UUID`; may be repeated"},
			&cli.StringSliceFlag{Name: "account-uuid", Category: forReading, Usage: "only contact details owned by the account with this `UUID`; may be repeated"},
			a.text("type", "", forReading, "only this kind (`phone_number|email`)"),
		}, a.connectFlags(), a.outputFlags()),
		Action: func(ctx context.Context, c *cli.Command) error {
			return a.withSession(ctx, c, (*session).export)
		},
	}
}

// export is csvput export.
func (s *session) export() error {
	if s.c.Args().Present() {
		return usagef("export takes no file: give --output %s", quoteArg(s.c.Args().First()))
	}
	kind, p := rows.ParseType(s.c.String("type"))
	if p != nil {
		return usagef("--type: %s", p.Message)
	}
	var filter crm.Filter
	for flag, into := range map[string]*[]string{"id": &filter.IDs, "account-uuid": &filter.AccountUUIDs} {
		for _, given := range s.c.StringSlice(flag) {
			ids, _, p := rows.ParseIDs(given)
			if p != nil {
				return usagef("--%s: %s", flag, p.Message)
			}
			*into = append(*into, ids...)
		}
	}
	if err := s.connectPlain(); err != nil {
		return err
	}
	s.screen.Stage(importer.StageLookup, -1)
	write := func(w io.Writer) error {
		n, err := importer.Export(s.soft, w, s.client, filter, kind, func(n int) { s.screen.Advance(int64(n)) })
		s.screen.end()
		if err == nil {
			s.screen.say("%s exported", count(n, "contact detail"))
		}
		return err
	}
	path := s.c.String("output")
	if path == "" {
		return write(s.Stdout)
	}
	return writeWhole(path, write)
}

// connectPlain connects for a command that reads no file and makes no folder. With --sandbox it is
// the sandbox's own records.
func (s *session) connectPlain() error {
	cfg, err := clientConfig(s.c)
	if err != nil {
		return err
	}
	if s.flag("sandbox") {
		if cfg, err = s.rehearse(cfg, "", seedDefault); err != nil {
			return err
		}
	} else if cfg.Token, err = s.tokenSource(s.c); err != nil {
		return err
	}
	return s.connect(cfg, false)
}

func (a *app) templateCommand() *cli.Command {
	return &cli.Command{
		Name:  "template",
		Usage: "print a starter CSV: the header and two example rows",
		Description: "Example:\n" +
			"   csvput template > contacts.csv",
		Action: func(_ context.Context, c *cli.Command) error {
			if c.Args().Present() {
				return usagef("template takes no file").hint("csvput template > " + quoteArg(c.Args().First()))
			}
			_, err := io.WriteString(a.Stdout, rows.Template())
			return err
		},
	}
}

func (a *app) loginsCommand() *cli.Command {
	return &cli.Command{
		Name:  "logins",
		Usage: "list the accounts that the access token may act as",
		Description: "Examples:\n" +
			"   csvput logins\n" +
			"   csvput logins --json",
		Flags: slices.Concat(a.connectFlags(), a.outputFlags()),
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
	cfg, err := clientConfig(s.c)
	if err != nil {
		return err
	}
	if s.flag("sandbox") {
		if cfg, err = s.rehearse(cfg, "", seedDefault); err != nil {
			return err
		}
	} else if cfg.Token, err = s.tokenSource(s.c); err != nil {
		return err
	}
	if err := s.openClient(cfg); err != nil {
		return err
	}
	logins, err := s.client.Logins(s.hard)
	if err != nil {
		return err
	}
	if !s.flag("json") {
		return printLogins(s.Stdout, logins)
	}
	views := []loginView{}
	for _, l := range logins {
		views = append(views, loginView{l.AccountUUID, l.AccountName, l.AccountType, l.AccountRole, l.FirmUUID, l.FirmName, l.CanWrite, preferred(logins, l)})
	}
	return printJSON(s.Stdout, views)
}

func (a *app) configCommand() *cli.Command {
	return &cli.Command{
		Name:  "config",
		Usage: "show which settings hold and where each comes from; secrets are hidden",
		Description: "What a flag says counts more than the environment, the environment more than the settings\n" +
			"file, and that more than the default.\n\n" +
			"Example:\n" +
			"   csvput config",
		Flags: a.allFlags(),
		Action: func(_ context.Context, c *cli.Command) error {
			return a.printConfig(c)
		},
	}
}

// allFlags are the flags of the commands that a settings file can set, each once.
func (a *app) allFlags() []cli.Flag {
	var out []cli.Flag
	seen := map[string]bool{}
	for _, f := range slices.Concat(a.readingFlags(), a.connectFlags(), a.sendFlags(), []cli.Flag{a.noLookupFlag(), a.outFlag()}, a.outputFlags()) {
		if !seen[f.Names()[0]] {
			seen[f.Names()[0]] = true
			out = append(out, f)
		}
	}
	return out
}

func (a *app) printConfig(c *cli.Command) error {
	return printTable(a.Stdout, []string{"SETTING", "VALUE", "FROM"}, func(row func(...string)) {
		for _, f := range c.Flags {
			name := f.Names()[0]
			if name == "help" {
				continue
			}
			row(name, hidden(name, fmt.Sprint(c.Value(name))), a.origin(c, f))
		}
		token := "not set"
		if v, ok := a.Env("CSVPUT_TOKEN"); ok && v != "" {
			token = "set, not shown"
		}
		row("(token)", token, "environment variable CSVPUT_TOKEN")
	})
}

// hidden keeps secrets that a value may hold off the screen and out of files.
func hidden(name, value string) string {
	if value != "" && (name == "token-command" || name == "on-finish") {
		return "(set, not shown)"
	}
	return value
}

// origin says where a flag's value comes from.
func (a *app) origin(c *cli.Command, f cli.Flag) string {
	name := f.Names()[0]
	if a.onCommandLine(f.Names()) {
		return "command line"
	}
	if v, ok := a.Env(envName(name)); ok && v != "" {
		return "environment variable " + envName(name)
	}
	if _, ok := a.settings.values[name]; ok {
		return "settings file " + a.settings.path
	}
	return "default"
}

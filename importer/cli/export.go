package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"

	"github.com/urfave/cli/v3"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/rows"
	"csvput/report"
	"csvput/report/safefile"
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
		Metadata: exits(exitPassing, exitPermanent, exitCredentials, exitInterrupted, exitTerminated),
		Flags: slices.Concat([]cli.Flag{
			a.text("output", "", forRunning, "write to `FILE`, which must not be there yet (default: standard output)"),
			a.text("type", "", forRunning, "`phone_number|email`: only this kind"),
			a.texts("account-uuid", forRunning, "only what the account with this `UUID` owns; may be given several times"),
			a.texts("id", forRunning, "only the contact detail with this `UUID`; may be given several times"),
		}, a.connectFlags(), a.messageFlags(), accepted(a.askFlags())),
		Action: func(ctx context.Context, c *cli.Command) error {
			return a.withSession(ctx, c, (*session).export)
		},
	}
}

// export is csvput export.
func (s *session) export() error {
	if s.c.Args().Present() {
		return usagef("export takes no file").hint("csvput export --output " + quoteArg(s.c.Args().First()))
	}
	kind, p := rows.ParseType(s.c.String("type"))
	if p != nil {
		return usagef("--type: %s", p.Message)
	}
	path := s.c.String("output")
	if err := mustBeNew(path); err != nil {
		return err
	}
	var (
		filter crm.Filter
		err    error
	)
	if filter.IDs, err = s.uuids("id"); err != nil {
		return err
	}
	if filter.AccountUUIDs, err = s.uuids("account-uuid"); err != nil {
		return err
	}
	cfg, err := s.connectPlain()
	if err != nil {
		return err
	}
	if err := s.connect(cfg, false); err != nil {
		return err
	}
	write := func(w io.Writer) error {
		s.Stage(importer.StageLookup, -1)
		n, err := importer.Export(s.soft, w, s.client, filter, kind, func(n int) { s.Advance(int64(n)) })
		s.screen.end()
		if err == nil {
			s.log.Info("exported", "records", n)
			s.screen.say("%s exported", report.Plural(n, "contact detail"))
		}
		return err
	}
	if path == "" {
		return write(s.Stdout)
	}
	return writeWhole(path, write)
}

// uuids are the values of a flag that takes uuids, several in one value too.
func (s *session) uuids(flag string) ([]string, error) {
	var out []string
	for _, given := range s.c.StringSlice(flag) {
		ids, _, p := rows.ParseIDs(given)
		if p != nil {
			return nil, usagef("--%s: %s", flag, p.Message)
		}
		out = append(out, ids...)
	}
	return out, nil
}

// mustBeNew refuses a file that is there already, and a link that leads nowhere.
func mustBeNew(path string) error {
	if _, err := os.Lstat(path); path != "" && err == nil {
		return usagef("%s is there already, and csvput overwrites nothing", path)
	}
	return nil
}

// writeWhole writes a file that must not be there yet, and only when it is whole.
func writeWhole(path string, fill func(io.Writer) error) error {
	if err := mustBeNew(path); err != nil {
		return err
	}
	begun := false
	err := safefile.Write(path, 0o600, func(w io.Writer) error {
		begun = true
		if err := fill(w); err != nil {
			return err
		}
		return mustBeNew(path) // an export takes its time
	})
	if err != nil && !begun {
		return usagef("%s can't be written: %v", path, errors.Unwrap(err))
	}
	return err
}

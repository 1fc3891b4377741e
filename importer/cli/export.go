package cli

import (
	"context"
	"io"
	"slices"

	"github.com/urfave/cli/v3"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/rows"
	"csvput/importer/run"
	"csvput/report"
)

func (a *app) exportCommand() *cli.Command {
	return &cli.Command{
		Name: "export",
		Flags: slices.Concat([]cli.Flag{
			a.text("output", "", forRunning,
				"write to `FILE`, which must not be there yet; a workbook if it ends in .xlsx (default: standard "+
					"output)"),
			a.text("type", "", forRunning, "`phone_number|email`: only this kind"),
			a.texts("account-uuid", forRunning,
				"only what the account with this `UUID` owns; may be given several times"),
			a.texts("id", forRunning, "only the contact detail with this `UUID`; may be given several times"),
		}, a.connectFlags(), a.messageFlags(), accepted(a.askFlags())),
		Action: func(_ context.Context, c *cli.Command) error {
			return a.do(c, func(j run.Job) run.Result { return a.export(c, j) })
		},
	}
}

// export is csvput export.
func (a *app) export(c *cli.Command, j run.Job) run.Result {
	path := c.String("output")
	kind, filter, err := exported(c)
	if err == nil {
		err = run.MustBeNew(path)
	}
	if err != nil {
		return a.refuse(j, err)
	}
	return j.Talk(a.soft, a.hard, true, func(ctx context.Context, client *crm.Client) error {
		write := func(w io.Writer) error {
			n, err := importer.Run{Client: client, Progress: j.Face}.Export(ctx, w, path, filter, kind)
			j.Face.Stage("", 0)
			if err == nil {
				j.Log.Info("exported", "records", n)
				j.Face.Note(report.Plural(n, "contact detail") + " exported")
			}
			return err
		}
		if path == "" {
			return write(a.Stdout)
		}
		return run.WriteNew(path, write)
	})
}

// exported is which contact details are wanted.
func exported(c *cli.Command) (kind string, filter crm.Filter, err error) {
	kind, p := rows.ParseType(c.String("type"))
	if p != nil {
		return "", filter, run.Usagef("--type: %s", p.Message)
	}
	if filter.IDs, err = uuids(c, "id"); err == nil {
		filter.AccountUUIDs, err = uuids(c, "account-uuid")
	}
	return kind, filter, err
}

// uuids are the values of a flag that takes uuids, several in one value too.
func uuids(c *cli.Command, flag string) ([]string, error) {
	var out []string
	for _, given := range c.StringSlice(flag) {
		ids, _, p := rows.ParseIDs(given)
		if p != nil {
			return nil, run.Usagef("--%s: %s", flag, p.Message)
		}
		out = append(out, ids...)
	}
	return out, nil
}

package cli

import (
	"context"
	"io"
	"slices"

	"github.com/urfave/cli/v3"

	"csvput/importer"
	"csvput/importer/rows"
	"csvput/report"
)

func (a *app) checkCommand() *cli.Command {
	return &cli.Command{
		Name:      "check",
		Usage:     "look at a CSV file: which rows are right, which are not and why; no network",
		ArgsUsage: "FILE",
		Description: "Reads the file, formats every phone number, and writes a report of what is valid and what\n" +
			"is not into a folder beside the file. Nothing leaves this computer.\n\n" +
			"Examples:\n" +
			"   csvput check contacts.csv\n" +
			"   csvput check --country DE kontakte.csv\n" +
			"   csvput check --map 'Phone No=value' --save-map mapping.txt contacts.csv",
		Metadata: exits(exitRowsFailed, exitFileRefused, exitInterrupted, exitTerminated),
		Flags: slices.Concat(a.readingFlags(), []cli.Flag{
			a.text("save-map", "", forReading, "write which column is which to `FILE`, for --map-file"),
		}, a.runFlags(), accepted(a.askFlags())),
		Action: func(ctx context.Context, c *cli.Command) error {
			file, err := argument(c, "file")
			if err != nil {
				return err
			}
			return a.withSession(ctx, c, func(s *session) error { return s.check(file) })
		},
	}
}

// check is csvput check.
func (s *session) check(file string) error {
	ro, co, err := readOptions(s.c)
	if err != nil {
		return err
	}
	s.summary.Settings["map"] = mapLines(ro.Map)
	in, err := s.openInput(file, ro)
	if err != nil {
		return err
	}
	s.later(in.close)
	co.Size = in.size
	if err := s.newFolder(file, file); err != nil {
		return err
	}
	if err := in.begin(s.folder, false); err != nil {
		return err
	}
	s.announce(in)
	if path := s.c.String("save-map"); path != "" {
		if err := writeWhole(path, func(w io.Writer) error { return rows.WriteMap(w, in.rows.Info()) }); err != nil {
			return err
		}
	}
	co.Again = in.source(s.folder)
	tally, err := importer.Check(s.soft, in.rows, s.folder, co, s)
	if err != nil {
		return err
	}
	if err := in.end(); err != nil {
		return err
	}
	s.screen.end()
	s.summary.Input, s.summary.Rows, s.summary.State = in.summary(tally), tally.Rows, report.StateChecked
	return s.finishCheck(tally)
}

// finishCheck ends csvput check.
func (s *session) finishCheck(t *importer.Tally) error {
	end := &ending{}
	for file, name := range t.Files {
		s.summary.Name(file, name)
	}
	s.summary.Statuses, s.summary.Countries, s.summary.Codes = t.Statuses, t.Countries, t.Counts()
	if err := s.summary.Check(); err != nil {
		return err
	}
	if t.Problems() > 0 {
		end.code = exitRowsFailed
	}
	var steps []step
	if t.Rows > 0 && s.summary.Input.Path != "-" {
		steps = append(steps, step{"Compare with the CRM", s.command("plan", s.summary.Input.Path)})
	}
	s.logCodes(t)
	return s.leave(end, func() { s.showCheck(t, steps) }, steps)
}

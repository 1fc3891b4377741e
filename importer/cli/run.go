package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/urfave/cli/v3"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/rows"
	"csvput/report"
)

// trust is how old a plan's reading may be within one run before a record is read again.
const trust = time.Minute

func (a *app) runCommand() *cli.Command {
	return &cli.Command{
		Name:      "run",
		Usage:     "compare a CSV file with the CRM, ask once, and update",
		ArgsUsage: "FILE",
		Description: "Checks every row, reads the records it names, shows what would change, asks, and then\n" +
			"updates. Rows that are wrong are never sent; rows that are right already need no request.\n" +
			"Everything is written down in a folder beside the file, so that the run can be gone on\n" +
			"with (csvput apply) and taken back (csvput undo).\n\n" +
			"Examples:\n" +
			"   csvput run contacts.csv                 see what will change, say yes, done\n" +
			"   csvput run --sandbox contacts.csv       rehearse with a pretend CRM\n" +
			"   csvput run --yes contacts.csv           in a script: ask nothing\n" +
			"   csvput run --dry-run contacts.csv       only look, like csvput plan",
		Flags: slices.Concat([]cli.Flag{
			a.yes("dry-run", forRunning, "only plan, like csvput plan"),
			a.noLookupFlag(),
		}, a.askFlags(), a.sendFlags(), a.readingFlags(), a.connectFlags(), []cli.Flag{a.outFlag()}, a.outputFlags()),
		Action: func(ctx context.Context, c *cli.Command) error {
			file, err := argument(c, "file")
			if err != nil {
				return err
			}
			if c.Bool("dry-run") {
				return a.withSession(ctx, c, func(s *session) error { return s.planOnly(file) })
			}
			return a.withSession(ctx, c, func(s *session) error { return s.planAndApply(file) })
		},
	}
}

func (a *app) noLookupFlag() cli.Flag {
	return a.yes("no-lookup", forRunning, "send what the file says without reading the records first; undo is not possible then")
}

func (a *app) planCommand() *cli.Command {
	return &cli.Command{
		Name:      "plan",
		Usage:     "compare a CSV file with the CRM and show what would change; nothing is changed",
		ArgsUsage: "FILE",
		Description: "Checks every row, reads the records it names (200 a request) and shows old and new values.\n" +
			"The plan is kept in a folder beside the file; csvput apply carries it out.\n\n" +
			"Examples:\n" +
			"   csvput plan contacts.csv\n" +
			"   csvput plan --sandbox contacts.csv\n" +
			"   csvput plan --detailed-exit-code contacts.csv    exit code 20 when something would change",
		Flags: slices.Concat([]cli.Flag{
			a.yes("detailed-exit-code", forRunning, "end with exit code 20 when something would change"),
			a.noLookupFlag(),
			a.yes("error-on-no-change", forRunning, "end with exit code 9 when nothing would change"),
		}, a.readingFlags(), a.connectFlags(), []cli.Flag{a.outFlag()}, a.outputFlags()),
		Action: func(ctx context.Context, c *cli.Command) error {
			file, err := argument(c, "file")
			if err != nil {
				return err
			}
			return a.withSession(ctx, c, func(s *session) error { return s.planOnly(file) })
		},
	}
}

// planOnly is csvput plan.
func (s *session) planOnly(file string) error {
	tally, _, err := s.makePlan(file, false)
	if err != nil {
		return err
	}
	s.summary.State = report.StatePlanned
	end := &ending{}
	if s.flag("detailed-exit-code") && tally.Statuses[report.Planned] > 0 {
		end.code = exitChanges
	} else if s.flag("error-on-no-change") && tally.Statuses[report.Planned] == 0 {
		end.code = exitNoChange
	} else if tally.Problems() > 0 {
		end.code = exitRowsFailed
	}
	return s.finishPlan(tally, end)
}

// planAndApply is csvput run.
func (s *session) planAndApply(file string) error {
	if err := s.canAsk(file); err != nil {
		return err
	}
	limit, err := maxErrors(s.c.String("max-errors"))
	if err != nil {
		return err
	}
	if s.flag("no-lookup") && s.flag("verify") {
		return usagef("--verify reads records, and --no-lookup says that they may not be read")
	}
	tally, original, err := s.makePlan(file, true)
	if err != nil {
		return err
	}
	if tally.Statuses[report.Planned] == 0 {
		return s.finishRun(nil, original)
	}
	if most := limit(tally.Rows); most > 0 && tally.Problems() >= most {
		return s.finishRun(importer.ErrMaxErrors, original)
	}
	s.summary.Next = []string{s.command("apply", s.folder.Dir())}
	if err := s.ask(fmt.Sprintf("Update %s%s?", count(tally.Statuses[report.Planned], "record"), s.where())); err != nil {
		s.screen.say("Nothing was sent. The plan is kept; to carry it out: %s", s.summary.Next[0])
		return errors.Join(s.folder.WriteSummary(s.summary), err)
	}
	return s.apply(importer.ApplyOptions{MaxErrors: limit(tally.Rows), Trust: trust}, original)
}

// makePlan reads the file into a new folder and plans it.
func (s *session) makePlan(file string, write bool) (*importer.Tally, importer.Source, error) {
	ro, co, err := readOptions(s.c)
	if err != nil {
		return nil, nil, err
	}
	s.summary.Settings["map"] = mapLines(ro.Map)
	cfg, err := clientConfig(s.c)
	if err != nil {
		return nil, nil, err
	}
	in, err := s.openInput(file, ro)
	if err != nil {
		return nil, nil, err
	}
	s.later(in.close)
	if !s.flag("sandbox") {
		if cfg.Token, err = s.tokenSource(s.c); err != nil {
			return nil, nil, err
		}
		if err := s.connect(cfg, write); err != nil {
			return nil, nil, err
		}
	}
	if err := s.newFolder(file, file); err != nil {
		return nil, nil, err
	}
	tally, err := s.planInto(in, cfg, co, write)
	if err != nil {
		return nil, nil, errors.Join(s.noPlan(err), s.abandon())
	}
	return tally, again(s.folder, file, ro), nil
}

// planInto makes the plan in the session's folder.
func (s *session) planInto(in *input, cfg crm.Config, co importer.CheckOptions, write bool) (*importer.Tally, error) {
	if err := in.begin(s.folder, true); err != nil {
		return nil, err
	}
	s.announce(in)
	co.Size = in.size
	var client *crm.Client
	if s.flag("sandbox") {
		// The sandbox is filled from the file, so the file must have been read to its end first.
		var err error
		if cfg, err = s.rehearseInput(in, cfg, co); err != nil {
			return nil, err
		}
		if err := s.connect(cfg, write); err != nil {
			return nil, err
		}
	}
	if !s.flag("no-lookup") {
		client = s.client
	}
	tally, err := importer.Plan(s.soft, in.rows, s.folder, client, co, s.screen)
	if err != nil {
		return nil, err
	}
	if err := in.end(); err != nil {
		return nil, err
	}
	s.screen.end()
	s.summary.Input, s.summary.Rows, s.summary.State = in.summary(tally), tally.Rows, report.StatePlanned
	s.countRequests()
	s.summary.Requests.ListPlanned = s.summary.Requests.List
	s.summary.Requests.PutPlanned = tally.Requests()
	s.showPlan(tally)
	// What apply needs to know is on disk before anything is sent.
	return tally, s.folder.WriteSummary(s.summary)
}

// rehearseInput copies the file into the folder, fills a sandbox from it, and begins reading again.
func (s *session) rehearseInput(in *input, cfg crm.Config, co importer.CheckOptions) (crm.Config, error) {
	if err := in.end(); err != nil {
		return cfg, err
	}
	original := again(s.folder, in.name, in.options)
	cfg, err := s.rehearse(cfg, s.folder.Path(sandboxName), seedFrom(original, co))
	if err != nil {
		return cfg, err
	}
	reader, closer, err := original()
	if err != nil {
		return cfg, err
	}
	s.later(closer.Close)
	in.restart(reader)
	return cfg, nil
}

// noPlan says that a run ended before its plan was whole.
func (s *session) noPlan(err error) error {
	end := endingOf(err)
	if end.code == exitUsage || end.code == exitFileRefused {
		return end
	}
	end.hints = append([]string{"nothing was sent, and nothing is left of this run: start it again"}, end.hints...)
	end.resumable = false
	return end
}

// apply carries out the plan in the session's folder and ends the run.
func (s *session) apply(o importer.ApplyOptions, original importer.Source) error {
	o.Workers = max(1, s.c.Int("workers"))
	o.NoLookup = s.summary.Settings["no-lookup"] == "true"
	o.Verify = s.flag("verify")
	err := importer.Apply(s.soft, s.hard, s.folder, s.client, o, s.screen)
	s.screen.end()
	return s.finishRun(err, original)
}

// flag is a switch's value where the command has the switch.
func (s *session) flag(name string) bool {
	for _, f := range s.c.Flags {
		if f.Names()[0] == name {
			return s.c.Bool(name)
		}
	}
	return false
}

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
		Flags: slices.Concat([]cli.Flag{
			a.text("save-map", "", forReading, "write which column is which to `FILE`, for --map-file"),
		}, a.readingFlags(), []cli.Flag{a.outFlag()}, a.outputFlags()),
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
	if err := s.newFolder(file, file); err != nil {
		return err
	}
	co.Size = in.size
	tally, err := s.checkInto(in, co, again(s.folder, file, ro))
	if err != nil {
		return errors.Join(s.noPlan(err), s.abandon())
	}
	return s.finishCheck(tally)
}

func (s *session) checkInto(in *input, co importer.CheckOptions, original importer.Source) (*importer.Tally, error) {
	if err := in.begin(s.folder, false); err != nil {
		return nil, err
	}
	s.announce(in)
	if path := s.c.String("save-map"); path != "" {
		if err := writeNew(path, func(w io.Writer) error { return rows.WriteMap(w, in.rows.Info()) }); err != nil {
			return nil, err
		}
	}
	tally, err := importer.Check(s.soft, in.rows, s.folder, co, original, &s.summary, s.screen)
	if err != nil {
		return nil, err
	}
	if err := in.end(); err != nil {
		return nil, err
	}
	s.screen.end()
	s.summary.Input, s.summary.Rows, s.summary.State = in.summary(tally), tally.Rows, report.StateChecked
	return tally, nil
}

// announce says how the file is read where that is not the plainest way.
func (s *session) announce(in *input) {
	if info := in.rows.Info(); info.Guessed {
		s.screen.say("reading as %s, separated by %s", info.Encoding, separatorName(info.Delimiter))
	}
}

func separatorName(r rune) string {
	if r == '\t' {
		return "tab"
	}
	return string(r)
}

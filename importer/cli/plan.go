package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/rows"
	"csvput/report"
)

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
		Metadata: exits(exitRowsFailed, exitFileRefused, exitPassing, exitPermanent, exitNoChange, exitCredentials, exitChanges, exitInterrupted, exitTerminated),
		Flags: slices.Concat([]cli.Flag{
			a.yes("detailed-exit-code", forRunning, "end with exit code 20 when something would change"),
			a.yes("error-on-no-change", forRunning, "end with exit code 9 when nothing would change"),
			a.noLookupFlag(),
		}, a.readingFlags(), a.connectFlags(), a.runFlags(), accepted(a.askFlags()), accepted(without(a.stopFlags(), "error-on-no-change"))),
		Action: func(ctx context.Context, c *cli.Command) error {
			file, err := argument(c, "file")
			if err != nil {
				return err
			}
			return a.withSession(ctx, c, func(s *session) error { return s.planOnly(file) })
		},
	}
}

// planOnly is csvput plan, and csvput run --dry-run.
func (s *session) planOnly(file string) error {
	tally, _, err := s.makePlan(file, false)
	if err != nil {
		return err
	}
	end := &ending{}
	switch {
	case s.c.Bool("detailed-exit-code") && tally.Statuses[report.Planned] > 0:
		end.code = exitChanges
	case s.c.Bool("error-on-no-change") && tally.Statuses[report.Planned] == 0:
		end.code = exitNoChange
	case tally.Problems() > 0:
		end.code = exitRowsFailed
	}
	return s.finishPlan(tally, end)
}

// makePlan reads the file into a new folder and plans it. write says that the plan is to be applied at
// once. The source opens the file again.
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
	co.Size = in.size
	if !s.c.Bool("sandbox") {
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
	if write && in.size >= 0 {
		if err := s.lockRun(in); err != nil {
			return nil, nil, err
		}
	}
	tally, err := s.planInto(in, cfg, co, write)
	return tally, in.source(s.folder), err
}

// lockRun locks the input of a run before it is read: what the plan says is to be true of the other run's end.
func (s *session) lockRun(in *input) error {
	sum, err := in.digest()
	if err != nil {
		return err
	}
	about := s.summary
	about.Input = report.Input{Name: filepath.Base(in.name), SHA256: sum}
	return s.lockInput(filepath.Dir(s.folder.Dir()), about)
}

// planInto makes the plan in the session's folder.
func (s *session) planInto(in *input, cfg crm.Config, co importer.CheckOptions, write bool) (*importer.Tally, error) {
	if err := in.begin(s.folder, true); err != nil {
		return nil, err
	}
	s.announce(in)
	if s.c.Bool("sandbox") {
		var err error
		if cfg, err = s.rehearseInput(in, cfg, co); err != nil {
			return nil, err
		}
		if err := s.connect(cfg, write); err != nil {
			return nil, err
		}
	}
	reader := s.client
	if s.c.Bool("no-lookup") {
		reader = nil
	}
	co.Again = in.source(s.folder)
	tally, err := importer.Plan(s.soft, in.rows, s.folder, reader, co, s)
	if err != nil {
		return nil, err
	}
	if err := in.end(); err != nil {
		return nil, err
	}
	s.summary.Input = in.summary(tally)
	if write && in.size < 0 {
		if err := s.lockInput(filepath.Dir(s.folder.Dir()), s.summary); err != nil {
			return nil, err
		}
	}
	return tally, s.keepPlan(tally)
}

// keepPlan shows a plan that is whole, and writes down what apply needs to know before anything is sent.
func (s *session) keepPlan(t *importer.Tally) error {
	s.screen.end()
	s.summary.Rows, s.summary.State = t.Rows, report.StatePlanned
	s.summary.Statuses, s.summary.Countries, s.summary.Codes = t.Statuses, t.Countries, t.Counts()
	s.countRequests()
	s.summary.Requests.ListPlanned, s.summary.Requests.PutPlanned = s.summary.Requests.List, t.Requests()
	if err := s.folder.WriteSummary(s.summary); err != nil {
		return err
	}
	s.hasPlan()
	s.logPlan(t)
	if s.onlyPlans() || t.Statuses[report.Planned] > 0 {
		s.showPlan(t) // else the end of the run says it all
	}
	return nil
}

// onlyPlans tells whether the command ends with the plan.
func (s *session) onlyPlans() bool {
	return s.summary.Command == "plan" || s.c.Bool("dry-run")
}

// announce says how the file is read where that is not the plainest way, and which columns are not used.
func (s *session) announce(in *input) {
	info := in.rows.Info()
	if info.Guessed {
		s.log.Info("reading", "encoding", info.Encoding, "delimiter", string(info.Delimiter))
		s.screen.say("reading as %s, separated by %s", info.Encoding, separatorName(info.Delimiter))
	}
	if len(info.Unused) > 0 {
		s.log.Info("columns not used", "columns", info.Unused)
		s.screen.say("not used: %s", unusedColumns(info))
	}
}

// unusedColumns names the columns that are not used, with what a misspelt one may be meant to be.
func unusedColumns(info rows.Info) string {
	const most = 10
	var names []string
	for i, name := range info.Unused {
		if i == most {
			names = append(names, fmt.Sprintf("%d more", len(info.Unused)-most))
			break
		}
		text := short(name, mostText/2)
		for _, s := range info.Suggestions {
			if oneLine(s.Header) == oneLine(name) {
				text += fmt.Sprintf(" (is it %s? then %s)", s.Field, columnFlag(s))
			}
		}
		names = append(names, text)
	}
	return strings.Join(names, ", ")
}

func separatorName(r rune) string {
	name := map[rune]string{'\t': "tabs", ',': "commas", ';': "semicolons", '|': "|"}[r]
	if name == "" {
		return string(r)
	}
	return name
}

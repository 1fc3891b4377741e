package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/urfave/cli/v3"

	"csvput/importer"
	"csvput/importer/rows"
	"csvput/report"
)

func (a *app) applyCommand() *cli.Command {
	return &cli.Command{
		Name:      "apply",
		Aliases:   []string{"resume"},
		Usage:     "carry out what is left of a plan, the first time or after any interruption",
		ArgsUsage: "[FOLDER]",
		Description: "Takes the folder of csvput plan or of a run that was stopped; without one, the only one here\n" +
			"that is unfinished, and asks before it carries out a plan to which nobody has said yes.\n" +
			"Rows that are done are left alone. The others are read again first: one that somebody has\n" +
			"changed since the plan is reported as a conflict and not touched. Pace and limits are those of\n" +
			"the run, unless you give others.\n\n" +
			"Examples:\n" +
			"   csvput apply contacts-20260102T150405Z\n" +
			"   csvput resume",
		Metadata: exits(exitRowsFailed, exitPassing, exitPermanent, exitMaxErrors, exitNoChange, exitMaxDuration, exitLocked, exitCredentials, exitInterrupted, exitTerminated),
		Flags: slices.Concat(a.askFlags(), []cli.Flag{
			a.yes("overwrite", forRunning, "send rows although somebody changed the record since the plan"),
		}, a.stopFlags(), a.connectFlags(), []cli.Flag{a.jsonFlag("the summary")}, a.messageFlags(), accepted([]cli.Flag{a.noLookupFlag()})),
		Action: func(ctx context.Context, c *cli.Command) error {
			if c.Args().Present() {
				dir, err := argument(c, "folder")
				if err != nil {
					return err
				}
				return a.withSession(ctx, c, func(s *session) error { return s.applyFolder(dir, true) })
			}
			return a.withSession(ctx, c, (*session).applyUnfinished)
		},
	}
}

// applyUnfinished is csvput apply without a folder: it goes on with the only unfinished run here.
func (s *session) applyUnfinished() error {
	here := s.surrounding("out")
	dirs, err := report.Runs(here)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return usagef("%v", err)
	}
	var left []string
	end := usagef("several runs here are unfinished").hint("name the one that you mean:")
	for _, dir := range dirs {
		folder, was, err := openRun(dir)
		if err != nil || !unfinished(was) {
			continue // not one to go on with
		}
		left = append(left, dir)
		what := "is planned, nobody has said yes to it yet"
		if agreed(folder, was) {
			what = "was begun"
		}
		end.hint(fmt.Sprintf("  %s: %s; %s of %s", s.command("apply", dir), what, report.Plural(was.Rows, "row"), was.Input.Name))
	}
	switch len(left) {
	case 0:
		return usagef("there is no unfinished run here").hint("to go on with one elsewhere, name its folder: csvput apply FOLDER")
	case 1:
		return s.applyFolder(left[0], false)
	}
	return end
}

// unfinished tells whether there is something in a run's folder to go on with.
func unfinished(was report.Summary) bool {
	for status, n := range was.Statuses {
		if n > 0 && !status.Settled() {
			return true
		}
	}
	return false
}

// agreed tells whether somebody has said yes to the plan in a folder: only then there is a report, but for a
// run that was stopped before the question because too many rows of the file are wrong.
func agreed(folder *report.Folder, was report.Summary) bool {
	_, err := os.Stat(folder.Path(report.ReportName))
	unasked := was.Stop != nil && was.Stop.Code == stopMaxErrors && was.Requests.Put == 0
	return err == nil && !unasked
}

// openRun opens the folder of an earlier run and reads what it was made with.
func openRun(dir string) (*report.Folder, report.Summary, error) {
	folder, err := report.Open(dir)
	if err != nil {
		return nil, report.Summary{}, usagef("%v", err)
	}
	summary, err := folder.ReadSummary()
	if errors.Is(err, os.ErrNotExist) {
		return nil, summary, usagef("%s holds no finished plan: nothing was sent from it", dir).hint("start again with csvput run")
	}
	if err == nil && summary.Command == "check" {
		return nil, summary, usagef("%s holds a check, not a plan", dir).hint("make a plan of the file first: csvput plan " + quoteArg(summary.Input.Path))
	}
	return folder, summary, err
}

// applyFolder is csvput apply. Whoever names the folder says yes to the plan in it.
func (s *session) applyFolder(dir string, named bool) error {
	folder, was, err := openRun(dir)
	if err != nil {
		return err
	}
	s.useFolder(folder, was.RunID)
	s.hasPlan()
	if err := s.lock(folder); err != nil {
		return err
	}
	if err := s.lockInput(filepath.Dir(folder.Dir()), was); err != nil {
		return err
	}
	// Another process may have gone on with it while we waited.
	if was, err = folder.ReadSummary(); err != nil {
		return err
	}
	s.summary.Input, s.summary.Rows = was.Input, was.Rows
	s.summary.Settings, s.summary.UndoOf = maps.Clone(was.Settings), was.UndoOf
	limit, err := s.keepSettings(was)
	if err != nil {
		return err
	}
	ask := !named && !agreed(folder, was)
	if ask {
		if err := s.canAsk(""); err != nil {
			return err
		}
	}
	if unfinished(was) {
		s.screen.say("Going on with %s", dir)
	} else {
		s.screen.say("Nothing was left to do in %s", dir)
	}
	if err := s.connectAs(folder, was); err != nil {
		return err
	}
	if ask {
		yes, err := s.ask(s.question(was.Statuses[report.Planned]))
		if err != nil {
			return err
		}
		if !yes {
			s.screen.say("\nNothing was changed. The plan is in %s", dir)
			return &ending{code: exitInterrupted}
		}
	}
	original, err := original(folder, was)
	if err != nil {
		return err
	}
	s.summary.Requests.ListPlanned, s.summary.Requests.PutPlanned = was.Requests.ListPlanned, was.Requests.PutPlanned
	return s.apply(importer.ApplyOptions{MaxErrors: limit(was.Rows), Overwrite: s.c.Bool("overwrite")}, original)
}

// keepSettings makes the pace and the limits of an earlier run this command's, but for those that the person
// has set anew, and returns the limit of errors.
func (s *session) keepSettings(was report.Summary) (limit func(rows int) int, err error) {
	if s.summary.Settings == nil {
		s.summary.Settings = map[string]string{}
	}
	for _, name := range []string{"rate", "reserve", "workers", "timeout", "retries", "max-wait", "breaker", "max-errors", "verify"} {
		if held := was.Settings[name]; held != "" && !s.c.IsSet(name) {
			if err := s.c.Set(name, held); err != nil {
				return nil, usagef("the run was made with --%s %q, which is not understood", name, held)
			}
		}
		s.summary.Settings[name] = settingOf(s.c, name)
	}
	return maxErrors(s.c.String("max-errors"))
}

// apply carries out the plan in the session's folder and ends the run.
func (s *session) apply(o importer.ApplyOptions, original importer.Source) error {
	o.Workers = max(1, s.c.Int("workers"))
	o.NoLookup = s.summary.Settings["no-lookup"] == "true" || s.c.Bool("no-lookup")
	o.Verify = s.c.Bool("verify")
	s.client.SetTotal(s.summary.Requests.PutPlanned)
	s.sending.Store(true)
	err := importer.Apply(s.soft, s.hard, s.folder, s.client, o, s)
	s.sending.Store(false)
	s.screen.end()
	return s.finishRun(err, original)
}

// connectAs connects to the server, and as the account, that an earlier run used. Settings that say
// otherwise are refused: a plan is true for one account of one server.
func (s *session) connectAs(folder *report.Folder, was report.Summary) error {
	cfg, err := clientConfig(s.c)
	if err != nil {
		return err
	}
	if was.Sandbox != "" {
		state, err := sandboxState(folder, was)
		if err != nil {
			return err
		}
		if cfg, err = s.rehearse(cfg, state, nil); err != nil {
			return err
		}
		cfg.Account = was.Account.UUID
		return s.connect(cfg, true)
	}
	if cfg, err = s.serverOf(folder, was, cfg); err != nil {
		return err
	}
	return s.connect(cfg, true)
}

// original opens the file that a run was made from, read as it was read then; nil for an undo, which
// was made from a report.
func original(folder *report.Folder, was report.Summary) (importer.Source, error) {
	if was.UndoOf != "" {
		return nil, nil
	}
	held := was.Settings
	ro := rows.Options{Encoding: held["encoding"], Map: map[string]string{}}
	var err error
	if ro.Delimiter, err = delimiter(held["delimiter"]); err != nil {
		return nil, err
	}
	ro.FromLine, _ = strconv.Atoi(held["from-line"])
	ro.Limit, _ = strconv.Atoi(held["limit"])
	if err := readMapLines(ro.Map, held["map"]); err != nil {
		return nil, err
	}
	return again(folder, was.Input.Path, ro), nil
}

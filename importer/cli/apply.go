package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

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
		Description: "Takes the folder of csvput plan or of a run that was stopped; without one, the newest here.\n" +
			"Rows that are done are left alone. The others are read again first: one that somebody has\n" +
			"changed since the plan is reported as a conflict and not touched.\n\n" +
			"Examples:\n" +
			"   csvput apply contacts-20260102T150405Z\n" +
			"   csvput resume",
		Flags: slices.Concat([]cli.Flag{
			a.yes("overwrite", forRunning, "send rows although somebody changed the record since the plan"),
		}, a.sendFlags(), a.connectFlags(), a.outputFlags()),
		Action: func(ctx context.Context, c *cli.Command) error {
			dir, err := a.folderArgument(c)
			if err != nil {
				return err
			}
			return a.withSession(ctx, c, func(s *session) error { return s.applyFolder(dir) })
		},
	}
}

func (a *app) undoCommand() *cli.Command {
	return &cli.Command{
		Name:      "undo",
		Usage:     "put the old values back for what a run updated",
		ArgsUsage: "FOLDER",
		Description: "Reads what the run changed and what the CRM holds now, shows what would be put back, asks,\n" +
			"and does it. A record that somebody has changed since is a conflict and left alone. It is a\n" +
			"run of its own, with a report, and can itself be undone.\n\n" +
			"Example:\n" +
			"   csvput undo contacts-20260102T150405Z",
		Flags: slices.Concat([]cli.Flag{
			a.yes("dry-run", forRunning, "only show what would be put back"),
		}, a.askFlags(), a.sendFlags(), a.connectFlags(), []cli.Flag{a.outFlag()}, a.outputFlags()),
		Action: func(ctx context.Context, c *cli.Command) error {
			dir, err := argument(c, "folder")
			if err != nil {
				return err
			}
			return a.withSession(ctx, c, func(s *session) error { return s.undo(dir) })
		},
	}
}

// folderArgument is the folder named, or the newest run's in the working directory.
func (a *app) folderArgument(c *cli.Command) (string, error) {
	if c.Args().Present() {
		return argument(c, "folder")
	}
	dir, err := report.Newest(".")
	if err != nil {
		return "", usagef("there is no run's folder here").hint("name it: csvput " + c.Name + " FOLDER")
	}
	return dir, nil
}

// openRun opens the folder of an earlier run and takes over what it was made with.
func (s *session) openRun(dir string) (*report.Folder, report.Summary, error) {
	folder, err := report.Open(dir)
	if err != nil {
		return nil, report.Summary{}, usagef("%v", err)
	}
	summary, err := folder.ReadSummary()
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil, summary, usagef("%s holds no finished plan: nothing was sent from it", dir).hint("start again with csvput run")
		}
		return nil, summary, err
	}
	if summary.Command == "check" {
		return nil, summary, usagef("%s holds a check, not a plan", dir).hint("make a plan of the file first: csvput plan " + quoteArg(summary.Input.Path))
	}
	return folder, summary, nil
}

// applyFolder is csvput apply.
func (s *session) applyFolder(dir string) error {
	limit, err := maxErrors(s.c.String("max-errors"))
	if err != nil {
		return err
	}
	folder, was, err := s.openRun(dir)
	if err != nil {
		return err
	}
	s.folder = folder
	if err := s.lock(folder); err != nil {
		return err
	}
	// The other process may have gone on with it while we waited.
	if was, err = folder.ReadSummary(); err != nil {
		return err
	}
	s.summary.RunID, s.summary.Input, s.summary.Rows = was.RunID, was.Input, was.Rows
	s.summary.Settings, s.summary.UndoOf = was.Settings, was.UndoOf
	if err := s.connectAs(folder, was, true); err != nil {
		return err
	}
	original, err := s.original(folder, was)
	if err != nil {
		return err
	}
	s.screen.say("going on with %s", dir)
	return s.apply(importer.ApplyOptions{MaxErrors: limit(was.Rows), Overwrite: s.flag("overwrite")}, original)
}

// connectAs connects to the server, and as the account, that an earlier run used. Settings that say
// otherwise are refused: a plan is true for one account of one server.
func (s *session) connectAs(folder *report.Folder, was report.Summary, write bool) error {
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
		return s.connect(cfg, write)
	}
	if s.flag("sandbox") {
		return usagef("%s was made for %s, not for the sandbox", folder.Dir(), was.BaseURL)
	}
	if s.c.IsSet("base-url") && strings.TrimRight(cfg.BaseURL, "/") != strings.TrimRight(was.BaseURL, "/") {
		return usagef("%s was made for %s, and --base-url says %s", folder.Dir(), was.BaseURL, cfg.BaseURL)
	}
	if cfg.Account != "" && cfg.Account != was.Account.UUID {
		return usagef("%s was made for account %s, and --account says %s", folder.Dir(), was.Account.UUID, cfg.Account)
	}
	cfg.BaseURL, cfg.Account = was.BaseURL, was.Account.UUID
	if cfg.Token, err = s.tokenSource(s.c); err != nil {
		return err
	}
	return s.connect(cfg, write)
}

// original opens the file that a run was made from, read as it was read then; nil for an undo, which
// was made from a report.
func (s *session) original(folder *report.Folder, was report.Summary) (importer.Source, error) {
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

// undo is csvput undo.
func (s *session) undo(dir string) error {
	if !s.flag("dry-run") {
		if err := s.canAsk(""); err != nil {
			return err
		}
	}
	limit, err := maxErrors(s.c.String("max-errors"))
	if err != nil {
		return err
	}
	from, was, err := s.openRun(dir)
	if err != nil {
		return err
	}
	if was.Settings["no-lookup"] == "true" {
		return usagef("the run in %s did not read the records before it updated them (--no-lookup), so the old values are not known", dir)
	}
	if err := s.lock(from); err != nil {
		return err
	}
	base := filepath.Base(from.Dir())
	if err := s.newFolder(from.Dir(), base+"-undo"); err != nil {
		return err
	}
	s.summary.Input, s.summary.UndoOf = was.Input, from.Dir()
	tally, err := s.planUndo(from, was)
	if err != nil {
		return errors.Join(s.noPlan(err), s.abandon())
	}
	if s.flag("dry-run") {
		return s.finishPlan(tally, &ending{})
	}
	if tally.Statuses[report.Planned] == 0 {
		return s.finishRun(nil, nil)
	}
	if err := s.ask(fmt.Sprintf("Put the old values back for %s%s?", count(tally.Statuses[report.Planned], "record"), s.where())); err != nil {
		s.screen.say("Nothing was sent.")
		return err
	}
	return s.apply(importer.ApplyOptions{MaxErrors: limit(tally.Rows), Trust: trust}, nil)
}

func (s *session) planUndo(from *report.Folder, was report.Summary) (*importer.Tally, error) {
	if err := s.connectAs(from, was, true); err != nil {
		return nil, err
	}
	tally, err := importer.Undo(s.soft, from, s.folder, s.client, s.screen)
	if err != nil {
		return nil, err
	}
	s.screen.end()
	s.summary.Rows, s.summary.State = tally.Rows, report.StatePlanned
	s.countRequests()
	s.summary.Requests.ListPlanned, s.summary.Requests.PutPlanned = s.summary.Requests.List, tally.Requests()
	s.showPlan(tally)
	return tally, s.folder.WriteSummary(s.summary)
}

package cli

import (
	"context"
	"slices"

	"github.com/urfave/cli/v3"

	"csvput/importer"
	"csvput/report"
)

func (a *app) runCommand() *cli.Command {
	return &cli.Command{
		Name:      "run",
		Usage:     "compare a CSV file with the CRM, ask once, and update",
		ArgsUsage: "FILE",
		Description: "Checks every row, reads the records it names, shows what would change, asks, and then\n" +
			"updates. Rows that are wrong are never sent; rows that are right already need no request.\n" +
			"Everything is written down in a folder beside the file, so that the run can be continued\n" +
			"(csvput apply) and taken back (csvput undo).\n\n" +
			"Examples:\n" +
			"   csvput run contacts.csv                 see what will change, say yes, done\n" +
			"   csvput run --sandbox contacts.csv       rehearse with a pretend CRM\n" +
			"   csvput run --yes contacts.csv           in a script: ask nothing\n" +
			"   csvput run --dry-run contacts.csv       only look, like csvput plan\n" +
			"   csvput export | csvput run --yes -      read standard input",
		Metadata: exits(exitRowsFailed, exitFileRefused, exitPassing, exitPermanent, exitMaxErrors, exitNoChange, exitMaxDuration, exitLocked, exitCredentials, exitInterrupted, exitTerminated),
		Flags: slices.Concat(a.askFlags(), []cli.Flag{
			a.yes("dry-run", forRunning, "only plan, like csvput plan"),
			a.noLookupFlag(),
		}, a.stopFlags(), a.readingFlags(), a.connectFlags(), a.runFlags()),
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

// planAndApply is csvput run.
func (s *session) planAndApply(file string) error {
	if err := s.canAsk(file); err != nil {
		return err
	}
	limit, err := maxErrors(s.c.String("max-errors"))
	if err != nil {
		return err
	}
	if s.c.Bool("no-lookup") && s.c.Bool("verify") {
		return usagef("--verify reads records, and --no-lookup says that they may not be read")
	}
	tally, original, err := s.makePlan(file, true)
	if err != nil {
		return err
	}
	if most := limit(tally.Rows); most > 0 && tally.Problems() >= most {
		return s.finishRun(importer.ErrMaxErrors, original)
	}
	return s.askAndApply(tally, importer.ApplyOptions{MaxErrors: limit(tally.Rows), JustMade: true}, original)
}

// askAndApply carries out a plan that was just made, after the question.
func (s *session) askAndApply(tally *importer.Tally, o importer.ApplyOptions, original importer.Source) error {
	n := tally.Statuses[report.Planned]
	if n == 0 {
		return s.finishRun(nil, original)
	}
	yes, err := s.ask(s.question(n))
	if err != nil {
		return s.finishPlan(tally, s.endingOf(err))
	}
	if !yes {
		return s.finishPlan(tally, &ending{code: exitInterrupted})
	}
	return s.apply(o, original)
}

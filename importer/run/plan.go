package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/rows"
	"csvput/report"
)

// Check checks every row of a file, or of the input in the folder of an earlier job; nothing leaves this computer.
func (j Job) Check(soft, hard context.Context, file string) Result {
	return j.do(soft, hard, func(c *course) error { return c.check(file) })
}

// Plan compares a file with the CRM and changes nothing.
func (j Job) Plan(soft, hard context.Context, file string) Result {
	j.Settings.DryRun = true
	return j.do(soft, hard, func(c *course) error {
		p, err := c.begin(file)
		if err != nil {
			return err
		}
		t, original, err := c.makePlan(p)
		if err != nil {
			return err
		}
		return c.onlyPlan(t, original)
	})
}

// Run compares a file with the CRM, has it decided upon, and updates.
func (j Job) Run(soft, hard context.Context, file string) Result {
	return j.do(soft, hard, func(c *course) error { return c.planAndApply(file) })
}

func (c *course) check(file string) error {
	in, co, err := c.open(file)
	if err != nil {
		return err
	}
	if err := c.takeFolder(in); err != nil {
		return err
	}
	if err := in.begin(c, false); err != nil {
		return err
	}
	c.showReading(in)
	if path := c.Settings.SaveMap; path != "" {
		if err := WriteNew(path, func(w io.Writer) error { return rows.WriteMap(w, in.rows.Info()) }); err != nil {
			return err
		}
	}
	if err := c.folder.Remove(report.PlanName, report.FailedName, report.FailedWorkbookName,
		report.ReportWorkbookName); err != nil {
		return err
	}
	co.Again = in.source(c.folder)
	co.Began = c.summary.StartedAt
	var t *importer.Tally
	if t, c.page, err = (importer.Run{Folder: c.folder, Progress: c.Face}).Check(c.soft, in.rows, co); err != nil {
		return err
	}
	if err := in.end(); err != nil {
		return err
	}
	c.summary.Input, c.summary.State = in.summary(t), report.StateChecked
	for file, name := range t.Files {
		c.summary.Name(file, name)
	}
	c.summary.Counts = t.Counts
	if err := c.summary.Check(); err != nil {
		return err
	}
	end := &Ending{}
	if t.Problems() > 0 {
		end.End = EndRowsFailed
	}
	var steps []Step
	switch {
	case t.Rows == 0:
	case in.folder != nil:
		steps = append(steps, Step{"Compare with the CRM", c.CommandLine("plan", c.folder.Dir(), nil)})
	case c.summary.Input.Path != "-":
		steps = append(steps, Step{"Compare with the CRM", c.command("plan", c.summary.Input.Path)})
	}
	c.result.Tally = t
	return c.leave(end, steps)
}

func (c *course) planAndApply(file string) error {
	limit, err := c.maxErrors()
	if err != nil {
		return err
	}
	if c.Settings.NoLookup && c.Settings.Verify {
		return Usagef("%s reads records, and %s says that they may not be read", c.word("verify"), c.word("no-lookup"))
	}
	p, err := c.begin(file)
	if err != nil {
		return err
	}
	if done, err := c.takeUp(p.in, limit); done {
		return err
	}
	t, original, err := c.makePlan(p)
	if err != nil {
		return err
	}
	if most := limit(t.Rows); most > 0 && t.Problems() >= most {
		return c.finish(importer.ErrMaxErrors, nil, original)
	}
	return c.decideAndApply(t, limit(t.Rows), original)
}

// onlyPlan ends a job with the plan.
func (c *course) onlyPlan(t *importer.Tally, original importer.Source) error {
	end := &Ending{}
	switch {
	case c.Settings.ChangesTell && t.Statuses[report.Planned] > 0:
		end.End = EndChanges
	case c.Settings.NoChangeFails && t.Statuses[report.Planned] == 0 && c.summary.UndoOf == "":
		end.End = EndNoChange
	case t.Problems() > 0:
		end.End = EndRowsFailed
	}
	return c.leavePlan(t, end, original)
}

// decideAndApply carries out a plan that was just made, after the question.
func (c *course) decideAndApply(t *importer.Tally, maxErrors int, original importer.Source) error {
	n := t.Statuses[report.Planned]
	if n == 0 {
		return c.finish(nil, nil, original)
	}
	if err := c.showPlan(original); err != nil {
		return err
	}
	yes, err := c.Face.Decide(c.soft, n, *c.summary)
	if err != nil {
		return c.leavePlan(t, c.endingOf(err), original)
	}
	if !yes {
		return c.leavePlan(t, &Ending{End: EndInterrupted}, original)
	}
	return c.apply(importer.ApplyOptions{MaxErrors: maxErrors, JustMade: true}, original)
}

// toPlan is a file that is open, with how its rows are judged and where they go.
type toPlan struct {
	in    *input
	check importer.CheckOptions
	crm   crm.Config
}

// begin opens what is to be planned, and connects unless this is a rehearsal, which needs a folder first.
func (c *course) begin(file string) (p toPlan, err error) {
	if err := MustBeNew(c.Settings.SaveIDs); err != nil {
		return p, err
	}
	if p.in, p.check, err = c.open(file); err != nil {
		return p, err
	}
	if p.crm, err = c.clientConfig(); err != nil || c.Settings.Sandbox {
		return p, err
	}
	if p.crm.Token, err = c.Token(p.crm.BaseURL); err != nil {
		return p, err
	}
	return p, c.connect(p.crm, !c.Settings.DryRun)
}

// makePlan plans a file in a new folder, or the input in a folder of its own there. The source opens the file again.
func (c *course) makePlan(p toPlan) (*importer.Tally, importer.Source, error) {
	if err := c.takeFolder(p.in); err != nil {
		return nil, nil, err
	}
	if !c.Settings.DryRun && p.in.size >= 0 {
		if err := c.lockRun(p.in); err != nil {
			return nil, nil, err
		}
	}
	t, err := c.planInto(p.in, p.crm, p.check)
	return t, p.in.source(c.folder), err
}

// lockRun locks the input of a run before it is read: what the plan says is to be true of the other run's end.
func (c *course) lockRun(in *input) error {
	sum, err := in.digest()
	if err != nil {
		return err
	}
	about := *c.summary
	about.Input = report.Input{Name: filepath.Base(in.name), SHA256: sum}
	return c.lockInput(filepath.Dir(c.folder.Dir()), about)
}

// planInto makes the plan in the run's folder.
func (c *course) planInto(in *input, cfg crm.Config, co importer.CheckOptions) (*importer.Tally, error) {
	if err := in.begin(c, true); err != nil {
		return nil, err
	}
	c.showReading(in)
	if c.Settings.Sandbox {
		var err error
		if cfg, err = c.rehearseInput(in, cfg, co); err != nil {
			return nil, err
		}
		if err := c.connect(cfg, !c.Settings.DryRun); err != nil {
			return nil, err
		}
	}
	reader := c.client
	if c.Settings.NoLookup {
		reader = nil
	}
	co.Again = in.source(c.folder)
	t, err := importer.Run{Folder: c.folder, Client: reader, Progress: c.Face}.Plan(c.soft, in.rows, co)
	if errors.Is(err, importer.ErrNeedsLookup) {
		return nil, Usagef("%v, and %s says that it may not be read", err, c.word("no-lookup")).
			Hint("write the ids into the file (--save-ids of csvput plan does), or leave the option out")
	}
	if err != nil {
		return nil, err
	}
	if err := in.end(); err != nil {
		return nil, err
	}
	// A check's report is none of the plan's. As long as the summary says that the folder holds a check, the plan
	// beside it counts for nothing.
	if err := c.folder.Remove(report.ReportName, report.FailedName, report.FailedWorkbookName,
		report.ReportWorkbookName); err != nil {
		return nil, err
	}
	c.summary.Input = in.summary(t)
	if !c.Settings.DryRun && in.size < 0 {
		if err := c.lockInput(filepath.Dir(c.folder.Dir()), *c.summary); err != nil {
			return nil, err
		}
	}
	return t, errors.Join(c.keepPlan(t), c.saveIDs(in))
}

// saveIDs writes the file with the ids that were found, if somebody wants it.
func (c *course) saveIDs(in *input) error {
	path, info, filled := c.Settings.SaveIDs, in.rows.Info(), 0
	if path == "" {
		return nil
	}
	again, closer, err := in.source(c.folder)()
	if err != nil {
		return err
	}
	defer closer.Close()
	err = WriteNew(path, func(w io.Writer) (err error) {
		filled, err = importer.SaveIDs(w, path, again, info, c.folder)
		return err
	})
	whose := ""
	if c.Settings.Sandbox {
		whose = ": the sandbox's, which your CRM does not know"
	}
	if err == nil {
		c.Face.Note(fmt.Sprintf("%s filled in in %s%s", report.Plural(filled, "id"), path, whose))
	}
	return err
}

// keepPlan shows a plan that is whole, and writes down what apply needs to know before anything is sent.
func (c *course) keepPlan(t *importer.Tally) error {
	c.Face.Stage("", 0)
	c.summary.State = report.StatePlanned
	c.summary.Counts = t.Counts
	c.countRequests()
	c.summary.Requests.ListPlanned, c.summary.Requests.PutPlanned = c.summary.Requests.List, t.Requests()
	if err := c.folder.WriteSummary(*c.summary); err != nil {
		return err
	}
	c.hasPlan()
	c.Face.Planned(t, *c.summary)
	return nil
}

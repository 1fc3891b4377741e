package run

import (
	"errors"
	"fmt"
	"os"

	"csvput/importer"
	"csvput/importer/rescue"
	"csvput/importer/rows/xlsx"
	"csvput/report"
	"csvput/report/code"
	"csvput/report/human"
)

// finish ends a run that had a plan: whatever stopped it, the report is made whole, and the person is told what
// happened and what to do next.
func (c *course) finish(stopped error, out importer.LeftOut, original importer.Source) error {
	if _, ok := errors.AsType[*importer.UnrecordedError](stopped); ok {
		return stopped // a report could not be written either
	}
	if _, ok := errors.AsType[*rescue.PanicError](stopped); ok {
		return stopped // as after kill -9, nobody knows what was sent: the next apply finds out
	}
	end := &Ending{}
	c.summary.State = report.StateFinished
	var stop report.Stop
	if stopped != nil {
		end = c.endingOf(stopped)
		c.noteStop(end)
		stop = *c.summary.Stop
		if _, ok := stop.Code.Info(); !ok || stop.Code == code.Interrupted {
			stop.Code = code.Stopped
		}
		stop.Message = "The run stopped before this row: " + human.Line(end.What) + "."
	}
	var err error
	if c.page, err = importer.Finish(c.folder, c.summary, stop, out, original); err != nil {
		return &Ending{End: EndError, What: fmt.Sprintf("the report can't be finished: %v", err), Code: "unrecorded",
			Resumable: true, Err: err}
	}
	switch {
	case stopped != nil:
	case c.summary.Problems() > 0:
		end.End = EndRowsFailed
	case c.Settings.NoChangeFails && c.summary.Statuses[report.Updated] == 0:
		end.End = EndNoChange
	}
	return c.leave(end, c.nextSteps(end))
}

// leavePlan ends a run with a plan that was not carried out.
func (c *course) leavePlan(t *importer.Tally, end *Ending, original importer.Source) error {
	var err error
	if c.page, err = importer.Leave(c.folder, c.summary, original); err != nil {
		return err
	}
	c.result.Tally = t
	return c.leave(end, c.planSteps())
}

// showPlan leaves what a question is about where it can be looked at before it is answered.
func (c *course) showPlan(original importer.Source) error {
	var err error
	if c.page, err = importer.Leave(c.folder, c.summary, original); err != nil {
		return err
	}
	return c.write(c.planSteps())
}

// planSteps are what there is to do with a plan.
func (c *course) planSteps() []Step {
	if c.summary.Statuses[report.Planned] == 0 {
		return nil
	}
	return []Step{{"To carry it out", c.command("apply", c.folder.Dir())}}
}

// nextSteps are what there is to do after a run.
func (c *course) nextSteps(end *Ending) []Step {
	var steps []Step
	switch {
	// apply settles them
	case end.Resumable,
		c.summary.Statuses[report.NotAttempted]-c.summary.Codes[code.LeftOut]+c.summary.Statuses[report.Unknown] > 0:
		steps = append(steps, Step{"To go on", c.command("apply", c.folder.Dir())})
	case c.summary.Failed() != "" && c.summary.UndoOf == "":
		steps = append(steps, Step{"Corrected, run again", c.command("run", c.folder.Path(c.summary.Failed()))})
	}
	if undoable(*c.summary) {
		steps = append(steps, Step{"To put it back", c.command("undo", c.folder.Dir())})
	}
	return steps
}

// leave writes what a run leaves, and tells the face.
func (c *course) leave(end *Ending, steps []Step) error {
	c.takeTime(end)
	c.result.Left = true
	err := c.write(steps)
	c.result.Ending, c.result.Next = end, steps
	c.Face.Stage("", 0)
	if err := errors.Join(err, c.tell()); err != nil {
		return err
	}
	if end.End == EndDone {
		return nil
	}
	return end
}

// write writes page and summary, with what there is to do.
func (c *course) write(steps []Step) error {
	c.summary.Next = nil
	for _, st := range steps {
		c.summary.Next = append(c.summary.Next, st.Command)
	}
	c.nameFiles()
	return errors.Join(c.writeReportWorkbook(), c.page.Commit(c.summary), c.folder.WriteSummary(*c.summary))
}

// rowsFile is the file that says of every row how things stand.
func (c *course) rowsFile() string {
	if c.summary.State == report.StatePlanned {
		return report.PlanName
	}
	return c.summary.Files["report"]
}

// writeReportWorkbook makes report.xlsx, where it is wished.
func (c *course) writeReportWorkbook() error {
	if !c.Settings.ReportXLSX {
		return nil
	}
	name, err := importer.Workbook(c.folder, c.rowsFile(), report.ReportWorkbookName)
	if e, ok := errors.AsType[*xlsx.Error](err); ok {
		c.note("%s was not written: %s", report.ReportWorkbookName, e.Message)
		return nil
	}
	c.summary.Name(report.ReportWorkbookName, name)
	return err
}

// nameFiles names those of the folder's files that were not named when they were written.
func (c *course) nameFiles() {
	c.summary.Name("summary", report.SummaryName)
	for file, name := range map[string]string{"plan": report.PlanName, "input": c.folder.Input(),
		"damaged": report.DamagedName} {
		if _, err := os.Stat(c.folder.Path(name)); err == nil {
			c.summary.Name(file, name)
		}
	}
	if name := c.summary.Files["damaged"]; name != "" {
		c.note("%s was damaged: what could not be read was read from the CRM again, and the damaged file is in %s",
			report.ReportName, name)
	}
	if name := c.summary.Files["report"]; name != "" && name != report.ReportName {
		c.note("%s is open in another program: the report is in %s instead", report.ReportName, name)
	}
}

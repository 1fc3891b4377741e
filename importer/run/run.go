// Package run is the course of one run, whatever its face: everything between a file with settings and a finished
// folder. It opens the input, makes the folder, takes the locks, connects (or rehearses with a sandbox inside this
// process), makes the plan, has it decided upon, carries it out, and leaves report, page and summary. A face gives a
// Job and is told what happens; it shows and asks in its own way. Flags, terminals and HTML are not known here.
package run

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"csvput/importer/rescue"
	"csvput/report"
)

// Do does something that leaves no folder, and ends as a run does.
func (j Job) Do(soft, hard context.Context, do func(context.Context) error) Result {
	return j.do(soft, hard, func(c *course) error { return do(c.soft) })
}

// do sets up what a job needs, does it, and takes it down again.
func (j Job) do(soft, hard context.Context, f func(*course) error) Result {
	soft, ease := context.WithCancelCause(soft)
	defer ease(nil)
	c := &course{Job: j, soft: soft, hard: hard}
	c.summary = &c.result.Summary
	*c.summary = report.Summary{Command: j.Command, StartedAt: time.Now().UTC(), Versions: j.Versions, Settings: j.Held}
	if j.Held == nil {
		c.summary.Settings = j.Settings.Texts()
	}
	if d := j.Settings.MaxDuration; d > 0 {
		over := &Ending{End: EndMaxDuration, What: "the time given by " + c.word("max-duration") + " is over",
			Code: "max_duration", Resumable: true}
		defer time.AfterFunc(d, func() { ease(over) }).Stop()
	}
	said := make(chan struct{})
	quiet := context.AfterFunc(soft, func() { defer close(said); c.stopping() })
	err := rescue.Call(func() error { return f(c) })
	if !quiet() {
		<-said
	}
	c.Face.Stage("", 0)
	c.conclude(err)
	if err := c.close(); err != nil && c.result.End == EndDone {
		c.result.Ending = EndingOf(err)
	}
	return c.result
}

// close undoes what was set up. The folder of a run that never had a plan goes with it: nothing was sent, and there is
// nothing in it to go on with.
func (c *course) close() error {
	var err error
	if c.page != nil {
		err = c.page.Discard() // nothing happens to one that was committed
	}
	for i := len(c.cleanup) - 1; i >= 0; i-- {
		err = errors.Join(err, c.cleanup[i]())
	}
	if c.folder != nil && !c.reopened && !c.planned && !c.result.Left {
		err = errors.Join(err, os.RemoveAll(c.folder.Dir()))
	}
	return err
}

// stopping says that the run is about to end early. Before anything is sent there is nothing to wait for.
func (c *course) stopping() {
	why := context.Cause(c.soft)
	c.Log.Info("stopping", "why", why.Error())
	switch {
	case !c.sending.Load():
	case AskedFor(c.soft):
		c.note("stopping: finishing what is in flight; once more to stop at once")
	default:
		c.note("%s: finishing what is in flight", why)
	}
}

// conclude ends the job: one that ended before it had anything to leave is told to the face too, with what to do.
func (c *course) conclude(err error) {
	if err == nil {
		c.result.Ending = &Ending{}
		return
	}
	end := c.endingOf(err)
	c.result.Ending = end
	switch {
	case c.result.Left || end.What == "":
	case end.Resumable:
		next := c.command("apply", c.folder.Dir())
		c.summary.Next = []string{next}
		if end.Code != "locked" {
			end.Hint("to go on: " + next)
		}
	case !c.planned:
		for i, h := range end.Hints {
			// The hints of the API's codes are written for a run that had a plan.
			end.Hints[i] = strings.ReplaceAll(h, "go on with csvput apply", "try again")
		}
		if c.folder != nil && !c.reopened {
			end.Hint("nothing was sent, and nothing is left of this run")
		}
	}
	if c.told {
		return
	}
	c.noteStop(end)
	c.takeTime(end)
	if end.Code == "unrecorded" {
		c.folder.WriteSummary(*c.summary) // there may be room for this much
	}
	if err := c.tell(); err != nil {
		c.result.Ending = &Ending{End: end.End, What: end.What + "; " + err.Error(), Hints: end.Hints, Err: end}
	}
}

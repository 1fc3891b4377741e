// Package run is the course of one run, whatever its face: everything between a file with settings and a finished folder.
// It opens the input, makes the folder, takes the locks, connects (or rehearses with a sandbox inside this process), makes
// the plan, has it decided upon, carries it out, and leaves report, page and summary. A face gives a Job and is told what
// happens; it shows and asks in its own way. Flags, terminals and HTML are not known here.
package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/quota"
	"csvput/importer/rescue"
	"csvput/importer/rows"
	"csvput/report"
	"csvput/report/human"
)

// Job is one thing to do, with all that it needs. Its methods do it, once.
//
// Each takes two contexts: when soft ends no new work is begun, and what is in flight is finished and recorded; when hard
// ends, that is given up too. Their causes say why the run ended, see Ending.
type Job struct {
	Command  string // what the summary calls it: check, plan, run, apply, undo
	Settings Settings
	Given    []string          // names of the settings that count more than those of the run that is gone on with
	Held     map[string]string // what the summary keeps of the settings, without secrets; nil is all of Settings
	Versions report.Versions
	Face     Face
	Log      *slog.Logger
	Stdin    io.Reader // the file named "-"
	CacheDir string    // where a person's locks stand beside those of the folders; "" is nowhere

	// Token is what the person has for a server: a function that gives the access token, called again when the server
	// refuses it. It is nil, without an error, when the server is not the one of the person's own settings and the person
	// has nothing for it.
	Token func(server string) (func(context.Context) (string, error), error)
	// Word is what the face calls a setting; nil is its name.
	Word func(setting string) string
}

// Face is told what happens, and asked. Its methods may be called from several goroutines, but for those of Progress.
type Face interface {
	importer.Progress // a stage "" is none: what was shown of the last one is to go

	// Connected says which client talks to the server.
	Connected(*crm.Client)
	// Wait says that all requests wait, or that this is over.
	Wait(quota.Wait)
	// Folder says which folder the run leaves, and whether what is left of a plan in it can be applied from now on.
	Folder(folder *report.Folder, id string, planned bool)
	// Reading says how the file is read.
	Reading(rows.Info)
	// Note is a sentence for the person.
	Note(text string)
	// Planned shows a plan that is whole.
	Planned(*importer.Tally, report.Summary)
	// Decide asks whether so many records are to be updated. It gives up when the context ends.
	Decide(ctx context.Context, records int, s report.Summary) (bool, error)
	// Ended shows what the run leaves and hands it over, the last thing before its locks are given back. It is not called
	// for a run that leaves nothing and ends well.
	Ended(Result) error
	// Command writes a command line that does something with a file or folder, under the settings given.
	Command(verb, argument string, settings map[string]string) string
}

// Result is what a run came to.
type Result struct {
	*Ending // never nil
	Summary report.Summary
	Folder  *report.Folder  // nil: none was made
	Left    bool            // the folder holds all that the run leaves
	Tally   *importer.Tally // of a check or a plan that was not carried out
	Next    []Step
}

// Step is what there is to do after a run: a command line, ready to paste.
type Step struct{ What, Command string }

// course is a job under way.
type course struct {
	Job
	soft, hard context.Context
	folder     *report.Folder
	planned    bool // the folder holds a whole plan: what is left of it can be applied at any time
	sending    atomic.Bool
	client     *crm.Client
	result     Result // what it has come to so far
	summary    *report.Summary
	told       bool           // the face was told of the end
	cleanup    []func() error // undone last to first
}

// Do does something that leaves no folder, and ends as a run does.
func (j Job) Do(soft, hard context.Context, do func(context.Context) error) Result {
	return j.do(soft, hard, func(c *course) error { return do(c.soft) })
}

// Talk connects and calls do. Without an account the client acts as nobody.
func (j Job) Talk(soft, hard context.Context, account bool, do func(context.Context, *crm.Client) error) Result {
	return j.do(soft, hard, func(c *course) error {
		cfg, err := c.clientConfig()
		if err != nil {
			return err
		}
		if c.Settings.Sandbox {
			cfg, err = c.rehearse(cfg, "", seedDefault)
		} else {
			cfg.Token, err = c.Token(cfg.BaseURL)
		}
		if err != nil {
			return err
		}
		if account {
			err = c.connect(cfg, false)
		} else {
			err = c.openClient(cfg)
		}
		if err != nil {
			return err
		}
		return do(c.soft, c.client)
	})
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
		over := &Ending{End: EndMaxDuration, What: "the time given by " + c.word("max-duration") + " is over", Code: "max_duration", Resumable: true}
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
	if err := c.close(); err != nil && c.result.What == "" {
		c.result.Ending = EndingOf(err)
	}
	return c.result
}

func (c *course) later(f func() error) { c.cleanup = append(c.cleanup, f) }

// close undoes what was set up. The folder of a run that never had a plan goes with it: nothing was sent, and there is
// nothing in it to go on with.
func (c *course) close() error {
	var err error
	for i := len(c.cleanup) - 1; i >= 0; i-- {
		err = errors.Join(err, c.cleanup[i]())
	}
	if c.folder != nil && !c.planned && !c.result.Left {
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

func (c *course) note(format string, args ...any) { c.Face.Note(fmt.Sprintf(format, args...)) }

// command writes a command line that goes on from this run.
func (c *course) command(verb, argument string) string {
	return c.Face.Command(verb, argument, c.summary.Settings)
}

// newFolder makes the run's folder beside the input, or where the settings say.
func (c *course) newFolder(beside, name string) error {
	parent := c.Settings.Out
	if parent == "" {
		parent = filepath.Dir(beside) // of "-", the working directory
	} else if err := os.MkdirAll(parent, 0o700); err != nil {
		return Usagef("%s: %v", c.word("out"), err)
	}
	folder, err := report.Create(parent, name, time.Now())
	if err != nil {
		return err
	}
	c.useFolder(folder, folder.ID())
	return c.lock(folder)
}

// useFolder makes a folder the run's.
func (c *course) useFolder(folder *report.Folder, id string) {
	c.folder, c.result.Folder = folder, folder
	c.summary.RunID, c.summary.Folder = id, folder.Dir()
	if path, err := filepath.Abs(folder.Dir()); err == nil {
		c.summary.Folder = path
	}
	c.Face.Folder(folder, id, false)
}

// hasPlan says that what is left of the folder's plan can be applied from now on.
func (c *course) hasPlan() {
	c.planned = true
	c.Face.Folder(c.folder, c.summary.RunID, true)
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
		if c.folder != nil {
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

// tell tells the face that the run has ended.
func (c *course) tell() error {
	c.told = true
	return c.Face.Ended(c.result)
}

// noteStop writes into the summary what stopped the run.
func (c *course) noteStop(end *Ending) {
	c.summary.State = report.StateStopped
	c.summary.Stop = &report.Stop{Code: end.Code, Message: human.Line(end.What), Resumable: end.Resumable}
	if file, ok := errors.AsType[*rows.FileError](end.Err); ok {
		c.summary.Stop.Detail, c.summary.Stop.Line, c.summary.Stop.Column = file.Code, file.Line, file.Column
	}
}

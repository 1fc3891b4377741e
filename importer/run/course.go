package run

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"sync/atomic"
	"time"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/rows"
	"csvput/report"
	"csvput/report/code"
	"csvput/report/human"
	"csvput/report/page"
)

// course is a job under way.
type course struct {
	Job
	soft, hard context.Context
	folder     *report.Folder
	reopened   bool // the folder was there before, and stays
	planned    bool // the folder holds a whole plan: what is left of it can be applied at any time
	sending    atomic.Bool
	client     *crm.Client
	result     Result // what it has come to so far
	summary    *report.Summary
	page       *page.Page        // with all rows; it waits for the summary
	inputLock  [sha256.Size]byte // which input is locked, see lockInput
	told       bool              // the face was told of the end
	cleanup    []func() error    // undone last to first
}

func (c *course) later(f func() error) { c.cleanup = append(c.cleanup, f) }

func (c *course) note(format string, args ...any) { c.Face.Note(fmt.Sprintf(format, args...)) }

// command writes a command line that goes on from this run.
func (c *course) command(verb, argument string) string {
	return c.CommandLine(verb, argument, c.summary.Settings)
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
		c.summary.Stop.Detail, c.summary.Stop.Line, c.summary.Stop.Column = string(file.Code), file.Line, file.Column
	}
}

// takeTime writes into the summary how the run ended, when, and what it cost.
func (c *course) takeTime(end *Ending) {
	now := time.Now().UTC()
	c.summary.ExitCode, c.summary.FinishedAt = int(end.End), now
	c.summary.DurationMS = now.Sub(c.summary.StartedAt).Milliseconds()
	c.countRequests()
}

// countRequests takes the client's figures into the summary.
func (c *course) countRequests() {
	if c.client == nil {
		return
	}
	stats := c.client.Stats()
	r := &c.summary.Requests
	r.Logins, r.List, r.Put = stats.Logins, stats.Lists, stats.Puts
	r.Attempts, r.Retries, r.Throttled = stats.Attempts, stats.Retries, stats.Throttled
	r.WaitedMS = stats.Waited.Milliseconds()
	r.QuotaLimit, r.QuotaRemaining = stats.Limit, stats.Remaining
	c.summary.Timeline = timeline(stats)
}

// timeline is the client's record of what happened when, as the summary has it.
func timeline(stats crm.Stats) report.Timeline {
	t := report.Timeline{From: stats.From.UTC(), BucketMS: stats.Width.Milliseconds()}
	for _, b := range stats.Timeline {
		t.Buckets = append(t.Buckets, report.Bucket(b))
	}
	for _, w := range stats.Waits {
		t.Waits = append(t.Waits, report.Wait{From: w.From.UTC(), To: w.To.UTC(), Reason: w.Reason})
	}
	return t
}

// endingOf says how an error ends the run. What was cut off because the run is to end, ends as that.
func (c *course) endingOf(err error) *Ending {
	remote, ok := errors.AsType[*crm.Error](err)
	cutOff := errors.Is(err, context.Canceled) || ok &&
		(remote.Code == crm.CodeCancelled || remote.Code == code.Stopped)
	if cause := context.Cause(c.soft); cutOff && cause != nil {
		err = cause
	}
	end := EndingOf(err)
	if ok && remote.Code == code.DNS && end.End == EndPermanent && !c.namesAnswered() {
		end.End = EndTransient
	}
	if errors.Is(err, importer.ErrMaxErrors) {
		end.Hint("look at the problems before you go on: " + c.word("max-errors") + " stopped the run")
	}
	end.Resumable = end.Resumable && c.planned
	return end
}

// namesAnswered reports whether there is a name service: whether it knows the CRM's usual server. Without a network,
// many systems say of every name that it does not exist; it is certain that the address in the settings is wrong only
// where the service knows others.
func (c *course) namesAnswered() bool {
	ctx, cancel := context.WithTimeout(c.hard, nameTimeout)
	defer cancel()
	_, err := net.DefaultResolver.LookupHost(ctx, DefaultHost)
	return err == nil
}

const nameTimeout = 5 * time.Second

package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"time"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/report"
)

// finishRun ends a run that had a plan: whatever stopped it, the report is made whole, and the person
// is told what happened and what to do next.
func (s *session) finishRun(stopped error, original importer.Source) error {
	if unrecorded, ok := errors.AsType[*importer.UnrecordedError](stopped); ok {
		end := endingOf(unrecorded)
		end.hints = []string{"make room, then go on with: " + s.command("apply", s.folder.Dir())}
		return end
	}
	end := &ending{}
	s.summary.State = report.StateFinished
	var stop report.Stop
	if stopped != nil {
		end = endingOf(stopped)
		stop = report.Stop{Code: end.stop, Message: "The run stopped before this row: " + oneLine(end.what) + ".", Resumable: end.resumable}
		if stop.Code == "" {
			stop.Code = report.CodeStopped
		}
		s.summary.State = report.StateStopped
		s.summary.Stop = &report.Stop{Code: stop.Code, Message: oneLine(end.what), Resumable: end.resumable}
	}
	if err := importer.Finish(s.folder, &s.summary, stop, original); err != nil {
		return errors.Join(stopped, fmt.Errorf("the report can't be finished: %w", err))
	}
	switch {
	case stopped != nil:
	case s.summary.Problems() > 0:
		end.code = exitRowsFailed
	case s.flag("error-on-no-change") && s.summary.Statuses[report.Updated] == 0:
		end.code = exitNoChange
	}
	s.summary.Next = s.nextCommands(end)
	return s.leave(end, func() { s.showEnd(end) })
}

// finishPlan ends csvput plan.
func (s *session) finishPlan(tally *importer.Tally, end *ending) error {
	s.summary.Statuses, s.summary.Countries = tally.Statuses, tally.Countries
	s.summary.Codes = tally.Counts()
	if tally.Statuses[report.Planned] > 0 {
		s.summary.Next = []string{s.command("apply", s.folder.Dir())}
	}
	return s.leave(end, func() {
		s.screen.say("\nThe plan is in %s", s.folder.Dir())
		for _, next := range s.summary.Next {
			s.screen.say("To carry it out: %s", next)
		}
	})
}

// finishCheck ends csvput check.
func (s *session) finishCheck(tally *importer.Tally) error {
	end := &ending{}
	s.summary.Statuses, s.summary.Countries, s.summary.Codes = tally.Statuses, tally.Countries, tally.Counts()
	if err := s.summary.Check(); err != nil {
		return err
	}
	if tally.Problems() > 0 {
		end.code = exitRowsFailed
	}
	if tally.Rows > 0 {
		s.summary.Next = []string{s.command("plan", s.summary.Input.Path)}
	}
	return s.leave(end, func() { s.showCheck(tally) })
}

// leave writes what a run leaves, says it, and hands the summary to whoever asked for it.
func (s *session) leave(end *ending, tell func()) error {
	now := time.Now().UTC()
	s.countRequests()
	s.summary.ExitCode, s.summary.FinishedAt = end.code, now
	s.summary.DurationMS = now.Sub(s.summary.StartedAt).Milliseconds()
	s.nameFiles()
	if err := s.writePage(); err != nil {
		return err
	}
	if err := s.folder.WriteSummary(s.summary); err != nil {
		return err
	}
	s.screen.end()
	tell()
	if s.flag("json") {
		if err := s.summary.Encode(s.Stdout); err != nil {
			return err
		}
	}
	if err := s.writeMetrics(); err != nil {
		return err
	}
	if err := s.onFinish(); err != nil {
		return err
	}
	if end.code == exitDone {
		return nil
	}
	return end
}

// writePage makes report.html.
func (s *session) writePage() error {
	name := s.summary.Files["report"]
	if s.summary.State == report.StatePlanned {
		name = report.PlanName
	}
	if _, err := os.Stat(s.folder.Path(importer.ProblemsName)); err == nil {
		name = importer.ProblemsName
		s.later(func() error { return s.folder.Remove(importer.ProblemsName) })
	}
	f, err := s.folder.File(report.PageName)
	if err != nil {
		return err
	}
	s.summary.Name("page", f.Name())
	if err := report.WritePage(f, s.summary, func() iter.Seq2[report.Row, error] { return importer.Rows(s.folder, name) }); err != nil {
		return errors.Join(err, f.Discard())
	}
	return f.Commit()
}

// nameFiles names those of the folder's files that were not named when they were written.
func (s *session) nameFiles() {
	s.summary.Name("summary", report.SummaryName)
	for file, name := range map[string]string{"plan": report.PlanName, "input": report.InputName} {
		if _, err := os.Stat(s.folder.Path(name)); err == nil {
			s.summary.Name(file, name)
		}
	}
	if name := s.summary.Files["report"]; name != "" && name != report.ReportName {
		s.screen.say("%s is open in another program: the report is in %s instead", report.ReportName, name)
	}
}

// countRequests takes the client's figures into the summary.
func (s *session) countRequests() {
	if s.client == nil {
		return
	}
	stats := s.client.Stats()
	r := &s.summary.Requests
	r.Logins, r.List, r.Put = stats.Logins, stats.Lists, stats.Puts
	r.Attempts, r.Retries, r.Throttled = stats.Attempts, stats.Retries, stats.Throttled
	r.WaitedMS = stats.Waited.Milliseconds()
	r.QuotaLimit, r.QuotaRemaining = stats.Limit, stats.Remaining
	s.summary.Timeline = timeline(stats)
}

// timeline is the client's record of what happened when, as the summary has it.
func timeline(stats crm.Stats) report.Timeline {
	var t report.Timeline
	for _, b := range stats.Timeline {
		if t.From.IsZero() {
			t.From, t.BucketMS = b.At.UTC(), b.Width.Milliseconds()
		}
		t.Buckets = append(t.Buckets, report.Bucket{Sent: b.Sent, Failed: b.Failed, Throttled: b.Throttled})
	}
	for _, w := range stats.Waits {
		t.Waits = append(t.Waits, report.Wait{From: w.From.UTC(), To: w.To.UTC(), Reason: w.Reason})
	}
	return t
}

// writeMetrics writes the Prometheus textfile whole or not at all: the collector may read it at any time.
func (s *session) writeMetrics() error {
	path := s.text("metrics-file")
	if path == "" {
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".csvput-*.prom")
	if err != nil {
		return usagef("--metrics-file: %v", err)
	}
	err = errors.Join(s.summary.WritePrometheus(f), f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("--metrics-file: %w", err), os.Remove(f.Name()))
	}
	return nil
}

// onFinish runs the user's command with the summary as its input. It runs after interruptions too, so
// it gets a context of its own.
func (s *session) onFinish() error {
	command := s.text("on-finish")
	if command == "" {
		return nil
	}
	var summary bytes.Buffer
	if err := s.summary.Encode(&summary); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.hard), 5*time.Minute)
	defer cancel()
	cmd := shell(ctx, command)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &summary, s.Stderr, s.Stderr
	if err := cmd.Run(); err != nil {
		return &ending{code: exitError, what: fmt.Sprintf("the run is finished, but --on-finish failed: %v", err), err: err}
	}
	return nil
}

// text is a flag's value where the command has the flag.
func (s *session) text(name string) string {
	for _, f := range s.c.Flags {
		if f.Names()[0] == name {
			return s.c.String(name)
		}
	}
	return ""
}

// writeNew writes a file that must not be there yet.
func writeNew(path string, fill func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return usagef("%s is there already, and csvput overwrites nothing", path)
	}
	if err != nil {
		return usagef("%s can't be written: %v", path, err)
	}
	return errors.Join(fill(f), f.Close())
}

// printJSON writes a value for another program.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

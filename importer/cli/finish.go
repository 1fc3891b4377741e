package cli

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/rescue"
	"csvput/importer/rows"
	"csvput/report"
	"csvput/report/code"
	"csvput/report/page"
)

// finishRun ends a run that had a plan: whatever stopped it, the report is made whole, and the person
// is told what happened and what to do next.
func (s *session) finishRun(stopped error, original importer.Source) error {
	if _, ok := errors.AsType[*importer.UnrecordedError](stopped); ok {
		return stopped // a report could not be written either
	}
	if _, ok := errors.AsType[*rescue.PanicError](stopped); ok {
		return stopped // as after kill -9, nobody knows what was sent: the next apply finds out
	}
	end := &ending{}
	s.summary.State = report.StateFinished
	s.summary.Statuses, s.summary.Codes, s.summary.Countries = nil, nil, nil // of the plan; counted anew
	var stop report.Stop
	if stopped != nil {
		end = s.endingOf(stopped)
		s.noteStop(end)
		stop = *s.summary.Stop
		if _, ok := stop.Code.Info(); !ok || stop.Code == code.Interrupted {
			stop.Code = code.Stopped
		}
		stop.Message = "The run stopped before this row: " + oneLine(end.what) + "."
	}
	if err := importer.Finish(s.folder, &s.summary, stop, original); err != nil {
		return &ending{code: exitError, what: fmt.Sprintf("the report can't be finished: %v", err), stop: "unrecorded", resumable: true, err: err}
	}
	switch {
	case stopped != nil:
	case s.summary.Problems() > 0:
		end.code = exitRowsFailed
	case s.c.Bool("error-on-no-change") && s.summary.Statuses[report.Updated] == 0:
		end.code = exitNoChange
	}
	steps := s.nextSteps(end)
	return s.leave(end, func() { s.showEnd(steps) }, steps)
}

// finishPlan ends a command with a plan that was not carried out.
func (s *session) finishPlan(t *importer.Tally, end *ending) error {
	var steps []step
	if t.Statuses[report.Planned] > 0 {
		steps = append(steps, step{"To carry it out", s.command("apply", s.folder.Dir())})
	}
	return s.leave(end, func() {
		text := "\nNothing was changed. The plan is in " + s.folder.Dir()
		s.screen.say("%s%s", text, stepLines(steps))
	}, steps)
}

// step is what there is to do after a run: a command line, ready to paste.
type step struct{ what, command string }

func stepLines(steps []step) string {
	text, width := "", 0
	for _, st := range steps {
		width = max(width, len(st.what)+1)
	}
	for _, st := range steps {
		text += fmt.Sprintf("\n%-*s  %s", width, st.what+":", st.command)
	}
	return text
}

// nextSteps are what there is to do after a run.
func (s *session) nextSteps(end *ending) []step {
	var steps []step
	switch {
	case end.resumable:
		steps = append(steps, step{"To go on", s.command("apply", s.folder.Dir())})
	case s.summary.Files["failed"] != "" && s.summary.UndoOf == "":
		steps = append(steps, step{"Corrected, run again", s.command("run", s.folder.Path(s.summary.Files["failed"]))})
	}
	if s.summary.Statuses[report.Updated] > 0 && s.summary.Settings["no-lookup"] != "true" {
		steps = append(steps, step{"To put it back", s.command("undo", s.folder.Dir())})
	}
	return steps
}

// leave writes what a run leaves, says it, and hands the summary to whoever asked for it.
func (s *session) leave(end *ending, tell func(), steps []step) error {
	for _, st := range steps {
		s.summary.Next = append(s.summary.Next, st.command)
	}
	s.takeTime(end)
	s.nameFiles()
	s.kept = true
	err := errors.Join(s.writePage(), s.folder.WriteSummary(s.summary))
	s.screen.end()
	tell()
	if err := errors.Join(err, s.handOver()); err != nil {
		return err
	}
	if end.code == exitDone {
		return nil
	}
	return end
}

// takeTime writes into the summary how the run ended, when, and what it cost.
func (s *session) takeTime(end *ending) {
	now := time.Now().UTC()
	s.summary.ExitCode, s.summary.FinishedAt = end.code, now
	s.summary.DurationMS = now.Sub(s.summary.StartedAt).Milliseconds()
	s.countRequests()
}

// endingOf says how an error ends the session. What was cut off by a signal, or by the end of the time,
// ends as that.
func (s *session) endingOf(err error) *ending {
	remote, ok := errors.AsType[*crm.Error](err)
	cutOff := errors.Is(err, context.Canceled) || ok && (remote.Code == crm.CodeCancelled || remote.Code == code.Stopped)
	if cause := context.Cause(s.soft); cutOff && cause != nil {
		err = cause
	}
	end := endingOf(err)
	if ok && remote.Code == code.DNS && end.code == exitPermanent && !s.namesAnswered() {
		end.code = exitPassing
	}
	end.resumable = end.resumable && s.planned
	return end
}

// namesAnswered tells whether there is a name service: whether it knows the CRM's usual server. Without a
// network, many systems say of every name that it does not exist; it is certain that the address in the
// settings is wrong only where the service knows others.
func (s *session) namesAnswered() bool {
	ctx, cancel := context.WithTimeout(s.hard, nameTimeout)
	defer cancel()
	_, err := net.DefaultResolver.LookupHost(ctx, defaultHost)
	return err == nil
}

const nameTimeout = 5 * time.Second

func (s *session) noteStop(end *ending) {
	s.summary.State = report.StateStopped
	s.summary.Stop = &report.Stop{Code: end.stop, Message: oneLine(end.what), Resumable: end.resumable}
	if file, ok := errors.AsType[*rows.FileError](end.err); ok {
		s.summary.Stop.Detail, s.summary.Stop.Line, s.summary.Stop.Column = string(file.Code), file.Line, file.Column
	}
}

// conclude ends a command that returned err: one that ended before it had anything to leave hands over
// its summary too, and what is left of a run is said.
func (s *session) conclude(err error) error {
	if err == nil {
		s.logEnd(&ending{})
		return nil
	}
	end := s.endingOf(err)
	switch {
	case s.kept || end.what == "":
	case end.resumable:
		next := s.command("apply", s.folder.Dir())
		s.summary.Next = []string{next}
		if end.stop != "locked" {
			end.hint("to go on: " + next)
		}
	case !s.planned:
		for i, h := range end.hints {
			// The hints of the API's codes are written for a run that had a plan.
			end.hints[i] = strings.ReplaceAll(h, "go on with csvput apply", "try again")
		}
		if s.folder != nil {
			end.hint("nothing was sent, and nothing is left of this run")
		}
	}
	if !s.told {
		s.noteStop(end)
		s.takeTime(end)
		if end.stop == "unrecorded" {
			s.folder.WriteSummary(s.summary) // there may be room for this much
		}
		if err := s.handOver(); err != nil {
			end = &ending{code: end.code, what: end.what + "; " + err.Error(), hints: end.hints, err: end}
		}
	}
	s.logEnd(end)
	return end
}

// logEnd writes the last record of a session.
func (s *session) logEnd(end *ending) {
	attrs := []any{"exit_code", end.code}
	level := slog.LevelInfo
	if end.what != "" {
		level = slog.LevelError
		attrs = append(attrs, loggable(end, s.c.Bool("log-values"))...)
	}
	if s.folder != nil && s.summary.State != "" {
		attrs = append(attrs, "state", string(s.summary.State), "rows", s.summary.Rows, "statuses", s.summary.Statuses,
			"duration_ms", s.summary.DurationMS, "folder", s.folder.Dir(), "next", s.summary.Next)
	}
	s.log.Log(s.hard, level, "ended", attrs...)
	end.told = true
}

// writePage makes report.html.
func (s *session) writePage() error {
	name := s.summary.Files["report"]
	if s.summary.State == report.StatePlanned {
		name = report.PlanName
	}
	f, err := s.folder.File(report.PageName)
	if err != nil {
		return err
	}
	s.summary.Name("page", f.Name())
	if err := page.Write(f, s.summary, func() iter.Seq2[report.Row, error] { return importer.PageRows(s.folder, name, s.summary) }); err != nil {
		return errors.Join(err, f.Discard())
	}
	if err := f.Commit(); err != nil {
		return err
	}
	s.summary.Name("page", f.Name())
	return nil
}

// nameFiles names those of the folder's files that were not named when they were written.
func (s *session) nameFiles() {
	s.summary.Name("summary", report.SummaryName)
	for file, name := range map[string]string{"plan": report.PlanName, "input": report.InputName, "damaged": report.DamagedName} {
		if _, err := os.Stat(s.folder.Path(name)); err == nil {
			s.summary.Name(file, name)
		}
	}
	if name := s.summary.Files["damaged"]; name != "" {
		s.screen.say("%s was damaged: what could not be read was read from the CRM again, and the damaged file is in %s", report.ReportName, name)
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

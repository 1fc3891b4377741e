package web

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/quota"
	"csvput/importer/rescue"
	"csvput/importer/rows"
	"csvput/importer/run"
	"csvput/report"
	"csvput/report/human"
)

// work is a job under way, or the last one of a run. It is the job's run.Face: it keeps what the page asks for once a
// second, and so outlives tabs that are closed and pages that are loaded anew.
type work struct {
	command string
	ease    context.CancelCauseFunc // begin no new work
	abort   context.CancelCauseFunc // give up what is in flight
	found   func(id string, w *work)
	known   chan struct{} // closed when the run has its id, or has ended without one
	ended   chan struct{}

	mu     sync.Mutex
	id     string
	dir    string
	stage  importer.Stage
	done   int64
	total  int64
	counts map[string]int
	wait   quota.Wait
	client *crm.Client
	notes  []string
	stop   int // how often somebody has asked it to stop
	result run.Result
}

// state is what the page is told of a work.
type state struct {
	Stage    string         `json:"stage"` // in words
	Done     int64          `json:"done"`
	Total    int64          `json:"total"` // 0 or less: not known
	Bytes    bool           `json:"bytes"` // done and total are
	Counts   map[string]int `json:"counts"`
	Left     string         `json:"left"` // how long it takes still
	Wait     string         `json:"wait"` // why nothing goes on
	Notes    []string       `json:"notes"`
	Stopping bool           `json:"stopping"`
	Next     string         `json:"next"`   // where to go now that it has ended
	Ending   bool           `json:"ending"` // the program is: soon nobody answers
}

// stageWords says what a stage does.
func stageWords(s importer.Stage) string {
	return map[importer.Stage]string{
		importer.StageCheck:  "Checking the rows of the file",
		importer.StageMatch:  "Finding the records in the CRM",
		importer.StageLookup: "Reading the records from the CRM",
		importer.StageSend:   "Sending the changes to the CRM",
		importer.StageSettle: "Reading back the records whose answer was lost",
		importer.StageVerify: "Reading back what was updated",
	}[s]
}

// state is what there is to tell now.
func (w *work) state() state {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := state{
		Stage: stageWords(w.stage), Done: max(0, w.done), Total: w.total, Bytes: w.stage == importer.StageCheck,
		Counts: maps.Clone(w.counts), Notes: slices.Clone(w.notes), Stopping: w.stop > 0,
	}
	if w.wait.For > 0 && w.wait.Until.After(time.Now()) {
		s.Wait = "Waiting for " + waitWords(w.wait.Reason) + ", until " + w.wait.Until.Local().Format(time.TimeOnly) +
			"."
	}
	if w.stage == importer.StageSend && w.client != nil && w.total > w.done {
		if left := w.client.Estimate(int(w.total - w.done)); left >= time.Second {
			s.Left = roughly(left) + " left"
		}
	}
	if w.over() {
		s.Next = "/runs/" + w.id
	}
	return s
}

// waitWords is what a wait is for.
func waitWords(reason string) string {
	return map[string]string{
		quota.WaitQuota:       "the CRM's quota",
		quota.WaitRate:        "the pace in the settings",
		quota.WaitThrottled:   "the CRM's quota, as it asks for",
		quota.WaitUnavailable: "the CRM, which is not available",
	}[reason]
}

// over reports whether the work has ended.
func (w *work) over() bool {
	select {
	case <-w.ended:
		return true
	default:
		return false
	}
}

// outcome is how the work ended; nil while it is under way.
func (w *work) outcome() *run.Ending {
	if !w.over() {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.result.Ending
}

// halt asks the work to stop: the first time when what is in flight is done, the second at once.
func (w *work) halt() {
	w.mu.Lock()
	w.stop++
	again := w.stop > 1
	w.mu.Unlock()
	why := &run.Ending{End: run.EndInterrupted, What: "you stopped it", Code: "interrupted", Resumable: true}
	w.ease(why)
	if again {
		w.abort(why)
	}
}

// set changes what the page asks for.
func (w *work) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

// Stage begins a stage.
func (w *work) Stage(stage importer.Stage, total int64) {
	w.set(func() { w.stage, w.total, w.done = stage, total, 0 })
}

// Advance says how far the stage is.
func (w *work) Advance(done int64) { w.set(func() { w.done = done }) }

// Outcome counts what became of a row.
func (w *work) Outcome(row report.Row) { w.set(func() { w.counts[string(row.Status)]++ }) }

// Connected keeps the client, which knows how long requests take.
func (w *work) Connected(client *crm.Client) { w.set(func() { w.client = client }) }

// Wait keeps why nothing goes on.
func (w *work) Wait(wait quota.Wait) { w.set(func() { w.wait = wait }) }

// Folder learns the run's id.
func (w *work) Folder(folder *report.Folder, id string, _ bool) {
	w.mu.Lock()
	first := w.id == ""
	w.id, w.dir = id, folder.Dir()
	w.mu.Unlock()
	if first {
		w.found(id, w)
		close(w.known)
	}
}

// Reading is shown by the screens of the file.
func (w *work) Reading(rows.Info) {}

// Note keeps a sentence, unless it is about paths: the page has none.
func (w *work) Note(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.dir != "" && strings.Contains(text, w.dir) {
		return
	}
	w.notes = append(w.notes, human.Line(text))
}

// Planned is shown by the screens of the plan.
func (w *work) Planned(*importer.Tally, report.Summary) {}

// Decide says no: the page makes a plan first, and carries it out when somebody has said yes to it.
func (w *work) Decide(context.Context, int, report.Summary) (bool, error) { return false, nil }

// Ended is told by the result.
func (w *work) Ended(run.Result) error { return nil }

// begin starts a job in the background and waits until its run has an id, which it returns. When the job has ended
// before that, the error says why.
func (s *server) begin(ctx context.Context, j run.Job, do task) (id string, err error) {
	hard, abort := context.WithCancelCause(s.hard)
	soft, ease := context.WithCancelCause(s.soft)
	w := &work{
		command: j.Command, ease: ease, abort: abort, found: s.keep, known: make(chan struct{}),
		ended:  make(chan struct{}),
		counts: map[string]int{}, notes: []string{},
	}
	j.Face = w
	if !s.start(func() {
		defer abort(nil)
		defer ease(nil)
		var result run.Result
		if err := rescue.Call(func() error { result = do(j, soft, hard); return nil }); err != nil {
			result.Ending = run.EndingOf(err)
		}
		w.set(func() { w.result = result })
		close(w.ended)
	}) {
		return "", run.Usagef("csvput is ending")
	}
	select {
	case <-w.known:
	case <-w.ended:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if end := w.outcome(); end != nil && end.What != "" {
		return "", end
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.id, nil
}

// task is what a job does.
type task func(j run.Job, soft, hard context.Context) run.Result

// taskOfRun is what a job does with the folder of a run.
type taskOfRun func(j run.Job, soft, hard context.Context, dir string) run.Result

// job is a job with settings, of which those named count more than those of the run that it goes on with.
func (s *server) job(command string, settings run.Settings, given ...string) run.Job {
	j := s.Job
	j.Command, j.Settings, j.Given, j.Held, j.Token, j.Word = command, settings, given, nil, s.token, words
	return j
}

// beginAndShow starts a job and leads to the page that shows how it goes. While one is under way, as in another tab, it
// leads to that.
func (s *server) beginAndShow(w http.ResponseWriter, r *http.Request, j run.Job, past run.Past, do taskOfRun) error {
	if first := s.work(past.ID()); first != nil && !first.over() {
		return redirect(w, r, "/runs/"+past.ID()+"/running")
	}
	// said here: the job would name its run before it found that out, and leave it to chance who is faster
	if past.Busy {
		return report.ErrLocked
	}
	id, err := s.begin(r.Context(), j, func(j run.Job, soft, hard context.Context) run.Result {
		return do(j, soft, hard, past.Dir)
	})
	if err != nil {
		return err
	}
	return redirect(w, r, "/runs/"+id+"/running")
}

// words is what the page calls a setting.
func words(setting string) string { return fmt.Sprintf("the setting %q", setting) }

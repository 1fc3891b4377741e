package importer

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"csvput/importer/crm"
	"csvput/report"
)

// ApplyOptions says how a plan is carried out.
type ApplyOptions struct {
	Workers   int
	NoLookup  bool // never read records: what is uncertain stays unknown
	Overwrite bool // send although somebody changed the record since the plan
	Verify    bool // read every updated record back at the end
	// Trust is how old the plan's reading of a record may be: an older one is read again, 200 a
	// request, before the row is sent. 0 reads every row again, and so does a run that goes on with
	// another.
	Trust time.Duration
	// MaxErrors stops the run when so many rows had problems; 0 is no limit.
	MaxErrors int
}

// Errors that stop a run. They are found with errors.Is; the API client's own are *crm.Error.
var (
	// ErrMaxErrors says that ApplyOptions.MaxErrors was reached.
	ErrMaxErrors = errors.New("too many rows had problems")
	// ErrNoPlan says that the folder holds no plan to carry out.
	ErrNoPlan = errors.New("the folder holds no plan")
)

// UnrecordedError says that outcomes could not be written down, as when the disk is full. The rows on
// these lines were sent; the next apply reads them from the server and settles them.
type UnrecordedError struct {
	Lines []int
	Err   error
}

func (e *UnrecordedError) Error() string {
	if len(e.Lines) == 0 {
		return e.Err.Error()
	}
	s := make([]string, len(e.Lines))
	for i, l := range e.Lines {
		s[i] = strconv.Itoa(l)
	}
	return fmt.Sprintf("%v; in flight and not recorded: the rows on lines %s", e.Err, strings.Join(s, ", "))
}

// add names the row of an outcome, if a request was sent for it.
func (e *UnrecordedError) add(o outcome) {
	if o.attempts > 0 {
		e.Lines = append(e.Lines, o.row.Line)
	}
}

func (e *UnrecordedError) Unwrap() error { return e.Err }

// job is one row on its way to the server.
type job struct {
	row   report.Row
	open  bool // an earlier run has a line for it that settles nothing
	prior int  // attempts of earlier runs
	doubt bool // one of these may have been applied, and nobody has looked
	read  bool // the record was read again
}

// run is one carrying out of a plan.
type run struct {
	ApplyOptions
	folder   *report.Folder
	client   *crm.Client
	progress Progress
	plan     planFacts
	settled  *report.Outcomes // what report.csv said when the run began
	journal  *report.Journal
	problems int
	unknown  int
	lastSync time.Time
}

// Apply carries out what is left of the folder's plan. Rows that are settled in report.csv are left
// alone; the others are read again where the plan's reading is too old, and sent.
//
// When soft ends, no further row is taken: requests in flight finish and are recorded. When hard
// ends they are given up and their rows recorded as unknown. The client's Config.Stop is to be soft.
//
// The error is nil when every row was dealt with, whatever its outcome. Otherwise it says why the run
// stopped: the cause of soft or hard, a *crm.Error that stops, ErrMaxErrors, an *UnrecordedError.
// Whatever it is, the plan can be applied again; Finish is to be called in any case but the last.
func Apply(soft, hard context.Context, folder *report.Folder, client *crm.Client, o ApplyOptions, progress Progress) error {
	r := &run{ApplyOptions: o, folder: folder, client: client, progress: progress}
	var err error
	if r.settled, err = folder.Outcomes(); err != nil {
		return err
	}
	defer r.settled.Close()
	if r.settled.Len() > 0 {
		r.Trust = 0 // an earlier run may have sent rows that it could not write down
	}
	if r.plan, err = readPlanFacts(folder, r.done); err != nil {
		return err
	}
	if r.journal, err = folder.Journal(); err != nil {
		return err
	}
	err = r.send(soft, hard)
	if r.unknown > 0 && !o.NoLookup && !unrecorded(err) {
		// When the run was stopped, what can't be read now is read by the next apply.
		if e := r.settleUnknown(hard); err == nil {
			err = e
		}
	}
	if o.Verify && err == nil {
		err = r.verify(hard)
	}
	return errors.Join(err, r.journal.Close())
}

func unrecorded(err error) bool {
	_, ok := errors.AsType[*UnrecordedError](err)
	return ok
}

// done tells whether an earlier run has dealt with the row on a line. With Overwrite, a conflict is to be
// dealt with again.
func (r *run) done(line int) bool {
	status, ok := r.settled.Status(line)
	return ok && status.Settled() && !(r.Overwrite && status == report.Conflict)
}

// outcome is a row after its request, and whether the run should stop because of it. The zero value
// is none: when it is taken, all that was handed over before is written.
type outcome struct {
	row      report.Row
	attempts int // of this run
	stop     error
	intent   bool // not an outcome yet: the row as it is about to be sent
}

// known tells whether there is anything to record: a row that was stopped before its first request
// stays as it was, open or unknown.
func (o outcome) known() bool {
	return o.row.Line > 0 && (o.row.Status != report.NotAttempted || o.attempts > 0)
}

// send runs the pool: one feeder, workers, and this goroutine as the only one that writes.
func (r *run) send(soft, hard context.Context) error {
	soft, stop := context.WithCancelCause(soft)
	defer stop(nil)
	jobs, done := make(chan job), make(chan outcome)
	var pool errgroup.Group
	pool.Go(func() error {
		defer close(jobs)
		return r.feed(soft, hard, jobs, done)
	})
	for range max(1, r.Workers) {
		pool.Go(func() error {
			for j := range jobs {
				if soft.Err() == nil {
					done <- r.put(hard, j)
				}
			}
			return nil
		})
	}
	ended := make(chan error, 1)
	go func() {
		ended <- pool.Wait()
		close(done)
	}()

	var failed *UnrecordedError
	var count int64
	r.progress.Stage(StageSend, int64(r.plan.open))
	r.client.SetTotal(r.requests())
	for o := range done {
		if failed != nil {
			failed.add(o)
			continue
		}
		if o.stop != nil {
			stop(o.stop)
		}
		if !o.known() {
			continue
		}
		if err := r.record(o.row); err != nil {
			failed = &UnrecordedError{Err: err}
			failed.add(o)
			stop(failed)
			continue
		}
		if o.intent {
			r.unknown++
			continue
		}
		count++
		r.progress.Outcome(o.row)
		r.progress.Advance(count)
		if r.count(o.row) {
			stop(ErrMaxErrors)
		}
	}
	err := <-ended
	switch {
	case failed != nil:
		return failed
	case soft.Err() != nil:
		return context.Cause(soft)
	}
	return err
}

// requests is how many requests the run is going to make, as far as one can know: an update for each
// open row, and a reading for every 200 when they are all to be read again.
func (r *run) requests() int {
	n := r.plan.open
	if !r.NoLookup && r.Trust == 0 {
		n += (r.plan.open + lookupRows - 1) / lookupRows
	}
	if r.Verify {
		n += (r.plan.rows + lookupRows - 1) / lookupRows
	}
	return n
}

// count adds one outcome up and tells whether the run has had too many problems.
func (r *run) count(row report.Row) bool {
	if row.Status == report.Unknown {
		r.unknown++
	}
	if !row.Status.Problem() {
		return false
	}
	r.problems++
	return r.MaxErrors > 0 && r.plan.problems+r.problems >= r.MaxErrors
}

// record writes one outcome down. The file is synced once a second: a process that dies loses
// nothing, a machine that loses power a second at most, and those rows are read again.
func (r *run) record(row report.Row) error {
	if err := r.journal.Append(row); err != nil {
		return err
	}
	if now := time.Now(); now.Sub(r.lastSync) >= time.Second {
		r.lastSync = now
		return r.journal.Sync()
	}
	return nil
}

// feed hands the plan's open rows to the workers, and settles by reading those that need no request.
func (r *run) feed(soft, hard context.Context, jobs chan<- job, done chan<- outcome) error {
	var batch []job
	flush := func() error {
		ready, err := r.refresh(hard, batch, done)
		batch = batch[:0]
		if err != nil {
			return err
		}
		for _, j := range ready {
			if soft.Err() != nil {
				return nil
			}
			select {
			case jobs <- j:
			case <-soft.Done():
				return nil
			}
		}
		return nil
	}
	err := eachRow(r.folder, report.PlanName, func(row report.Row) error {
		if soft.Err() != nil {
			return context.Cause(soft)
		}
		if !r.plan.toSend(row) || r.done(row.Line) {
			return nil
		}
		j := job{row: row}
		if prior, ok, err := r.settled.Get(row.Line); err != nil {
			return err
		} else if ok {
			j.open, j.prior = true, prior.Attempts
			j.doubt = r.NoLookup && prior.Status == report.Unknown
			adopt(&j.row, prior)
		}
		batch = append(batch, j)
		if len(batch) < lookupRows {
			return nil
		}
		return flush()
	})
	if err != nil || soft.Err() != nil {
		return err
	}
	return flush()
}

// refresh reads the records of jobs whose plan is too old, in one request, and returns the jobs that
// are still to be sent. What Overwrite is going to replace is written down before.
func (r *run) refresh(ctx context.Context, batch []job, done chan<- outcome) ([]job, error) {
	var ids []string
	for i := range batch {
		if batch[i].read = r.stale(batch[i]); batch[i].read {
			ids = append(ids, batch[i].row.ID)
		}
	}
	if len(ids) == 0 {
		return batch, nil
	}
	records, err := r.client.Lookup(ctx, ids)
	if err != nil {
		return nil, err
	}
	var ready []job
	replacing := false
	for _, j := range batch {
		if j.read {
			rec, ok := records[j.row.ID]
			if r.settleByReading(&j.row, rec, ok) {
				j.row.Attempts = j.prior
				done <- outcome{row: j.row}
				continue
			}
			if !asBefore(j.row, rec) {
				replacing = true
				overlay(&j.row, rec)
				done <- j.intent()
			}
		}
		ready = append(ready, j)
	}
	if replacing {
		done <- outcome{}
	}
	return ready, nil
}

// intent is what the report says of a row while its request is under way: undo must know what it
// replaces, even if the process dies right then, and the plan does not.
func (j job) intent() outcome {
	row := j.row
	row.Attempts, row.At = j.prior, stamp()
	note(&row, report.Unknown, report.CodeInterrupted, "The run ended before anybody knew whether the row was sent.")
	return outcome{row: row, intent: true}
}

// stale tells whether the row's record is to be read again before it is sent.
func (r *run) stale(j job) bool {
	if r.NoLookup {
		return false
	}
	at, err := time.Parse(time.RFC3339, j.row.At)
	return err != nil || j.open || r.Trust == 0 || time.Since(at) > r.Trust
}

// settleByReading compares an open row with the record as it is now and tells whether that settles it.
func (r *run) settleByReading(row *report.Row, rec crm.Record, found bool) bool {
	switch {
	case !found:
		note(row, report.Rejected, report.CodeNotFound, "The CRM no longer shows a contact detail with this id to this account.")
	case asWished(*row, rec):
		note(row, report.Updated, report.CodeConfirmedByReading, "Read from the CRM: the record holds the new value.")
	case asBefore(*row, rec), r.Overwrite:
		return false
	default:
		note(row, report.Conflict, report.CodeChangedSince, "Changed since the plan was made: "+differences(*row, rec)+".")
	}
	row.At = stamp()
	return true
}

// overlay renews a planned row whose record was changed since: what the row wishes for goes over the
// record as it is now, and undo will bring back what it is now.
func overlay(row *report.Row, rec crm.Record) {
	keep := func(cell *string, was string) {
		if *cell == was {
			*cell = ""
		}
	}
	keep(&row.Name, row.NameBefore)
	keep(&row.Value, row.ValueBefore)
	keep(&row.AccountUUIDs, row.AccountUUIDsBefore)
	keep(&row.PrimaryAccountUUIDs, row.PrimaryAccountUUIDsBefore)
	merge(row, rec)
}

// put sends one row and says what came of it.
func (r *run) put(ctx context.Context, j job) outcome {
	row := j.row
	answer, err := r.client.Put(ctx, row.ID, body(row))
	row.HTTPStatus, row.Attempts = answer.Status, j.prior+answer.Attempts
	row.MS, row.At = answer.Duration.Milliseconds(), stamp()
	failure, ok := errors.AsType[*crm.Error](err)
	switch {
	case err == nil:
		row.Status = report.Updated
	case !ok:
		// Not one of the client's errors: nothing is known of the request.
		note(&row, report.Unknown, report.CodeNetwork, err.Error())
	default:
		note(&row, j.statusOf(failure), codeOf(failure), failure.Message)
		if failure.Stop != crm.StopNone {
			return outcome{row: row, attempts: answer.Attempts, stop: failure}
		}
	}
	return outcome{row: row, attempts: answer.Attempts}
}

// codeOf is a failure's code as a report has it.
func codeOf(e *crm.Error) report.Code {
	if e.Code == crm.CodeCancelled {
		return report.CodeInterrupted
	}
	return report.Code(e.Code)
}

// statusOf is the row's status after a request that did not succeed. That this one certainly was not applied says
// nothing of an earlier one that is in doubt.
func (j job) statusOf(e *crm.Error) report.Status {
	status := statusOf(e)
	if j.doubt && e.Sent && (status == report.Failed || status == report.NotAttempted) {
		return report.Unknown
	}
	return status
}

// statusOf is a row's status after a request that did not succeed.
func statusOf(e *crm.Error) report.Status {
	switch {
	case e.Uncertain:
		return report.Unknown
	case e.Code == string(report.CodeMismatch), e.Code == string(report.CodeWrongRecord):
		return report.Mismatch
	case !e.Sent && e.Stop != crm.StopNone, e.Stop == crm.StopAuth, e.Code == crm.CodeStopped, e.Code == crm.CodeCancelled:
		return report.NotAttempted
	case e.Status >= 400 && e.Status < 500 && e.Status != 408 && e.Status != 425 && e.Status != 429:
		return report.Rejected
	}
	return report.Failed
}

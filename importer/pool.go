package importer

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"csvput/importer/rescue"
	"csvput/report"
	"csvput/report/code"
)

// syncEvery is how often report.csv is synced while rows are sent: a process that dies loses nothing, a machine that
// loses power so much at most, and those rows are read again.
const syncEvery = time.Second

// send runs the pool. Each worker takes a row, sends it and writes its outcome down before it takes the next one.
func (r *run) send(soft, hard context.Context) error {
	soft, r.stop = context.WithCancelCause(soft)
	defer r.stop(nil)
	r.progress.Stage(StageSend, int64(r.plan.open))
	r.client.SetTotal(r.requests())
	plan, err := r.folder.Reader(report.PlanName)
	if err != nil {
		return err
	}
	defer plan.Close()
	planned, err := report.NewReader(plan)
	if err != nil {
		return err
	}
	jobs := newQueue(func() ([]job, error) { return r.batch(soft, hard, planned) })

	syncing, synced := context.WithCancel(context.Background())
	var background sync.WaitGroup
	background.Go(func() { r.keepSynced(syncing) })
	var pool errgroup.Group
	for range max(1, r.Workers) {
		pool.Go(func() error {
			err := rescue.Call(func() error { return r.work(soft, hard, jobs) })
			if err != nil {
				r.stop(err)
			}
			return err
		})
	}
	err = pool.Wait()
	synced()
	background.Wait()
	r.release(jobs.left())
	switch {
	case r.lost != nil:
		return r.lost
	case soft.Err() != nil:
		return context.Cause(soft)
	}
	return err
}

// work sends one row after the other.
func (r *run) work(soft, hard context.Context, jobs queue) error {
	var j job
	for {
		err := jobs.next(soft, &j)
		switch {
		case err == nil && soft.Err() != nil:
			r.putBack(j)
			return nil
		case errors.Is(err, io.EOF) || soft.Err() != nil:
			return nil
		case err != nil:
			return err
		}
		if o, again := r.put(hard, &j); again {
			r.putBack(j)
		} else {
			r.take(o)
		}
	}
}

// queue hands out jobs to the workers. It is a channel that holds the jobs at hand, rather than a lock around them,
// so that a worker need not wait for another one's reading when the run stops.
type queue struct {
	jobs chan []job
	more func() ([]job, error) // io.EOF when there are none
}

func newQueue(more func() ([]job, error)) queue {
	q := queue{make(chan []job, 1), more}
	q.jobs <- nil
	return q
}

// next takes the next job. Whoever finds none at hand reads more. The error is the context's, or that of reading.
func (q queue) next(ctx context.Context, j *job) error {
	var (
		jobs []job
		err  error
	)
	select {
	case jobs = <-q.jobs:
	case <-ctx.Done():
		return ctx.Err()
	}
	for len(jobs) == 0 && err == nil {
		if err = ctx.Err(); err == nil {
			jobs, err = q.more()
		}
	}
	if err == nil {
		*j, jobs = jobs[0], jobs[1:]
	}
	q.jobs <- jobs
	return err
}

// left takes what nobody has taken, once there are no workers.
func (q queue) left() []job { return <-q.jobs }

// take writes an outcome down, and stops the run if it should stop.
func (r *run) take(o outcome) {
	if o.stop != nil {
		r.stop(o.stop)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.record(o.row, o.attempts) || o.row.Status == report.NotAttempted {
		return
	}
	r.sent++
	r.progress.Outcome(o.row)
	r.progress.Advance(r.sent)
	if o.row.Status == report.Unknown && !o.read {
		r.doubts[o.row.Line] = o.sent
	}
	if o.row.Status.Problem() {
		r.problems++
		if r.MaxErrors > 0 && r.plan.problems+r.problems >= r.MaxErrors {
			r.stop(ErrMaxErrors)
		}
	}
}

// release takes back what was handed out and not sent, once there are no workers: nobody is to think that it may have been.
func (r *run) release(jobs []job) {
	for _, j := range append(r.outdated, jobs...) {
		if !j.noted {
			continue
		}
		v := decide(j.sent, seenNothing)
		j.row.Attempts = j.prior + j.tries.Attempts()
		v.note(&j.row, code.Interrupted, textOpen)
		if v.status == report.NotAttempted {
			j.row.Code, j.row.Message = "", "" // the end of the run says why
		}
		r.take(outcome{row: j.row, sent: j.sent})
	}
}

// record appends a row to report.csv and reports whether it got there. If not, the run stops, and the row is named if a
// request was sent for it. It is called with r.mu held, or when there are no workers.
func (r *run) record(row report.Row, attempts int) bool {
	if r.lost == nil {
		err := r.journal.Append(row)
		if err == nil {
			r.appended = true
			return true
		}
		r.lost = &UnrecordedError{Err: err}
		r.stop(r.lost)
	}
	if attempts > 0 {
		r.lost.Lines = append(r.lost.Lines, row.Line)
	}
	return false
}

// keepSynced syncs report.csv from time to time until the context ends. The workers need not wait for it.
func (r *run) keepSynced(ctx context.Context) {
	tick := time.NewTicker(syncEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			r.sync()
		}
	}
}

// sync makes what was appended outlive a power failure. If that fails, the run stops.
func (r *run) sync() {
	r.mu.Lock()
	due := r.appended && r.lost == nil
	r.appended = false
	r.mu.Unlock()
	if !due {
		return
	}
	if err := r.journal.Sync(); err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.lost == nil {
			r.lost = &UnrecordedError{Err: err}
			r.stop(r.lost)
		}
	}
}

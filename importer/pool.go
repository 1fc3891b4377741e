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

// send is the pool. One goroutine makes rows ready; each worker takes a row, sends it as soon as the quota lets it leave,
// and writes its outcome down before it takes the next one.
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

	var pool errgroup.Group
	start := func(f func() error) {
		pool.Go(func() error {
			err := rescue.Call(f)
			if err != nil {
				r.stop(err)
			}
			return err
		})
	}
	workers := max(1, r.Workers)
	ahead := workers // while these are sent, the next batch is made ready
	if r.NoLookup {
		ahead = blindSize
	}
	jobs := make(chan job, ahead)
	start(func() error {
		defer close(jobs)
		return r.feed(soft, hard, planned, jobs)
	})
	for range workers {
		start(func() error {
			for j := range jobs {
				if soft.Err() != nil {
					r.putBack(j)
				} else if o, again := r.put(hard, &j); again {
					r.putBack(j)
				} else {
					r.take(o)
				}
				r.comeBack()
			}
			return nil
		})
	}
	syncing, synced := context.WithCancel(context.Background())
	var background sync.WaitGroup
	background.Go(func() { r.keepSynced(syncing) })
	err = pool.Wait()
	synced()
	background.Wait()
	r.release()
	switch {
	case r.lost != nil:
		return r.lost
	case soft.Err() != nil:
		return context.Cause(soft)
	}
	return err
}

// feed hands the open rows to the workers until there are none and none can come back, or the run stops.
func (r *run) feed(soft, hard context.Context, plan *report.Reader, jobs chan<- job) error {
	for {
		batch, err := r.batch(soft, hard, plan)
		switch {
		case errors.Is(err, io.EOF):
			if !r.awaitOutdated(soft) {
				return nil
			}
		case soft.Err() != nil:
			r.putBack(batch...)
			return nil
		case err != nil:
			return err
		}
		for i, j := range batch {
			r.out.Add(1)
			select {
			case jobs <- j:
			case <-soft.Done():
				r.putBack(batch[i:]...)
				return nil
			}
		}
	}
}

// comeBack says that a worker is done with a row.
func (r *run) comeBack() {
	r.out.Add(-1)
	select {
	case r.back <- struct{}{}:
	default:
	}
}

// awaitOutdated waits until a row has come back that is to be read again, and reports whether there is one.
func (r *run) awaitOutdated(ctx context.Context) bool {
	for {
		none := r.out.Load() == 0 // asked before the list is looked at: what comes back is put there first
		r.mu.Lock()
		n := len(r.outdated)
		r.mu.Unlock()
		switch {
		case n > 0:
			return true
		case none:
			return false
		}
		select {
		case <-r.back:
		case <-ctx.Done():
			return false
		}
	}
}

// take writes an outcome down, and stops the run if it should stop.
func (r *run) take(o outcome) {
	if o.stop != nil {
		r.stop(o.stop)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.record(o.attempts, o.row) || o.row.Status == report.NotAttempted {
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
func (r *run) release() {
	for _, j := range r.outdated {
		if !j.noted {
			continue
		}
		j.row.Attempts = j.prior + j.tries.Attempts()
		if v := decide(j.sent, seenNothing); v.status == report.NotAttempted {
			j.row.Status, j.row.Code = v.status, "" // the end of the run says why
		} else {
			v.note(&j.row, code.Interrupted, textOpen)
		}
		r.take(outcome{row: j.row, sent: j.sent})
	}
}

// record appends rows to report.csv and reports whether they got there. If not, the run stops, and the row is named if
// requests were sent for it. It is called with r.mu held, or when there are no workers.
func (r *run) record(attempts int, rows ...report.Row) bool {
	if r.lost == nil {
		err := r.journal.Append(rows...)
		if err == nil {
			r.appended = true
			return true
		}
		r.lost = &UnrecordedError{Err: err}
		r.stop(r.lost)
	}
	if attempts > 0 {
		r.lost.Lines = append(r.lost.Lines, rows[0].Line)
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

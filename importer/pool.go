package importer

import (
	"context"
	"iter"

	"golang.org/x/sync/errgroup"

	"csvput/importer/rescue"
	"csvput/report"
)

// send is the pool. One goroutine makes rows ready; each worker takes a row, sends it as soon as the quota lets it
// leave (Put waits for the limiter before every attempt), and writes its outcome down before it takes the next one.
func (r *sending) send(soft, hard context.Context) error {
	soft, r.stop = context.WithCancelCause(soft)
	defer r.stop(nil)
	r.progress.Stage(StageSend, int64(r.due))
	r.client.SetTotal(r.requests())
	next, done := iter.Pull2(Rows(r.folder, report.PlanName))
	defer done()

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
	jobs, s := make(chan job, ahead), newSupply(r, next)
	start(func() error {
		defer close(jobs)
		return s.feed(soft, hard, jobs)
	})
	for range workers {
		start(func() error {
			for j := range jobs {
				if soft.Err() != nil {
					s.putBack(j)
				} else if o, again := j.put(hard, r.client, r.NoLookup); again {
					s.putBack(j)
				} else {
					r.take(o)
				}
				s.comeBack()
			}
			return nil
		})
	}
	synced := r.keepSynced()
	err := pool.Wait()
	synced()
	s.release()
	switch {
	case r.lost != nil:
		return r.lost
	case soft.Err() != nil:
		return context.Cause(soft)
	}
	return err
}

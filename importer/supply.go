package importer

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"csvput/report"
	"csvput/report/code"
)

const (
	// leaveWithin is the time for which a batch is read: less than maxAge, since the reading itself takes time.
	leaveWithin = 4 * time.Second
	// firstSize is the size of the first batch. It doubles when a batch left in less than half of maxAge, and is
	// halved when a part of it grew too old.
	firstSize = 64
	// blindSize is the size of a batch of rows that are not read.
	blindSize = 1000
)

// textOpen is what report.csv says of a row from the moment at which it is handed out: it is true if the process dies.
const textOpen = "The run ended before anybody knew whether the row was sent."

// supply makes rows ready for the workers: it reads the plan, reads the records anew, and writes down what it hands
// out.
type supply struct {
	*sending
	plan  func() (row report.Row, err error, more bool) // its next row
	begun int                                           // rows of it that were taken up

	lock     sync.Mutex // guards the next two
	size     int        // rows that one request reads, as many as leave while the reading is fresh
	outdated []job      // rows whose reading grew too old

	out  atomic.Int64  // rows that workers have
	back chan struct{} // full when one of them has come back
}

func newSupply(r *sending, plan func() (report.Row, error, bool)) *supply {
	return &supply{sending: r, plan: plan, size: firstSize, back: make(chan struct{}, 1)}
}

// feed hands the open rows to the workers until there are none and none can come back, or the run stops.
func (s *supply) feed(soft, hard context.Context, jobs chan<- job) error {
	for {
		batch, err := s.batch(soft, hard)
		switch {
		case errors.Is(err, io.EOF):
			if !s.awaitOutdated(soft) {
				return nil
			}
		case soft.Err() != nil:
			s.putBack(batch...)
			return nil
		case err != nil:
			return err
		}
		for i, j := range batch {
			s.out.Add(1)
			select {
			case jobs <- j:
			case <-soft.Done():
				s.putBack(batch[i:]...)
				return nil
			}
		}
	}
}

// comeBack says that a worker is done with a row.
func (s *supply) comeBack() {
	s.out.Add(-1)
	select {
	case s.back <- struct{}{}:
	default:
	}
}

// awaitOutdated waits until a row has come back that is to be read again, and reports whether there is one.
func (s *supply) awaitOutdated(ctx context.Context) bool {
	for {
		none := s.out.Load() == 0 // asked before the list is looked at: what comes back is put there first
		s.lock.Lock()
		n := len(s.outdated)
		s.lock.Unlock()
		switch {
		case n > 0:
			return true
		case none:
			return false
		}
		select {
		case <-s.back:
		case <-ctx.Done():
			return false
		}
	}
}

// batch makes the next rows ready to be sent: as many as will leave while a reading of their records is fresh, read
// when the quota lets them leave and not before. The error is io.EOF when there are none.
func (s *supply) batch(soft, hard context.Context) ([]job, error) {
	size := blindSize
	if !s.NoLookup {
		n, err := s.client.Ready(soft, leaveWithin)
		if err != nil {
			return nil, err
		}
		size = max(1, min(s.size, n-1))
	}
	jobs, err := s.open(s.takeOutdated(size), size)
	if err != nil {
		return nil, err
	}
	if !s.NoLookup {
		if jobs, err = s.refresh(hard, jobs); err != nil {
			return nil, err
		}
	}
	return jobs, s.announce(jobs)
}

// putBack takes a row whose reading grew too old. Its turn comes again with the next batch.
func (s *supply) putBack(jobs ...job) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.outdated = append(s.outdated, jobs...)
}

// takeOutdated takes rows whose reading grew too old, at most size, and makes the batches as large as leave in time.
func (s *supply) takeOutdated(size int) []job {
	s.lock.Lock()
	defer s.lock.Unlock()
	if len(s.outdated) > 0 {
		s.size = max(1, s.size/2)
	} else {
		s.size = min(2*s.size, lookupRows)
	}
	n := min(size, len(s.outdated))
	jobs := s.outdated[:n:n]
	s.outdated = s.outdated[n:]
	return jobs
}

// open adds the plan's next open rows to jobs, up to size. The error is io.EOF when there are no jobs.
func (s *supply) open(jobs []job, size int) ([]job, error) {
	jobs = slices.Grow(jobs, size-len(jobs))
	for len(jobs) < size {
		row, err := s.next()
		if errors.Is(err, io.EOF) && len(jobs) > 0 {
			break
		}
		if errors.Is(err, io.EOF) {
			return nil, err
		}
		if err != nil {
			return nil, err
		}
		if !toSend(row.Status, row.Code) || s.done(row.Line, row.ID) {
			continue
		}
		j := job{row: row}
		prior, ok, err := s.settled.Get(row.Line, row.ID)
		if err != nil {
			return nil, err
		}
		switch {
		case !ok && s.settled.Damaged():
			j.sent = sentEarlier
		case ok:
			j.prior = prior.Attempts
			switch {
			case prior.Status == report.Unknown:
				j.sent, j.late = sentEarlier, lateUntil(prior)
			case prior.Attempts > 0 && prior.Status != report.Conflict:
				j.sent = sentFailed
			}
			adopt(&j.row, prior)
		case s.JustMade && !mayBeRedone(row):
			j.read, _ = time.Parse(time.RFC3339, row.At) // else it is read
		}
		jobs = append(jobs, j)
		s.begun++
	}
	return jobs, nil
}

// next is the plan's next row, as long as another may be taken up.
func (s *supply) next() (report.Row, error) {
	if s.First > 0 && s.begun == s.First {
		return report.Row{}, io.EOF
	}
	row, err, more := s.plan()
	if !more {
		err = io.EOF
	}
	return row, err
}

// refresh reads the records of jobs whose reading is too old, in one request, and returns the jobs that are to be sent.
func (s *supply) refresh(ctx context.Context, jobs []job) ([]job, error) {
	var ids []string
	for _, j := range jobs {
		if j.stale() {
			ids = append(ids, j.row.ID)
		}
	}
	if len(ids) == 0 {
		return jobs, nil
	}
	records, err := s.client.Lookup(ctx, ids)
	if err != nil {
		s.putBack(jobs...)
		return nil, err
	}
	ready := jobs[:0]
	for _, j := range jobs {
		if j.stale() {
			rec, found := records[j.row.ID]
			if !j.judge(rec, found, s.Overwrite) {
				s.take(outcome{row: j.row, sent: j.sent, read: true})
				continue
			}
		}
		ready = append(ready, j)
	}
	return ready, nil
}

// announce writes down which rows are handed out, before any of them can leave. If the process dies, or the machine,
// exactly these may have been sent without anybody knowing; of the others it is certain that they were not.
func (s *supply) announce(jobs []job) error {
	rows, now := make([]report.Row, 0, len(jobs)), stamp(time.Now())
	for i := range jobs {
		j := &jobs[i]
		j.noted = true // again, if it is handed out again: the time counts, see lateUntil
		row := j.row
		row.Attempts, row.At = j.prior+j.tries.Attempts(), now
		note(&row, report.Unknown, code.Interrupted, textOpen)
		rows = append(rows, row)
	}
	if err := s.record(rows...); err != nil {
		return err
	}
	return s.sync()
}

// release takes back what was handed out and not sent, once there are no workers: nobody is to think that it may have
// been.
func (s *supply) release() {
	for _, j := range s.outdated {
		if !j.noted {
			continue
		}
		j.row.Attempts = j.prior + j.tries.Attempts()
		if v := decide(j.sent, seenNothing); v.status == report.NotAttempted {
			j.row.Status, j.row.Code = v.status, "" // the end of the run says why
		} else {
			v.note(&j.row, code.Interrupted, textOpen)
		}
		s.take(outcome{row: j.row, sent: j.sent})
	}
}

package importer

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"csvput/report"
)

// Errors that stop a run. They are found with errors.Is; the API client's own are *crm.Error.
var (
	// ErrMaxErrors says that ApplyOptions.MaxErrors was reached.
	ErrMaxErrors = errors.New("too many rows had problems")
	// ErrFirst says that ApplyOptions.First was reached, and that there are more rows.
	ErrFirst = errors.New("as many rows were sent as were asked for")
)

// syncEvery is how often report.csv is synced while rows are sent: a process that dies loses nothing, a machine that
// loses power so much at most, and those rows are read again.
const syncEvery = time.Second

// ledger writes down what becomes of rows, tells of it, and stops the run when that is due.
type ledger struct {
	journal   *report.Journal
	progress  Progress
	stop      context.CancelCauseFunc // no further row is to be taken
	maxErrors int                     // 0 is no limit

	mu       sync.Mutex // guards what follows, and the calls of progress
	appended bool       // since the last sync
	lost     *UnrecordedError
	taken    int64
	problems int          // those of the plan among them
	doubts   map[int]sent // lines of the rows that are unknown, with what their requests may have done
}

// take writes an outcome down, and stops the run if it should stop.
func (l *ledger) take(o outcome) {
	if o.stop != nil {
		l.stop(o.stop)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.append(o.attempts, o.row) || o.row.Status == report.NotAttempted {
		return
	}
	l.taken++
	l.progress.Outcome(o.row)
	l.progress.Advance(l.taken)
	if o.row.Status == report.Unknown && !o.read {
		l.doubts[o.row.Line] = o.sent
	}
	if o.row.Status.Problem() {
		l.problems++
		if l.maxErrors > 0 && l.problems >= l.maxErrors {
			l.stop(ErrMaxErrors)
		}
	}
}

// record writes rows down that count as they are. The error says that it could not.
func (l *ledger) record(rows ...report.Row) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(rows) > 0 && !l.append(0, rows...) {
		return l.lost
	}
	return nil
}

// append puts rows at the end of report.csv and reports whether they got there. If not, the run stops, and the row is
// named if requests were sent for it.
func (l *ledger) append(attempts int, rows ...report.Row) bool {
	if l.lost == nil {
		err := l.journal.Append(rows...)
		if err == nil {
			l.appended = true
			return true
		}
		l.lose(err)
	}
	if attempts > 0 {
		l.lost.Lines = append(l.lost.Lines, rows[0].Line)
	}
	return false
}

// lose stops the run because outcomes can't be written down.
func (l *ledger) lose(err error) {
	if l.lost == nil {
		l.lost = &UnrecordedError{Err: err}
		l.stop(l.lost)
	}
}

// sync makes what was appended outlive a power failure. The error says that something could not be written down, now or
// before.
func (l *ledger) sync() error {
	l.mu.Lock()
	due := l.appended && l.lost == nil
	l.appended = false
	l.mu.Unlock()
	var err error
	if due {
		err = l.journal.Sync() // the workers need not wait for it
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.lose(err)
	}
	if l.lost == nil {
		return nil
	}
	return l.lost
}

// keepSynced syncs from time to time, until the function that it returns is called.
func (l *ledger) keepSynced() (end func()) {
	ended := make(chan struct{})
	var background sync.WaitGroup
	background.Go(func() {
		tick := time.NewTicker(syncEvery)
		defer tick.Stop()
		for {
			select {
			case <-ended:
				return
			case <-tick.C:
				_ = l.sync() // it stops the run itself
			}
		}
	})
	return func() {
		close(ended)
		background.Wait()
	}
}

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

func (e *UnrecordedError) Unwrap() error { return e.Err }

// outcome is a row after its requests.
type outcome struct {
	row      report.Row
	sent     sent
	attempts int   // of this process
	read     bool  // the record was read after all of them
	stop     error // why the run should stop because of it
}

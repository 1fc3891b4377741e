package cli

import (
	"context"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"csvput/importer/cli/term"
	"csvput/importer/run"
)

// Signals are the signals that ask this process to stop. One that says that the terminal was closed does not where the
// process was started to outlive it, as with nohup.
func Signals() <-chan os.Signal {
	// Two places: the first signal asks the run to stop, the second to stop at once.
	stop := make(chan os.Signal, 2)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(stop, syscall.SIGHUP)
	}
	// A pipe that nobody reads shows as an error of the write, which says whose pipe it is: the system sends this
	// signal for a connection and for the input of a child too. Nobody listens to this channel.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return stop
}

// halt is how a command is ended from outside.
type halt struct {
	soft  context.Context // ends when no new work is to be begun
	hard  context.Context // ends when requests in flight are to be given up
	ease  context.CancelCauseFunc
	abort context.CancelCauseFunc
}

func newHalt(ctx context.Context) halt {
	hard, abort := context.WithCancelCause(ctx)
	soft, ease := context.WithCancelCause(hard)
	return halt{soft, hard, ease, abort}
}

// listen turns signals into ends: the first eases, the second aborts.
func (h halt) listen(signals <-chan os.Signal) {
	for {
		select {
		case <-h.hard.Done():
			return
		case sig := <-signals:
			if h.soft.Err() != nil {
				h.abort(signalled(sig))
			}
			h.ease(signalled(sig))
		}
	}
}

// signalled is the ending by a signal.
func signalled(sig os.Signal) *run.Ending {
	switch sig {
	case os.Interrupt, syscall.SIGQUIT:
		return run.Interrupted("interrupted")
	case syscall.SIGTERM:
		return run.Terminated("terminated")
	case syscall.SIGHUP:
		return run.Terminated("the terminal was closed")
	case syscall.SIGPIPE:
		return run.Terminated("nobody reads the output any more")
	}
	return run.Terminated("interrupted")
}

// pipe is an output of the process that is no terminal. When its reader is gone, as with | head, the run is to stop:
// whoever started it does not see what it does.
type pipe struct {
	io.Writer
	once sync.Once
	gone context.CancelCauseFunc
}

func (p *pipe) Write(b []byte) (int, error) {
	n, err := p.Writer.Write(b)
	if term.BrokenPipe(err) {
		err = signalled(syscall.SIGPIPE)
		p.once.Do(func() { p.gone(err) })
	}
	return n, err
}

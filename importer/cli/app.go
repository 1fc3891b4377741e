package cli

import (
	"context"
	"io"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"

	"csvput/importer/cli/term"
	"csvput/importer/run"
)

// Process is what a command knows of the process it runs in.
type Process struct {
	Args    []string // the first is the program's name
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	Env     func(string) (string, bool)
	Environ []string         // all of it, NAME=value, for names that nobody knows
	Signals <-chan os.Signal // nil never delivers
	// ConfigDir is where programs keep this person's settings, see os.UserConfigDir; "" is nowhere.
	ConfigDir string
	// CacheDir is where programs keep what may be lost, see os.UserCacheDir; "" is nowhere.
	CacheDir string
}

// app is one call of csvput.
type app struct {
	Process
	halt
	read  sync.Once // fills said, see settings
	said  settings
	all   bool                   // help shows all options
	known []string               // names that a settings file may use
	wrong error                  // a value of the environment or a settings file that can't be one
	ended bool                   // the log says how the command ended
	next  atomic.Pointer[string] // the command line that goes on with what is left, once there is something
}

// watched is an output that ends the command when its reader is gone. A terminal says so with a signal.
func (a *app) watched(w io.Writer) io.Writer {
	if term.IsTerminal(w) {
		return w
	}
	return &pipe{Writer: w, gone: a.ease}
}

// settings are what settings files say: whatever a flag says, by the flag's name.
type settings struct {
	files  []string // those that say anything
	values map[string]setting
	err    error
}

// setting is a value and the file that it stands in.
type setting struct{ value, file string }

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
	bySystem := map[os.Signal]string{
		syscall.SIGTERM: "terminated",
		syscall.SIGHUP:  "the terminal was closed",
		syscall.SIGPIPE: "nobody reads the output any more",
	}
	if what := bySystem[sig]; what != "" {
		return &run.Ending{End: run.EndTerminated, What: what, Code: "terminated", Resumable: true}
	}
	return &run.Ending{End: run.EndInterrupted, What: "interrupted", Code: "interrupted", Resumable: true}
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

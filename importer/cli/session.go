package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/urfave/cli/v3"

	"csvput/importer/crm"
	"csvput/report"
)

// session is one run of a command that reads a file or talks to a server.
type session struct {
	*app
	c       *cli.Command
	screen  *screen
	log     *slog.Logger
	soft    context.Context // ends when no new work is to be begun
	hard    context.Context // ends when requests in flight are to be given up
	folder  *report.Folder
	client  *crm.Client
	summary report.Summary
	cleanup []func() error // undone last to first
}

// withSession sets up what a command needs, runs it, and takes it down again.
func (a *app) withSession(ctx context.Context, c *cli.Command, do func(*session) error) (err error) {
	s := &session{app: a, c: c}
	s.summary = report.Summary{Command: c.Name, StartedAt: time.Now().UTC(), Versions: version(), Settings: a.held(c)}
	if err := s.openScreen(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	stop := s.listen(ctx)
	defer stop()
	return do(s)
}

func (s *session) close() error {
	var err error
	for i := len(s.cleanup) - 1; i >= 0; i-- {
		err = errors.Join(err, s.cleanup[i]())
	}
	return err
}

func (s *session) later(f func() error) { s.cleanup = append(s.cleanup, f) }

// openScreen decides where messages, progress and log lines go.
func (s *session) openScreen() error {
	c := s.c
	if err := oneOf(c, "progress", "auto", "plain", "none"); err != nil {
		return err
	}
	if err := oneOf(c, "log-format", "text", "json"); err != nil {
		return err
	}
	_, noColor := s.Env("NO_COLOR")
	terminal := isTerminal(s.Stderr)
	scr := &screen{
		w: s.Stderr, quiet: c.Bool("quiet"), interval: c.Duration("progress-interval"),
		mode: c.String("progress"), color: terminal && !noColor, mask: mask,
	}
	if dumb, _ := s.Env("TERM"); scr.mode == "auto" {
		scr.mode = "plain"
		if terminal && dumb != "dumb" {
			scr.mode = "bar"
		}
	}
	if scr.quiet {
		scr.mode = "none"
	}
	if c.Bool("log-values") {
		scr.mask = func(v string) string { return v }
	}
	var w io.Writer = io.Discard
	asked := c.IsSet("log-format") || c.Bool("verbose")
	switch file := c.String("log-file"); {
	case file != "":
		f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return usagef("--log-file: %v", err)
		}
		s.later(f.Close)
		w = f
	case asked:
		w = &lockedWriter{w: s.Stderr}
		scr.logOnly = c.String("log-format") == "json"
		if scr.logOnly && scr.mode == "bar" {
			scr.mode = "plain"
		}
	}
	level := slog.LevelInfo
	if c.Bool("verbose") {
		level = slog.LevelDebug
	}
	options := &slog.HandlerOptions{Level: level}
	var handler slog.Handler = slog.NewTextHandler(w, options)
	if c.String("log-format") == "json" {
		handler = slog.NewJSONHandler(w, options)
	}
	if w == io.Discard {
		handler = slog.DiscardHandler
	}
	s.log = slog.New(handler)
	scr.log = s.log
	s.screen = scr
	return nil
}

// lockedWriter lets the screen and the API client's log share a stream.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// listen makes the two contexts: the first signal, or --max-duration, ends soft; the second signal
// ends hard. The function it returns ends both and waits for the listener.
func (s *session) listen(ctx context.Context) func() {
	hard, abort := context.WithCancelCause(ctx)
	soft, ease := context.WithCancelCause(hard)
	s.soft, s.hard = soft, hard
	var limit <-chan time.Time
	if d := s.duration("max-duration"); d > 0 {
		timer := time.NewTimer(d)
		limit = timer.C
		s.later(func() error { timer.Stop(); return nil })
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-limit:
				s.screen.say("the time is over (--max-duration): finishing what is in flight")
				ease(errMaxDuration)
			case sig := <-s.Signals:
				if soft.Err() == nil {
					s.screen.say("stopping: finishing what is in flight. Once more to stop at once")
					ease(signalError{sig})
					continue
				}
				abort(signalError{sig})
			}
		}
	})
	live, dark := context.WithCancel(ctx)
	wg.Go(func() { s.screen.live(live) })
	return func() {
		close(done)
		dark()
		wg.Wait()
		s.screen.end()
		ease(nil)
		abort(nil)
	}
}

// duration is a flag's value where the command has the flag.
func (s *session) duration(name string) time.Duration {
	for _, f := range s.c.Flags {
		if f.Names()[0] == name {
			return s.c.Duration(name)
		}
	}
	return 0
}

// newFolder makes the run's folder beside the input, or where --out says.
func (s *session) newFolder(beside, name string) error {
	parent := s.c.String("out")
	if parent == "" {
		parent = filepath.Dir(beside)
		if beside == "-" {
			parent = "."
		}
	} else if err := os.MkdirAll(parent, 0o700); err != nil {
		return usagef("--out: %v", err)
	}
	folder, err := report.Create(parent, name, time.Now())
	if err != nil {
		return err
	}
	s.folder = folder
	s.summary.RunID = filepath.Base(folder.Dir())
	s.log = s.log.With("run", s.summary.RunID)
	s.screen.log = s.log
	return s.lock(folder)
}

// lock keeps other processes off a folder until the session ends.
func (s *session) lock(folder *report.Folder) error {
	release, err := folder.Lock(s.soft, s.duration("lock-timeout"))
	if errors.Is(err, report.ErrLocked) {
		return fmt.Errorf("another csvput is working on %s: %w", folder.Dir(), err)
	}
	if err != nil {
		return err
	}
	s.later(release)
	return nil
}

// abandon removes the folder of a run that came to nothing: nothing was sent, and there is nothing in
// it that could be gone on with.
func (s *session) abandon() error {
	if s.folder == nil {
		return nil
	}
	dir := s.folder.Dir()
	s.later(func() error { return nil })
	// The lock file is held open until the session closes; the folder goes after that.
	s.cleanup = append([]func() error{func() error { return os.RemoveAll(dir) }}, s.cleanup...)
	return nil
}

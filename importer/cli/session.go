package cli

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/urfave/cli/v3"

	"csvput/importer/crm"
	"csvput/importer/rescue"
	"csvput/report"
)

// session is one run of a command that reads a file or talks to a server. It is the engine's
// importer.Progress.
type session struct {
	*app
	c       *cli.Command
	screen  *screen
	log     *slog.Logger
	runID   atomic.Pointer[string]
	folder  *report.Folder
	planned bool // the folder holds a whole plan: what is left of it can be applied at any time
	sending atomic.Bool
	client  *crm.Client
	summary report.Summary
	kept    bool           // the folder holds all that the run leaves
	told    bool           // the summary was handed over
	cleanup []func() error // undone last to first
}

// withSession sets up what a command needs, runs it, and takes it down again.
func (a *app) withSession(_ context.Context, c *cli.Command, do func(*session) error) error {
	s := &session{app: a, c: c}
	s.summary = report.Summary{Command: c.Name, StartedAt: time.Now().UTC(), Versions: version(), Settings: held(c)}
	err := s.openScreen()
	if err == nil {
		err = s.openLog(c)
	}
	if err != nil {
		return errors.Join(err, s.close())
	}
	s.screen.log = s.log
	for _, file := range a.settings().files {
		s.log.Info("settings", "file", file)
		s.screen.say("Settings from %s", oneLine(file))
	}
	stop := s.attend()
	err = s.conclude(rescue.Call(func() error { return do(s) }))
	stop()
	return errors.Join(err, s.close())
}

// held is every setting as it holds for the command, without secrets: what the summary keeps.
func held(c *cli.Command) map[string]string {
	out := map[string]string{}
	for _, f := range c.Flags {
		if name := f.Names()[0]; name != "help" && name != "map" {
			out[name] = hidden(name, settingOf(c, name))
		}
	}
	return out
}

func (s *session) later(f func() error) { s.cleanup = append(s.cleanup, f) }

// close undoes what the session set up. The folder of a run that never had a plan goes with it: nothing
// was sent, and there is nothing in it to go on with.
func (s *session) close() error {
	var err error
	for i := len(s.cleanup) - 1; i >= 0; i-- {
		err = errors.Join(err, s.cleanup[i]())
	}
	if s.folder != nil && !s.planned && !s.kept {
		err = errors.Join(err, os.RemoveAll(s.folder.Dir()))
	}
	return err
}

// openScreen decides what is shown on stderr, and how.
func (s *session) openScreen() error {
	c := s.c
	if err := errors.Join(oneOf(c, "progress", "auto", modePlain, modeNone), oneOf(c, "log-format", "text", "json")); err != nil {
		return err
	}
	_, noColor := s.Env("NO_COLOR")
	dumb, _ := s.Env("TERM")
	terminal := isTerminal(s.Stderr) && dumb != "dumb" && enableEscapes(s.Stderr)
	s.screen = &screen{w: s.Stderr, quiet: c.Bool("quiet"), color: terminal && !noColor}
	s.screen.interval, s.screen.mode = c.Duration("progress-interval"), c.String("progress")
	switch {
	case s.screen.quiet:
		s.screen.mode = modeNone
	case s.screen.mode != "auto":
	case terminal && !s.machine():
		s.screen.mode = modeBar
	default:
		s.screen.mode = modePlain
	}
	return nil
}

// attend keeps the screen alive, ends the run when --max-duration is over, and says when it is about to
// end. The function it returns puts an end to all that.
func (s *session) attend() func() {
	done := make(chan struct{})
	var wg sync.WaitGroup
	if d := s.c.Duration("max-duration"); d > 0 {
		limit := time.AfterFunc(d, func() { s.ease(errMaxDuration) })
		s.later(func() error { limit.Stop(); return nil })
	}
	wg.Go(func() {
		select {
		case <-done:
		case <-s.soft.Done():
			s.stopping(context.Cause(s.soft))
		}
	})
	wg.Go(func() {
		if err := rescue.Call(func() error { s.screen.live(done); return nil }); err != nil {
			s.ease(err)
		}
	})
	return func() {
		close(done)
		wg.Wait()
		s.screen.end()
	}
}

// stopping says that the run is about to end early. Before anything is sent there is nothing to wait for.
func (s *session) stopping(why error) {
	s.log.Info("stopping", "why", why.Error())
	if !s.sending.Load() {
		return
	}
	if _, ok := errors.AsType[signalError](why); ok {
		s.screen.say("stopping: finishing what is in flight; once more to stop at once")
		return
	}
	s.screen.say("%s: finishing what is in flight", why)
}

// newFolder makes the run's folder beside the input, or where --out says.
func (s *session) newFolder(beside, name string) error {
	parent := s.c.String("out")
	if parent == "" {
		parent = filepath.Dir(beside) // of "-", the working directory
	} else if err := os.MkdirAll(parent, 0o700); err != nil {
		return usagef("--out: %v", err)
	}
	folder, err := report.Create(parent, name, time.Now())
	if err != nil {
		return err
	}
	s.useFolder(folder, folder.ID())
	return s.lock(folder)
}

// useFolder makes a folder the session's.
func (s *session) useFolder(folder *report.Folder, id string) {
	s.folder, s.summary.RunID, s.summary.Folder = folder, id, folder.Dir()
	if path, err := filepath.Abs(folder.Dir()); err == nil {
		s.summary.Folder = path
	}
	s.runID.Store(&id)
}

// hasPlan says that what is left of the folder's plan can be applied from now on.
func (s *session) hasPlan() {
	s.planned = true
	next := s.command("apply", s.folder.Dir())
	s.next.Store(&next)
}

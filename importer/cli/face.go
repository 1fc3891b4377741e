package cli

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/urfave/cli/v3"

	"csvput/importer/cli/term"
	"csvput/importer/crm"
	"csvput/importer/run"
	"csvput/report"
)

// face is the terminal of one command: it shows what happens, writes it into the log, and asks. It is a run.Face.
type face struct {
	*app
	c      *cli.Command
	screen *term.Screen
	log    *slog.Logger
	runID  atomic.Pointer[string]
	client *crm.Client
	folder *report.Folder // of the run
}

// openScreen decides what is shown on stderr, and how.
func (f *face) openScreen() error {
	c := f.c
	if err := errors.Join(oneOf(c, "progress", "auto", term.ModePlain, term.ModeNone),
		oneOf(c, "log-format", "text", "json")); err != nil {
		return err
	}
	_, noColor := f.Env("NO_COLOR")
	dumb, _ := f.Env("TERM")
	terminal := term.IsTerminal(f.Stderr) && dumb != "dumb" && term.EnableEscapes(f.Stderr)
	f.screen = &term.Screen{
		W: f.Stderr, Quiet: c.Bool("quiet"), Color: terminal && !noColor, Interval: c.Duration("progress-interval"),
		Mode: c.String("progress"),
		Counters: []term.Counter{{Word: "updated", Rank: 4, Logged: true}, {Word: "unchanged", Rank: 4},
			{Word: "failed", Rank: 2, Logged: true}},
	}
	switch {
	case f.screen.Quiet:
		f.screen.Mode = term.ModeNone
	case f.screen.Mode != "auto":
	case terminal && !f.machine():
		f.screen.Mode = term.ModeBar
	default:
		f.screen.Mode = term.ModePlain
	}
	return nil
}

// oneOf checks the value of a flag that takes words.
func oneOf(c *cli.Command, flag string, words ...string) error {
	if !slices.Contains(words, c.String(flag)) {
		return run.Usagef("--%s %q is none of %s", flag, c.String(flag), strings.Join(words, ", "))
	}
	return nil
}

// onlyPlans reports whether the command ends with the plan.
func (f *face) onlyPlans() bool { return f.c.Name == "plan" || f.c.Bool("dry-run") }

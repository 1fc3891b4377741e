// Package cli is the command line of csvput: commands, flags, messages, progress and exit codes.
//
// Everything a person reads goes to stderr; stdout is for what another program may want: the summary with --json, an
// export, the template, the table of logins, a completion script. With --log-format json, stderr holds one JSON object
// a line and nothing else.
package cli

import (
	"context"
	"time"

	"github.com/urfave/cli/v3"

	"csvput/importer/cli/term"
	"csvput/importer/rescue"
	"csvput/importer/run"
)

// Run carries out one command line and returns the exit code (see help/exit-codes.txt for their meanings).
func Run(ctx context.Context, p Process) int {
	a := &app{Process: p, halt: newHalt(ctx)}
	defer a.abort(nil)
	a.Stdout, a.Stderr = a.watched(p.Stdout), a.watched(p.Stderr)
	if term.IsTerminal(p.Stdout) {
		a.Stdout = term.Neutral{Writer: p.Stdout}
	}
	go a.halt.listen(p.Signals)
	return a.within(a.run)
}

// run carries out the command line and says what ended it.
func (a *app) run() int {
	a.Args, a.all = allOptions(a.Args)
	if len(a.Args) == 2 && a.Args[1] == "--version" {
		a.Args = []string{a.Args[0], "version"}
	}
	args, own := desktopArgs(a.Args, a.Stdin)
	a.Args = args
	if own {
		defer a.waitForKey()
	}
	return a.report(rescue.Call(func() error { return a.root().Run(a.hard, a.Args) }))
}

// root is the command tree.
func (a *app) root() *cli.Command {
	commands := []*cli.Command{
		a.runCommand(), a.checkCommand(), a.planCommand(), a.applyCommand(), a.undoCommand(), a.uiCommand(),
		a.runsCommand(),
		a.exportCommand(), a.templateCommand(), a.loginsCommand(), a.loginCommand(), a.logoutCommand(),
		a.explainCommand(), a.configCommand(), a.sandboxCommand(), a.versionCommand(), a.helpCommand(),
	}
	for _, c := range commands {
		for _, f := range c.Flags {
			if name := f.Names()[0]; name != "config" && name != "yes" {
				a.known = append(a.known, name)
			}
		}
		c.OnUsageError = a.usageProblem
		describe(c)
		c.CustomHelpTemplate = commandHelp(c, a.all)
		c.HideHelpCommand = true
		c.Before = a.before
	}
	root := &cli.Command{
		Name:                      "csvput",
		Commands:                  commands,
		Suggest:                   true,
		EnableShellCompletion:     true,
		HideVersion:               true,
		Reader:                    a.Stdin,
		Writer:                    a.Stdout,
		ErrWriter:                 a.Stderr,
		ExitErrHandler:            func(context.Context, *cli.Command, error) {}, // Run decides
		OnUsageError:              a.usageProblem,
		DisableSliceFlagSeparator: true, // a header may hold a comma
		ConfigureShellCompletionCommand: func(c *cli.Command) {
			c.Hidden = false
			describe(c)
		},
		Action: func(_ context.Context, c *cli.Command) error {
			if c.Args().Present() {
				return a.noCommand(c, c.Args().First())
			}
			return cli.ShowRootCommandHelp(c)
		},
	}
	describe(root)
	root.CustomRootCommandHelpTemplate = rootHelp(root)
	return root
}

// within runs a command and returns its exit code. A command that does not end when it is told to is left behind: what
// it waits for may never come.
func (a *app) within(command func() int) int {
	done := make(chan int, 1)
	go func() { done <- command() }()
	select {
	case code := <-done:
		return code
	case <-a.hard.Done():
	}
	select {
	case code := <-done:
		return code
	case <-time.After(grace):
		end := run.EndingOf(context.Cause(a.hard))
		if next := a.next.Load(); next != nil {
			end.Hint("to go on: " + *next)
		}
		return a.report(end)
	}
}

// grace is how long a command may take to end after the second signal.
const grace = 800 * time.Millisecond

// Package cli is the command line of csvput: commands, flags, messages, progress and exit codes.
//
// Everything a person reads goes to stderr; stdout is for what another program may want: the summary
// with --json, an export, the template, the table of logins, a completion script.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"
)

// Process is what a command knows of the process it runs in.
type Process struct {
	Args    []string // the first is the program's name
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	Env     func(string) (string, bool)
	Signals <-chan os.Signal // nil never delivers
}

// app is one call of csvput.
type app struct {
	Process
	settings settingsFile
	origins  map[string]string // where each setting's value was found, by flag name
}

// Run carries out one command line and returns the exit code (see exit.go for their meanings).
func Run(ctx context.Context, p Process) int {
	a := &app{Process: p, origins: map[string]string{}}
	if args, ok := droppedFile(p.Args); ok {
		a.Args = args
		defer a.waitForKey()
	}
	err := a.loadSettings()
	if err == nil {
		err = a.root().Run(ctx, a.Args)
	}
	return a.report(err)
}

// root is the command tree.
func (a *app) root() *cli.Command {
	commands := []*cli.Command{
		a.runCommand(), a.checkCommand(), a.planCommand(), a.applyCommand(), a.undoCommand(),
		a.exportCommand(), a.templateCommand(), a.loginsCommand(), a.loginCommand(), a.logoutCommand(),
		a.configCommand(), a.sandboxCommand(), a.manCommand(), a.versionCommand(),
	}
	for _, c := range commands {
		c.OnUsageError = a.usageProblem
		c.CustomHelpTemplate = commandHelp
	}
	return &cli.Command{
		Name:  "csvput",
		Usage: "update phone numbers and e-mail addresses in a CRM from a CSV file",
		Description: "See what will change, change it, prove it, and put it back:\n\n" +
			"   csvput check contacts.csv    look at the file; nothing leaves this computer\n" +
			"   csvput plan contacts.csv     compare with the CRM; nothing is changed\n" +
			"   csvput run contacts.csv      compare, ask once, update\n" +
			"   csvput undo FOLDER           put the old values back\n\n" +
			"Add --sandbox to try any of it against a pretend CRM inside this program.",
		Commands:                      commands,
		Suggest:                       true,
		EnableShellCompletion:         true,
		HideVersion:                   true,
		HideHelpCommand:               false,
		Reader:                        a.Stdin,
		Writer:                        a.Stdout,
		ErrWriter:                     a.Stderr,
		ExitErrHandler:                func(context.Context, *cli.Command, error) {}, // Run decides
		OnUsageError:                  a.usageProblem,
		DisableSliceFlagSeparator:     true, // a header may hold a comma
		CustomRootCommandHelpTemplate: rootHelp,
		Action: func(ctx context.Context, c *cli.Command) error {
			if c.Args().Present() {
				return noCommand(c, c.Args().First())
			}
			return cli.ShowRootCommandHelp(c)
		},
	}
}

func (a *app) usageProblem(_ context.Context, c *cli.Command, err error, _ bool) error {
	// A misspelt command shows as an option that csvput itself does not know.
	if i := slices.IndexFunc(a.Args[1:], func(s string) bool { return !strings.HasPrefix(s, "-") }); c == c.Root() && i >= 0 {
		return noCommand(c, a.Args[1+i])
	}
	return usagef("%s", strings.TrimSpace(err.Error())).hint("add --help to the command to see how it is used")
}

func noCommand(root *cli.Command, name string) *ending {
	end := usagef("there is no command %q", name)
	if near := cli.SuggestCommand(root.Commands, name); near != "" {
		end.hint("did you mean " + near + "?")
	}
	return end.hint("csvput --help lists the commands")
}

// report prints what ended the command and returns the exit code.
func (a *app) report(err error) int {
	if err == nil {
		return exitDone
	}
	end, ok := errors.AsType[*ending](err)
	if !ok {
		end = endingOf(err)
	}
	if end.what != "" {
		fmt.Fprintf(a.Stderr, "csvput: error: %s\n", oneLine(end.what))
	}
	for _, h := range end.hints {
		fmt.Fprintf(a.Stderr, "csvput: hint: %s\n", oneLine(h))
	}
	return end.code
}

// oneLine keeps control characters, which may come from a file or a server, off the terminal.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 }), " ")
}

// argument returns the command's only argument.
func argument(c *cli.Command, what string) (string, error) {
	args := c.Args().Slice()
	if i := slices.IndexFunc(args, func(s string) bool { return strings.HasPrefix(s, "-") && s != "-" }); i >= 0 {
		return "", usagef("the option %s stands after %s", args[i], what).hint("put options before the file or folder")
	}
	switch len(args) {
	case 0:
		return "", usagef("which %s?", what).hint(fmt.Sprintf("csvput %s --help shows an example", c.Name))
	case 1:
		return args[0], nil
	}
	return "", usagef("one %s at a time: got %s", what, strings.Join(args, ", "))
}

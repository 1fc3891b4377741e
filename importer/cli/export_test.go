package cli

import (
	"context"

	"github.com/urfave/cli/v3"

	"csvput/importer/run"
	"csvput/importer/sandbox"
)

// SeedForTest gives a sandbox a record for every row of a file, as csvput sandbox --seed does.
func SeedForTest(server *sandbox.Server, file string) error {
	return run.Job{Settings: run.Defaults()}.Seed(context.Background(), server, file)
}

// CommandsForTest are all commands with their flags, as a process without any environment has them.
func CommandsForTest() []*cli.Command {
	a := &app{Process: Process{Env: func(string) (string, bool) { return "", false }}}
	return a.root().Commands
}

// QuoteForTest quotes an argument for a shell.
func QuoteForTest(shell, arg string) string { return quoteFor(shell, arg) }

// DroppedForTest is the command line of a program on whose icon files were dropped.
func DroppedForTest(args []string) []string { return fromDesktop(args) }

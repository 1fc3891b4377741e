// Command csvput updates the contact details of a CRM in bulk from a CSV file. See README.md, or
// run it with --help.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"csvput/importer/cli"
)

func main() {
	// Two places: the first signal asks the run to stop, the second to stop at once.
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	own, _ := os.UserConfigDir() // without one, there are no settings in it
	os.Exit(cli.Run(context.Background(), cli.Process{
		Args:      os.Args,
		Stdin:     os.Stdin,
		Stdout:    os.Stdout,
		Stderr:    os.Stderr,
		Env:       os.LookupEnv,
		Signals:   signals,
		ConfigDir: own,
	}))
}

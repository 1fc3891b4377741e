// Command csvput updates the contact details of a CRM in bulk from a CSV file. See README.md, or
// run it with --help.
package main

import (
	"context"
	"os"

	"csvput/importer/cli"
)

func main() {
	own, _ := os.UserConfigDir()  // without one, there are no settings in it
	cache, _ := os.UserCacheDir() // without one, the same file is known by its folder only
	os.Exit(cli.Run(context.Background(), cli.Process{
		Args:      os.Args,
		Stdin:     os.Stdin,
		Stdout:    os.Stdout,
		Stderr:    os.Stderr,
		Env:       os.LookupEnv,
		Environ:   os.Environ(),
		Signals:   cli.Signals(),
		ConfigDir: own,
		CacheDir:  cache,
	}))
}

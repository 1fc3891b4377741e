// Command csvput updates the contact details of a CRM in bulk from a CSV file. See README.md, or
// run it with --help.
package main

import (
	"context"
	"os"

	"csvput/importer/cli"
)

func main() {
	cache, _ := os.UserCacheDir() // without one, the same file is known by its folder only
	os.Exit(cli.Run(context.Background(), cli.Process{
		Args:     os.Args,
		Stdin:    os.Stdin,
		Stdout:   os.Stdout,
		Stderr:   os.Stderr,
		Env:      os.LookupEnv,
		Signals:  cli.Signals(),
		CacheDir: cache,
	}))
}

package cli

import (
	"os"

	"csvput/importer"
	"csvput/importer/rows"
	"csvput/importer/sandbox"
)

// SeedForTest gives a sandbox a record for every row of a file, as csvput sandbox --seed does.
func SeedForTest(server *sandbox.Server, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	in, err := rows.Open(f, rows.Options{})
	if err != nil {
		return err
	}
	return seedRows(server, in, importer.CheckOptions{})
}

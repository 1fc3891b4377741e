package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v3"

	"csvput/importer/phone"
	"csvput/report"
)

// onCommandLine tells whether one of a flag's names stands on the command line.
func (a *app) onCommandLine(names []string) bool {
	return slices.ContainsFunc(a.Args, func(arg string) bool {
		given, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		return strings.HasPrefix(arg, "-") && slices.Contains(names, given)
	})
}

// held is every setting as it holds for the command, without secrets: what the summary keeps.
func (a *app) held(c *cli.Command) map[string]string {
	out := map[string]string{}
	for _, f := range c.Flags {
		name := f.Names()[0]
		if name == "help" || name == "map" {
			continue
		}
		out[name] = hidden(name, fmt.Sprint(c.Value(name)))
	}
	return out
}

// printTable writes rows in columns.
func printTable(w io.Writer, header []string, fill func(row func(...string))) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, strings.Join(header, "\t"))
	fill(func(cells ...string) {
		for i, c := range cells {
			cells[i] = oneLine(c)
		}
		fmt.Fprintln(t, strings.Join(cells, "\t"))
	})
	return t.Flush()
}

// version says which program this is, from what the Go toolchain put into it.
func version() report.Versions {
	v := report.Versions{Csvput: "(devel)", Go: runtime.Version(), Phonenumbers: phone.MetadataVersion()}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		v.Csvput = info.Main.Version
	}
	return v
}

func (a *app) versionCommand() *cli.Command {
	return &cli.Command{
		Name:  "version",
		Usage: "print the versions of csvput, of Go and of the phone number metadata",
		Flags: []cli.Flag{a.yes("json", forOutput, "print them as JSON")},
		Action: func(_ context.Context, c *cli.Command) error {
			v := version()
			if c.Bool("json") {
				return printJSON(a.Stdout, v)
			}
			commit := ""
			if info, ok := debug.ReadBuildInfo(); ok {
				for _, s := range info.Settings {
					if s.Key == "vcs.revision" {
						commit = " (commit " + s.Value + ")"
					}
				}
			}
			_, err := fmt.Fprintf(a.Stdout, "csvput %s%s\n%s %s/%s\nphone number metadata: %s\n", v.Csvput, commit, v.Go, runtime.GOOS, runtime.GOARCH, v.Phonenumbers)
			return err
		},
	}
}

// writeWhole writes a file that must not be there yet, and only when it is whole.
func writeWhole(path string, fill func(io.Writer) error) error {
	part := path + ".part"
	if _, err := os.Stat(path); err == nil {
		return usagef("%s is there already, and csvput overwrites nothing", path)
	}
	f, err := os.OpenFile(part, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return usagef("%s can't be written: %v", path, err)
	}
	err = errors.Join(fill(f), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return nil
}

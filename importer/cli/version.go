package cli

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v3"

	"csvput/importer/phone"
	"csvput/report"
)

func (a *app) versionCommand() *cli.Command {
	return &cli.Command{
		Name:  "version",
		Flags: []cli.Flag{a.jsonFlag("them")},
		Action: func(_ context.Context, c *cli.Command) error {
			v := version()
			if c.Bool("json") {
				return printJSON(a.Stdout, v)
			}
			_, err := fmt.Fprintf(a.Stdout, "csvput %s%s\n%s %s/%s\nphone number metadata: %s\n",
				v.Csvput, commit(), v.Go, runtime.GOOS, runtime.GOARCH, v.Phonenumbers)
			return err
		},
	}
}

// version says which program this is, from what the Go toolchain put into it.
func version() report.Versions {
	v := report.Versions{Csvput: "(devel)", Go: runtime.Version(), Phonenumbers: phone.MetadataVersion()}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		v.Csvput = info.Main.Version
	}
	return v
}

// commit is the commit that the program was built from, in parentheses, where the toolchain knows it.
func commit() string {
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return " (commit " + s.Value + ")"
		}
	}
	return ""
}

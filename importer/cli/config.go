package cli

import (
	"context"
	"slices"

	"github.com/urfave/cli/v3"
)

func (a *app) configCommand() *cli.Command {
	return &cli.Command{
		Name:   "config",
		Flags:  a.allFlags(),
		Action: func(_ context.Context, c *cli.Command) error { return a.printConfig(c) },
	}
}

// allFlags are the flags of the commands that a settings file can set, each once.
func (a *app) allFlags() []cli.Flag {
	var out []cli.Flag
	seen := map[string]bool{}
	for _, f := range slices.Concat([]cli.Flag{a.noLookupFlag()}, a.stopFlags(), a.readingFlags(), a.connectFlags(),
		a.runFlags()) {
		if name := f.Names()[0]; !seen[name] {
			seen[name] = true
			out = append(out, f)
		}
	}
	return out
}

func (a *app) printConfig(c *cli.Command) error {
	return printTable(a.Stdout, []string{"SETTING", "VALUE", "FROM"}, func(row func(...string)) {
		for _, f := range c.Flags {
			if name := f.Names()[0]; name != "help" {
				row(name, hidden(name, settingOf(c, name)), a.origin(f))
			}
		}
		if v, ok := a.Env("CSVPUT_TOKEN"); ok && v != "" {
			row("(token)", "(set, not shown)", "environment variable CSVPUT_TOKEN")
		}
	})
}

// origin says where a flag's value comes from.
func (a *app) origin(f cli.Flag) string {
	name := f.Names()[0]
	for _, n := range f.Names() {
		if _, ok := argumentOf(a.Args, n); ok {
			return "command line"
		}
	}
	if v, ok := a.Env(envName(name)); ok && v != "" {
		return "environment variable " + envName(name)
	}
	if v, ok := a.settings().values[name]; ok {
		return "settings file " + v.file
	}
	return "default"
}

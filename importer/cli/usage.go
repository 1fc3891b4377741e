package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"csvput/importer/run"
	"csvput/report"
)

// usageProblem says what is wrong with a command line that can't be parsed. The library's own words are not for people:
// the arguments are looked through once more.
func (a *app) usageProblem(_ context.Context, c *cli.Command, err error, _ bool) error {
	// A misspelt command shows as an option that csvput itself does not know.
	at := slices.IndexFunc(a.Args[1:], func(s string) bool { return !strings.HasPrefix(s, "-") })
	if c == c.Root() && at == 0 {
		return a.noCommand(c, a.Args[1])
	}
	if c == c.Root() && at > 0 {
		return run.Usagef("the option %s stands before the command", optionName(a.Args[1])).
			Hint("csvput --help lists the commands; options come after them")
	}
	args, more := a.Args[1:], settingsHint
	if c != c.Root() {
		args, more = a.Args[2:], fmt.Sprintf("csvput %s --help explains the options", c.Name)
	}
	for len(args) > 0 && args[0] != "--" {
		arg := args[0]
		args = args[1:]
		if !strings.HasPrefix(arg, "-") || arg == "-" {
			continue
		}
		name, value, given := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		f := flagOf(c, name)
		if f == nil {
			return didYouMean(run.Usagef("csvput %s has no option %s", c.Name, dashed(name)),
				cli.SuggestFlag(c.Flags, name, false)).Hint(more)
		}
		if _, isSwitch := f.(*cli.BoolFlag); !isSwitch && !given {
			if len(args) == 0 {
				return run.Usagef("%s needs a value after it", dashed(name)).Hint(more)
			}
			value, args = args[0], args[1:]
		}
		if wrong := wrongValue(f, value); wrong != "" {
			return run.Usagef("%s %q is %s", dashed(name), value, wrong).Hint(more)
		}
	}
	return run.Usagef("%s", strings.TrimSpace(err.Error())).Hint(more)
}

// optionName is an option without its value, which may be a secret.
func optionName(arg string) string {
	name, _, _ := strings.Cut(arg, "=")
	return name
}

// noCommand says what may have been meant by a word that is no command: a file or a run's folder is to have something
// done with it.
func (a *app) noCommand(root *cli.Command, name string) *run.Ending {
	verbs := []string{"check", "plan", "run", "ui"}
	info, err := os.Stat(name)
	missing := errors.Is(err, fs.ErrNotExist)
	if err == nil && info.IsDir() {
		verbs = []string{"apply", "undo"}
		_, err = report.Open(name)
	}
	if err == nil {
		end := run.Usagef("what is to be done with %s?", name)
		for _, verb := range verbs {
			end.Hint(fmt.Sprintf("  %s: %s", a.commandLine(verb, name, nil), root.Command(verb).Usage))
		}
		return end
	}
	if missing && (filepath.Ext(name) != "" || filepath.Base(name) != name) {
		return run.NoFile(name)
	}
	var names []string
	for _, c := range root.Commands {
		names = append(names, c.Name)
	}
	return didYouMean(run.Usagef("there is no command %q", name), nearest(name, names)).
		Hint("csvput --help lists the commands")
}

// argument returns the command's only argument, which is named after what it is.
func argument(c *cli.Command, what string) (string, error) {
	args := c.Args().Slice()
	if i := slices.IndexFunc(args, func(s string) bool { return strings.HasPrefix(s, "-") && s != "-" }); i >= 0 {
		return "", run.Usagef("the option %s stands after the %s", optionName(args[i]), what).
			Hint("put options before the " + what)
	}
	switch len(args) {
	case 0:
		return "", run.Usagef("which %s?", what).Hint(fmt.Sprintf("csvput %s --help shows an example", c.Name))
	case 1:
		return args[0], nil
	}
	return "", run.Usagef("one %s at a time: got %s", what, strings.Join(args, ", "))
}

// before says what is wrong before a command begins: with the environment and the settings files, or that it takes no
// argument, which may be a secret where no file is meant. A command that can't be told of a settings file does not mind
// what is in one. Completion comes this way too, in the middle of a word.
func (a *app) before(ctx context.Context, c *cli.Command) (context.Context, error) {
	if slices.Contains(a.Args, "--generate-shell-completion") {
		return ctx, nil
	}
	if c.ArgsUsage == "" && c.Args().Present() {
		hint := map[string]string{
			"export": "csvput export --output FILE", "template": "csvput template > FILE",
			"runs":    "csvput runs --out FILE",
			"sandbox": "to fill it from a file: csvput sandbox --seed FILE",
			"login":   "what stands on a command line can be seen by others: csvput login asks for the token",
		}[c.Name]
		return ctx, run.Usagef("csvput %s takes no argument", c.Name).
			Hint(strings.Replace(hint, "FILE", quoteArg(c.Args().First()), 1))
	}
	if flagOf(c, "config") == nil {
		return ctx, a.wrong
	}
	return ctx, cmp.Or(a.wrong, a.unknownVariable(), a.said.err)
}

// unknownVariable refuses a variable of the environment that is named as ours are and is none: a misspelt
// CSVPUT_SANDBOX would go on to the real CRM. One without a value says nothing.
func (a *app) unknownVariable() error {
	var known []string
	for _, name := range append([]string{"config", "yes", "token"}, a.known...) {
		known = append(known, envName(name))
	}
	for _, pair := range a.Environ {
		name, value, _ := strings.Cut(pair, "=")
		if runtime.GOOS == "windows" {
			name = strings.ToUpper(name) // there they are the same
		}
		if upper := strings.ToUpper(name); strings.HasPrefix(upper, "CSVPUT_") && value != "" &&
			!slices.Contains(known, name) {
			return didYouMean(run.Usagef("the environment variable %s is none that csvput knows", name),
				nearest(upper, known)).
				Hint("csvput config lists the settings; remove the variable if you do not mean one")
		}
	}
	return nil
}

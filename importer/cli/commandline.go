package cli

import (
	"errors"
	"path/filepath"
	"strings"

	"csvput/importer/rows"
	"csvput/importer/run"
)

// quoteArg writes an argument so that it can be pasted into the shell from which csvput was started.
func quoteArg(s string) string { return quoteFor(shellInUse(), s) }

// programName is how the person called this program.
func programName(args []string) string {
	switch {
	case len(args) == 0:
		return "csvput"
	case strings.Contains(filepath.ToSlash(args[0]), "/go-build"):
		// "go run ." makes a program in a temporary folder that is gone by now.
		return "go run ."
	case quoteArg(args[0]) != args[0]:
		return "csvput" // PowerShell runs no program whose name is in quotation marks
	}
	return strings.TrimSuffix(args[0], ".exe")
}

// commandLine writes a command line. The command for the token is left out: it may hold a secret, and this line is kept
// and shown to others.
func (a *app) commandLine(verb, argument string, settings map[string]string) string {
	words := []string{programName(a.Args), verb}
	for _, flag := range []string{"config", "token-file", "ca-cert", "rate", "reserve", "workers", "timeout", "retries",
		"max-wait", "breaker", "verify"} {
		if verb != "login" {
			words = append(words, given(a.Args, flag)...)
		}
	}
	if verb != "apply" && verb != "undo" {
		words = append(words, a.runOptions(settings)...)
	}
	if argument != "" {
		words = append(words, quoteArg(argument))
	}
	return strings.Join(words, " ")
}

// runOptions are the options that decide what a file means and where it goes, as they held for the run: a rehearsal
// must not go on with the real CRM. What comes from the environment or the settings file will come from there again.
func (a *app) runOptions(settings map[string]string) []string {
	usual := run.Defaults()
	var out []string
	for _, flag := range []string{"sandbox", "base-url", "account", "country", "extension", "vanity", "map-file", "map",
		"on-duplicate", "no-lookup", "out"} {
		value := settings[flag]
		switch {
		case value == "" || value == "false" || value == usual.Text(flag) || value == a.surrounding(flag):
		case value == "true":
			out = append(out, "--"+flag)
		case flag == "map":
			for line := range strings.Lines(value) {
				line = strings.TrimSpace(line)
				if header, ok := strings.CutSuffix(line, "="); ok { // ignored
					out = append(out, "--ignore", quoteArg(header))
				} else {
					out = append(out, "--map", quoteArg(line))
				}
			}
		default:
			out = append(out, "--"+flag, quoteArg(value))
		}
	}
	return out
}

// given is an option as it stands on the command line.
func given(args []string, flag string) []string {
	value, ok := argumentOf(args, flag)
	switch {
	case !ok:
		return nil
	case flag == "verify":
		return []string{"--" + flag}
	}
	return []string{"--" + flag, quoteArg(value)}
}

// columnOption is the option that says what a column of the file is.
func columnOption(s rows.Suggestion) string {
	if s.Field == "" {
		return "--ignore " + quoteArg(s.Header)
	}
	return "--map " + quoteArg(s.Header+"="+s.Field)
}

// hintsOf are the hints of an ending. What to do about a file is said with columns as column puts them.
func hintsOf(end *run.Ending, column func(rows.Suggestion) string) []string {
	file, ok := errors.AsType[*rows.FileError](end)
	if !ok || file.Hint == "" {
		return end.Hints
	}
	return append([]string{file.Advice(column)}, end.Hints...)
}

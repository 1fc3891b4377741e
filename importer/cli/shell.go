package cli

import (
	"path/filepath"
	"runtime"
	"strings"
)

// quoteArg writes an argument so that it can be pasted into the system's shell.
func quoteArg(s string) string { return quoteFor(runtime.GOOS, s) }

// quoteFor quotes for sh, or in the way that both cmd and PowerShell understand.
func quoteFor(system, s string) string {
	plain := "-_./:,@+="
	if system == "windows" {
		plain = `-_./:+\`
	}
	odd := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(plain, r))
	}
	switch {
	case s != "" && !strings.ContainsFunc(s, odd):
		return s
	case system == "windows":
		// A backslash before the closing quotation mark would take away its meaning.
		tail := len(s) - len(strings.TrimRight(s, `\`))
		return `"` + s + strings.Repeat(`\`, tail) + `"`
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

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

// command writes a command line that does what is said, with those options of this one that it needs. The
// command for the token is left out: it may hold a secret, and this line is kept and shown to others.
func (s *session) command(name, argument string) string {
	words := []string{programName(s.Args), name}
	for _, flag := range []string{"config", "token-file", "ca-cert", "rate", "reserve", "workers", "timeout", "retries", "max-wait", "breaker", "verify"} {
		words = append(words, given(s.Args, flag)...)
	}
	if name == "run" || name == "plan" {
		words = append(words, s.runOptions()...)
	}
	return strings.Join(append(words, quoteArg(argument)), " ")
}

// runOptions are the options that decide what a file means and where it goes, as they held for the run:
// a rehearsal must not go on with the real CRM. What comes from the environment or the settings file
// will come from there again.
func (s *session) runOptions() []string {
	var out []string
	for _, flag := range []string{"sandbox", "base-url", "account", "country", "extension", "vanity", "map-file", "map", "on-duplicate", "no-lookup", "out"} {
		value := s.summary.Settings[flag]
		switch {
		case value == "" || value == "false" || value == usual(flag) || value == s.surrounding(flag):
		case value == "true":
			out = append(out, "--"+flag)
		case flag == "map":
			for line := range strings.Lines(value) {
				out = append(out, "--map", quoteArg(strings.TrimSpace(line)))
			}
		default:
			out = append(out, "--"+flag, quoteArg(value))
		}
	}
	return out
}

// usual is the default of an option that decides what a file means.
func usual(flag string) string {
	return map[string]string{"base-url": defaultBaseURL, "country": "GB", "extension": "refuse", "on-duplicate": "refuse"}[flag]
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

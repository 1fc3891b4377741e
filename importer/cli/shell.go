package cli

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"

	"csvput/importer/rows"
)

// The shells for which command lines are printed.
const (
	shellPOSIX      = "sh"
	shellCmd        = "cmd"
	shellPowerShell = "powershell"
)

// quoteArg writes an argument so that it can be pasted into the shell from which csvput was started.
func quoteArg(s string) string { return quoteFor(shellInUse(), s) }

// quoteFor writes an argument as one word of a shell's command line.
func quoteFor(shell, s string) string {
	plain := "-_./:,@+="
	if shell != shellPOSIX {
		plain = `-_./:+\`
	}
	odd := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(plain, r))
	}
	if s != "" && !strings.ContainsFunc(s, odd) {
		return s
	}
	// A backslash before the closing quotation mark would take away its meaning.
	tail := strings.Repeat(`\`, len(s)-len(strings.TrimRight(s, `\`)))
	switch shell {
	case shellPowerShell:
		return "'" + singleQuotes.ReplaceAllString(s, "$0$0") + tail + "'"
	case shellCmd:
		word := `"` + beforeQuote.ReplaceAllString(s, `$1$1\"`) + tail + `"`
		if strings.ContainsAny(s, `%"`) {
			// Variables are put in between quotation marks too. With a caret in its name there is none, and
			// the caret goes afterwards, as it does before each character that cmd knows.
			word = cmdKnows.ReplaceAllString(word, "^$0")
		}
		return word
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return acts(r) || r == '\n' || r == '\t' }) {
		return "$'" + escaped(s) + "'"
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

var (
	singleQuotes = regexp.MustCompile(`['‘’‚‛]`) // PowerShell takes them all for the same
	beforeQuote  = regexp.MustCompile(`(\\*)"`)
	cmdKnows     = regexp.MustCompile(`[()%!^"<>&|]`)
)

// escaped is a text for $'...', in which what would act on the terminal stands as numbers.
func escaped(s string) string {
	var b strings.Builder
	for i, r := range s {
		_, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\'' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case acts(r) || r == utf8.RuneError:
			for _, c := range []byte(s[i : i+size]) {
				fmt.Fprintf(&b, `\%03o`, c)
			}
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
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
				header, field, _ := cutLast(strings.TrimSpace(line), "=")
				out = append(out, columnFlag(rows.Suggestion{Header: header, Field: field}))
			}
		default:
			out = append(out, "--"+flag, quoteArg(value))
		}
	}
	return out
}

// columnFlag is the option that says what a column of the file is.
func columnFlag(s rows.Suggestion) string {
	if s.Field == "" {
		return "--ignore " + quoteArg(s.Header)
	}
	return "--map " + quoteArg(s.Header+"="+s.Field)
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

package cli

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"csvput/report/human"
)

// The shells for which command lines are printed.
const (
	shellPOSIX      = "sh"
	shellCmd        = "cmd"
	shellPowerShell = "powershell"
)

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
			// Variables are put in between quotation marks too. With a caret in its name there is none, and the caret
			// goes afterwards, as it does before each character that cmd knows.
			word = cmdKnows.ReplaceAllString(word, "^$0")
		}
		return word
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s,
		func(r rune) bool { return human.Acts(r) || r == '\n' || r == '\t' }) {
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
		case human.Acts(r) || r == utf8.RuneError:
			for _, c := range []byte(s[i : i+size]) {
				fmt.Fprintf(&b, `\%03o`, c)
			}
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

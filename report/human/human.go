// Package human writes values and lengths of time for people, as parts of a sentence.
package human

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// maxQuoted is how many characters of a value a message repeats.
const maxQuoted = 60

// Quote shows somebody's value in a message: in quotation marks, on one line, without the blanks around it, cut when it
// is long, and with a ? for every character that would not be seen.
func Quote(value string) string {
	shown := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError, !unicode.IsGraphic(r), unicode.Is(unicode.Variation_Selector, r), r == '\u034F':
			return '?'
		}
		return r
	}, strings.TrimSpace(value))
	return `"` + cut(shown, maxQuoted) + `"`
}

// OneLine makes foreign text fit for a line of at most max characters: white space becomes one blank, characters that
// are not seen vanish, and bytes that are no text become \uFFFD.
func OneLine(s string, max int) string {
	shown := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r != utf8.RuneError && !unicode.IsPrint(r):
			return -1
		}
		return r
	}, s)
	return cut(strings.Join(strings.Fields(shown), " "), max)
}

// cut shortens s to max characters.
func cut(s string, max int) string {
	for i := range s {
		if max--; max < 0 {
			return s[:i] + "…"
		}
	}
	return s
}

// Duration writes a length of time in its two largest units, and no seconds where nobody asks for them.
func Duration(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 10*time.Minute:
		return strings.TrimSuffix(fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60), " 0 s")
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return strings.TrimSuffix(fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60), " 0 min")
}

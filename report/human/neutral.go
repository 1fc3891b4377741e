package human

import (
	"strings"
	"unicode"
)

// Neutral takes from a text what would act on a terminal rather than be shown: control characters, escape sequences
// with them, and characters that make what follows run from right to left. Names, file names and a server's words may
// hold anything. Line ends and tabs stay.
func Neutral(s string) string {
	return strings.Map(func(r rune) rune {
		if Acts(r) {
			return ' '
		}
		return r
	}, s)
}

// Acts reports whether a character acts on a terminal rather than being shown.
func Acts(r rune) bool {
	switch r {
	case '\n', '\t':
		return false
	case '\u2028', '\u2029':
		return true
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
}

// Line is a neutral text without line ends.
func Line(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return Acts(r) || r == '\n' || r == '\t' }), " ")
}

package cli

import (
	"io"
	"strings"
	"unicode"
)

// neutral takes from a text what would act on a terminal rather than be shown: control characters, escape
// sequences with them, and characters that make what follows run from right to left. Names, file names and
// a server's words may hold anything. Line ends and tabs stay.
func neutral(s string) string {
	if !strings.ContainsFunc(s, acts) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if acts(r) {
			return ' '
		}
		return r
	}, s)
}

func acts(r rune) bool {
	switch r {
	case '\n', '\t':
		return false
	case '\u2028', '\u2029':
		return true
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
}

// oneLine is a neutral text without line ends.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return acts(r) || r == '\n' || r == '\t' }), " ")
}

// neutralWriter writes neutral texts. In a JSON log record every character that it replaces is part of a
// string.
type neutralWriter struct{ io.Writer }

func (w neutralWriter) Write(p []byte) (int, error) {
	if _, err := io.WriteString(w.Writer, neutral(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

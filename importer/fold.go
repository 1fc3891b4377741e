package importer

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fold is a text as matching compares it: without case, accents and needless blanks, and with the name behind a comma
// in front, as in "Thompson, Gareth". Two texts are the same if they fold to the same; nothing is like another.
func fold(s string) string {
	s = strings.ReplaceAll(s, clientSeparator, ",") // see clientList
	if last, first, ok := strings.Cut(s, ","); ok && !strings.Contains(first, ",") {
		s = first + " " + last
	}
	s = strings.Join(strings.Fields(s), " ")
	if isLowerASCII(s) {
		return s
	}
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		r = unicode.ToLower(r)
		switch {
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r):
		case unicode.Is(unicode.Pd, r):
			b.WriteByte('-')
		default:
			b.WriteString(foldLetter(r))
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// foldLetter is a small letter as it is written without its accent, where Unicode does not take it for an accent, and
// an apostrophe as a keyboard has it.
func foldLetter(r rune) string {
	switch r {
	case 'ß':
		return "ss"
	case 'ø':
		return "o"
	case 'ł':
		return "l"
	case 'đ', 'ð':
		return "d"
	case 'ħ':
		return "h"
	case 'ı':
		return "i"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'þ':
		return "th"
	case '’', '‘', 'ʼ', 'ʻ', '´', '`':
		return "'"
	}
	return string(r)
}

// isLowerASCII reports whether nothing of a text is to be folded.
func isLowerASCII(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= 0x80 || c >= 'A' && c <= 'Z' || c == '`' {
			return false
		}
	}
	return true
}

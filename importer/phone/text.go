package phone

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers/v2"
)

// invisible tells the characters that are not seen and come along when text is copied from phones and web pages:
// direction marks, zero-width characters, soft hyphens, byte order marks (Unicode's format characters), and variation
// selectors.
func invisible(r rune) bool {
	return r >= 0xAD && (unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) || r == '\u034F')
}

// fold writes a value in the few characters that the rules know: decimal digits of any script as 0 to 9, full-width
// forms as ASCII, all blanks as a blank, tabs and line breaks as \n, dashes as a hyphen, slashes and quotes as ASCII.
// dropped tells that invisible characters were left out. ok is false for control characters and bytes that are no text.
func fold(s string) (folded string, dropped, ok bool) {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case r >= '\t' && r <= '\r', r == '\u0085', r == '\u2028', r == '\u2029':
			r = '\n'
		case unicode.IsControl(r), r == utf8.RuneError:
			return "", false, false
		case r < utf8.RuneSelf:
		case invisible(r):
			dropped = true
			continue
		case unicode.IsDigit(r):
			b.WriteString(phonenumbers.NormalizeDigitsOnly(string(r)))
			continue
		case r >= '\uFF01' && r <= '\uFF5E':
			r -= '\uFF01' - '!'
		default:
			r = foldSign(r)
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String()), dropped, true
}

func foldSign(r rune) rune {
	switch {
	case unicode.Is(unicode.Zs, r), r == '·':
		return ' '
	case r >= '\u2010' && r <= '\u2015', r == '\u2212', r == '\u2043', r == '\uFE58', r == '\uFE63', r == '\u30FC':
		return '-'
	case r == '\u2044', r == '\u2215':
		return '/'
	case r == '\u2018', r == '\u2019', r == '\u201B', r == '\u02BC', r == '\u00B4':
		return '\''
	case r >= '\u201C' && r <= '\u201F':
		return '"'
	case r == '•', r == '●', r == '∗', r == '×':
		return '*'
	}
	return r
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// digitsBothSides reports whether there are digits before and after the byte at i.
func digitsBothSides(s string, i int) bool {
	return strings.ContainsFunc(s[:i], isDigit) && strings.ContainsFunc(s[i:], isDigit)
}

// words are the runs of letters in s, in lower case.
func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) })
}

func hasLetters(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) }

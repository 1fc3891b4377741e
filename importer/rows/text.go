package rows

import (
	"slices"
	"strings"
	"unicode"

	"csvput/report/human"
)

// quoteAll lists values for a message.
func quoteAll(values []string) string {
	const most = 20
	var b strings.Builder
	for i, v := range values {
		if i == most {
			b.WriteString(", ...")
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(human.Quote(v))
	}
	return b.String()
}

// invisible reports characters that people paste without seeing them: direction marks, soft hyphens, zero-width
// spaces. The zero-width joiners are not among them: emoji and several scripts need them.
func invisible(r rune) bool {
	if r < 0xad {
		return false
	}
	switch r {
	case '\u00ad', '\u200b', '\u2060', '\ufeff':
		return true
	}
	return unicode.Is(unicode.Bidi_Control, r)
}

// trim cuts Unicode space and invisible characters off both ends.
func trim(s string) string {
	if s == "" || plain(s[0]) && plain(s[len(s)-1]) {
		return s
	}
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || invisible(r) })
}

// plain reports the printable ASCII characters but space.
func plain(c byte) bool { return c > ' ' && c < 0x7f }

// blank reports whether trim leaves nothing.
func blank(s string) bool {
	return s == "" || !plain(s[0]) && trim(s) == ""
}

func allBlank(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return !blank(c) })
}

// firstNonASCII returns the index of the first byte outside ASCII, or -1.
func firstNonASCII(s string) int {
	const high = 0x80
	i := 0
	for ; i+8 <= len(s); i += 8 {
		w := s[i : i+8]
		if (w[0]|w[1]|w[2]|w[3]|w[4]|w[5]|w[6]|w[7])&high != 0 {
			break
		}
	}
	for ; i < len(s); i++ {
		if s[i] >= high {
			return i
		}
	}
	return -1
}

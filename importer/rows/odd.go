package rows

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// odd returns the first character of text that makes it doubtful that the guessed single-byte
// encoding is the right one, or 0. Words of the languages that these encodings are for have no
// symbol inside, no accented capital behind a small letter and no three accented letters in a row;
// text in MacRoman, DOS, UTF-8, Cyrillic, Chinese or the other Latin encoding shows just that when
// it is read as Windows-1252. (Text in Windows-1250 or -1254 may not.)
func (c *charset) odd(text string) rune {
	prev, run := ' ', 0
	for i := firstNonASCII(text); i >= 0 && i < len(text); {
		if i > 0 {
			prev, _ = utf8.DecodeLastRuneInString(text[:i])
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		next, _ := utf8.DecodeRuneInString(text[i+size:])
		if r < utf8.RuneSelf || !unicode.IsLetter(r) {
			run = 0
		} else if run++; run == 3 {
			return r
		}
		if r >= utf8.RuneSelf && (oddHere(prev, r, next) || c.wasUTF8(text[i:])) {
			return r
		}
		i += size
	}
	return 0
}

// oddHere judges a character outside ASCII by its neighbours. next is utf8.RuneError at the end.
func oddHere(prev, r, next rune) bool {
	before, after := unicode.IsLetter(prev), unicode.IsLetter(next)
	switch {
	case r < 0xa0, r == utf8.RuneError, r == '¤':
		return true // no character at all; nobody uses the general currency sign
	case strings.ContainsRune("¦¨¸", r):
		return before || after
	case r == '´':
		return after && !before // O´Brien is usual, ´i is Ži in ISO-8859-15
	case strings.ContainsRune("¼½¾", r):
		return before || after && !unicode.IsDigit(prev)
	case strings.ContainsRune("ŠŒŽŸ", r): // é ä ö ü and others in MacRoman and DOS
		return before && (unicode.IsLower(prev) || unicode.IsLower(next))
	case unicode.IsLetter(r):
		return unicode.IsUpper(r) && unicode.IsLower(prev) && !after // but hÉireann is Irish
	case strings.ContainsRune("‘‚“„†‡ˆ‰‹˜¡¿", r):
		return before
	case strings.ContainsRune("’·–—…×•\u00a0\u00ad", r):
		return false
	}
	return before && after
}

// wasUTF8 reports whether the bytes that text was decoded from begin with a multi-byte sequence of
// UTF-8: a line of UTF-8 in a file of something else.
func (c *charset) wasUTF8(text string) bool {
	var b [utf8.UTFMax]byte
	n := 0
	for _, r := range text {
		x, ok := c.single.EncodeRune(r)
		if n == len(b) || !ok || x < utf8.RuneSelf {
			break
		}
		b[n] = x
		n++
	}
	r, size := utf8.DecodeRune(b[:n])
	return r != utf8.RuneError && size > 1
}

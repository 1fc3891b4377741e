package report

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"csvput/report/formula"
)

// plain reports whether the cell needs no quotes, by the rules of encoding/csv.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		// Nearly every byte is above the comma: one comparison each.
		if c := s[i]; c <= ',' && (c == ',' || c == '"' || c == '\n' || c == '\r') {
			return false
		}
	}
	if s == `\.` { // the end-of-data mark of PostgreSQL's COPY
		return false
	}
	if c := s[0]; c < utf8.RuneSelf {
		return c > ' ' || c < '\t' || c > '\r' && c < ' '
	}
	first, _ := utf8.DecodeRuneInString(s)
	return !unicode.IsSpace(first)
}

// noZero stands for the zero byte in a file, as in Java's modified UTF-8: it is no UTF-8, so no text holds it. A zero
// byte in a file always says that a file system has lost what stood there.
const noZero = "\xc0\x80"

// diskText is the text as the file holds it, before quoting: guarded, without zero bytes, and with one CR more in
// front of every line break that has any, because a CSV reader takes one away.
func diskText(s string) string {
	s = strings.ReplaceAll(formula.Guard(s), "\x00", noZero)
	if strings.Contains(s, "\r\n") {
		s = strings.ReplaceAll(s, "\r\n", "\r\r\n")
	}
	return s
}

// cellText is the inverse of diskText, but for the CR that a CSV reader has taken away.
func cellText(s string) string {
	return formula.Unguard(strings.ReplaceAll(s, noZero, "\x00"))
}

// appendCell appends a text as encoding/csv writes it, in quotes where it needs them.
func appendCell(dst []byte, s string) []byte {
	if plain(s) {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	for {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			break
		}
		dst = append(dst, s[:i]...)
		dst = append(dst, '"', '"')
		s = s[i+1:]
	}
	dst = append(dst, s...)
	return append(dst, '"')
}

package report

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Guard makes a text safe to open in a spreadsheet: one that a spreadsheet could run as a formula
// gets an apostrophe in front. That is a text that, after any apostrophes, begins with =, +, -, @, tab,
// CR or LF (OWASP, CSV Injection). A phone number in E.164, which is all digits after its +, is harmless
// and stays as it is.
func Guard(s string) string {
	if guarded(s) {
		return "'" + s
	}
	return s
}

// Unguard is the inverse of Guard, for every text: Unguard(Guard(s)) == s.
func Unguard(s string) string {
	if len(s) > 1 && s[0] == '\'' && guarded(s[1:]) {
		return s[1:]
	}
	return s
}

// guarded reports whether Guard puts an apostrophe in front of s. A text that already begins with
// apostrophes and then a trigger gets one more: so Unguard never takes one that was not ours.
func guarded(s string) bool {
	i := 0
	for i < len(s) && s[i] == '\'' {
		i++
	}
	if i == len(s) {
		return false
	}
	switch s[i] {
	case '+':
		return i > 0 || !isE164(s)
	case '=', '-', '@', '\t', '\r', '\n':
		return true
	}
	return false
}

// isE164 reports whether s is + and 1 to 15 digits (ITU-T E.164).
func isE164(s string) bool {
	if len(s) < 2 || len(s) > 16 || s[0] != '+' {
		return false
	}
	for i := 1; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

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

// diskText is the text as the file holds it, before quoting: guarded, and with one CR more in front of
// every line break that has any, because a CSV reader takes one away.
func diskText(s string) string {
	s = Guard(s)
	if strings.Contains(s, "\r\n") {
		s = strings.ReplaceAll(s, "\r\n", "\r\r\n")
	}
	return s
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

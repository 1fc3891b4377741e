// Package formula makes texts safe to open in a spreadsheet, and takes off again exactly what it put there.
package formula

import (
	"strings"
	"unicode/utf8"
)

// Guard makes a text safe to open in a spreadsheet: what a spreadsheet could run as a formula gets an apostrophe in
// front (OWASP, CSV Injection). That is a text that, after any apostrophes, begins with =, +, - or @, also in full
// width, with a tab, CR or LF. Inside the text it is what follows a comma, semicolon, tab or line break: where one of
// those separates the cells, a new one begins there, whatever the file says. A phone number in E.164, which is all
// digits after its +, is harmless and stays as it is.
func Guard(s string) string {
	var out []byte
	from := 0
	for at := 0; at >= 0; at = next(s, at) {
		if runs(s[at:], at == 0) {
			out = append(append(out, s[from:at]...), '\'')
			from = at
		}
	}
	if out == nil {
		return s
	}
	return string(append(out, s[from:]...))
}

// Unguard is the inverse of Guard, for every text: Unguard(Guard(s)) == s.
func Unguard(s string) string {
	if strings.IndexByte(s, '\'') < 0 {
		return s
	}
	var out []byte
	from := 0
	for at := 0; at >= 0; at = next(s, at) {
		if strings.HasPrefix(s[at:], "'") && runs(s[at+1:], at == 0) {
			out = append(out, s[from:at]...)
			from = at + 1
		}
	}
	return string(append(out, s[from:]...))
}

// next is where the next cell may begin after the one at: -1 when there is none.
func next(s string, at int) int {
	for ; at < len(s); at++ {
		// Nearly every byte is above the semicolon: one comparison each.
		if c := s[at]; c <= ';' && (c == ';' || c == ',' || c == '\t' || c == '\n' || c == '\r') {
			return at + 1
		}
	}
	return -1
}

// runs reports whether Guard puts an apostrophe in front of what a cell may begin with, which is the whole text at
// first. A cell that already begins with apostrophes and then a trigger gets one more: so Unguard never takes one that
// was not ours. Quotation marks inside a text are doubled in the file, and a program that finds a cell there takes them
// for its quotes.
func runs(cell string, whole bool) bool {
	marks := "'"
	if !whole {
		marks = `'"`
	}
	rest := strings.TrimLeft(cell, marks)
	if rest == "" {
		return false
	}
	switch rest[0] {
	case '+':
		return len(rest) < len(cell) || !isE164(cell)
	case '=', '-', '@':
		return true
	case '\t', '\r', '\n':
		return whole
	}
	first, _ := utf8.DecodeRuneInString(rest)
	return strings.ContainsRune("＝＋－＠", first)
}

// isE164 reports whether s is + and 1 to 15 digits (ITU-T E.164).
func isE164(s string) bool {
	if len(s) < 2 || len(s) > 16 {
		return false
	}
	for i := 1; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// Package email reads a cell as one plain e-mail address, or says why it is none. It is pure.
//
// The addresses it takes are a part of those that Laravel's "email" rule takes on the server (RFC 5322, by
// egulias/email-validator), namely those that exist in practice. The local part is dot-separated atoms in ASCII,
// without quotes and comments, and without * ? / | and the grave accent, which RFC 5322 allows but which in contact
// files stand for hidden, lost or alternative letters. The domain has at least two labels; it is no IP address. Labels
// may have letters beyond ASCII (internationalised domain names) in Unicode's composed form, but not Latin mixed with
// Greek or Cyrillic, where look-alikes hide. Local parts beyond ASCII (RFC 6531) are refused: in contact files they are
// nearly always an encoding gone wrong. Upper and lower case stay as typed.
package email

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"csvput/report/code"
	"csvput/report/human"
)

// Parse reads value, which is not blank, as one e-mail address (an RFC 5321 mailbox). The problem is nil when it is
// one.
func Parse(value string) (addr string, notes []code.Note, p *code.Problem) {
	note := func(c code.Code, message string) { notes = append(notes, code.Note{Code: c, Message: message}) }
	visible := strings.Map(dropInvisible, value)
	if len(visible) != len(value) {
		note(code.RepairedInvisible, "invisible characters were taken out")
	}
	text := strings.TrimSpace(visible)
	if text != strings.Trim(visible, " ") {
		note(code.RepairedSpaces, "unusual blanks around the address were cut off")
	}
	bare, formula := unmark(text)
	if formula {
		return "", nil, code.Problemf(code.Formula, "%s is a formula, not an e-mail address", human.Quote(value))
	}
	if bare != text {
		note(code.RepairedTextMarker, "quotes, brackets or an = around the address were taken off")
	}
	if addr = unlabel(bare); addr != bare {
		note(code.RepairedLabel, fmt.Sprintf("the word in front of the address was taken off: %s", human.Quote(value)))
	}
	if p := check(addr, value); p != nil {
		return "", nil, p
	}
	return addr, notes, nil
}

// dropInvisible drops Unicode's format characters (direction marks, zero-width characters, soft hyphens, byte order
// marks) and variation selectors.
func dropInvisible(r rune) rune {
	if r >= 0xAD && (unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) || r == '\u034F') {
		return -1
	}
	return r
}

// unmark takes off a spreadsheet's text formula, and the pairs of signs that people put around an address. A single
// apostrophe in front stays, and is refused: an address may begin with one.
func unmark(s string) (bare string, formula bool) {
	if rest, ok := strings.CutPrefix(s, "="); ok {
		if len(rest) < 2 || rest[0] != '"' || strings.IndexByte(rest[1:], '"') != len(rest)-2 {
			return s, true
		}
		s = rest
	}
	for _, pair := range []string{`""`, `''`, "“”", "‘’", "<>"} {
		opening, size := utf8.DecodeRuneInString(pair)
		if inner, ok := strings.CutPrefix(s, string(opening)); ok {
			if inner, ok := strings.CutSuffix(inner, pair[size:]); ok && !strings.ContainsAny(inner, pair) {
				s = strings.TrimSpace(inner)
			}
		}
	}
	return s, false
}

// unlabel takes mailto: and the like off.
func unlabel(s string) string {
	for _, label := range []string{"mailto:", "email:", "e-mail:", "mail:"} {
		if len(s) >= len(label) && strings.EqualFold(s[:len(label)], label) {
			return strings.TrimSpace(s[len(label):])
		}
	}
	return s
}

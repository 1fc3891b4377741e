package crm

import (
	"slices"
	"strings"
	"unicode"
)

// SameName compares names as the server keeps them: without the blanks around them, and with line breaks written in
// whatever way.
func SameName(a, b string) bool { return a == b || plainName(a) == plainName(b) }

var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n")

func plainName(s string) string { return lineBreaks.Replace(trim(s)) }

// SameValue compares e-mail addresses without regard to case, and phone numbers by their digits.
func SameValue(a, b string) bool {
	if a == b {
		return true
	}
	a, b = trim(a), trim(b)
	return strings.EqualFold(a, b) ||
		strings.HasPrefix(a, "+") && strings.HasPrefix(b, "+") && digits(a) == digits(b)
}

// SameIDs compares two sets of uuids: the server keeps owners in an order of its own.
func SameIDs(a, b []string) bool { return within(a, b) && within(b, a) }

func within(some, all []string) bool {
	for _, id := range some {
		if !slices.ContainsFunc(all, func(other string) bool { return strings.EqualFold(id, other) }) {
			return false
		}
	}
	return true
}

// trim cuts what PHP's trim and Laravel's TrimStrings may cut.
func trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || r == 0 || r == '\ufeff' || r == '\u200b' || r == '\u200e'
	})
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

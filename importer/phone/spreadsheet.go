package phone

import (
	"strings"

	"csvput/importer/phone/numbering"
	"csvput/report/code"
	"csvput/report/human"
)

// unmark takes off what spreadsheets and exports put around text to keep it text: '07911…, ="07911…", =+44…,
// quotes. Any other formula is a problem.
func (c *cell) unmark(s string) (string, *code.Problem) {
	const rounds = 3 // '="07911…" and the like, no more
	marked := false
	for range rounds {
		inner := s
		switch {
		case strings.HasPrefix(s, "'"), strings.HasPrefix(s, "`"):
			inner = strings.TrimSuffix(s[1:], "'")
		case len(s) > 1 && s[0] == '"' && s[len(s)-1] == '"':
			inner = s[1 : len(s)-1]
		case strings.HasPrefix(s, "="):
			inner = s[1:]
			quoted := len(inner) > 1 && inner[0] == '"' && inner[len(inner)-1] == '"' && strings.Count(inner, `"`) == 2
			if !quoted && strings.Trim(inner, "+0123456789 ") != "" {
				return "", code.Problemf(code.Formula, "%s is a formula, not a phone number", human.Quote(c.value))
			}
		}
		if inner == s {
			break
		}
		s, marked = strings.TrimSpace(inner), true
	}
	if marked {
		c.note(code.RepairedTextMarker, "quotes, apostrophes or an = around the number were taken off")
	}
	return s, nil
}

// writeOut undoes what a spreadsheet does to a number: 4.47911123456E+11 and 447911123456.0. Where digits are lost, or
// may be, it is a problem.
func (c *cell) writeOut(s string) (string, *code.Problem) {
	sign, rest := "", s
	if strings.HasPrefix(rest, "+") {
		sign, rest = "+", rest[1:]
	}
	whole, rest := cutDigits(rest)
	if whole == "" || rest == "" {
		return s, nil
	}
	fraction, tail := "", rest
	if rest[0] == '.' || rest[0] == ',' {
		fraction, tail = cutDigits(rest[1:])
	}
	if tail == "" {
		return c.decimal(s, sign+whole, fraction)
	}
	exponent, ok := cutExponent(tail)
	if !ok {
		if decimalTail(s) {
			return "", code.Problemf(code.NotANumber, "%s ends like a decimal number", human.Quote(c.value))
		}
		return s, nil
	}
	digits := whole + fraction
	if exponent != len(fraction) || strings.HasSuffix(digits, "0") || len(digits) > numbering.MaxNational {
		return "", code.Problemf(code.ExcelScientific,
			"%s is how a spreadsheet shortens a long number, and its digits are lost: format the column as Text first, "+
				"then enter the number again", human.Quote(c.value))
	}
	c.note(code.RepairedScientific, "%s was written out as %s", human.Quote(s), sign+digits)
	return sign + digits, nil
}

// decimal is for digits with one point or comma among them.
func (c *cell) decimal(s, whole, fraction string) (string, *code.Problem) {
	switch {
	case strings.Trim(fraction, "0") == "":
		if fraction != "" {
			c.note(code.RepairedFloat, "the decimal tail %s was taken off", s[len(whole):])
		}
		return whole, nil
	case len(fraction) <= 2:
		return "", code.Problemf(code.NotANumber, "%s is a decimal number", human.Quote(c.value))
	}
	return s, nil
}

// decimalTail tells digits with other separators before a .0 or .00: no spreadsheet writes that, and it is no group of
// digits either.
func decimalTail(s string) bool {
	i := strings.LastIndexAny(s, ".,")
	if i < 0 || strings.Count(s, s[i:i+1]) > 1 {
		return false
	}
	tail := s[i+1:]
	return tail == "0" || tail == "00"
}

// cutExponent reads E+11.
func cutExponent(s string) (int, bool) {
	if s[0] != 'E' && s[0] != 'e' {
		return 0, false
	}
	s = s[1:]
	negative := strings.HasPrefix(s, "-")
	if negative || strings.HasPrefix(s, "+") {
		s = s[1:]
	}
	digits, rest := cutDigits(s)
	if digits == "" || rest != "" || len(digits) > 3 {
		return 0, false
	}
	n := 0
	for _, r := range digits {
		n = n*10 + int(r-'0')
	}
	if negative {
		n = -n - 1 // never all digits, -0 neither
	}
	return n, true
}

func cutDigits(s string) (digits, rest string) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return s[:i], s[i:]
}

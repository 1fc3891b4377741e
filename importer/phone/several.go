package phone

import (
	"bytes"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers/v2"
)

func multiple(value string) *Problem {
	return problemf(CodeMultipleNumbers, "%s is more than one number; a contact detail holds one", quote(value))
}

// multipleBy names the sign that makes one number of it doubtful.
func multipleBy(value string, sign rune) *Problem {
	name := "the sign " + string(sign)
	switch sign {
	case '\n':
		name = "a line break or a tab"
	case ',':
		name = "a comma"
	}
	return problemf(CodeMultipleNumbers, "%s may be more than one number: there is %s between its digits", quote(value), name)
}

// conjunctions between digits join two numbers or alternative endings.
var conjunctions = []string{"or", "and", "und", "oder", "ou", "et", "y", "e", "en", "of", "og", "och", "also"}

// alternatives finds a second number: a sign or a word between digits that separates, or a second +.
func (p *Parser) alternatives(c *cell, text string, home *numbering) *Problem {
	for i, r := range text {
		switch r {
		case ';', '|', '&', ',', '\n', '\\':
			if digitsBothSides(text, i) {
				return multipleBy(c.value, r)
			}
		case '+':
			if countDigits(text[:i]) >= minShortCut && countDigits(text[i:]) >= minShortCut {
				return multiple(c.value)
			}
		case '/':
			if p.slashSeparates(text, i, home) {
				return multipleBy(c.value, r)
			}
		}
		if unicode.IsLetter(r) && countDigits(text[:i]) >= 7 && countDigits(text[i:]) >= 7 {
			return multiple(c.value)
		}
	}
	lower := strings.ToLower(text)
	for _, word := range conjunctions {
		if i := strings.Index(lower, " "+word+" "); i >= 0 && digitsBothSides(lower, i) {
			return multiple(c.value)
		}
	}
	return nil
}

// slashSeparates reports whether the slash at i stands between two numbers or two endings of one, as in 312 975/11, and not
// within one number, as in 030/123456, 784/430 1234 and 01/23/45/67/89: there the whole is valid, and neither what stands
// before the slash nor what stands behind it is a number by itself. It overwrites p.number.
func (p *Parser) slashSeparates(text string, i int, home *numbering) bool {
	const longestCode, least, ending = 8, 5, 2
	after := strings.TrimLeft(text[i+1:], " -(.")
	plus := strings.HasPrefix(strings.TrimLeft(text, "("), "+")
	front, back := []byte(onlyDigits(text[:i])), []byte(onlyDigits(after))
	if len(front) == 0 || len(back) == 0 || after[0] == '+' {
		return true
	}
	trunk := plus || front[0] == '0' || home.trunk != "" && bytes.HasPrefix(front, []byte(home.trunk))
	whole, ok := p.e164(append(bytes.Clone(front), back...), plus, home)
	if !ok { // one number with a mistake in it has the shape of 030/123456
		return !trunk || len(front) > longestCode || len(back) < least || back[0] == '0' || strings.Count(text, "/") > 1
	}
	if e164, ok := p.e164(front, plus, home); ok && e164 != whole {
		return true
	}
	// What follows an area code is a number by itself if it has a trunk prefix, where one is written, or else is complete.
	if !(plus && p.isCallingCode(front)) && (!trunk || !home.writes || bytes.HasPrefix(back, []byte(home.trunk))) {
		e164, ok := p.e164(back, false, home)
		if ok && e164 != whole && len(e164) <= len("+")+len(home.codeText)+len(back) {
			return true
		}
	}
	slashes, groups := strings.Count(text, "/"), strings.FieldsFunc(text, func(r rune) bool { return !isDigit(r) })
	switch {
	case len(front) < least:
		return false
	case !trunk && home.writes && onlyDigits(Number{E164: whole}.National()) != string(front)+string(back):
		return true // without its 0 the beginning is hardly an area code
	case slashes > 1 && slashes == len(groups)-1:
		return false // 01/23/45/67/89: the slash does what a blank does elsewhere
	case p.read(front, plus, home) != nil:
		return false
	}
	// Two endings, or two numbers without their area code: 3123-4567/89 in Brazil.
	switch phonenumbers.IsPossibleNumberWithReason(&p.number) {
	case phonenumbers.IS_POSSIBLE:
		return len(back) <= ending
	case phonenumbers.IS_POSSIBLE_LOCAL_ONLY:
		return !trunk || len(back) <= ending
	}
	return false
}

// e164 reads digits as a valid number. It overwrites p.number.
func (p *Parser) e164(digits []byte, plus bool, home *numbering) (string, bool) {
	if _, ok := p.validDigits(digits, plus, home); !ok {
		return "", false
	}
	return string(appendE164(nil, &p.number)), true
}

func (p *Parser) isCallingCode(digits []byte) bool {
	plan, national := p.split(digits)
	return plan != nil && len(national) == 0
}

func countDigits(s string) int {
	n := 0
	for _, r := range s {
		if isDigit(r) {
			n++
		}
	}
	return n
}

// several tells whether the digits, cut at one of their separators, are two valid numbers. With strict the second has to
// begin with a trunk prefix, where there is one. It overwrites p.number.
func (p *Parser) several(c cell, home *numbering, strict bool) bool {
	const least, most = 6, 18 // digits of each
	all := p.digits
	if len(all) < 2*least || len(all) > 2*most {
		return false
	}
	seen, between := 0, false
	for i := range len(c.text) {
		if b := c.text[i]; b < '0' || b > '9' {
			between = true
			continue
		}
		left, right := all[:seen], all[seen:]
		cut := between && min(len(left), len(right)) >= least && max(len(left), len(right)) <= most
		seen, between = seen+1, false
		if !cut || strict && home.trunk != "" && !bytes.HasPrefix(right, []byte(home.trunk)) {
			continue
		}
		if _, ok := p.validDigits(left, c.plus, home); !ok {
			continue
		}
		if _, ok := p.validDigits(right, false, home); ok {
			return true
		}
	}
	return false
}

// keypad writes letters as the digits of their keys where Options.Vanity allows it: at least three letters, after the
// digits of an area code, and no whole number without them. It is "" where not.
func (p *Parser) keypad(c *cell, text string, home *numbering) string {
	digits, ascii := 0, 0
	for _, r := range text {
		switch {
		case isDigit(r):
			digits++
		case !unicode.IsLetter(r):
		case r > unicode.MaxASCII, digits < 3:
			return ""
		default:
			ascii++
		}
	}
	if !p.vanity || ascii < 3 {
		return ""
	}
	if _, ok := p.validDigits([]byte(onlyDigits(text)), strings.HasPrefix(text, "+"), home); ok {
		return ""
	}
	converted := phonenumbers.ConvertAlphaCharactersInNumber(text)
	c.note(CodeVanityConverted, "the letters were read as the digits of their keys: %s", quote(converted))
	return converted
}

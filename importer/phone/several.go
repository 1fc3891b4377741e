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
	slashes := 0
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
			if slashes++; slashes > 1 || !p.areaCode(text[:i], text[i+1:], home) {
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

// areaCode tells whether a slash stands between an area code and the rest, as in 030/123456 and +43 664/1234567, and not
// between two numbers or two endings of one, as in 312 975/11.
func (p *Parser) areaCode(before, after string, home *numbering) bool {
	const longest, rest = 8, 5
	plus := strings.HasPrefix(before, "+")
	code, after := onlyDigits(before), strings.TrimLeft(after, " -(.")
	switch {
	case code == "", len(code) > longest, countDigits(after) < rest, after[0] == '0', after[0] == '+':
		return false
	case !plus && code[0] != '0' && (home.trunk == "" || !strings.HasPrefix(code, home.trunk)):
		return false
	}
	_, whole := p.validDigits([]byte(code), plus, home)
	return !whole
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

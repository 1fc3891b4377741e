package phone

import (
	"bytes"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers/v2"

	"csvput/importer/phone/numbering"
	"csvput/report/code"
	"csvput/report/human"
)

func multiple(value string) *code.Problem {
	return code.Problemf(code.MultipleNumbers, "%s is more than one number; a contact detail holds one",
		human.Quote(value))
}

// multipleBy names the sign that makes one number of it doubtful.
func multipleBy(value string, sign rune) *code.Problem {
	name := "the sign " + string(sign)
	switch sign {
	case '\n':
		name = "a line break or a tab"
	case ',':
		name = "a comma"
	}
	return code.Problemf(code.MultipleNumbers, "%s may be more than one number: there is %s between its digits",
		human.Quote(value), name)
}

// conjunctions between digits join two numbers or alternative endings.
var conjunctions = []string{"or", "and", "und", "oder", "ou", "et", "y", "e", "en", "of", "og", "och", "also"}

// alternatives finds a second number: a sign or a word between digits that separates, or a second +.
func alternatives(c *cell, text string, home *numbering.Plan) *code.Problem {
	for i, r := range text {
		switch r {
		case ';', '|', '&', ',', '\n', '\\':
			if digitsBothSides(text, i) {
				return multipleBy(c.value, r)
			}
		case '+':
			if least := 5; countDigits(text[:i]) >= least && countDigits(text[i:]) >= least {
				return multiple(c.value)
			}
		case '/':
			if slashSeparates(text, i, home) {
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

// slashSeparates reports whether the slash at i stands between two numbers or two endings of one, as in 312 975/11, and
// not within one number, as in 030/123456, 784/430 1234 and 01/23/45/67/89: there the whole is valid, and neither what
// stands before the slash nor what stands behind it is a number by itself.
func slashSeparates(text string, i int, home *numbering.Plan) bool {
	const longestCode, least, ending = 8, 5, 2
	after := strings.TrimLeft(text[i+1:], " -(.")
	plus := strings.HasPrefix(strings.TrimLeft(text, "("), "+")
	front, back := []byte(onlyDigits(text[:i])), []byte(onlyDigits(after))
	if len(front) == 0 || len(back) == 0 || after[0] == '+' {
		return true
	}
	trunk := plus || front[0] == '0' || home.Trunk != "" && bytes.HasPrefix(front, []byte(home.Trunk))
	whole, ok := validDigits(append(bytes.Clone(front), back...), plus, home)
	if !ok { // one number with a mistake in it has the shape of 030/123456
		return !trunk || len(front) > longestCode || len(back) < least || back[0] == '0' || strings.Count(text, "/") > 1
	}
	if n, ok := validDigits(front, plus, home); ok && n != whole {
		return true
	}
	// What follows an area code is a number by itself if it has a trunk prefix, where one is written, or else is
	// complete.
	if !(plus && isCallingCode(front)) && (!trunk || !home.Writes || bytes.HasPrefix(back, []byte(home.Trunk))) {
		n, ok := validDigits(back, false, home)
		if ok && n != whole && len(n.Plan.CodeText)+len(n.National()) <= len(home.CodeText)+len(back) {
			return true
		}
	}
	slashes, groups := strings.Count(text, "/"), strings.FieldsFunc(text, func(r rune) bool { return !isDigit(r) })
	switch {
	case len(front) < least:
		return false
	case !trunk && home.Writes && onlyDigits(string(whole.Plan.AppendNational(nil,
		whole.National()))) != string(front)+string(back):
		return true // without its 0 the beginning is hardly an area code
	case slashes > 1 && slashes == len(groups)-1:
		return false // 01/23/45/67/89: the slash does what a blank does elsewhere
	}
	n, err := home.Parse(front, plus)
	if err != nil {
		return false
	}
	// Two endings, or two numbers without their area code: 3123-4567/89 in Brazil.
	switch n.Possible {
	case phonenumbers.IS_POSSIBLE:
		return len(back) <= ending
	case phonenumbers.IS_POSSIBLE_LOCAL_ONLY:
		return !trunk || len(back) <= ending
	}
	return false
}

func isCallingCode(digits []byte) bool {
	plan, national := plans().Split(digits)
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

// several reports whether the digits, cut at one of their separators, are two valid numbers. With strict the second has
// to begin with a trunk prefix, where there is one.
func (p *Parser) several(c cell, home *numbering.Plan, strict bool) bool {
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
		if !cut || strict && home.Trunk != "" && !bytes.HasPrefix(right, []byte(home.Trunk)) {
			continue
		}
		if _, ok := validDigits(left, c.plus, home); !ok {
			continue
		}
		if _, ok := validDigits(right, false, home); ok {
			return true
		}
	}
	return false
}

// keypad writes letters as the digits of their keys where Options.Vanity allows it: at least three letters, after the
// digits of an area code, and no whole number without them. It is "" where not.
func (p *Parser) keypad(c *cell, text string, home *numbering.Plan) string {
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
	if _, ok := validDigits([]byte(onlyDigits(text)), strings.HasPrefix(text, "+"), home); ok {
		return ""
	}
	converted := phonenumbers.ConvertAlphaCharactersInNumber(text)
	c.note(code.VanityConverted, "the letters were read as the digits of their keys: %s", human.Quote(converted))
	return converted
}

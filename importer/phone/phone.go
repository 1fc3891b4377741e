// Package phone turns what a person typed into a cell, and a country, into one phone number in E.164, or into the
// reason why not. It is pure: no files, no network, no clock.
//
// The rule above all others: exactly the right number, or none. Whatever has two readings is refused, and everything
// that was changed on the way to the number is told by a [code.Note]. Parsing, validity and formatting are those of
// Google's libphonenumber, in the port github.com/nyaruka/phonenumbers/v2; the rules here stand in front of it, because
// it reads letters as keypad digits, a second number as an extension, and drops what it does not know.
package phone

import (
	"strings"

	"csvput/importer/phone/numbering"
	"csvput/report/code"
	"csvput/report/human"
)

// Extension says what becomes of a number that carries an extension. An E.164 number has no room for one.
type Extension int

const (
	ExtensionRefuse Extension = iota // refuse the number: [code.Extension]
	ExtensionDrop                    // send the number without it: [code.ExtensionDropped]
)

// Options are the settings of a [Parser]. The zero value reads numbers as British, refuses extensions and letters.
type Options struct {
	Country   string    // the country of cells that name none, as for [Region]; "" is GB
	Extension Extension // what to do with extensions
	Vanity    bool      // read keypad letters as in 0800 FLOWERS
}

// Number is a valid phone number.
type Number struct {
	E164   string      // "+442079460958"
	Region string      // ISO 3166-1 alpha-2 in capitals, or "001" for numbers of no country such as +800
	Notes  []code.Note // what was repaired or is worth knowing; nil for most numbers
}

// National is the number as people of its own country write it: libphonenumber's national format, the one that the CRM
// shows. It is "" for the zero Number.
func (n Number) National() string {
	plan, national := stored(n.E164)
	if plan == nil {
		return ""
	}
	return string(plan.AppendNational(make([]byte, 0, 32), national))
}

// maxBytes is how long a value may be: the length at which libphonenumber refuses, and what keeps hostile input cheap.
const maxBytes = 250

// Parser reads cells. It reuses memory between calls, so each goroutine needs its own.
type Parser struct {
	home      *numbering.Plan
	extension Extension
	vanity    bool

	countries map[string]*numbering.Plan // by the text of the country cell
	digits    []byte                     // of the value at hand
}

// NewParser makes a Parser. The error is a *[code.Problem] when o.Country is no country.
func NewParser(o Options) (*Parser, error) {
	region := "GB"
	if o.Country != "" {
		var problem *code.Problem
		if region, problem = Region(o.Country); problem != nil {
			return nil, problem
		}
	}
	return &Parser{
		home:      plans().Region(region),
		extension: o.Extension,
		vanity:    o.Vanity,
		countries: make(map[string]*numbering.Plan),
	}, nil
}

// Parse reads value, which is neither blank nor an e-mail address, as a phone number of country, as for [Region]; a
// blank country is the Parser's own. The country is how to read a number without a +, not a claim about it; it
// is checked first even so.
func (p *Parser) Parse(value, country string) (Number, *code.Problem) {
	home, problem := p.country(country)
	if problem != nil {
		return Number{}, problem
	}
	if value = strings.TrimSpace(value); len(value) > maxBytes {
		return Number{}, code.Problemf(code.TooLong, "%s goes on for %d bytes, too long for a phone number",
			human.Quote(value), len(value))
	}
	if plus, ok := p.scan(value); ok {
		return p.resolve(cell{value: value, text: value, plus: plus}, home)
	}
	c, problem := p.dissect(value, home)
	if problem != nil {
		return Number{}, problem
	}
	return p.resolve(c, home)
}

// scan reads the plain case into p.digits: digits, blanks, hyphens and round brackets, a plus in front at most.
// Anything else, and the few shapes of these that need a second look, is for dissect.
func (p *Parser) scan(value string) (plus, ok bool) {
	digits := p.digits[:0]
	hyphens := 0
	var c byte
	for i := range len(value) {
		switch c = value[i]; {
		case '0' <= c && c <= '9':
			digits = append(digits, c)
		case c == ' ', c == '(', c == ')':
		case c == '-':
			hyphens++
		case c == '+' && len(digits) == 0 && !plus:
			plus = true
		default:
			return false, false
		}
	}
	p.digits = digits
	dateLike := hyphens == 2 && len(digits) == 8
	return plus, len(digits) > 0 && '0' <= c && c <= '9' && !dateLike
}

// country finds the numbering plan of a country cell.
func (p *Parser) country(cell string) (*numbering.Plan, *code.Problem) {
	if cell == "" {
		return p.home, nil
	}
	if plan, ok := p.countries[cell]; ok {
		return plan, nil
	}
	plan := p.home
	if strings.TrimSpace(cell) != "" {
		region, problem := Region(cell)
		if problem != nil {
			return nil, problem
		}
		plan = plans().Region(region)
	}
	if len(p.countries) < 1000 { // spellings of some 250 countries; a bound against files made to fill memory
		p.countries[strings.Clone(cell)] = plan
	}
	return plan, nil
}

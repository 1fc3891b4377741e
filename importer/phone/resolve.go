package phone

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers/v2"
)

// cell is a value on its way; its digits are in Parser.digits.
type cell struct {
	value string // as typed, for messages
	text  string // the part that is the number, with its separators
	plus  bool   // a + stands in front
	notes []Note
}

// verdict is a valid number before the last doubts.
type verdict struct {
	number   Number
	e164     []byte
	plan     *numbering // of the number's calling code
	national []byte     // the national significant number, a part of e164
}

// resolve gives the verdict on p.digits.
func (p *Parser) resolve(c cell, home *numbering) (Number, *Problem) {
	err := p.read(p.digits, c.plus, home)
	region := ""
	if err == nil {
		region = p.valid()
	}
	if region == "" {
		return Number{}, p.explain(c, err, home)
	}
	v := verdict{
		e164: appendE164(make([]byte, 0, 1+3+maxNational), &p.number),
		plan: p.calling(int(p.number.GetCountryCode())),
	}
	v.national = v.e164[1+len(v.plan.codeText):]
	v.number = Number{E164: string(v.e164), Region: region, Notes: c.notes}
	if problem := p.doubt(c, v, home); problem != nil {
		return Number{}, problem
	}
	p.remark(c, &v, home)
	return v.number, nil
}

// appendE164 is phonenumbers.Format(number, E164).
func appendE164(b []byte, number *phonenumbers.PhoneNumber) []byte {
	b = append(b, '+')
	b = strconv.AppendInt(b, int64(number.GetCountryCode()), 10)
	if number.GetItalianLeadingZero() {
		for range number.GetNumberOfLeadingZeros() {
			b = append(b, '0')
		}
	}
	return strconv.AppendUint(b, number.GetNationalNumber(), 10)
}

// validDigits tells whether digits are a valid number, and of which region. It overwrites p.number.
func (p *Parser) validDigits(digits []byte, plus bool, home *numbering) (region string, ok bool) {
	const longest = 30 // an international prefix, a calling code and a national number, with room to spare
	if len(digits) > longest || p.read(digits, plus, home) != nil {
		return "", false
	}
	if plus && !hasCode(digits, int(p.number.GetCountryCode())) {
		return "", false // the library has dropped the plus
	}
	region = p.valid()
	return region, region != ""
}

// hasCode tells whether digits begin with a calling code.
func hasCode(digits []byte, code int) bool {
	return bytes.HasPrefix(digits, strconv.AppendInt(make([]byte, 0, 3), int64(code), 10))
}

// doubt looks for a second reading of a number that the library calls valid. It may overwrite p.number.
func (p *Parser) doubt(c cell, v verdict, home *numbering) *Problem {
	typed := p.digits
	asNational := !c.plus && bytes.Equal(typed, v.national)
	if c.plus && typed[0] != '0' && !hasCode(typed, v.plan.code) {
		return unknownCode(c)
	}
	if asNational && hasCode(typed, home.code) && p.plusLost(typed, v, home) {
		return problemf(CodeAmbiguous, "%s begins with %s, the calling code of %s: it may have lost a +, or a digit such as 0, in front%s",
			quote(c.value), home.codeText, describe(home.region), inExcel(home.code))
	}
	if asNational && home.writes && home.trunk == "0" && listed(c.text) {
		return problemf(CodeAmbiguous, "%s begins with a digit that may be part of the number or count it", quote(c.value))
	}
	// +39 (0)331 …: in Italy the zero belongs to landlines, and mobiles have none.
	if v.national[0] == '0' && !asNational && strings.Contains(c.text, "(0)") {
		without := append([]byte(v.plan.codeText), v.national[1:]...)
		if _, ok := p.validDigits(without, true, home); ok {
			return problemf(CodeAmbiguous, "%s is one number with the (0) and another one without; write only the digits to dial%s", quote(c.value), inExcel(v.plan.code))
		}
	}
	if least := 12; len(typed) > least || len(typed) == least && !c.plus {
		if p.several(c, home, true) {
			return multiple(c.value)
		}
	}
	return nil
}

// plusLost reports whether digits that begin with the calling code of their own country, and that are valid as they are,
// may as well have lost a plus: 491515717279 in Germany is 0491515717279, or +491515717279x with one more digit gone. Where
// a 0 would have to be put in front, that is as likely as the 0's loss. A trunk prefix of 8 is left out on purpose, and
// 701 234 5678 in Kazakhstan is good, as no number is +7 01…. It may overwrite p.number.
func (p *Parser) plusLost(typed []byte, v verdict, home *numbering) bool {
	if _, ok := p.validDigits(typed, true, home); ok {
		return true
	}
	return v.lacksTrunk(typed) && (v.plan.trunk[0] == '0' || p.anyDigitFits("+"+string(typed), "", home))
}

// lacksTrunk reports whether the national format writes a trunk prefix in front of the digits.
func (v verdict) lacksTrunk(typed []byte) bool {
	return v.plan.writes && onlyDigits(v.number.National()) == v.plan.trunk+string(typed)
}

// listed tells the beginning of an item of a list, as in "2. 030 123456": one digit, a sign, and then a 0.
func listed(text string) bool {
	text = strings.TrimLeft(text, " .-()[]")
	rest := strings.TrimLeft(text[1:], " .-()[]")
	return len(rest) < len(text)-1 && rest[0] == '0'
}

func unknownCode(c cell) *Problem {
	return problemf(CodeInvalidForCountry, "%s begins with + but not with the calling code of any country", quote(c.value))
}

// remark adds the notes on a number without doubts.
func (p *Parser) remark(c cell, v *verdict, home *numbering) {
	n, typed := &v.number, p.digits
	note := func(code, format string, args ...any) { n.Notes = append(n.Notes, notef(code, format, args...)) }
	front, whole := bytes.CutSuffix(typed, v.national) // what was typed in front of the national number
	switch {
	case c.plus && typed[0] == '0':
		note(CodeRepairedPlus, "the + in front of %s was taken off: no country code begins with 0", quote(c.value))
	case c.plus:
	case len(typed) < len(v.national) && bytes.HasSuffix(v.national, typed):
		note(CodeRepairedAreaCode, "the area code was missing: read as %s", n.National())
	case !whole:
	case len(front) == 0:
		if v.lacksTrunk(typed) {
			note(CodeRepairedLeadingZero, "the %s in front was missing: read as %s", v.plan.trunk, n.National())
		}
	case !v.plan.customary(front):
		if national := n.National(); onlyDigits(national) != string(typed) {
			note(CodeRepairedPrefix, "the %s in front, which chooses a carrier or a service, was taken off: read as %s", front, national)
		}
	}
	if v.plan.code != home.code {
		note(CodeCountryDiffers, "a number of %s, not of %s", describe(n.Region), describe(home.region))
	}
}

// customary tells what is often typed in front of a national number: nothing, the trunk prefix, or a calling code with
// what leads to it and with a (0) behind.
func (n *numbering) customary(front []byte) bool {
	rest := string(front)
	return rest == "" || rest == n.trunk || strings.HasSuffix(rest, n.codeText) || strings.HasSuffix(rest, n.codeText+n.trunk)
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

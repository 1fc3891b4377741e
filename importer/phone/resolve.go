package phone

import (
	"bytes"
	"slices"
	"strings"

	"csvput/importer/phone/numbering"
	"csvput/report/code"
	"csvput/report/human"
)

// cell is a value on its way; its digits are in Parser.digits.
type cell struct {
	value string // as typed, for messages
	text  string // the part that is the number, with its separators
	plus  bool   // a + stands in front
	local bool   // of a tel: URI whose phone-context is a domain
	notes []code.Note
}

// verdict is a valid number before the last doubts.
type verdict struct {
	number   Number
	plan     *numbering.Plan // of the number's calling code
	national []byte          // the national significant number
}

// resolve gives the verdict on p.digits.
func (p *Parser) resolve(c cell, home *numbering.Plan) (Number, *code.Problem) {
	n, err := home.Parse(p.digits, c.plus)
	if err != nil || !valid(&n) {
		return Number{}, p.explain(c, n, err, home)
	}
	v := verdict{plan: n.Plan, national: n.National()}
	v.number = Number{E164: string(n.AppendE164(make([]byte, 0, 32))), Region: n.Region, Notes: c.notes}
	if problem := p.doubt(c, v, home); problem != nil {
		return Number{}, problem
	}
	p.remark(c, &v, home)
	return v.number, nil
}

// hasCode reports whether digits begin with the calling code of a plan.
func hasCode(digits []byte, plan *numbering.Plan) bool {
	return bytes.HasPrefix(digits, []byte(plan.CodeText))
}

// doubt looks for a second reading of a number that the library calls valid.
func (p *Parser) doubt(c cell, v verdict, home *numbering.Plan) *code.Problem {
	typed := p.digits
	asNational := !c.plus && bytes.Equal(typed, v.national)
	if c.plus && typed[0] != '0' && !hasCode(typed, v.plan) {
		return unknownCode(c)
	}
	if asNational && hasCode(typed, home) && plusLost(typed, v, home) {
		return code.Problemf(code.Ambiguous,
			"%s begins with %s, the calling code of %s: it may have lost a +, or a digit such as 0, in front%s",
			human.Quote(c.value), home.CodeText, describe(home.Region), inExcel(home.Code))
	}
	if asNational && home.Writes && home.Trunk == "0" && listed(c.text) {
		return code.Problemf(code.Ambiguous, "%s begins with a digit that may be part of the number or count it",
			human.Quote(c.value))
	}
	// +39 (0)331 …: in Italy the zero belongs to landlines, and mobiles have none.
	if v.national[0] == '0' && !asNational && strings.Contains(c.text, "(0)") {
		without := append([]byte(v.plan.CodeText), v.national[1:]...)
		if _, ok := validDigits(without, true, home); ok {
			return code.Problemf(code.Ambiguous,
				"%s is one number with the (0) and another one without; write only the digits to dial%s",
				human.Quote(c.value), inExcel(v.plan.Code))
		}
	}
	if least := 12; len(typed) > least || len(typed) == least && !c.plus {
		if p.several(c, home, true) {
			return multiple(c.value)
		}
	}
	return nil
}

// plusLost reports whether digits that begin with the calling code of their own country, and that are valid as they
// are, may as well have lost a plus: 491515717279 in Germany is 0491515717279, or +491515717279x with one more digit
// gone. Where a 0 would have to be put in front, that is as likely as the 0's loss. A trunk prefix of 8 is left out on
// purpose, and 701 234 5678 in Kazakhstan is good, as no number is +7 01….
func plusLost(typed []byte, v verdict, home *numbering.Plan) bool {
	if _, ok := validDigits(typed, true, home); ok {
		return true
	}
	_, lacks := v.lacksTrunk(typed)
	return lacks && (v.plan.Trunk[0] == '0' || anyDigitFits("+"+string(typed), "", home))
}

// lacksTrunk reports whether the national format, which it returns, writes a trunk prefix in front of the digits.
func (v *verdict) lacksTrunk(typed []byte) (national string, lacks bool) {
	if !v.plan.Writes {
		return "", false
	}
	national = v.number.National()
	return national, onlyDigits(national) == v.plan.Trunk+string(typed)
}

// listed tells the beginning of an item of a list, as in "2. 030 123456": one digit, a sign, and then a 0. In 7 0 0 0 1
// 2 3 all digits stand like that.
func listed(text string) bool {
	const signs = " .-()[]/"
	text = strings.TrimLeft(text, signs)
	rest := strings.TrimLeft(text[1:], signs)
	if len(rest) == len(text)-1 || rest[0] != '0' {
		return false
	}
	groups := strings.FieldsFunc(rest, func(r rune) bool { return !isDigit(r) })
	return slices.ContainsFunc(groups, func(group string) bool { return len(group) > 1 })
}

func unknownCode(c cell) *code.Problem {
	return code.Problemf(code.InvalidForCountry, "%s begins with + but not with the calling code of any country",
		human.Quote(c.value))
}

// remark adds the notes on a number without doubts.
func (p *Parser) remark(c cell, v *verdict, home *numbering.Plan) {
	n, typed := &v.number, p.digits
	note := func(why code.Code, format string, args ...any) {
		n.Notes = append(n.Notes, code.Notef(why, format, args...))
	}
	front, whole := bytes.CutSuffix(typed, v.national) // what was typed in front of the national number
	switch {
	case c.plus && typed[0] == '0':
		note(code.RepairedPlus, "the + in front of %s was taken off: no country code begins with 0",
			human.Quote(c.value))
	case c.plus:
	case len(typed) < len(v.national) && bytes.HasSuffix(v.national, typed):
		note(code.RepairedAreaCode, "the area code was missing: read as %s", n.National())
	case !whole:
	case len(front) == 0:
		if national, lacks := v.lacksTrunk(typed); lacks {
			note(code.RepairedLeadingZero, "the %s in front was missing: read as %s", v.plan.Trunk, national)
		}
	case !customary(front, v.plan):
		if national := n.National(); onlyDigits(national) != string(typed) {
			note(code.RepairedPrefix,
				"the %s in front, which chooses a carrier or a service, was taken off: read as %s", front, national)
		}
	}
	if v.plan.Code != home.Code {
		note(code.CountryDiffers, "a number of %s, not of %s", describe(n.Region), describe(home.Region))
	}
}

// customary tells what is often typed in front of a national number of a plan: nothing, the trunk prefix, or a calling
// code with what leads to it and with a (0) behind.
func customary(front []byte, of *numbering.Plan) bool {
	rest := string(front)
	return rest == "" || rest == of.Trunk || strings.HasSuffix(rest, of.CodeText) ||
		strings.HasSuffix(rest, of.CodeText+of.Trunk)
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

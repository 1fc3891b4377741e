package phone

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/nyaruka/phonenumbers/v2"

	"csvput/importer/phone/numbering"
	"csvput/report/code"
	"csvput/report/human"
)

// explain says why p.digits are no valid number. The error is the library's, nil when the digits could be read as n.
func (p *Parser) explain(c cell, n numbering.Number, err error, home *numbering.Plan) *code.Problem {
	if len(bytes.Trim(p.digits, "0")) == 0 {
		return placeholder(c.value)
	}
	if c.local {
		return withoutCountry(c.value)
	}
	problem := p.reason(c, n, err, home)
	switch {
	case p.several(c, home, false):
		return multiple(c.value)
	case problem.Code != code.LocalOnly:
		problem.Message += p.hint(c, home, problem.Code == code.TooLong)
	}
	return problem
}

func placeholder(value string) *code.Problem {
	return code.Problemf(code.Placeholder, "%s stands for no number", human.Quote(value))
}

func (p *Parser) reason(c cell, n numbering.Number, err error, home *numbering.Plan) *code.Problem {
	value := human.Quote(c.value)
	if err == nil && c.plus && p.digits[0] != '0' && !hasCode(p.digits, n.Plan) {
		return unknownCode(c)
	}
	switch {
	case err == nil:
	case errors.Is(err, phonenumbers.ErrInvalidCountryCode):
		return unknownCode(c)
	case errors.Is(err, phonenumbers.ErrNumTooLong):
		return code.Problemf(code.TooLong, "%s has too many digits for a phone number", value)
	default: // too short in one of three ways; what has letters or signs in it does not come here
		return code.Problemf(code.TooShort, "%s has too few digits for a phone number", value)
	}
	plan := home
	if n.Plan.Code != home.Code {
		plan = n.Plan
	}
	where := describe(plan.Region)
	switch n.Possible {
	case phonenumbers.TOO_SHORT:
		return code.Problemf(code.TooShort, "%s has too few digits for a phone number of %s", value, where)
	case phonenumbers.TOO_LONG:
		return code.Problemf(code.TooLong, "%s has too many digits for a phone number of %s", value, where)
	case phonenumbers.INVALID_LENGTH:
		return code.Problemf(code.InvalidLength, "%s has a length that phone numbers of %s do not have", value, where)
	case phonenumbers.IS_POSSIBLE_LOCAL_ONLY:
		return code.Problemf(code.LocalOnly, "%s lacks its area code", value)
	default:
		return code.Problemf(code.InvalidForCountry, "%s is not a phone number that exists in %s", value, where)
	}
}

// hint says what small change would make the digits a valid number.
func (p *Parser) hint(c cell, home *numbering.Plan, tooLong bool) string {
	digits := p.digits
	if c.plus {
		if n, ok := validDigits(digits, false, home); ok {
			return "; without the + it would be a number of " + describe(n.Region)
		}
		return ""
	}
	for _, prefix := range []string{"", "00", "011", "0"} {
		rest, ok := bytes.CutPrefix(digits, []byte(prefix))
		if !ok || len(rest) == 0 || rest[0] == '0' {
			continue
		}
		if prefix == "0" { // one 0 typed for two, or just a digit too many
			if !tooLong {
				continue
			}
			if _, ok := validDigits(digits[:len(digits)-1], false, home); ok {
				return "; it has one digit too many"
			}
		}
		n, ok := validDigits(rest, true, home)
		switch {
		case !ok:
		case prefix == "":
			return "; with a + in front it would be a number of " + describe(n.Region) + inExcel(n.Plan.Code)
		default:
			return "; with a + instead of the " + prefix + " in front it would be a number of " + describe(n.Region) +
				inExcel(n.Plan.Code)
		}
	}
	return ""
}

// inExcel is how to type an international number into a cell that Excel would take for a sum, dropping the +.
func inExcel(code int) string {
	return fmt.Sprintf("; in Excel type '+%d ... with the apostrophe in front, or format the column as Text first",
		code)
}

// describe names a region for a person: "France (FR)".
func describe(region string) string {
	if region == numbering.World {
		return "no single country (international)"
	}
	var b strings.Builder
	b.WriteString(englishName(region))
	b.WriteString(" (")
	b.WriteString(region)
	b.WriteByte(')')
	return b.String()
}

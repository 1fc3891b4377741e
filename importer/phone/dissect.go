package phone

import (
	"strings"
	"unicode"

	"csvput/importer/phone/numbering"
	"csvput/report/code"
	"csvput/report/human"
)

// dissect takes apart a value that scan leaves to it. The rules come in this order: what stands for nothing,
// spreadsheet damage, words around the number, extensions, several numbers, hidden digits, letters. What remains is
// digits and separators; the digits go to p.digits.
func (p *Parser) dissect(value string, home *numbering.Plan) (cell, *code.Problem) {
	c := cell{value: value}
	text, dropped, ok := fold(value)
	if !ok {
		return c, code.Problemf(code.NotANumber, "%s has characters in it that are no text", human.Quote(value))
	}
	if dropped {
		c.note(code.RepairedInvisible, "invisible characters were taken out")
	}
	text, problem := c.unmark(text)
	switch {
	case problem != nil:
		return c, problem
	case isPlaceholder(text):
		return c, placeholder(value)
	}
	extension := ""
	if uri, ok := cutURI(text); ok {
		text, extension, problem = c.telURI(uri)
	} else {
		text, extension, problem = p.unwrap(&c, text, home)
	}
	if problem != nil {
		return c, problem
	}
	if extension != "" {
		if p.extension != ExtensionDrop {
			return c, code.Problemf(code.Extension,
				"%s has the extension %s, which a phone number in the CRM cannot hold", human.Quote(value), extension)
		}
		c.note(code.ExtensionDropped, "the extension %s is not sent", extension)
	}
	if problem := p.one(&c, text, home); problem != nil {
		return c, problem
	}
	return c, p.collect(&c, home)
}

func (c *cell) note(why code.Code, format string, args ...any) {
	c.notes = append(c.notes, code.Notef(why, format, args...))
}

// unwrap takes off what stands around a number: labels, and an extension behind it. It also undoes what a spreadsheet
// did to the digits.
func (p *Parser) unwrap(c *cell, text string, home *numbering.Plan) (number, extension string, problem *code.Problem) {
	if number, problem = p.unlabel(c, cutHash(text)); problem != nil {
		return "", "", problem
	}
	if number, problem = c.writeOut(number); problem != nil {
		return "", "", problem
	}
	number, extension, problem = p.cutExtension(c, number, home)
	switch {
	case problem != nil:
		return "", "", problem
	case extension != "": // there may be a label between the two
		number, problem = p.unlabel(c, number)
	case strings.LastIndex(number, "(") > strings.LastIndex(number, ")") &&
		strings.Count(text, ")") > strings.Count(number, ")"):
		problem = code.Problemf(code.MultipleNumbers, "%s ends with digits in brackets, which could be another ending",
			human.Quote(c.value))
	}
	return number, extension, problem
}

// one makes sure that text is one number without hidden digits and letters, and puts it into c.text.
func (p *Parser) one(c *cell, text string, home *numbering.Plan) *code.Problem {
	if looksLikeDate(text) {
		return code.Problemf(code.NotANumber, "%s looks like a date", human.Quote(c.value))
	}
	if problem := alternatives(c, text, home); problem != nil {
		return problem
	}
	if masked(text) {
		return hidden(c.value)
	}
	if hasLetters(text) {
		if text = p.keypad(c, text, home); text == "" {
			return letters(c.value)
		}
	}
	c.text = text
	return nil
}

// collect puts the digits of c.text into p.digits. Only separators may stand between them, and a + in front; and within
// an international prefix the ~ where one waits for a second tone, as in 8~10.
func (p *Parser) collect(c *cell, home *numbering.Plan) *code.Problem {
	digits := p.digits[:0]
	pause := 0
	for i, r := range c.text {
		switch {
		case isDigit(r):
			digits = append(digits, byte(r))
		case strings.ContainsRune(" .-()[]/", r):
		case r == '~' && len(digits) > 0 && pause == 0 && !c.plus:
			pause = len(digits)
		case r == '+' && len(digits) == 0 && (i == 0 || c.text[i-1] == '+'):
			c.plus = true
		default:
			return stray(c.value, r)
		}
	}
	p.digits = digits
	if pause > 0 {
		if rest, ok := home.CutIDD(digits); !ok || len(digits)-len(rest) <= pause {
			return stray(c.value, '~')
		}
	}
	return nil
}

// looksLikeDate tells 2024-01-31 and 31.01.2024, which are valid phone numbers in countries with eight digits.
func looksLikeDate(s string) bool {
	parts := strings.FieldsFunc(s, func(r rune) bool { return !isDigit(r) })
	if len(parts) != 3 || len(s) != 10 || s[len(parts[0])] != s[len(s)-len(parts[2])-1] || s[len(parts[0])] == ' ' {
		return false
	}
	year, middle, day := parts[0], parts[1], parts[2]
	if len(day) == 4 {
		year, day = day, year
	}
	century := strings.HasPrefix(year, "19") || strings.HasPrefix(year, "20")
	return century && len(year) == 4 && len(middle) == 2 && middle <= "31" && day <= "31" &&
		(middle <= "12" || day <= "12")
}

// isPlaceholder tells the words and signs that people and programs put where there is no number.
func isPlaceholder(s string) bool {
	if !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) && r != '0' }) {
		return true // nothing but signs and zeros
	}
	key := strings.ToLower(strings.Trim(s, " .-_/()[]*?!#:<>\n"))
	if strings.Trim(key, "x -") == "" {
		return true
	}
	switch strings.Join(strings.Fields(key), " ") {
	case "n/a", "na", "n.a", "n / a", "n\\a", "none", "null", "nil", "nan", "nothing", "empty", "blank", "undefined",
		"unknown", "not known", "unk", "tbc", "tba", "tbd", "to be confirmed", "to follow", "pending", "missing",
		"no", "no number", "no phone", "no telephone", "no mobile", "not applicable", "not available", "not provided",
		"not given", "withheld", "private", "ex-directory", "ex directory", "unlisted", "as above", "same",
		"same as above", "ditto",
		"true", "false", "yes", "ref", "value", "name", "div/0", "num", "error", "getting_data", "spill", "calc":
		return true
	}
	return false
}

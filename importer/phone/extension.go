package phone

import (
	"slices"
	"strings"
	"unicode"

	"csvput/importer/phone/numbering"
	"csvput/report/code"
	"csvput/report/human"
)

// extensionLabels are the words that libphonenumber takes for the beginning of an extension.
var extensionLabels = []string{"x", "xt", "ext", "xtn", "extn", "exten", "extension", "extensión", "int", "anexo",
	"доб"}

// maxExtension is how many digits an extension has at most. The library takes up to 20, and with them second numbers.
const maxExtension = 7

// cutLabel cuts the sign of an extension off what stands before its digits: a word, #, or the pauses of a telephone's
// address book.
func cutLabel(head string) (number, label string) {
	head = strings.TrimRight(head, " .:=-")
	for _, sign := range []string{"#", ",,"} {
		if number, ok := strings.CutSuffix(head, sign); ok {
			return number, sign
		}
	}
	at := strings.LastIndexFunc(head, func(r rune) bool { return !unicode.IsLetter(r) }) + 1
	if slices.Contains(extensionLabels, strings.ToLower(head[at:])) {
		return head[:at], head[at:]
	}
	return head, ""
}

// cutHash cuts off the # that ends the dialling of an extension. Behind a number it does not belong.
func cutHash(text string) string {
	body, ok := strings.CutSuffix(text, "#")
	if !ok {
		return text
	}
	head := strings.TrimRight(body, "0123456789")
	if _, label := cutLabel(head); label == "" || head == body {
		return text
	}
	return body
}

// cutExtension cuts the extension off a number that ends in a digit.
func (p *Parser) cutExtension(
	c *cell, text string, home *numbering.Plan,
) (number, extension string, problem *code.Problem) {
	head := strings.TrimRight(text, "0123456789")
	extension = text[len(head):]
	number, label := cutLabel(head)
	number = strings.TrimRight(number, " ,;:-.([")
	switch {
	case label == "", extension == "", !strings.ContainsFunc(number, isDigit):
		return text, "", nil
	case len(extension) > maxExtension:
		return "", "", multiple(c.value)
	case label != "#" && len(label) == 1 && len(number)+1+len(extension) == len(text) &&
		anyDigitFits(number, extension, home):
		return "", "", hidden(c.value) // 0664123x567: one digit not told
	}
	return number, extension, nil
}

// anyDigitFits reports whether there is a valid number with one digit between before and after.
func anyDigitFits(before, after string, home *numbering.Plan) bool {
	for digit := '0'; digit <= '9'; digit++ {
		digits := onlyDigits(before) + string(digit) + after
		if _, ok := validDigits([]byte(digits), strings.HasPrefix(before, "+"), home); ok {
			return true
		}
	}
	return false
}

// cutURI recognizes a tel: URI (RFC 3966) with a global number or with parameters, and callto: of the same make.
// Tel:020 7946 0958 is a label.
func cutURI(text string) (uri string, ok bool) {
	scheme, uri, _ := strings.Cut(text, ":")
	if scheme = strings.ToLower(scheme); scheme != "tel" && scheme != "callto" {
		return "", false
	}
	number, _, parameters := strings.Cut(uri, ";")
	global := strings.HasPrefix(number, "+")
	return uri, strings.Trim(number, "+0123456789-.()") == "" && (global || parameters && strings.Contains(uri, "="))
}

// telURI takes a tel: URI apart. A local number may have a phone-context with its calling code. A domain there says
// nothing about the number.
func (c *cell) telURI(uri string) (number, extension string, problem *code.Problem) {
	number, rest, _ := strings.Cut(uri, ";")
	for parameter := range strings.SplitSeq(rest, ";") {
		key, setting, _ := strings.Cut(parameter, "=")
		switch strings.ToLower(key) {
		case "":
		case "ext", "isub":
			if digits, _ := cutDigits(setting); digits == "" || digits != setting || len(digits) > maxExtension ||
				extension != "" {
				return "", "", code.Problemf(code.NotANumber, "%s has an extension that cannot be read",
					human.Quote(c.value))
			}
			extension = setting
		case "phone-context":
			switch {
			case isDomain(setting):
				c.local = !strings.HasPrefix(number, "+")
			case len(setting) < 2 || setting[0] != '+' || onlyDigits(setting) == "" || strings.HasPrefix(number, "+"):
				return "", "", withoutCountry(c.value)
			default:
				number = setting + number
			}
		default:
			return "", "", code.Problemf(code.NotANumber, "%s has the parameter %s, which is not known",
				human.Quote(c.value), human.Quote(key))
		}
	}
	return number, extension, nil
}

func withoutCountry(value string) *code.Problem {
	return code.Problemf(code.LocalOnly, "%s is a number without its country", human.Quote(value))
}

// isDomain reports whether s is a domain name: its last label begins with a letter.
func isDomain(s string) bool {
	top := s[strings.LastIndexByte(strings.TrimSuffix(s, "."), '.')+1:]
	return top != "" && unicode.IsLetter(rune(top[0])) && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '.' && r != '-' && !isDigit(r) && (r > unicode.MaxASCII || !unicode.IsLetter(r))
	})
}

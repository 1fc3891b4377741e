package phone

import (
	"slices"
	"strings"
	"unicode"
)

// extensionLabels are the words that libphonenumber takes for the beginning of an extension, and #.
var extensionLabels = []string{"x", "xt", "ext", "xtn", "extn", "exten", "extension", "int", "anexo", "доб"}

// maxExtension is how many digits an extension has at most. The library takes up to 20, and with them second numbers.
const maxExtension = 7

// cutExtension cuts the extension off a number that ends in a digit.
func (p *Parser) cutExtension(c *cell, text string, home *numbering) (number, extension string, problem *Problem) {
	head := strings.TrimRight(text, "0123456789")
	extension = text[len(head):]
	head = strings.TrimRight(head, " .:=-")
	label := head[strings.LastIndexFunc(head, func(r rune) bool { return !unicode.IsLetter(r) })+1:]
	if strings.HasSuffix(head, "#") {
		label = "#"
	} else if !slices.Contains(extensionLabels, strings.ToLower(label)) {
		return text, "", nil
	}
	number = strings.TrimRight(head[:len(head)-len(label)], " ,;:-.([")
	switch {
	case extension == "", !strings.ContainsFunc(number, isDigit):
		return text, "", nil
	case len(extension) > maxExtension:
		return "", "", multiple(c.value)
	case len(label) == 1 && len(number)+1+len(extension) == len(text) && p.anyDigitFits(number, extension, home):
		return "", "", hidden(c.value) // 0664123x567: one digit not told
	}
	return number, extension, nil
}

// anyDigitFits tells whether there is a valid number with one digit between before and after.
func (p *Parser) anyDigitFits(before, after string, home *numbering) bool {
	for digit := '0'; digit <= '9'; digit++ {
		digits := onlyDigits(before) + string(digit) + after
		if _, ok := p.validDigits([]byte(digits), strings.HasPrefix(before, "+"), home); ok {
			return true
		}
	}
	return false
}

// cutTel recognizes a tel: URI (RFC 3966) with a global number or with parameters. Tel:020 7946 0958 is a label.
func cutTel(text string) (uri string, ok bool) {
	if len(text) < 5 || !strings.EqualFold(text[:4], "tel:") {
		return "", false
	}
	uri = text[4:]
	number, _, parameters := strings.Cut(uri, ";")
	global := strings.HasPrefix(number, "+")
	return uri, strings.Trim(number, "+0123456789-.()") == "" && (global || parameters && strings.Contains(uri, "="))
}

// telURI takes a tel: URI apart. A local number needs a phone-context with a calling code.
func telURI(value, uri string) (number, extension string, problem *Problem) {
	number, rest, _ := strings.Cut(uri, ";")
	for parameter := range strings.SplitSeq(rest, ";") {
		key, setting, _ := strings.Cut(parameter, "=")
		switch strings.ToLower(key) {
		case "":
		case "ext", "isub":
			if digits, _ := cutDigits(setting); digits == "" || digits != setting || len(digits) > maxExtension || extension != "" {
				return "", "", problemf(CodeNotANumber, "%s has an extension that cannot be read", quote(value))
			}
			extension = setting
		case "phone-context":
			if len(setting) < 2 || setting[0] != '+' || onlyDigits(setting) == "" || strings.HasPrefix(number, "+") {
				return "", "", problemf(CodeLocalOnly, "%s is a number without its country", quote(value))
			}
			number = setting + number
		default:
			return "", "", problemf(CodeNotANumber, "%s has the parameter %s, which is not known", quote(value), quote(key))
		}
	}
	return number, extension, nil
}

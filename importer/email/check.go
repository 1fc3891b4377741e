package email

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"csvput/report/code"
	"csvput/report/human"
)

// Lengths in octets: RFC 5321 section 4.5.3.1 (the path's 256 less its angle brackets) and RFC 1035 section 2.3.4.
const (
	maxLocal   = 64
	maxAddress = 254
	maxLabel   = 63
)

// check finds what is wrong with addr; value is the cell, for messages.
func check(addr, value string) *code.Problem {
	switch ats := strings.Count(addr, "@"); {
	case isPlaceholder(addr):
		return code.Problemf(code.Placeholder, "%s stands for no address", human.Quote(value))
	case ats == 0:
		return code.Problemf(code.InvalidEmail, "%s has no @ in it", human.Quote(value))
	case ats > 1:
		return several(addr, value)
	}
	if p := beside(addr, value); p != nil {
		return p
	}
	local, domain, _ := strings.Cut(addr, "@")
	if p := checkLocal(local, value); p != nil {
		return p
	}
	if p := checkDomain(domain, value); p != nil {
		return p
	}
	if len(addr) > maxAddress {
		return code.Problemf(code.InvalidEmail, "%s is longer than an address can be, %d characters",
			human.Quote(value), maxAddress)
	}
	return nil
}

// several is for a value with more than one @.
func several(addr, value string) *code.Problem {
	addresses := 0
	for _, part := range parts(addr, betweenWords+"/|&") {
		if at := strings.IndexByte(part, '@'); at > 0 && at < len(part)-1 {
			addresses++
		}
	}
	if addresses > 1 {
		return code.Problemf(code.MultipleEmails, "%s is more than one address; a contact detail holds one",
			human.Quote(value))
	}
	return code.Problemf(code.InvalidEmail, "%s has more than one @ in it", human.Quote(value))
}

// beside finds names, comments and other words that stand with an address.
func beside(addr, value string) *code.Problem {
	if last := addr[len(addr)-1]; strings.IndexByte(",;:.", last) >= 0 {
		return code.Problemf(code.InvalidEmail, "%s ends with the sign %c, which is no part of an address",
			human.Quote(value), last)
	}
	list := parts(addr, betweenWords)
	if len(list) == 1 && list[0] == addr {
		return nil
	}
	for _, part := range list {
		if local, domain, ok := strings.Cut(part, "@"); ok && checkLocal(local, "") == nil &&
			checkDomain(domain, "") == nil {
			return code.Problemf(code.EmailDisplayName, "%s has more in it than the address %s", human.Quote(value),
				human.Quote(part))
		}
	}
	return nil
}

// betweenWords are the signs that, beside blanks, stand between addresses, names and comments, and in no plain address.
const betweenWords = `,;:<>()[]"`

func parts(s, signs string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(signs, r) })
}

func checkLocal(local, value string) *code.Problem {
	switch {
	case local == "":
		return code.Problemf(code.InvalidEmail, "%s has nothing in front of the @", human.Quote(value))
	case len(local) > maxLocal:
		return code.Problemf(code.InvalidEmail, "%s has more than %d characters in front of the @", human.Quote(value),
			maxLocal)
	case local[0] == '.', local[len(local)-1] == '.', strings.Contains(local, ".."):
		return code.Problemf(code.InvalidEmail, "%s has a full stop too many in front of the @", human.Quote(value))
	case local[0] == '\'':
		return code.Problemf(code.InvalidEmail, "%s begins with an apostrophe", human.Quote(value))
	}
	for _, r := range local {
		// RFC 5322 section 3.2.3 (atext), without the signs named in the package comment.
		if !isAlphanumeric(r) && !strings.ContainsRune(".!#$%&'+-=^_{}~", r) {
			return wrongSign(r, value)
		}
	}
	return nil
}

func checkDomain(domain, value string) *code.Problem {
	labels := strings.Split(domain, ".")
	top := labels[len(labels)-1]
	for _, label := range labels {
		if p := checkLabel(label, value); p != nil {
			return p
		}
	}
	switch {
	case len(labels) < 2:
		return code.Problemf(code.InvalidEmail, "%s lacks the ending of its domain, such as .com", human.Quote(value))
	case len(top) < 2, !strings.ContainsFunc(top, unicode.IsLetter):
		return code.Problemf(code.InvalidEmail, "%s ends with .%s, and no domain does", human.Quote(value), top)
	case !norm.NFKC.IsNormalString(domain):
		return code.Problemf(code.InvalidEmail,
			"%s has letters behind the @ that are not in their usual form; type the address again", human.Quote(value))
	}
	return nil
}

// checkLabel checks a label of a domain: letters, digits and hyphens (RFC 1123 section 2.1), or letters beyond ASCII.
func checkLabel(label, value string) *code.Problem {
	switch {
	case label == "":
		return code.Problemf(code.InvalidEmail, "%s has nothing, or a full stop too many, behind the @",
			human.Quote(value))
	case len(label) > maxLabel:
		return code.Problemf(code.InvalidEmail, "%s has more than %d characters between two full stops",
			human.Quote(value), maxLabel)
	case label[0] == '-', label[len(label)-1] == '-':
		return code.Problemf(code.InvalidEmail, "%s has a hyphen at a full stop or at the end", human.Quote(value))
	}
	latin, other := false, false
	for i, r := range label {
		switch {
		case unicode.Is(unicode.Latin, r):
			latin = true
		case unicode.In(r, unicode.Greek, unicode.Cyrillic):
			other = true
		case isAlphanumeric(r), r == '-', unicode.IsLetter(r), i > 0 && unicode.IsMark(r):
		default:
			return wrongSign(r, value)
		}
	}
	if latin && other {
		return code.Problemf(code.InvalidEmail, "%s has letters of two alphabets behind the @ that look alike",
			human.Quote(value))
	}
	return nil
}

func isAlphanumeric(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

func wrongSign(r rune, value string) *code.Problem {
	switch {
	case unicode.IsSpace(r):
		return code.Problemf(code.InvalidEmail, "%s has a blank in it", human.Quote(value))
	case unicode.IsPrint(r) && r != utf8.RuneError:
		return code.Problemf(code.InvalidEmail, "%s has the sign %c in it, which does not belong there",
			human.Quote(value), r)
	}
	return code.Problemf(code.InvalidEmail, "%s has an unreadable character in it", human.Quote(value))
}

// isPlaceholder tells the words and signs that people and programs put where there is no address.
func isPlaceholder(s string) bool {
	if !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) && r != '0' }) {
		return !strings.Contains(s, "@")
	}
	switch strings.Join(strings.Fields(strings.ToLower(strings.Trim(s, " .-_/()[]*?!#:<>"))), " ") {
	case "n/a", "na", "n.a", "none", "null", "nil", "nan", "nothing", "empty", "blank", "undefined", "x", "xx", "xxx",
		"unknown", "not known", "unk", "tbc", "tba", "tbd", "to be confirmed", "to follow", "pending", "missing",
		"no", "no email", "no e-mail", "no mail", "no email address", "not applicable", "not available", "not provided",
		"not given", "withheld", "private", "as above", "same", "same as above", "ditto",
		"true", "false", "yes", "ref", "value", "name", "div/0", "num", "error":
		return true
	}
	return false
}

package phone

import (
	"slices"
	"strings"
	"unicode"

	"csvput/report/code"
	"csvput/report/human"
)

// labels are the words whose meaning beside a number is beyond doubt. Those of one letter count in front only with a
// sign or a blank after them, and behind only in brackets: a letter at a digit may be a mistyped one.
var labels = []string{
	"tel", "telephone", "phone", "ph", "mob", "mobile", "cell", "cellphone", "fax", "landline",
	"work", "home", "office", "direct", "main", "switchboard", "business", "personal", "daytime", "evening", "contact",
	"callto", "t", "m", "p", "f", "h", "w",
}

// afterLabels may follow one, as in Tel no.
var afterLabels = []string{"no", "nr", "num", "number", "line"}

// harmless are signs around a number that say nothing.
const (
	harmless = " .,:;/|-()[]\n" + pictures
	pictures = "☎☏✆📞📱📠"
)

func allLabels(words []string) bool {
	for i, word := range words {
		if !slices.Contains(labels, word) && (i == 0 || !slices.Contains(afterLabels, word)) {
			return false
		}
	}
	return true
}

// unlabel cuts text to what lies between its first and its last digit, provided that around it are only labels and
// harmless signs. With Options.Vanity other letters behind it stay.
func (p *Parser) unlabel(c *cell, text string) (string, *code.Problem) {
	first := strings.IndexFunc(text, func(r rune) bool { return isDigit(r) || r == '+' })
	last := strings.LastIndexFunc(text, isDigit)
	if last < 0 {
		return "", code.Problemf(code.NotANumber, "%s has no digits in it", human.Quote(c.value))
	}
	head, number, tail := text[:min(first, last)], text[min(first, last):last+1], text[last+1:]
	if masked(head) || masked(tail) || strings.Contains(tail, "..") || strings.Contains(tail, "--") {
		return "", hidden(c.value)
	}
	keep := p.vanity && hasLetters(tail) && !tailLabelled(tail)
	switch {
	case !headLabelled(head), !keep && !tailLabelled(tail):
		return "", letters(c.value)
	case keep:
		number = strings.TrimRight(number+tail, harmless)
		tail = ""
	}
	for _, r := range head + tail {
		if !unicode.IsLetter(r) && !strings.ContainsRune(harmless, r) {
			return "", stray(c.value, r)
		}
	}
	if hasLetters(head) || hasLetters(tail) || strings.ContainsAny(head+tail, pictures) {
		if !slices.ContainsFunc(c.notes, func(n code.Note) bool { return n.Code == code.RepairedLabel }) {
			c.note(code.RepairedLabel, "the words around the number were taken off: %s", human.Quote(c.value))
		}
	}
	return number, nil
}

func headLabelled(head string) bool {
	list := words(head)
	if len(list) == 0 {
		return true
	}
	glued := strings.HasSuffix(strings.ToLower(head), list[len(list)-1])
	return allLabels(list) && !(glued && len(list[len(list)-1]) == 1)
}

func tailLabelled(tail string) bool {
	list := words(tail)
	if len(list) == 0 {
		return true
	}
	lower := strings.ToLower(tail)
	if strings.HasPrefix(lower, list[0]) {
		return false // no blank between the number and the word
	}
	for _, word := range list {
		if len(word) == 1 && !strings.Contains(lower, "("+word+")") && !strings.Contains(lower, "["+word+"]") {
			return false
		}
	}
	return allLabels(list)
}

// masked tells signs and letters that stand for digits not told.
func masked(s string) bool {
	if strings.ContainsAny(s, "*?_…") || strings.Contains(s, "##") || strings.Contains(s, "...") {
		return true
	}
	return slices.ContainsFunc(words(s), func(word string) bool { return strings.Trim(word, "x") == "" })
}

func hidden(value string) *code.Problem {
	return code.Problemf(code.MaskedDigits, "%s has hidden or missing digits", human.Quote(value))
}

func stray(value string, r rune) *code.Problem {
	if r == '\n' {
		return code.Problemf(code.NotANumber, "%s is written on more than one line", human.Quote(value))
	}
	return code.Problemf(code.NotANumber, "%s has the sign %s in it, which does not belong in a phone number",
		human.Quote(value), string(r))
}

// lookalikes are letters that are typed for digits.
var lookalikes = map[string]string{"o": "0", "l": "1", "i": "1", "s": "5", "b": "8", "z": "2"}

func letters(value string) *code.Problem {
	if list := words(value); len(list) == 1 && lookalikes[list[0]] != "" {
		return code.Problemf(code.LettersInNumber, "%s has the letter %s in it, perhaps for the digit %s",
			human.Quote(value), strings.ToUpper(list[0]), lookalikes[list[0]])
	}
	return code.Problemf(code.LettersInNumber, "%s has letters in it that are not part of a phone number",
		human.Quote(value))
}

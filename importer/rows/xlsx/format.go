package xlsx

import (
	"math"
	"strconv"
	"strings"
)

// builtInFormats are the number formats that a workbook names by number alone, as far as they matter: dates, and text.
func builtInFormats() map[int]string {
	formats := map[int]string{1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00",
		49: "@"}
	for _, span := range [][2]int{{14, 22}, {27, 36}, {45, 47}, {50, 58}} { // dates, those of East Asia among them
		for id := span[0]; id <= span[1]; id++ {
			formats[id] = "yyyy-mm-dd"
		}
	}
	return formats
}

// item is a piece of a number format: a character with a meaning, or text that is shown as it is.
type item struct {
	char    byte
	literal string
}

// items reads the first section of a number format, which is for numbers above 0. It is nil for one with a condition.
func items(format string) []item {
	var out []item
	for i := 0; i < len(format); i++ {
		c := format[i]
		switch end := 0; c {
		case ';':
			return out
		case '"':
			if end = strings.IndexByte(format[i+1:], '"'); end < 0 {
				return nil
			}
			out = append(out, item{literal: format[i+1 : i+1+end]})
			i += end + 1
		case '[':
			if end = strings.IndexByte(format[i:], ']'); end < 0 {
				return nil
			}
			inside := strings.ToLower(format[i+1 : i+end])
			if strings.ContainsAny(inside, "<>=") {
				return nil
			}
			if strings.Trim(inside, "hms") == "" && inside != "" {
				out = append(out, item{char: inside[0]}) // hours above 24
			}
			i += end
		case '\\':
			if i++; i < len(format) {
				out = append(out, item{literal: format[i : i+1]})
			}
		case '_', '*': // as wide as the next character, or full of it
			i++
		case '+', '-', '(', ')', ' ', ':', '$':
			out = append(out, item{literal: string(c)})
		default:
			out = append(out, item{char: c})
		}
	}
	return out
}

// isDate reports whether a number format shows a date or a time.
func isDate(format string) bool {
	if strings.EqualFold(format, "General") {
		return false
	}
	for _, it := range items(format) {
		if strings.IndexByte("ymdhsYMDHS", it.char) >= 0 && it.char != 0 {
			return true
		}
	}
	return false
}

// Digits are the digits of a whole number cell above 0, all of them, whatever its format shows. Where the format shows
// digits or a + that the number lacks, as 00000000000 shows zeros in front, they are there too, and added is set. ok is
// false for a number that is negative, has a fraction, or more digits than the 15 that Excel keeps.
func (c Cell) Digits() (digits string, added, ok bool) {
	n, err := strconv.ParseFloat(c.Text, 64)
	if err != nil {
		return "", false, false
	}
	// Calculated, a number may be off in its last bits; Excel shows 15 digits and hides that.
	n, err = strconv.ParseFloat(strconv.FormatFloat(n, 'e', 14, 64), 64)
	if err != nil || n < 0 || n != math.Trunc(n) || c.TooLong() {
		return "", false, false
	}
	stored := strconv.FormatFloat(n, 'f', 0, 64)
	shown := show(stored, items(c.Format))
	return shown, shown != stored, true
}

// TooLong reports a number of more than the 15 digits that Excel keeps.
func (c Cell) TooLong() bool {
	n, err := strconv.ParseFloat(c.Text, 64)
	return err == nil && n >= 1e15
}

// show puts digits into a number format that consists of places for digits and of text. Of the text, digits and + are
// kept. In any other format, they stay as they are.
func show(digits string, format []item) string {
	places := 0
	for _, it := range format {
		switch it.char {
		case 0:
		case '0', '#', '?':
			places++
		case ',': // between thousands
		default:
			return digits
		}
	}
	if places == 0 {
		return digits
	}
	var b strings.Builder
	for _, it := range format {
		switch {
		case it.char == ',':
		case it.char == 0:
			b.WriteString(strings.Map(func(r rune) rune {
				if r >= '0' && r <= '9' || r == '+' {
					return r
				}
				return -1
			}, it.literal))
		default:
			more := max(0, len(digits)-places+1) // the first place takes those that are too many
			b.WriteString(digits[:min(more, len(digits))])
			if more == 0 && it.char == '0' {
				b.WriteByte('0')
			}
			digits = digits[min(more, len(digits)):]
			places--
		}
	}
	return b.String()
}

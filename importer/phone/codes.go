package phone

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Codes of a [Problem].
const (
	CodeInvalidCountry    = "invalid_country"     // the country cell names no country
	CodePlaceholder       = "placeholder"         // a word or sign that stands for "no number"
	CodeFormula           = "formula"             // a spreadsheet formula
	CodeExcelScientific   = "excel_scientific"    // a spreadsheet's 4.47911E+11, digits lost
	CodeMultipleNumbers   = "multiple_numbers"    // more than one number, or alternatives
	CodeMaskedDigits      = "masked_digits"       // some digits are hidden or missing
	CodeLettersInNumber   = "letters_in_number"   // letters or words among the digits
	CodeExtension         = "extension"           // carries an extension
	CodeNotANumber        = "not_a_number"        // not a phone number at all
	CodeAmbiguous         = "ambiguous"           // two numbers could be meant
	CodeTooShort          = "too_short"           // too few digits
	CodeTooLong           = "too_long"            // too many digits or bytes
	CodeInvalidLength     = "invalid_length"      // a length that the country does not use
	CodeLocalOnly         = "local_only"          // without the area code
	CodeInvalidForCountry = "invalid_for_country" // right in length, but not a number of that country
)

// Codes of a [Note].
const (
	CodeRepairedInvisible   = "repaired_invisible"    // invisible characters dropped
	CodeRepairedTextMarker  = "repaired_text_marker"  // a spreadsheet's text marker or quotes taken off
	CodeRepairedScientific  = "repaired_scientific"   // 4.47911123456E+11 written out
	CodeRepairedFloat       = "repaired_float"        // a decimal tail such as .0 taken off
	CodeRepairedLabel       = "repaired_label"        // words such as Tel: or (work) taken off
	CodeRepairedLeadingZero = "repaired_leading_zero" // the trunk prefix was missing
	CodeRepairedAreaCode    = "repaired_area_code"    // the only area code of the country was missing
	CodeRepairedPrefix      = "repaired_prefix"       // a prefix that chooses a carrier taken off
	CodeRepairedPlus        = "repaired_plus"         // a + in front of a national number taken off
	CodeExtensionDropped    = "extension_dropped"     // the extension is not sent
	CodeVanityConverted     = "vanity_converted"      // keypad letters read as digits
	CodeCountryDiffers      = "country_differs"       // a number of another country than the row's
)

func problemf(code, format string, args ...any) *Problem {
	return &Problem{Code: code, Message: fmt.Sprintf(format, args...)}
}

func notef(code, format string, args ...any) Note {
	return Note{Code: code, Message: fmt.Sprintf(format, args...)}
}

// quoteRunes is how much of a value a message repeats.
const quoteRunes = 60

// quote is value for a message: on one line, without control and invisible characters, cut when long.
func quote(value string) string {
	var b strings.Builder
	b.WriteByte('"')
	n := 0
	for _, r := range strings.TrimSpace(value) {
		if n++; n > quoteRunes {
			b.WriteString("…")
			break
		}
		switch {
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case r == utf8.RuneError, unicode.IsControl(r), invisible(r):
			b.WriteRune(utf8.RuneError)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

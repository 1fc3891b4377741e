package phone

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"
)

// noted are the codes of the notes of a number, in their order.
func noted(n Number) string {
	var codes []string
	for _, note := range n.Notes {
		codes = append(codes, note.Code)
	}
	return strings.Join(codes, " ")
}

var accepted = []struct {
	name           string
	value, country string
	e164, notes    string
}{
	// As people write them.
	{"national", "020 7946 0958", "GB", "+442079460958", ""},
	{"blank country is the default", "020 7946 0958", "", "+442079460958", ""},
	{"country of blanks is the default", "020 7946 0958", " \t", "+442079460958", ""},
	{"international", "+44 20 7946 0958", "GB", "+442079460958", ""},
	{"zero in brackets", "+44 (0)20 7946 0958", "GB", "+442079460958", ""},
	{"zero after the calling code", "+4402079460958", "GB", "+442079460958", ""},
	{"international prefix", "0044 20 7946 0958", "GB", "+442079460958", ""},
	{"American international prefix", "011 44 20 7946 0958", "US", "+442079460958", CodeCountryDiffers},
	{"calling code without +", "447911123456", "GB", "+447911123456", ""},
	{"calling code without +, Germany", "49 30 123456789", "DE", "+4930123456789", ""},
	{"two plus signs", "++44 20 7946 0958", "GB", "+442079460958", ""},
	{"dots", "01.17.49.60.000", "GB", "+441174960000", ""},
	{"all in brackets", "(020 7946 0958)", "GB", "+442079460958", ""},
	{"square brackets", "[020] 7946 0958", "GB", "+442079460958", ""},
	{"bracket around the calling code", "(+501) 623-6848", "BZ", "+5016236848", ""},
	{"blanks around", "  020 7946 0958\t\n", "GB", "+442079460958", ""},
	{"sign behind", "020 7946 0958;", "GB", "+442079460958", ""},
	{"slash behind the area code", "030/123456", "DE", "+4930123456", ""},
	{"fraction slash", "030⁄123456", "DE", "+4930123456", ""},
	{"slash behind the area code, international", "+43 664/1234567", "AT", "+436641234567", ""},
	{"no trunk prefix in the US", "650 253 0000", "US", "+16502530000", ""},
	{"no trunk prefix in Spain", "612 34 56 78", "ES", "+34612345678", ""},
	{"Italian zero", "02 1234 5678", "IT", "+390212345678", ""},
	{"Russian 8", "8 (912) 345-67-89", "RU", "+79123456789", ""},
	{"Belarusian 8 0", "8 029 491-19-11", "BY", "+375294911911", ""},
	{"Argentine mobile", "011 15-2345-6789", "AR", "+5491123456789", ""},
	{"Guernsey with GB", "07911 123456", "GB", "+447911123456", ""},
	{"Isle of Man with GB", "07624 369230", "GB", "+447624369230", ""},
	{"eight digits are no date", "20240131", "DK", "+4520240131", ""},
	{"no country", "+800 1234 5678", "GB", "+80012345678", CodeCountryDiffers},
	{"satellite", "+881 6 1234 5678", "GB", "+881612345678", CodeCountryDiffers},

	// The country is how to read, not a claim.
	{"other country", "+61 2 5550 1234", "GB", "+61255501234", CodeCountryDiffers},
	{"other country, default", "+61 2 5550 1234", "", "+61255501234", CodeCountryDiffers},
	{"same calling code", "+1 416 234 5678", "US", "+14162345678", ""},

	// Scripts and blanks.
	{"Arabic digits", "٠٢٠٧٩٤٦٠٩٥٨", "GB", "+442079460958", ""},
	{"Persian digits", "۰۲۰ ۷۹۴۶ ۰۹۵۸", "GB", "+442079460958", ""},
	{"full-width", "（０２０）７９４６－０９５８", "GB", "+442079460958", ""},
	{"full-width plus", "＋44 20 7946 0958", "GB", "+442079460958", ""},
	{"no-break, figure, thin, narrow and em blanks", "0\u00a020\u20077946\u202f09\u200958\u2003", "GB", "+442079460958", ""},
	{"ideographic blank", "020\u30007946\u30000958", "GB", "+442079460958", ""},
	{"middle dots", "020·7946·0958", "GB", "+442079460958", ""},
	{"dashes", "020–7946—0958", "GB", "+442079460958", ""},

	// Invisible characters.
	{"direction marks", "\u202a+44 20 7946 0958\u202c", "GB", "+442079460958", CodeRepairedInvisible},
	{"right-to-left mark", "\u200f020 7946 0958\u200e", "GB", "+442079460958", CodeRepairedInvisible},
	{"isolates", "\u2066020 7946 0958\u2069", "GB", "+442079460958", CodeRepairedInvisible},
	{"byte order mark", "\ufeff020 7946 0958", "GB", "+442079460958", CodeRepairedInvisible},
	{"soft hyphen", "020\u00ad7946\u00ad0958", "GB", "+442079460958", CodeRepairedInvisible},
	{"variation selector", "020\ufe0f 7946 0958", "GB", "+442079460958", CodeRepairedInvisible},
	{"zero-width blank", "020\u200b7946\u200b0958", "GB", "+442079460958", CodeRepairedInvisible},

	// Spreadsheets.
	{"apostrophe", "'020 7946 0958", "GB", "+442079460958", CodeRepairedTextMarker},
	{"curly apostrophe", "’020 7946 0958", "GB", "+442079460958", CodeRepairedTextMarker},
	{"text formula", `="020 7946 0958"`, "GB", "+442079460958", CodeRepairedTextMarker},
	{"formula of a number", "=+442079460958", "GB", "+442079460958", CodeRepairedTextMarker},
	{"quotes", `"020 7946 0958"`, "GB", "+442079460958", CodeRepairedTextMarker},
	{"scientific, every digit", "4.47911123456E+11", "GB", "+447911123456", CodeRepairedScientific},
	{"scientific, comma", "4,47911123456e+11", "GB", "+447911123456", CodeRepairedScientific},
	{"scientific, no plus", "4.47911123456E11", "GB", "+447911123456", CodeRepairedScientific},
	{"scientific, zero lost", "7.911123456E+09", "GB", "+447911123456", CodeRepairedScientific + " " + CodeRepairedLeadingZero},
	{"scientific in a text formula", `="4.47911123456E+11"`, "GB", "+447911123456", CodeRepairedTextMarker + " " + CodeRepairedScientific},
	{"float", "447911123456.0", "GB", "+447911123456", CodeRepairedFloat},
	{"float, two zeros", "447911123456.00", "GB", "+447911123456", CodeRepairedFloat},
	{"float, comma", "447911123456,0", "GB", "+447911123456", CodeRepairedFloat},
	{"float, Austria", "436641234567.0", "AT", "+436641234567", CodeRepairedFloat},
	{"float, zero lost", "7911123456.0", "GB", "+447911123456", CodeRepairedFloat + " " + CodeRepairedLeadingZero},
	{"zero lost", "7911123456", "GB", "+447911123456", CodeRepairedLeadingZero},
	{"zero lost, landline", "117 496 0000", "GB", "+441174960000", CodeRepairedLeadingZero},
	{"zero lost, Guernsey", "1481 712345", "GG", "+441481712345", CodeRepairedLeadingZero},
	{"zero lost, France", "612345678", "FR", "+33612345678", CodeRepairedLeadingZero},
	{"06 lost, Hungary", "20 123 4567", "HU", "+36201234567", CodeRepairedLeadingZero},
	{"no zero to lose, Monaco", "37 70 92 19", "MC", "+37737709219", ""},
	{"no zero to lose, Rwanda", "250 977 372", "RW", "+250250977372", ""},
	{"no zero to lose, Italy", "391 234 5678", "IT", "+393912345678", ""},
	{"the 8 left out in Kazakhstan", "701 234 5678", "KZ", "+77012345678", CodeRepairedLeadingZero},
	{"calling code and national number", "49 4921 12345", "DE", "+49492112345", ""},
	{"zero in front of the calling code's digits", "04921 12345", "DE", "+49492112345", ""},
	{"area code missing where there is only one", "712345", "GG", "+441481712345", CodeRepairedAreaCode},
	{"carrier in front, Brazil", "0 15 11 96123-4567", "BR", "+5511961234567", CodeRepairedPrefix},
	{"plus before an international prefix", "+0044 20 7946 0958", "GB", "+442079460958", CodeRepairedPlus},

	// Words.
	{"Tel", "Tel: 020 7946 0958", "GB", "+442079460958", CodeRepairedLabel},
	{"Tel without a blank", "tel.020 7946 0958", "GB", "+442079460958", CodeRepairedLabel},
	{"Tel no.", "TEL NO. 020 7946 0958", "GB", "+442079460958", CodeRepairedLabel},
	{"Phone", "Phone 020 7946 0958", "GB", "+442079460958", CodeRepairedLabel},
	{"Mob", "Mob: 07911 123456", "GB", "+447911123456", CodeRepairedLabel},
	{"Mobile", "mobile - 07911 123456", "GB", "+447911123456", CodeRepairedLabel},
	{"Work mobile", "Work mobile: 07911 123456", "GB", "+447911123456", CodeRepairedLabel},
	{"Fax", "Fax (020) 7946 0958", "GB", "+442079460958", CodeRepairedLabel},
	{"T", "T: 020 7946 0958", "GB", "+442079460958", CodeRepairedLabel},
	{"M", "M +44 7911 123456", "GB", "+447911123456", CodeRepairedLabel},
	{"Ph", "Ph. 020 7946 0958", "GB", "+442079460958", CodeRepairedLabel},
	{"work behind", "0780 120662 (work)", "FR", "+33780120662", CodeRepairedLabel},
	{"home behind", "020 7946 0958 - home", "GB", "+442079460958", CodeRepairedLabel},
	{"letter in brackets behind", "020 7946 0958 (w)", "GB", "+442079460958", CodeRepairedLabel},
	{"telephone sign", "☎ 020 7946 0958", "GB", "+442079460958", CodeRepairedLabel},
	{"labels on both sides", "Tel: 020 7946 0958 (work)", "GB", "+442079460958", CodeRepairedLabel},
	{"label on a line of its own", "020 7946 0958\n(mobile)", "GB", "+442079460958", CodeRepairedLabel},

	// tel: URIs.
	{"URI", "tel:+44-20-7946-0958", "GB", "+442079460958", ""},
	{"URI in capitals", "TEL:+44-20-7946-0958", "GB", "+442079460958", ""},
	{"URI with context", "tel:20-7946-0958;phone-context=+44", "FR", "+442079460958", CodeCountryDiffers},
	{"not quite a URI", "tel:020-7946-0958", "GB", "+442079460958", CodeRepairedLabel},
}

func TestParse(t *testing.T) {
	p := newParser(t, Options{})
	for _, test := range accepted {
		t.Run(test.name, func(t *testing.T) {
			n, problem := p.Parse(test.value, test.country)
			if problem != nil {
				t.Fatalf("%q: %s: %s", test.value, problem.Code, problem.Message)
			}
			if n.E164 != test.e164 || noted(n) != test.notes {
				t.Errorf("%q: %s with %q, want %s with %q", test.value, n.E164, noted(n), test.e164, test.notes)
			}
			for _, note := range n.Notes {
				checkMessage(t, note.Message)
			}
		})
	}
}

var refused = []struct {
	name           string
	value, country string
	code           string
	says           string // part of the message
}{
	{"country first, even with a +", "+44 20 7946 0958", "Narnia", CodeInvalidCountry, "Narnia"},

	{"n/a", "n/a", "", CodePlaceholder, "n/a"},
	{"N/A", " N/A ", "", CodePlaceholder, ""},
	{"none", "None", "", CodePlaceholder, ""},
	{"hyphen", "-", "", CodePlaceholder, ""},
	{"dash", "—", "", CodePlaceholder, ""},
	{"zero", "0", "", CodePlaceholder, ""},
	{"zeros", "00000 000000", "", CodePlaceholder, ""},
	{"zeros with a calling code's sign", "+0000", "", CodePlaceholder, ""},
	{"TBC", "TBC", "", CodePlaceholder, ""},
	{"#N/A", "#N/A", "", CodePlaceholder, ""},
	{"#REF!", "#REF!", "", CodePlaceholder, ""},
	{"#DIV/0!", "#DIV/0!", "", CodePlaceholder, ""},
	{"TRUE", "TRUE", "", CodePlaceholder, ""},
	{"question mark", "?", "", CodePlaceholder, ""},
	{"xxx", "xxxxx xxxxxx", "", CodePlaceholder, ""},
	{"stars", "*****", "", CodePlaceholder, ""},
	{"plus", "+", "", CodePlaceholder, ""},
	{"only invisible characters", "\u200b\ufeff", "", CodePlaceholder, ""},
	{"placeholder as a text formula", `="n/a"`, "", CodePlaceholder, ""},

	{"formula", "=SUM(A1:A2)", "", CodeFormula, "SUM"},
	{"formula of text and more", `="020"&"7946"`, "", CodeFormula, ""},
	{"formula of a difference", "=44-20-7946-0958", "", CodeFormula, ""},
	{"link formula", `=HYPERLINK("tel:02079460958")`, "", CodeFormula, ""},
	{"scientific", "4.47911E+11", "", CodeExcelScientific, "column as Text first"},
	{"scientific, comma", "9,71501E+11", "AE", CodeExcelScientific, ""},
	{"scientific, ends in zero", "4.47911123450E+11", "", CodeExcelScientific, ""},
	{"scientific, one digit lost", "4.4791112345E+11", "", CodeExcelScientific, ""},
	{"scientific, fraction left", "4.479111234567E+11", "", CodeExcelScientific, ""},
	{"scientific, negative", "4.47911123456E-11", "", CodeExcelScientific, ""},
	{"scientific, no fraction", "4E+11", "", CodeExcelScientific, ""},
	{"decimal", "44791112345.6", "", CodeNotANumber, "decimal"},
	{"decimal tail behind separators", "07911 123456.0", "", CodeNotANumber, "decimal"},
	{"thousands", "447,911,123,456", "", CodeMultipleNumbers, "comma"},

	{"two with a slash", "01234 567890 / 07911 123456", "", CodeMultipleNumbers, ""},
	{"two with a semicolon", "40950; 62898", "AT", CodeMultipleNumbers, ""},
	{"two with a semicolon, US", "6502530000; 6502530001", "US", CodeMultipleNumbers, ""},
	{"other ending", "312 975/11", "AT", CodeMultipleNumbers, ""},
	{"other ending, long", "030 123456/78", "DE", CodeMultipleNumbers, ""},
	{"other ending in brackets", "0664 123456 (78)", "AT", CodeMultipleNumbers, "brackets"},
	{"slash between two local numbers", "01 53211/53212", "AT", CodeMultipleNumbers, ""},
	{"slash before a zero", "0664/0123456", "AT", CodeMultipleNumbers, ""},
	{"or", "020 7946 0958 or 07911 123456", "", CodeMultipleNumbers, ""},
	{"or a short one", "01234 567890 or 891", "", CodeMultipleNumbers, ""},
	{"oder", "030 123456 oder 030 123457", "DE", CodeMultipleNumbers, ""},
	{"&", "020 7946 0958 & 07911 123456", "", CodeMultipleNumbers, ""},
	{"comma", "020 7946 0958, 07911 123456", "", CodeMultipleNumbers, "comma"},
	{"bar", "020 7946 0958|07911 123456", "", CodeMultipleNumbers, ""},
	{"line break", "020 7946 0958\r\n07911 123456", "", CodeMultipleNumbers, "line break"},
	{"line separator", "020 7946\u20280958", "", CodeMultipleNumbers, ""},
	{"tab", "07911\t123456", "", CodeMultipleNumbers, "tab"},
	{"blank", "020 7946 0958 07911 123456", "", CodeMultipleNumbers, ""},
	{"blank, where any length is valid", "01 53211 01 53212", "AT", CodeMultipleNumbers, ""},
	{"two plus signs", "+44 20 7946 0958 +44 7911 123456", "", CodeMultipleNumbers, ""},
	{"two labels", "Tel: 020 7946 0958 Mob: 07911 123456", "", CodeMultipleNumbers, ""},
	{"long extension", "020 7946 0958 x12345678", "", CodeMultipleNumbers, ""},

	{"masked end", "0664 1238XX", "AT", CodeMaskedDigits, ""},
	{"masked end, one", "0664 12384x", "AT", CodeMaskedDigits, ""},
	{"masked middle", "0664123x567", "AT", CodeMaskedDigits, ""},
	{"masked middle, more", "0664 12xx 567", "AT", CodeMaskedDigits, ""},
	{"stars in front", "*** 456", "", CodeMaskedDigits, ""},
	{"stars within", "07911 ***456", "", CodeMaskedDigits, ""},
	{"bullets", "•••• ••• 456", "", CodeMaskedDigits, ""},
	{"question mark behind", "0664 12345?", "AT", CodeMaskedDigits, ""},
	{"cut off", "0664 12345...", "AT", CodeMaskedDigits, ""},
	{"cut off, one sign", "0664 12345…", "AT", CodeMaskedDigits, ""},
	{"underlines", "0664 123__", "AT", CodeMaskedDigits, ""},

	{"name in front", "John 07911 123456", "", CodeLettersInNumber, "John"},
	{"name behind", "020 7946 0958 - Sue", "", CodeLettersInNumber, ""},
	{"do not call", "DO NOT CALL 07911 123456", "", CodeLettersInNumber, ""},
	{"no longer", "07911 123456 (not in use)", "", CodeLettersInNumber, ""},
	{"keypad letters", "0800 FLOWERS", "GB", CodeLettersInNumber, ""},
	{"typing at random", "+32 475 qsdfqs", "BE", CodeLettersInNumber, ""},
	{"letter O in front", "O7911 123456", "", CodeLettersInNumber, "digit 0"},
	{"letter l within", "041 2345l97", "CH", CodeLettersInNumber, "digit 1"},
	{"letter at the front digit", "M07911 123456", "", CodeLettersInNumber, ""},
	{"letter at the last digit", "07911 12345m", "", CodeLettersInNumber, ""},
	{"Cyrillic", "тел 020 7946 0958", "", CodeLettersInNumber, ""},
	{"link", "https://wa.me/447911123456", "", CodeLettersInNumber, ""},

	{"ext", "020 7946 0958 ext 12", "", CodeExtension, "12"},
	{"ext.", "020 7946 0958, Ext. 12", "", CodeExtension, ""},
	{"extension", "020 7946 0958 extension: 12", "", CodeExtension, ""},
	{"x", "020 7946 0958 x123", "", CodeExtension, ""},
	{"x without a blank", "6502530000x123", "US", CodeExtension, ""},
	{"#", "020 7946 0958 #123", "", CodeExtension, ""},
	{";ext=", "020 7946 0958;ext=12", "", CodeExtension, ""},
	{"in brackets", "020 7946 0958 (ext 12)", "", CodeExtension, ""},
	{"behind a label", "020 7946 0958 (work) ext 12", "", CodeExtension, ""},
	{"URI", "tel:+44-20-7946-0958;ext=12", "", CodeExtension, ""},
	{"URI, subaddress", "tel:+44-20-7946-0958;isub=12", "", CodeExtension, ""},

	{"ext without a number", "ext 12", "", CodeLettersInNumber, ""},
	{"number sign", "№ 020 7946 0958", "", CodeNotANumber, ""},
	{"stars of a list", "∗ 020 7946 0958", "", CodeMaskedDigits, ""},
	{"letter behind, no brackets", "07911 123456 m", "", CodeLettersInNumber, ""},
	{"exponent of four digits", "4.47911123456E+0011", "", CodeLettersInNumber, ""},
	{"line break behind the plus", "+\n44 20 7946 0958", "", CodeNotANumber, "line"},
	{"no digits", "ask Sue", "", CodeNotANumber, "no digits"},
	{"hash in front", "#07911 123456", "", CodeNotANumber, "#"},
	{"hash behind", "07911 123456#", "", CodeNotANumber, "#"},
	{"plus behind", "07911 123456+", "", CodeNotANumber, "+"},
	{"plus within", "+44+442079460958", "", CodeNotANumber, "+"},
	{"colons", "020:7946:0958", "", CodeNotANumber, ""},
	{"half", "07911 123456½", "", CodeNotANumber, "½"},
	{"control character", "07911\x00123456", "", CodeNotANumber, ""},
	{"no UTF-8", "07911 123456\xff", "", CodeNotANumber, ""},
	{"date", "25.05.1985", "DK", CodeNotANumber, "date"},
	{"date, ISO", "2024-01-31", "DK", CodeNotANumber, "date"},
	{"date with slashes", "01/02/2024", "", CodeNotANumber, "date"},
	{"URI with an unknown parameter", "tel:+442079460958;verified=yes", "", CodeNotANumber, "verified"},
	{"URI with two extensions", "tel:+442079460958;ext=1;ext=2", "", CodeNotANumber, ""},
	{"URI with a domain", "tel:863-1234;phone-context=example.com", "", CodeLocalOnly, ""},

	{"zero or plus lost", "4921 12345", "DE", CodeAmbiguous, ""},
	{"mobile that the library takes for a landline", "4915123456789", "DE", CodeAmbiguous, "+"},
	{"mobile that lost its plus and a digit", "491515717279", "DE", CodeAmbiguous, "'+49 ... with the apostrophe"},
	{"plus or zero lost, France", "331234567", "FR", CodeAmbiguous, "France"},
	{"plus or zero lost, India", "9123456789", "IN", CodeAmbiguous, "+"},
	{"plus or 06 lost, Hungary", "36280354", "HU", CodeAmbiguous, ""},
	{"plus and a digit lost, Kazakhstan", "7771000999", "KZ", CodeAmbiguous, ""},
	{"plus or zero lost in scientific notation", "4.91515717279E+11", "DE", CodeAmbiguous, ""},
	{"Italian zero in brackets", "+39 (0)331 1234567", "IT", CodeAmbiguous, "(0)"},
	{"item of a list", "2. 030 123456", "DE", CodeAmbiguous, ""},

	{"one digit", "1", "", CodeTooShort, ""},
	{"two digits", "12", "", CodeTooShort, ""},
	{"calling code only", "+44", "", CodeTooShort, ""},
	{"five digits", "12345", "FR", CodeTooShort, "France"},
	{"too long", "020 7946 09581", "", CodeTooLong, "United Kingdom"},
	{"no plus", "353861234567", "", CodeTooLong, "with a + in front it would be a number of Ireland (IE); in Excel type '+353 ... with the apostrophe in front"},
	{"no plus, US", "14155552671", "", CodeTooLong, "United States"},
	{"00 where it is not dialled", "0044 20 7946 0958", "US", CodeTooLong, "instead of the 00"},
	{"011 where it is not dialled", "011 44 20 7946 0958", "GB", CodeTooLong, "instead of the 011"},
	{"one 0 for two", "0353861234567", "", CodeTooLong, "Ireland"},
	{"one digit too many", "079111234567", "", CodeTooLong, "one digit too many"},
	{"eighteen digits", "123456789012345678", "", CodeTooLong, ""},
	{"251 bytes", "020 7946 0958" + strings.Repeat("0", 238), "", CodeTooLong, "251"},
	{"invalid length", "+65 123456789", "SG", CodeInvalidLength, "Singapore"},
	{"without area code", "7946 0958", "", CodeLocalOnly, "area code"},
	{"Canada, without area code", "310 1234", "CA", CodeLocalOnly, ""},
	{"Ofcom's drama mobile", "07700 900123", "", CodeInvalidForCountry, "United Kingdom"},
	{"Ofcom's drama landline", "01632 960123", "", CodeInvalidForCountry, ""},
	{"unknown calling code", "+999 1234567", "", CodeInvalidForCountry, "calling code"},
	{"plus at a national number", "+07911 123456", "", CodeInvalidForCountry, "without the +"},
	{"plus at a national number, US", "+210 234 5678", "US", CodeInvalidForCountry, "without the +"},
	{"plus at an international prefix without a 0", "+990 44 20 7946 0958", "FI", CodeInvalidForCountry, "calling code"},
	{"plus at an international prefix without a 0, invalid", "+990 44 20 7946 095", "FI", CodeInvalidForCountry, "calling code"},
	{"fictional in another country", "+1 555 555 5555", "", CodeInvalidForCountry, "United States"},
}

func TestParseRefuses(t *testing.T) {
	p := newParser(t, Options{})
	for _, test := range refused {
		t.Run(test.name, func(t *testing.T) {
			n, problem := p.Parse(test.value, test.country)
			if problem == nil {
				t.Fatalf("%q: %s with %q, want %s", test.value, n.E164, noted(n), test.code)
			}
			if problem.Code != test.code || !strings.Contains(problem.Message, test.says) {
				t.Errorf("%q: %s: %s; want %s and %q", test.value, problem.Code, problem.Message, test.code, test.says)
			}
			checkMessage(t, problem.Message)
		})
	}
}

// checkMessage holds a message to one line of printable characters and a sensible length.
func checkMessage(t *testing.T, message string) {
	t.Helper()
	if message == "" || len(message) > 600 || strings.ContainsFunc(message, unicode.IsControl) || strings.ContainsFunc(message, invisible) {
		t.Errorf("message %q", message)
	}
}

func TestOptions(t *testing.T) {
	tests := []struct {
		name           string
		options        Options
		value, country string
		want           string // E.164 and notes, or a code
	}{
		{"drop ext", Options{Extension: ExtensionDrop}, "020 7946 0958 ext 12", "", "+442079460958 " + CodeExtensionDropped},
		{"drop x", Options{Extension: ExtensionDrop}, "6502530000x123", "US", "+16502530000 " + CodeExtensionDropped},
		{"drop in a URI", Options{Extension: ExtensionDrop}, "tel:+44-20-7946-0958;ext=12", "", "+442079460958 " + CodeExtensionDropped},
		{"drop is not for a second number", Options{Extension: ExtensionDrop}, "6502530000; 6502530001", "US", CodeMultipleNumbers},
		{"drop is not for a hidden digit", Options{Extension: ExtensionDrop}, "0664123x567", "AT", CodeMaskedDigits},
		{"drop leaves an invalid number invalid", Options{Extension: ExtensionDrop}, "07911 12 x456", "", CodeInvalidForCountry},
		{"vanity", Options{Vanity: true}, "1-800-FLOWERS", "US", "+18003569377 " + CodeVanityConverted},
		{"vanity within", Options{Vanity: true}, "1-800-BUY-4-YOU", "US", "+18002894968 " + CodeVanityConverted},
		{"vanity with a +", Options{Vanity: true}, "+1 800 GO FEDEX", "GB", "+18004633339 " + CodeVanityConverted + " " + CodeCountryDiffers},
		{"vanity and a label", Options{Vanity: true}, "Tel: 1-800-FLOWERS", "US", "+18003569377 " + CodeRepairedLabel + " " + CodeVanityConverted},
		{"vanity is not for a name behind", Options{Vanity: true}, "0664 1234567 Sue", "AT", CodeLettersInNumber},
		{"vanity is not for a name in front", Options{Vanity: true}, "John 07911 123456", "", CodeLettersInNumber},
		{"vanity is not for one letter", Options{Vanity: true}, "041 2345l97", "CH", CodeLettersInNumber},
		{"vanity is not for accents", Options{Vanity: true}, "1-800-FLÖWERS", "US", CodeLettersInNumber},
		{"default country by name", Options{Country: "Germany"}, "030 123456", "", "+4930123456"},
		{"default country overruled", Options{Country: "DE"}, "020 7946 0958", "uk", "+442079460958"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n, problem := newParser(t, test.options).Parse(test.value, test.country)
			got := strings.TrimSpace(n.E164 + " " + noted(n))
			if problem != nil {
				got = problem.Code
			}
			if got != test.want {
				t.Errorf("%q: %q, want %q", test.value, got, test.want)
			}
		})
	}
}

func TestNewParserRefusesCountry(t *testing.T) {
	p, err := NewParser(Options{Country: "44"})
	problem, ok := err.(*Problem)
	if p != nil || !ok || problem.Code != CodeInvalidCountry {
		t.Errorf("%v, %v", p, err)
	}
}

// TestCodes sees every code of the package in one of the tables.
func TestCodes(t *testing.T) {
	var seen []string
	for _, test := range accepted {
		seen = append(seen, strings.Fields(test.notes)...)
	}
	for _, test := range refused {
		seen = append(seen, test.code)
	}
	seen = append(seen, CodeExtensionDropped, CodeVanityConverted) // TestOptions
	for _, code := range []string{
		CodeInvalidCountry, CodePlaceholder, CodeFormula, CodeExcelScientific, CodeMultipleNumbers, CodeMaskedDigits,
		CodeLettersInNumber, CodeExtension, CodeNotANumber, CodeAmbiguous, CodeTooShort, CodeTooLong, CodeInvalidLength,
		CodeLocalOnly, CodeInvalidForCountry, CodeRepairedInvisible, CodeRepairedTextMarker, CodeRepairedScientific,
		CodeRepairedFloat, CodeRepairedLabel, CodeRepairedLeadingZero, CodeRepairedAreaCode, CodeRepairedPrefix, CodeRepairedPlus,
		CodeExtensionDropped, CodeVanityConverted, CodeCountryDiffers,
	} {
		if !slices.Contains(seen, code) {
			t.Errorf("no test of %s", code)
		}
	}
}

// TestMessages pins down what a person reads.
func TestMessages(t *testing.T) {
	p := newParser(t, Options{})
	n, _ := p.Parse("+61 2 5550 1234", "GB")
	if want := "a number of Australia (AU), not of United Kingdom (GB)"; n.Notes[0].Message != want {
		t.Errorf("%q, want %q", n.Notes[0].Message, want)
	}
	n, _ = p.Parse("7911123456", "GB")
	if want := "the 0 in front was missing: read as 07911 123456"; n.Notes[0].Message != want {
		t.Errorf("%q, want %q", n.Notes[0].Message, want)
	}
	_, problem := p.Parse("John\u202e\n07911 123456 "+strings.Repeat("and so on ", 20), "GB")
	if want := `"John` + "\uFFFD 07911 123456 and so on and so on and so on and so on a" + `…" `; !strings.HasPrefix(problem.Message, want) {
		t.Errorf("%q, want %q in front", problem.Message, want)
	}
}

func TestDescribe(t *testing.T) {
	tests := []struct {
		e164, region, national string
		ok                     bool
	}{
		{"+442079460958", "GB", "020 7946 0958", true},
		{"+447911123456", "GG", "07911 123456", true},
		{"+61255501234", "AU", "(02) 5550 1234", true},
		{"+5491123456789", "AR", "011 15-2345-6789", true},
		{"+390212345678", "IT", "02 1234 5678", true},
		{"+80012345678", "001", "1234 5678", true},
		{"+447700900123", "", "", false},
		{"+44 20 7946 0958", "", "", false},
		{"020 7946 0958", "", "", false},
		{"+999123456", "", "", false},
		{"+4", "", "", false},
		{"+447", "", "", false},
		{"", "", "", false},
		{"+44207946095812345678", "", "", false},
	}
	for _, test := range tests {
		region, national, ok := Describe(test.e164)
		if region != test.region || national != test.national || ok != test.ok {
			t.Errorf("%s: %q, %q, %v", test.e164, region, national, ok)
		}
		if ok && (Number{E164: test.e164}).National() != test.national {
			t.Errorf("%s: National is %q", test.e164, Number{E164: test.e164}.National())
		}
	}
	if s := (Number{}).National(); s != "" {
		t.Errorf("National of nothing is %q", s)
	}
}

func TestMetadataVersion(t *testing.T) {
	if v := MetadataVersion(); !strings.Contains(v, "metadata v") {
		t.Error(v)
	}
}

// TestParsersSideBySide is for the race detector: each goroutine has its own Parser.
func TestParsersSideBySide(t *testing.T) {
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			p := newParser(t, Options{})
			for _, test := range accepted {
				if n, _ := p.Parse(test.value, test.country); n.E164 != test.e164 {
					t.Errorf("%q: %s", test.value, n.E164)
				}
			}
		})
	}
	wg.Wait()
}

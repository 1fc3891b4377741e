package phone

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"csvput/report/code"
)

// noted are the codes of the notes of a number, in their order.
func noted(n Number) code.Code {
	var codes []string
	for _, note := range n.Notes {
		codes = append(codes, string(note.Code))
	}
	return code.Code(strings.Join(codes, " "))
}

var accepted = []struct {
	name           string
	value, country string
	e164           string
	notes          code.Code
}{
	// As people write them.
	{"national", "020 7946 0958", "GB", "+442079460958", ""},
	{"blank country is the default", "020 7946 0958", "", "+442079460958", ""},
	{"country of blanks is the default", "020 7946 0958", " \t", "+442079460958", ""},
	{"international", "+44 20 7946 0958", "GB", "+442079460958", ""},
	{"zero in brackets", "+44 (0)20 7946 0958", "GB", "+442079460958", ""},
	{"zero after the calling code", "+4402079460958", "GB", "+442079460958", ""},
	{"international prefix", "0044 20 7946 0958", "GB", "+442079460958", ""},
	{"American international prefix", "011 44 20 7946 0958", "US", "+442079460958", code.CountryDiffers},
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
	{"slash behind an area code without a 0", "784/430 1234", "VC", "+17844301234", ""},
	{"slash behind an area code, a calling code in front", "+1 784/430 1234", "GB", "+17844301234", code.CountryDiffers},
	{"slash behind an area code, Slovakia", "055/123 4567", "SK", "+421551234567", ""},
	{"slash behind a prefix", "0808/1570123", "GB", "+448081570123", ""},
	{"slashes for blanks", "01/23/45/67/89", "FR", "+33123456789", ""},
	{"slash behind the calling code", "+229/01 20 21 12 34", "BJ", "+2290120211234", ""},
	{"all digits apart", "7 0 0 0 1 2 3 4 5", "AE", "+971700012345", ""},
	{"Russian prefix with a pause", "8~10 376 712 340", "RU", "+376712340", code.CountryDiffers},
	{"Russian prefix with blanks", "8 ~ 10 44 20 7946 0958", "RU", "+442079460958", code.CountryDiffers},
	{"no trunk prefix in the US", "650 253 0000", "US", "+16502530000", ""},
	{"no trunk prefix in Spain", "612 34 56 78", "ES", "+34612345678", ""},
	{"Italian zero", "02 1234 5678", "IT", "+390212345678", ""},
	{"Russian 8", "8 (912) 345-67-89", "RU", "+79123456789", ""},
	{"Belarusian 8 0", "8 029 491-19-11", "BY", "+375294911911", ""},
	{"Argentine mobile", "011 15-2345-6789", "AR", "+5491123456789", ""},
	{"Guernsey with GB", "07911 123456", "GB", "+447911123456", ""},
	{"Isle of Man with GB", "07624 369230", "GB", "+447624369230", ""},
	{"eight digits are no date", "20240131", "DK", "+4520240131", ""},
	{"no country", "+800 1234 5678", "GB", "+80012345678", code.CountryDiffers},
	{"satellite", "+881 6 1234 5678", "GB", "+881612345678", code.CountryDiffers},

	// The country is how to read, not a claim.
	{"other country", "+61 2 5550 1234", "GB", "+61255501234", code.CountryDiffers},
	{"other country, default", "+61 2 5550 1234", "", "+61255501234", code.CountryDiffers},
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
	{"direction marks", "\u202a+44 20 7946 0958\u202c", "GB", "+442079460958", code.RepairedInvisible},
	{"right-to-left mark", "\u200f020 7946 0958\u200e", "GB", "+442079460958", code.RepairedInvisible},
	{"isolates", "\u2066020 7946 0958\u2069", "GB", "+442079460958", code.RepairedInvisible},
	{"byte order mark", "\ufeff020 7946 0958", "GB", "+442079460958", code.RepairedInvisible},
	{"soft hyphen", "020\u00ad7946\u00ad0958", "GB", "+442079460958", code.RepairedInvisible},
	{"variation selector", "020\ufe0f 7946 0958", "GB", "+442079460958", code.RepairedInvisible},
	{"zero-width blank", "020\u200b7946\u200b0958", "GB", "+442079460958", code.RepairedInvisible},

	// Spreadsheets.
	{"apostrophe", "'020 7946 0958", "GB", "+442079460958", code.RepairedTextMarker},
	{"curly apostrophe", "’020 7946 0958", "GB", "+442079460958", code.RepairedTextMarker},
	{"text formula", `="020 7946 0958"`, "GB", "+442079460958", code.RepairedTextMarker},
	{"formula of a number", "=+442079460958", "GB", "+442079460958", code.RepairedTextMarker},
	{"quotes", `"020 7946 0958"`, "GB", "+442079460958", code.RepairedTextMarker},
	{"scientific, every digit", "4.47911123456E+11", "GB", "+447911123456", code.RepairedScientific},
	{"scientific, comma", "4,47911123456e+11", "GB", "+447911123456", code.RepairedScientific},
	{"scientific, no plus", "4.47911123456E11", "GB", "+447911123456", code.RepairedScientific},
	{"scientific, zero lost", "7.911123456E+09", "GB", "+447911123456", code.RepairedScientific + " " + code.RepairedLeadingZero},
	{"scientific in a text formula", `="4.47911123456E+11"`, "GB", "+447911123456", code.RepairedTextMarker + " " + code.RepairedScientific},
	{"float", "447911123456.0", "GB", "+447911123456", code.RepairedFloat},
	{"float, two zeros", "447911123456.00", "GB", "+447911123456", code.RepairedFloat},
	{"float, comma", "447911123456,0", "GB", "+447911123456", code.RepairedFloat},
	{"float, Austria", "436641234567.0", "AT", "+436641234567", code.RepairedFloat},
	{"float, zero lost", "7911123456.0", "GB", "+447911123456", code.RepairedFloat + " " + code.RepairedLeadingZero},
	{"zero lost", "7911123456", "GB", "+447911123456", code.RepairedLeadingZero},
	{"zero lost, landline", "117 496 0000", "GB", "+441174960000", code.RepairedLeadingZero},
	{"zero lost, Guernsey", "1481 712345", "GG", "+441481712345", code.RepairedLeadingZero},
	{"zero lost, France", "612345678", "FR", "+33612345678", code.RepairedLeadingZero},
	{"06 lost, Hungary", "20 123 4567", "HU", "+36201234567", code.RepairedLeadingZero},
	{"no zero to lose, Monaco", "37 70 92 19", "MC", "+37737709219", ""},
	{"no zero to lose, Rwanda", "250 977 372", "RW", "+250250977372", ""},
	{"no zero to lose, Italy", "391 234 5678", "IT", "+393912345678", ""},
	{"the 8 left out in Kazakhstan", "701 234 5678", "KZ", "+77012345678", code.RepairedLeadingZero},
	{"calling code and national number", "49 4921 12345", "DE", "+49492112345", ""},
	{"zero in front of the calling code's digits", "04921 12345", "DE", "+49492112345", ""},
	{"area code missing where there is only one", "712345", "GG", "+441481712345", code.RepairedAreaCode},
	{"carrier in front, Brazil", "0 15 11 96123-4567", "BR", "+5511961234567", code.RepairedPrefix},
	{"plus before an international prefix", "+0044 20 7946 0958", "GB", "+442079460958", code.RepairedPlus},

	// Words.
	{"Tel", "Tel: 020 7946 0958", "GB", "+442079460958", code.RepairedLabel},
	{"Tel without a blank", "tel.020 7946 0958", "GB", "+442079460958", code.RepairedLabel},
	{"Tel no.", "TEL NO. 020 7946 0958", "GB", "+442079460958", code.RepairedLabel},
	{"Phone", "Phone 020 7946 0958", "GB", "+442079460958", code.RepairedLabel},
	{"Mob", "Mob: 07911 123456", "GB", "+447911123456", code.RepairedLabel},
	{"Mobile", "mobile - 07911 123456", "GB", "+447911123456", code.RepairedLabel},
	{"Work mobile", "Work mobile: 07911 123456", "GB", "+447911123456", code.RepairedLabel},
	{"Fax", "Fax (020) 7946 0958", "GB", "+442079460958", code.RepairedLabel},
	{"T", "T: 020 7946 0958", "GB", "+442079460958", code.RepairedLabel},
	{"M", "M +44 7911 123456", "GB", "+447911123456", code.RepairedLabel},
	{"Ph", "Ph. 020 7946 0958", "GB", "+442079460958", code.RepairedLabel},
	{"work behind", "0780 120662 (work)", "FR", "+33780120662", code.RepairedLabel},
	{"home behind", "020 7946 0958 - home", "GB", "+442079460958", code.RepairedLabel},
	{"letter in brackets behind", "020 7946 0958 (w)", "GB", "+442079460958", code.RepairedLabel},
	{"telephone sign", "☎ 020 7946 0958", "GB", "+442079460958", code.RepairedLabel},
	{"labels on both sides", "Tel: 020 7946 0958 (work)", "GB", "+442079460958", code.RepairedLabel},
	{"label on a line of its own", "020 7946 0958\n(mobile)", "GB", "+442079460958", code.RepairedLabel},

	// tel: URIs.
	{"URI", "tel:+44-20-7946-0958", "GB", "+442079460958", ""},
	{"URI in capitals", "TEL:+44-20-7946-0958", "GB", "+442079460958", ""},
	{"URI with context", "tel:20-7946-0958;phone-context=+44", "FR", "+442079460958", code.CountryDiffers},
	{"URI with a domain", "tel:2079460958;phone-context=example.com", "GB", "+442079460958", code.RepairedLeadingZero},
	{"URI of an international number with a domain", "tel:+442079460958;phone-context=sip.example.com.", "GB", "+442079460958", ""},
	{"callto", "callto:+442079460958", "GB", "+442079460958", ""},
	{"callto in capitals", "CallTo:+44-20-7946-0958", "GB", "+442079460958", ""},
	{"callto, national", "callto:02079460958", "GB", "+442079460958", code.RepairedLabel},
	{"callto with slashes", "callto://+442079460958", "GB", "+442079460958", code.RepairedLabel},
	{"not quite a URI", "tel:020-7946-0958", "GB", "+442079460958", code.RepairedLabel},
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
	code           code.Code
	says           string // part of the message
}{
	{"country first, even with a +", "+44 20 7946 0958", "Narnia", code.InvalidCountry, "Narnia"},

	{"n/a", "n/a", "", code.Placeholder, "n/a"},
	{"N/A", " N/A ", "", code.Placeholder, ""},
	{"none", "None", "", code.Placeholder, ""},
	{"hyphen", "-", "", code.Placeholder, ""},
	{"dash", "—", "", code.Placeholder, ""},
	{"zero", "0", "", code.Placeholder, ""},
	{"zeros", "00000 000000", "", code.Placeholder, ""},
	{"zeros with a calling code's sign", "+0000", "", code.Placeholder, ""},
	{"TBC", "TBC", "", code.Placeholder, ""},
	{"#N/A", "#N/A", "", code.Placeholder, ""},
	{"#REF!", "#REF!", "", code.Placeholder, ""},
	{"#DIV/0!", "#DIV/0!", "", code.Placeholder, ""},
	{"TRUE", "TRUE", "", code.Placeholder, ""},
	{"question mark", "?", "", code.Placeholder, ""},
	{"xxx", "xxxxx xxxxxx", "", code.Placeholder, ""},
	{"stars", "*****", "", code.Placeholder, ""},
	{"plus", "+", "", code.Placeholder, ""},
	{"only invisible characters", "\u200b\ufeff", "", code.Placeholder, ""},
	{"placeholder as a text formula", `="n/a"`, "", code.Placeholder, ""},

	{"formula", "=SUM(A1:A2)", "", code.Formula, "SUM"},
	{"formula of text and more", `="020"&"7946"`, "", code.Formula, ""},
	{"formula of a difference", "=44-20-7946-0958", "", code.Formula, ""},
	{"link formula", `=HYPERLINK("tel:02079460958")`, "", code.Formula, ""},
	{"scientific", "4.47911E+11", "", code.ExcelScientific, "column as Text first"},
	{"scientific, comma", "9,71501E+11", "AE", code.ExcelScientific, ""},
	{"scientific, ends in zero", "4.47911123450E+11", "", code.ExcelScientific, ""},
	{"scientific, one digit lost", "4.4791112345E+11", "", code.ExcelScientific, ""},
	{"scientific, fraction left", "4.479111234567E+11", "", code.ExcelScientific, ""},
	{"scientific, negative", "4.47911123456E-11", "", code.ExcelScientific, ""},
	{"scientific, no fraction", "4E+11", "", code.ExcelScientific, ""},
	{"decimal", "44791112345.6", "", code.NotANumber, "decimal"},
	{"decimal tail behind separators", "07911 123456.0", "", code.NotANumber, "decimal"},
	{"thousands", "447,911,123,456", "", code.MultipleNumbers, "comma"},

	{"two with a slash", "01234 567890 / 07911 123456", "", code.MultipleNumbers, ""},
	{"two with a semicolon", "40950; 62898", "AT", code.MultipleNumbers, ""},
	{"two with a semicolon, US", "6502530000; 6502530001", "US", code.MultipleNumbers, ""},
	{"other ending", "312 975/11", "AT", code.MultipleNumbers, ""},
	{"other ending, long", "030 123456/78", "DE", code.MultipleNumbers, ""},
	{"other ending in brackets", "0664 123456 (78)", "AT", code.MultipleNumbers, "brackets"},
	{"slash between two local numbers", "01 53211/53212", "AT", code.MultipleNumbers, ""},
	{"other ending behind an area code", "0312 975/11", "AT", code.MultipleNumbers, ""},
	{"other ending, no area code, Brazil", "3123-4567/89", "BR", code.MultipleNumbers, ""},
	{"other ending, no area code, Canada", "234-5678/679", "CA", code.MultipleNumbers, ""},
	{"other ending, no area code, Belgium", "34 56 78/79", "BE", code.MultipleNumbers, ""},
	{"slash before a plus", "030/+49 30 123456", "DE", code.MultipleNumbers, ""},
	{"slash at a number by itself", "331/0123 4501", "IT", code.MultipleNumbers, ""},
	{"slash in a number that is too long", "030/12345678901234567", "DE", code.TooLong, ""},
	{"slash before a zero", "0664/0123456", "AT", code.MultipleNumbers, ""},
	{"or", "020 7946 0958 or 07911 123456", "", code.MultipleNumbers, ""},
	{"or a short one", "01234 567890 or 891", "", code.MultipleNumbers, ""},
	{"oder", "030 123456 oder 030 123457", "DE", code.MultipleNumbers, ""},
	{"&", "020 7946 0958 & 07911 123456", "", code.MultipleNumbers, ""},
	{"comma", "020 7946 0958, 07911 123456", "", code.MultipleNumbers, "comma"},
	{"bar", "020 7946 0958|07911 123456", "", code.MultipleNumbers, ""},
	{"line break", "020 7946 0958\r\n07911 123456", "", code.MultipleNumbers, "line break"},
	{"line separator", "020 7946\u20280958", "", code.MultipleNumbers, ""},
	{"tab", "07911\t123456", "", code.MultipleNumbers, "tab"},
	{"blank", "020 7946 0958 07911 123456", "", code.MultipleNumbers, ""},
	{"blank, where any length is valid", "01 53211 01 53212", "AT", code.MultipleNumbers, ""},
	{"two plus signs", "+44 20 7946 0958 +44 7911 123456", "", code.MultipleNumbers, ""},
	{"two labels", "Tel: 020 7946 0958 Mob: 07911 123456", "", code.MultipleNumbers, ""},
	{"long extension", "020 7946 0958 x12345678", "", code.MultipleNumbers, ""},

	{"masked end", "0664 1238XX", "AT", code.MaskedDigits, ""},
	{"masked end, one", "0664 12384x", "AT", code.MaskedDigits, ""},
	{"masked middle", "0664123x567", "AT", code.MaskedDigits, ""},
	{"masked middle, more", "0664 12xx 567", "AT", code.MaskedDigits, ""},
	{"stars in front", "*** 456", "", code.MaskedDigits, ""},
	{"stars within", "07911 ***456", "", code.MaskedDigits, ""},
	{"bullets", "•••• ••• 456", "", code.MaskedDigits, ""},
	{"question mark behind", "0664 12345?", "AT", code.MaskedDigits, ""},
	{"cut off", "0664 12345...", "AT", code.MaskedDigits, ""},
	{"cut off, one sign", "0664 12345…", "AT", code.MaskedDigits, ""},
	{"underlines", "0664 123__", "AT", code.MaskedDigits, ""},

	{"name in front", "John 07911 123456", "", code.LettersInNumber, "John"},
	{"name behind", "020 7946 0958 - Sue", "", code.LettersInNumber, ""},
	{"do not call", "DO NOT CALL 07911 123456", "", code.LettersInNumber, ""},
	{"no longer", "07911 123456 (not in use)", "", code.LettersInNumber, ""},
	{"keypad letters", "0800 FLOWERS", "GB", code.LettersInNumber, ""},
	{"typing at random", "+32 475 qsdfqs", "BE", code.LettersInNumber, ""},
	{"letter O in front", "O7911 123456", "", code.LettersInNumber, "digit 0"},
	{"letter l within", "041 2345l97", "CH", code.LettersInNumber, "digit 1"},
	{"letter at the front digit", "M07911 123456", "", code.LettersInNumber, ""},
	{"letter at the last digit", "07911 12345m", "", code.LettersInNumber, ""},
	{"Cyrillic", "тел 020 7946 0958", "", code.LettersInNumber, ""},
	{"link", "https://wa.me/447911123456", "", code.LettersInNumber, ""},

	{"ext", "020 7946 0958 ext 12", "", code.Extension, "12"},
	{"ext.", "020 7946 0958, Ext. 12", "", code.Extension, ""},
	{"extension", "020 7946 0958 extension: 12", "", code.Extension, ""},
	{"x", "020 7946 0958 x123", "", code.Extension, ""},
	{"x without a blank", "6502530000x123", "US", code.Extension, ""},
	{"#", "020 7946 0958 #123", "", code.Extension, ""},
	{";ext=", "020 7946 0958;ext=12", "", code.Extension, ""},
	{"in brackets", "020 7946 0958 (ext 12)", "", code.Extension, ""},
	{"behind a label", "020 7946 0958 (work) ext 12", "", code.Extension, ""},
	{"URI", "tel:+44-20-7946-0958;ext=12", "", code.Extension, ""},
	{"URI, subaddress", "tel:+44-20-7946-0958;isub=12", "", code.Extension, ""},

	{"pauses and #", "+34 511 23 45 67,,7925#", "ES", code.Extension, "7925"},
	{"pauses", "020 7946 0958,,,12", "", code.Extension, "12"},
	{"# without a blank, where any length is valid", "+43900123455#782", "AT", code.Extension, "782"},
	{"# at the end", "020 7946 0958 ext. 12#", "", code.Extension, "12"},
	{"Spanish", "020 7946 0958 extensión 12", "", code.Extension, ""},
	{"one comma", "020 7946 0958,12", "", code.MultipleNumbers, "comma"},
	{"pauses before a second number", "020 7946 0958,,07911123456", "", code.MultipleNumbers, ""},
	{"URI, domain and extension", "tel:02079460958;phone-context=example.com;ext=12", "", code.Extension, "12"},
	{"ext without a number", "ext 12", "", code.LettersInNumber, ""},
	{"number sign", "№ 020 7946 0958", "", code.NotANumber, ""},
	{"stars of a list", "∗ 020 7946 0958", "", code.MaskedDigits, ""},
	{"letter behind, no brackets", "07911 123456 m", "", code.LettersInNumber, ""},
	{"exponent of four digits", "4.47911123456E+0011", "", code.LettersInNumber, ""},
	{"line break behind the plus", "+\n44 20 7946 0958", "", code.NotANumber, "line"},
	{"no digits", "ask Sue", "", code.NotANumber, "no digits"},
	{"hash in front", "#07911 123456", "", code.NotANumber, "#"},
	{"hash behind", "07911 123456#", "", code.NotANumber, "#"},
	{"plus behind", "07911 123456+", "", code.NotANumber, "+"},
	{"plus within", "+44+442079460958", "", code.NotANumber, "+"},
	{"colons", "020:7946:0958", "", code.NotANumber, ""},
	{"half", "07911 123456½", "", code.NotANumber, "½"},
	{"control character", "07911\x00123456", "", code.NotANumber, ""},
	{"no UTF-8", "07911 123456\xff", "", code.NotANumber, ""},
	{"date", "25.05.1985", "DK", code.NotANumber, "date"},
	{"date, ISO", "2024-01-31", "DK", code.NotANumber, "date"},
	{"date with slashes", "01/02/2024", "", code.NotANumber, "date"},
	{"URI with an unknown parameter", "tel:+442079460958;verified=yes", "", code.NotANumber, "verified"},
	{"URI with two extensions", "tel:+442079460958;ext=1;ext=2", "", code.NotANumber, ""},
	{"tilde where nothing is dialled first", "8~10 376 712 340", "GB", code.NotANumber, "~"},
	{"tilde behind the prefix", "810~376 712 340", "RU", code.NotANumber, "~"},
	{"tilde for a hyphen", "020~7946 0958", "GB", code.NotANumber, "~"},
	{"URI with a context that is neither", "tel:02079460958;phone-context=44", "", code.LocalOnly, ""},
	{"URI with a domain of signs", "tel:02079460958;phone-context=a_b", "", code.LocalOnly, ""},
	{"callto, a name", "callto:ada.lovelace", "", code.NotANumber, ""},
	{"URI with a domain", "tel:863-1234;phone-context=example.com", "", code.LocalOnly, ""},

	{"zero or plus lost", "4921 12345", "DE", code.Ambiguous, ""},
	{"mobile that the library takes for a landline", "4915123456789", "DE", code.Ambiguous, "+"},
	{"mobile that lost its plus and a digit", "491515717279", "DE", code.Ambiguous, "'+49 ... with the apostrophe"},
	{"plus or zero lost, France", "331234567", "FR", code.Ambiguous, "France"},
	{"plus or zero lost, India", "9123456789", "IN", code.Ambiguous, "+"},
	{"plus or 06 lost, Hungary", "36280354", "HU", code.Ambiguous, ""},
	{"plus and a digit lost, Kazakhstan", "7771000999", "KZ", code.Ambiguous, ""},
	{"plus or zero lost in scientific notation", "4.91515717279E+11", "DE", code.Ambiguous, ""},
	{"Italian zero in brackets", "+39 (0)331 1234567", "IT", code.Ambiguous, "(0)"},
	{"item of a list", "2. 030 123456", "DE", code.Ambiguous, ""},

	{"one digit", "1", "", code.TooShort, ""},
	{"two digits", "12", "", code.TooShort, ""},
	{"calling code only", "+44", "", code.TooShort, ""},
	{"five digits", "12345", "FR", code.TooShort, "France"},
	{"too long", "020 7946 09581", "", code.TooLong, "United Kingdom"},
	{"no plus", "353861234567", "", code.TooLong, "with a + in front it would be a number of Ireland (IE); in Excel type '+353 ... with the apostrophe in front"},
	{"no plus, US", "14155552671", "", code.TooLong, "United States"},
	{"00 where it is not dialled", "0044 20 7946 0958", "US", code.TooLong, "instead of the 00"},
	{"011 where it is not dialled", "011 44 20 7946 0958", "GB", code.TooLong, "instead of the 011"},
	{"one 0 for two", "0353861234567", "", code.TooLong, "Ireland"},
	{"one digit too many", "079111234567", "", code.TooLong, "one digit too many"},
	{"eighteen digits", "123456789012345678", "", code.TooLong, ""},
	{"251 bytes", "020 7946 0958" + strings.Repeat("0", 238), "", code.TooLong, "251"},
	{"invalid length", "+65 123456789", "SG", code.InvalidLength, "Singapore"},
	{"without area code", "7946 0958", "", code.LocalOnly, "area code"},
	{"Canada, without area code", "310 1234", "CA", code.LocalOnly, ""},
	{"Ofcom's drama mobile", "07700 900123", "", code.InvalidForCountry, "United Kingdom"},
	{"Ofcom's drama landline", "01632 960123", "", code.InvalidForCountry, ""},
	{"unknown calling code", "+999 1234567", "", code.InvalidForCountry, "calling code"},
	{"plus at a national number", "+07911 123456", "", code.InvalidForCountry, "without the +"},
	{"plus at a national number, US", "+210 234 5678", "US", code.InvalidForCountry, "without the +"},
	{"plus at an international prefix without a 0", "+990 44 20 7946 0958", "FI", code.InvalidForCountry, "calling code"},
	{"plus at an international prefix without a 0, invalid", "+990 44 20 7946 095", "FI", code.InvalidForCountry, "calling code"},
	{"fictional in another country", "+1 555 555 5555", "", code.InvalidForCountry, "United States"},
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
		want           code.Code // E.164 and notes, or a code
	}{
		{"drop ext", Options{Extension: ExtensionDrop}, "020 7946 0958 ext 12", "", "+442079460958 " + code.ExtensionDropped},
		{"drop x", Options{Extension: ExtensionDrop}, "6502530000x123", "US", "+16502530000 " + code.ExtensionDropped},
		{"drop in a URI", Options{Extension: ExtensionDrop}, "tel:+44-20-7946-0958;ext=12", "", "+442079460958 " + code.ExtensionDropped},
		{"drop behind pauses", Options{Extension: ExtensionDrop}, "+34 511 23 45 67,,7925#", "ES", "+34511234567 " + code.ExtensionDropped},
		{"drop behind #", Options{Extension: ExtensionDrop}, "+43900123455#782", "AT", "+43900123455 " + code.ExtensionDropped},
		{"drop is not for a second number", Options{Extension: ExtensionDrop}, "6502530000; 6502530001", "US", code.MultipleNumbers},
		{"drop is not for a hidden digit", Options{Extension: ExtensionDrop}, "0664123x567", "AT", code.MaskedDigits},
		{"drop leaves an invalid number invalid", Options{Extension: ExtensionDrop}, "07911 12 x456", "", code.InvalidForCountry},
		{"vanity", Options{Vanity: true}, "1-800-FLOWERS", "US", "+18003569377 " + code.VanityConverted},
		{"vanity within", Options{Vanity: true}, "1-800-BUY-4-YOU", "US", "+18002894968 " + code.VanityConverted},
		{"vanity with a +", Options{Vanity: true}, "+1 800 GO FEDEX", "GB", "+18004633339 " + code.VanityConverted + " " + code.CountryDiffers},
		{"vanity and a label", Options{Vanity: true}, "Tel: 1-800-FLOWERS", "US", "+18003569377 " + code.RepairedLabel + " " + code.VanityConverted},
		{"vanity is not for a name behind", Options{Vanity: true}, "0664 1234567 Sue", "AT", code.LettersInNumber},
		{"vanity is not for a name in front", Options{Vanity: true}, "John 07911 123456", "", code.LettersInNumber},
		{"vanity is not for one letter", Options{Vanity: true}, "041 2345l97", "CH", code.LettersInNumber},
		{"vanity is not for accents", Options{Vanity: true}, "1-800-FLÖWERS", "US", code.LettersInNumber},
		{"default country by name", Options{Country: "Germany"}, "030 123456", "", "+4930123456"},
		{"default country overruled", Options{Country: "DE"}, "020 7946 0958", "uk", "+442079460958"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n, problem := newParser(t, test.options).Parse(test.value, test.country)
			got := code.Code(strings.TrimSpace(n.E164 + " " + string(noted(n))))
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
	problem, ok := err.(*code.Problem)
	if p != nil || !ok || problem.Code != code.InvalidCountry {
		t.Errorf("%v, %v", p, err)
	}
}

// TestCodes sees every code of the package in one of the tables.
func TestCodes(t *testing.T) {
	var seen []code.Code
	for _, test := range accepted {
		for _, word := range strings.Fields(string(test.notes)) {
			seen = append(seen, code.Code(word))
		}
	}
	for _, test := range refused {
		seen = append(seen, test.code)
	}
	seen = append(seen, code.ExtensionDropped, code.VanityConverted) // TestOptions
	for _, want := range []code.Code{
		code.InvalidCountry, code.Placeholder, code.Formula, code.ExcelScientific, code.MultipleNumbers, code.MaskedDigits,
		code.LettersInNumber, code.Extension, code.NotANumber, code.Ambiguous, code.TooShort, code.TooLong, code.InvalidLength,
		code.LocalOnly, code.InvalidForCountry, code.RepairedInvisible, code.RepairedTextMarker, code.RepairedScientific,
		code.RepairedFloat, code.RepairedLabel, code.RepairedLeadingZero, code.RepairedAreaCode, code.RepairedPrefix, code.RepairedPlus,
		code.ExtensionDropped, code.VanityConverted, code.CountryDiffers,
	} {
		if !slices.Contains(seen, want) {
			t.Errorf("no test of %s", want)
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
	if want := `"John? 07911 123456 and so on and so on and so on and so on a…" `; !strings.HasPrefix(problem.Message, want) {
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

package phone

import (
	"strings"
	"sync"
	"unicode"

	"github.com/nyaruka/phonenumbers/v2"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/unicode/norm"
)

// Region is the ISO 3166-1 alpha-2 code, in capitals, of a country as people write it: an alpha-2 or alpha-3 code, an
// English name (CLDR's, or one in common use), UK, or a part of the United Kingdom; case, accents, dots and
// full-width letters do not matter. A country has to have phone numbers of its own in libphonenumber's metadata: AQ and
// PN have none. Everything else is [CodeInvalidCountry], and nothing falls back to a default: digits (44 is a calling
// code), withdrawn codes such as AN, groups such as EU, names that fit two countries.
func Region(country string) (string, *Problem) {
	if len(country) == 2 && phonenumbers.GetSupportedRegions()[country] {
		return country, nil
	}
	if len(country) <= maxBytes {
		if region, ok := countryNames()[countryKey(country)]; ok {
			return region, nil
		}
	}
	if key := strings.TrimLeft(countryKey(country), "+0"); key != "" && onlyDigits(key) == key {
		return "", problemf(CodeInvalidCountry, "%s is a number; a country is written as a name or as its two letters", quote(country))
	}
	return "", problemf(CodeInvalidCountry, "%s is not the name or the code of a country", quote(country))
}

// englishName is CLDR's English name of a region.
func englishName(region string) string {
	r, err := language.ParseRegion(region)
	if err != nil {
		return region
	}
	return display.English.Regions().Name(r)
}

// countryKey brings spellings of a country's name together: lower case, no accents, dots or apostrophes, full-width
// letters folded, invisible characters gone, one blank between words, "&" as "and", "St" as "saint", no "the" in front.
func countryKey(country string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.TrimSpace(country)) {
		switch {
		case unicode.Is(unicode.Mn, r), invisible(r), r == '.', r == '\'', r == '\u2019':
		case r == '&':
			b.WriteString(" and ")
		case r == '-', r == ',', r == '(', r == ')':
			b.WriteByte(' ')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	words := strings.Fields(b.String())
	for i, word := range words {
		if word == "st" && len(words) > 1 {
			words[i] = "saint"
		}
	}
	if len(words) > 1 && words[0] == "the" {
		words = words[1:]
	}
	return strings.Join(words, " ")
}

// countryNames maps keys to regions. It is made at the first country that is not written as a plain code.
var countryNames = sync.OnceValue(func() map[string]string {
	names := make(map[string]string, 1024)
	for region := range phonenumbers.GetSupportedRegions() {
		names[countryKey(region)] = region
		r, err := language.ParseRegion(region)
		if err != nil {
			continue
		}
		names[countryKey(r.ISO3())] = region
		names[countryKey(display.English.Regions().Name(r))] = region
	}
	for region, others := range otherNames {
		for name := range strings.SplitSeq(others, "; ") {
			names[countryKey(name)] = region
		}
	}
	return names
})

// otherNames are English names in common use beside CLDR's, and the English short names of ISO 3166-1 where they differ.
// Only names that fit no second country: no Congo, Korea, America, Virgin Islands. A comma or a bracket counts as a
// blank.
var otherNames = map[string]string{
	"AE": "UAE; Emirates",
	"AG": "Antigua",
	"AX": "Aland",
	"BA": "Bosnia",
	"BL": "Saint Barth; Saint Barts",
	"BN": "Brunei Darussalam",
	"BO": "Bolivia (Plurinational State of)",
	"BQ": "Bonaire, Sint Eustatius and Saba; Bonaire; Saba; Sint Eustatius",
	"CC": "Cocos Islands; Keeling Islands",
	"CD": "DRC; DR Congo; Democratic Republic of the Congo; Congo, Democratic Republic of the; Congo (the Democratic Republic of the); Congo-Kinshasa",
	"CG": "Republic of the Congo; Congo-Brazzaville",
	"CI": "Ivory Coast",
	"CN": "People's Republic of China; PRC; Mainland China",
	"CV": "Cabo Verde",
	"CZ": "Czech Republic",
	"DE": "Federal Republic of Germany",
	"FK": "Falklands; Falkland Islands (Malvinas)",
	"FM": "Micronesia (Federated States of); Federated States of Micronesia",
	"FO": "Faeroe Islands; Faroes",
	"GB": "UK; Great Britain; Britain; United Kingdom of Great Britain and Northern Ireland; England; Scotland; Wales; England and Wales; Northern Ireland",
	"GM": "Gambia (the)",
	"HK": "Hong Kong",
	"IE": "Republic of Ireland; Ireland, Republic of; Irish Republic; Eire",
	"IM": "Man, Isle of",
	"IR": "Iran (Islamic Republic of); Islamic Republic of Iran",
	"KN": "Saint Kitts",
	"KP": "Korea (the Democratic People's Republic of); Democratic People's Republic of Korea; Korea, North; DPRK",
	"KR": "Korea (the Republic of); Republic of Korea; Korea, Republic of; Korea, South",
	"LA": "Lao People's Democratic Republic; Lao PDR",
	"MD": "Moldova (the Republic of); Republic of Moldova; Moldova, Republic of",
	"MF": "Saint Martin (French part)",
	"MK": "North Macedonia; Republic of North Macedonia",
	"MM": "Myanmar; Burma",
	"MO": "Macao; Macau",
	"NL": "Holland",
	"PH": "Philippines (the)",
	"PM": "Saint Pierre and Miquelon",
	"PS": "Palestine; State of Palestine; Palestine, State of",
	"RU": "Russian Federation; Russian Federation (the)",
	"SH": "Saint Helena, Ascension and Tristan da Cunha",
	"SJ": "Svalbard; Jan Mayen",
	"SM": "Republic of San Marino",
	"ST": "Sao Tome",
	"SX": "Sint Maarten (Dutch part)",
	"SY": "Syrian Arab Republic",
	"SZ": "Eswatini",
	"TC": "Turks and Caicos",
	"TL": "East Timor",
	"TR": "Türkiye; Republic of Turkey; Republic of Türkiye",
	"TT": "Trinidad; Tobago",
	"TW": "Taiwan (Province of China); Taiwan, Province of China",
	"TZ": "Tanzania, the United Republic of; United Republic of Tanzania; Tanzania, United Republic of",
	"US": "United States of America; United States of America (the)",
	"VA": "Holy See; Holy See (the); Vatican; Vatican City State",
	"VC": "Saint Vincent and the Grenadines; Saint Vincent",
	"VE": "Venezuela (Bolivarian Republic of)",
	"VG": "BVI; Virgin Islands (British)",
	"VI": "USVI; Virgin Islands (U.S.); US Virgin Islands; United States Virgin Islands",
	"VN": "Viet Nam",
	"XK": "XKX; Republic of Kosovo",
}

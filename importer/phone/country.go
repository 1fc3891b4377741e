package phone

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/nyaruka/phonenumbers/v2"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/unicode/norm"

	"csvput/importer/phone/numbering"
	"csvput/report/code"
	"csvput/report/human"
)

// Region is the ISO 3166-1 alpha-2 code, in capitals, of a country as people write it: an alpha-2 or alpha-3 code, a
// name in any language of CLDR or one in common use in English, UK, a part of the United Kingdom, a vehicle sign of one
// letter, or a calling code with its + or 00, which is its main country's. Case, accents, dots and full-width letters
// do not matter. A country has to have phone numbers of its own in libphonenumber's metadata: AQ and PN have none.
// Everything else is [code.InvalidCountry], and nothing falls back to a default: bare digits (44 may be a calling code,
// 826 is a statistical one), withdrawn codes such as AN, groups such as EU, names that fit two countries.
func Region(country string) (string, *code.Problem) {
	if len(country) == 2 && phonenumbers.GetSupportedRegions()[country] {
		return country, nil
	}
	if len(country) > maxBytes {
		return "", noCountry(country)
	}
	key := countryKey(country)
	if digits, ok := callingCode(key); ok {
		return mainRegion(country, digits)
	}
	// NGA and nga are the code of Nigeria; Nga is also Russia, in Vietnamese.
	if region := englishNames()[key]; region != "" && (len(key) > alpha3 || oneCase(country)) {
		return region, nil
	}
	switch {
	case key != "" && onlyDigits(key) == key:
		return "", code.Problemf(code.InvalidCountry,
			"%s is a number; a country is written as a name, as its two letters, or as a calling code with the + in "+
				"front", human.Quote(country))
	case key == "", strings.ContainsAny(key, "0123456789@"): // spares a column of something else allNames
		return "", noCountry(country)
	}
	region, ok := allNames()[key]
	switch {
	case region != "":
		return region, nil
	case ok:
		return "", code.Problemf(code.InvalidCountry,
			"%s may be one of two countries; write the two letters of the one that is meant", human.Quote(country))
	}
	return "", noCountry(country)
}

// Countries are the English names of all countries, in alphabetical order: each is one for [Region].
func Countries() []string {
	var all []string
	for region := range phonenumbers.GetSupportedRegions() {
		all = append(all, englishName(region))
	}
	slices.Sort(all)
	return all
}

// IsCountry reports whether text is a country as for [Region]. A blank is none.
func IsCountry(text string) bool {
	_, problem := Region(text)
	return problem == nil
}

func noCountry(country string) *code.Problem {
	return code.Problemf(code.InvalidCountry, "%s is not the name or the code of a country", human.Quote(country))
}

// callingCode are the digits behind the + or 00 of a calling code.
func callingCode(key string) (digits string, ok bool) {
	for _, prefix := range []string{"+", "00"} {
		if digits, ok = strings.CutPrefix(key, prefix); ok {
			digits = strings.TrimSpace(digits)
			return digits, digits != "" && onlyDigits(digits) == digits
		}
	}
	return "", false
}

// mainRegion is the region whose numbering plan a calling code has: US for 1, RU for 7, GB for 44.
func mainRegion(country, digits string) (string, *code.Problem) {
	number, err := strconv.Atoi(digits) // 001 is rather the world's statistical code
	regions := phonenumbers.GetRegionCodesForCountryCode(number)
	if err != nil || digits[0] == '0' || country == numbering.World || len(regions) == 0 ||
		regions[0] == numbering.World {
		return "", code.Problemf(code.InvalidCountry, "%s is not the calling code of a country", human.Quote(country))
	}
	return regions[0], nil
}

// alpha3 is the length of the longer ISO codes.
const alpha3 = 3

// oneCase reports whether s has no capitals or nothing else, as codes are written.
func oneCase(s string) bool { return s == strings.ToUpper(s) || s == strings.ToLower(s) }

// englishName is CLDR's English name of a region.
func englishName(region string) string {
	r, err := language.ParseRegion(region)
	if err != nil {
		return region
	}
	return display.English.Regions().Name(r)
}

// countryKey brings spellings of a country's name together: one case, no accents, dots or apostrophes, full-width
// letters folded, invisible characters gone, one blank between words, "&" as "and", "St" as "saint", no "the" in front.
// Marks of scripts in which they are letters of their own stay.
func countryKey(country string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(country) {
		switch {
		case r >= 'a' && r <= 'z':
			b.WriteRune(r)
		case r >= '\u0300' && r <= '\u036F', invisible(r), strings.ContainsRune(".'`\u2018\u2019\u02BB\u02BC", r):
		case r == '&':
			b.WriteString(" and ")
		case r == 'ß': // the one letter that capitals write as two
			b.WriteString("ss")
		case r == ',', r == '(', r == ')', unicode.Is(unicode.Pd, r):
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

// names maps keys to regions, and to "" where two regions have the same name.
type names map[string]string

func (n names) claim(name, region string) {
	key := countryKey(name)
	if other, ok := n[key]; ok && other != region {
		region = ""
	}
	n[key] = region
}

// englishNames are codes, vehicle signs and English names. They are made at the first country that is not written as a
// plain code.
var englishNames = sync.OnceValue(func() names {
	n := make(names, 1024)
	for region := range phonenumbers.GetSupportedRegions() {
		n.claim(region, region)
		r, err := language.ParseRegion(region)
		if err != nil {
			continue
		}
		n.claim(r.ISO3(), region)
		n.claim(display.English.Regions().Name(r), region)
	}
	for region, others := range otherNames {
		for name := range strings.SplitSeq(others, "; ") {
			n.claim(name, region)
		}
	}
	for sign, region := range vehicleSigns {
		n.claim(sign, region)
	}
	return n
})

// allNames are those of englishNames and of all languages of CLDR, some 25,000. They are made, in some 30 ms, at the
// first text that is not a country in English.
var allNames = sync.OnceValue(makeAllNames)

func makeAllNames() names {
	n := maps.Clone(englishNames())
	done := make(map[string]string, 1<<15) // languages and their variants share many names
	regions := make(map[string]language.Region)
	for region := range phonenumbers.GetSupportedRegions() {
		if r, err := language.ParseRegion(region); err == nil {
			regions[region] = r
		}
	}
	for _, tag := range display.Supported.Tags() {
		namer := display.Regions(tag)
		if namer == nil {
			continue // a language without names for regions
		}
		for region, r := range regions {
			if name := namer.Name(r); name != "" && done[name] != region {
				n.claim(name, region)
				done[name] = region
			}
		}
	}
	return n
}

// vehicleSigns are the distinguishing signs of one letter, but for G: who writes that does not mean Gabon.
var vehicleSigns = map[string]string{
	"A": "AT", "B": "BE", "C": "CU", "D": "DE", "E": "ES", "F": "FR", "H": "HU", "I": "IT", "J": "JP", "K": "KH", "L": "LU",
	"M": "MT", "N": "NO", "P": "PT", "Q": "QA", "S": "SE", "T": "TH", "V": "VA", "Z": "ZM",
}

// otherNames are English names in common use beside CLDR's, and the English short names of ISO 3166-1 where they
// differ. A name that fits two countries stands at both, and is refused. A comma or a bracket counts as a blank.
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
	"CD": "DRC; DR Congo; Democratic Republic of the Congo; Congo, Democratic Republic of the; Congo (the Democratic Republic of the); Congo-Kinshasa; Congo",
	"CG": "Republic of the Congo; Congo-Brazzaville; Congo",
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
	"KP": "Korea (the Democratic People's Republic of); Democratic People's Republic of Korea; Korea, North; DPRK; Korea",
	"KR": "Korea (the Republic of); Republic of Korea; Korea, Republic of; Korea, South; Korea",
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
	"VG": "BVI; Virgin Islands (British); Virgin Islands",
	"VI": "USVI; Virgin Islands (U.S.); US Virgin Islands; United States Virgin Islands; Virgin Islands",
	"VN": "Viet Nam",
	"XK": "XKX; Republic of Kosovo",
}

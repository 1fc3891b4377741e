package phone

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers/v2"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"csvput/importer/phone/numbering"
	"csvput/report/code"
)

func TestRegion(t *testing.T) {
	tests := []struct{ region, country string }{
		{"GB", "GB"}, {"GB", "gb"}, {"GB", " Gb "}, {"GB", "UK"}, {"GB", "uk"}, {"GB", "U.K."}, {"GB", "GBR"}, {"GB", "gbr"},
		{"GB", "United Kingdom"}, {"GB", "the united kingdom"}, {"GB", "UNITED  KINGDOM"}, {"GB", "United\u00a0Kingdom"},
		{"GB", "England"}, {"GB", "scotland"}, {"GB", "WALES"}, {"GB", "Northern Ireland"}, {"GB", "Great Britain"},
		{"GB", "ＧＢ"}, {"GB", "ｕｋ"}, {"GB", "\ufeffGB\u200e"}, {"GB", "\u2003GB\u3000"},
		{"US", "USA"}, {"US", "U.S.A."}, {"US", "US"}, {"US", "United States of America"}, {"US", "the United States"},
		{"DE", "DEU"}, {"DE", "Germany"}, {"FR", "france"}, {"AE", "UAE"}, {"CI", "Ivory Coast"}, {"CI", "Côte d'Ivoire"},
		{"CI", "Cote d’Ivoire"}, {"CZ", "Czech Republic"}, {"CZ", "Czechia"}, {"TR", "Turkey"}, {"TR", "Türkiye"},
		{"IE", "Ireland"}, {"IE", "Republic of Ireland"}, {"IE", "Eire"}, {"NL", "The Netherlands"}, {"NL", "Holland"},
		{"KR", "South Korea"}, {"KR", "Korea, Republic of"}, {"KP", "North Korea"}, {"CD", "Congo (the Democratic Republic of the)"},
		{"BA", "Bosnia and Herzegovina"}, {"BA", "Bosnia & Herzegovina"}, {"ST", "Sao Tome and Principe"}, {"CW", "Curacao"},
		{"LC", "Saint Lucia"}, {"LC", "St Lucia"}, {"LC", "St. Lucia"}, {"GW", "Guinea Bissau"}, {"HK", "Hong Kong"},
		{"RU", "Russian Federation"}, {"VN", "Viet Nam"}, {"MK", "North Macedonia"}, {"VI", "U.S. Virgin Islands"},
		{"DE", "Deutschland"}, {"DE", "DEUTSCHLAND"}, {"CH", "Suisse"}, {"CH", "Schweiz"}, {"ES", "España"}, {"ES", "espana"}, {"AT", "Österreich"},
		{"AT", "Osterreich"}, {"BY", "Weißrussland"}, {"BY", "WEISSRUSSLAND"}, {"GR", "Ελλάδα"}, {"GR", "ΕΛΛΑΔΑ"}, {"RU", "Россия"}, {"JP", "日本"}, {"DE", "ドイツ"},
		{"GW", "Guinée\u2011Bissau"}, {"TH", "ไทย"}, {"EG", "مصر"}, {"IL", "ישראל"}, {"IN", "भारत"},
		{"DE", "D"}, {"DE", "d"}, {"DE", "Ｄ"}, {"AT", "A"}, {"FR", "F"}, {"IT", "I"}, {"ES", "E"}, {"CH", "CH"}, {"NG", "NGA"}, {"NG", "nga"},
		{"DE", "+49"}, {"DE", "0049"}, {"DE", "(+49)"}, {"DE", "+ 49"}, {"DE", "＋４９"}, {"US", "+1"}, {"US", "+1"}, {"US", "00 1"}, {"RU", "+7"}, {"RU", "007"}, {"GB", "+44"}, {"GB", "0044"},
		{"JE", "Jersey"}, {"GG", "Guernsey"}, {"IM", "Isle of Man"}, {"XK", "Kosovo"}, {"TW", "Taiwan"}, {"GE", "Georgia"},
	}
	for _, test := range tests {
		if region, problem := Region(test.country); problem != nil || region != test.region {
			t.Errorf("%q: %q, %v; want %s", test.country, region, problem, test.region)
		}
	}
}

func TestRegionRefuses(t *testing.T) {
	for _, country := range []string{
		"", " ", "\u200b", "44", "826", "049", "49", "٤٤", "+", "00", "000", "+999", "+800", "+0", "+044", "+1 868", "+44 20", "+4９a", "ZZ", "zz", "Nga", "Nigeri", "Bỉ", "SN/UN", "EU", "UN", "AN", "ANT", "SU", "YU", "DD", "CS", "AQ", "PN",
		"ATA", "PCN", "BV", "UM", "EN", "XX", "GB/FR", "GB, FR", "GB FR", "GB or FR", "United Kingdom/France", "Narnia", "Korea", "Congo",
		"America", "Virgin Islands", "Channel Islands", "Europe", "World", "Europe/London", "en-GB", "GB1", "G", "G B", "?", "n/a", "null",
		"\xff", "GB\x00", "Soviet Union", "Netherlands Antilles", "Antarctica",
	} {
		region, problem := Region(country)
		if problem == nil || problem.Code != code.InvalidCountry || region != "" {
			t.Errorf("%q: %q, %v", country, region, problem)
			continue
		}
		checkMessage(t, problem.Message)
	}
}

// TestCountryNames finds every region by its codes and its English names. Only names meant to be refused have two owners.
func TestCountryNames(t *testing.T) {
	twice := []string{"congo", "korea", "virgin islands"}
	find := func(name, region string) {
		if slices.Contains(twice, countryKey(name)) {
			return
		}
		if got, problem := Region(name); problem != nil || got != region {
			t.Errorf("%q: %q, %v; want %s", name, got, problem, region)
		}
	}
	for _, region := range allRegions() {
		r := language.MustParseRegion(region)
		find(region, region)
		find(strings.ToLower(region), region)
		find(r.ISO3(), region)
		find(strings.ToLower(r.ISO3()), region)
		find(display.English.Regions().Name(r), region)
	}
	for region, names := range otherNames {
		for name := range strings.SplitSeq(names, "; ") {
			find(name, region)
		}
	}
	for key, region := range englishNames() {
		if region == "" != slices.Contains(twice, key) || region != "" && !phonenumbers.GetSupportedRegions()[region] {
			t.Errorf("%q is %q", key, region)
		}
	}
}

// TestForeignNames holds every name of CLDR to its country or to a refusal, and the refusals to a few.
func TestForeignNames(t *testing.T) {
	refused := make(map[string]bool)
	for _, tag := range display.Supported.Tags() {
		namer := display.Regions(tag)
		if namer == nil {
			continue
		}
		for _, region := range allRegions() {
			name := namer.Name(language.MustParseRegion(region))
			switch got, problem := Region(name); {
			case name == "":
			case problem != nil:
				refused[name] = true
			case got != region:
				t.Errorf("%q is %s in %s, and read as %s", name, region, tag, got)
			}
		}
	}
	if most := 15; len(refused) > most {
		t.Errorf("%d names are refused: %q", len(refused), slices.Sorted(maps.Keys(refused)))
	}
	for _, name := range []string{"Nigeri", "Nga", "Bỉ", "Конго"} {
		if !refused[name] {
			t.Errorf("%q is not refused", name)
		}
	}
}

// TestCallingCodesAsCountries reads each calling code as its main country.
func TestCallingCodesAsCountries(t *testing.T) {
	for code := range phonenumbers.GetSupportedCallingCodes() {
		want := phonenumbers.GetRegionCodeForCountryCode(code)
		if want == numbering.World {
			want = ""
		}
		for _, form := range []string{"+%d", "00%d"} {
			text := fmt.Sprintf(form, code)
			if text == numbering.World {
				continue // refused: TestRegionRefuses
			}
			if got, _ := Region(text); got != want {
				t.Errorf("%s is %q, want %q", text, got, want)
			}
		}
		if got, problem := Region(strconv.Itoa(code)); problem == nil {
			t.Errorf("%d is %s", code, got)
		}
	}
}

func TestIsCountry(t *testing.T) {
	for _, text := range []string{"GB", "de", "D", "Deutschland", "+49", "0049", "Côte d’Ivoire", " France "} {
		if !IsCountry(text) {
			t.Errorf("%q is no country", text)
		}
	}
	for _, text := range []string{"", " ", "49", "Ada", "ada@example.com", "020 7946 0958", "+442079460958", "Congo", strings.Repeat("x", 1000)} {
		if IsCountry(text) {
			t.Errorf("%q is a country", text)
		}
	}
}

func BenchmarkAllNames(b *testing.B) {
	for b.Loop() {
		makeAllNames()
	}
}

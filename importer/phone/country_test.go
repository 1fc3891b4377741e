package phone

import (
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers/v2"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
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
		"", " ", "\u200b", "44", "+44", "826", "0044", "٤٤", "ZZ", "zz", "001", "EU", "UN", "AN", "ANT", "SU", "YU", "DD", "CS", "AQ", "PN",
		"ATA", "PCN", "BV", "UM", "EN", "XX", "GB/FR", "GB, FR", "GB FR", "GB or FR", "United Kingdom/France", "Narnia", "Korea", "Congo",
		"America", "Virgin Islands", "Channel Islands", "Europe", "World", "Europe/London", "en-GB", "GB1", "G", "G B", "?", "n/a", "null",
		"\xff", "GB\x00", "Soviet Union", "Netherlands Antilles", "Antarctica",
	} {
		region, problem := Region(country)
		if problem == nil || problem.Code != CodeInvalidCountry || region != "" {
			t.Errorf("%q: %q, %v", country, region, problem)
			continue
		}
		checkMessage(t, problem.Message)
	}
}

// TestCountryNames finds every region by its codes and its name, and no key that two regions lay claim to.
func TestCountryNames(t *testing.T) {
	owner := make(map[string]string)
	claim := func(name, region string) {
		key := countryKey(name)
		if other, ok := owner[key]; ok && other != region {
			t.Errorf("%q is %s and %s", name, other, region)
		}
		owner[key] = region
		if got, problem := Region(name); problem != nil || got != region {
			t.Errorf("%q: %q, %v; want %s", name, got, problem, region)
		}
	}
	for _, region := range allRegions() {
		r := language.MustParseRegion(region)
		claim(region, region)
		claim(r.ISO3(), region)
		claim(display.English.Regions().Name(r), region)
	}
	for region, names := range otherNames {
		if !phonenumbers.GetSupportedRegions()[region] {
			t.Errorf("%s has no phone numbers", region)
		}
		for name := range strings.SplitSeq(names, "; ") {
			claim(name, region)
		}
	}
}

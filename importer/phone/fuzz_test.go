package phone

import (
	"slices"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers/v2"

	"csvput/importer/phone/numbering"
	"csvput/report/code"
)

// FuzzParse holds every answer to what must be true of it: a good number is valid by the library, reads back as itself
// in any country and without a repair, and has a national format; a refusal has a code and one printable line.
func FuzzParse(f *testing.F) {
	for _, test := range accepted {
		f.Add(test.value, test.country)
	}
	for _, test := range refused {
		f.Add(test.value, test.country)
	}
	parsers := []*Parser{newParser(f, Options{}), newParser(f, Options{Extension: ExtensionDrop, Vanity: true})}
	f.Fuzz(func(t *testing.T, value, country string) {
		for _, p := range parsers {
			n, problem := p.Parse(value, country)
			if problem != nil {
				if n.E164 != "" || problem.Code == "" {
					t.Fatalf("%q in %q: %+v with %+v", value, country, n, problem)
				}
				checkMessage(t, problem.Message)
				continue
			}
			for _, note := range n.Notes {
				checkMessage(t, note.Message)
			}
			checkNumber(t, p, n)
		}
	})
}

func checkNumber(t *testing.T, p *Parser, n Number) {
	t.Helper()
	if e164, ok := naive(n.E164, "ZZ"); !ok || e164 != n.E164 {
		t.Fatalf("%s is not valid: %s, %v", n.E164, e164, ok)
	}
	if n.Region != numbering.World && !phonenumbers.GetSupportedRegions()[n.Region] || n.National() == "" {
		t.Fatalf("%s: region %q, national %q", n.E164, n.Region, n.National())
	}
	if region, national, ok := Describe(n.E164); !ok || region != n.Region || national != n.National() {
		t.Fatalf("%s: %+v, described as %q, %q, %v", n.E164, n, region, national, ok)
	}
	for _, country := range []string{"GB", "US", "IT", "RU", "DE"} {
		again, problem := p.Parse(n.E164, country)
		if problem != nil || again.E164 != n.E164 || again.Region != n.Region {
			t.Fatalf("%s is read back in %s as %+v, %v", n.E164, country, again, problem)
		}
		if slices.ContainsFunc(again.Notes, func(n code.Note) bool { return strings.HasPrefix(string(n.Code), "repaired") }) {
			t.Fatalf("%s is repaired in %s: %+v", n.E164, country, again.Notes)
		}
	}
}

// FuzzRegion looks for a country text that crashes, or that ends in something without phone numbers.
func FuzzRegion(f *testing.F) {
	for _, country := range []string{"", "GB", "u.k.", "Côte d’Ivoire", "St. Lucia", "44", "+49", "001", "Nga", "Ελλάδα", "ZZ", "ＧＢ", "the", "& &", "\xff"} {
		f.Add(country)
	}
	f.Fuzz(func(t *testing.T, country string) {
		region, problem := Region(country)
		if problem != nil {
			checkMessage(t, problem.Message)
			return
		}
		if again, problem := Region(region); problem != nil || again != region || phonenumbers.GetCountryCodeForRegion(region) == 0 {
			t.Fatalf("%q is %q, which is %q, %v", country, region, again, problem)
		}
	})
}

package phone

import (
	"slices"
	"testing"
)

// TestCountries holds that every country that is offered is understood, and that each is offered once.
func TestCountries(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range Countries() {
		region, problem := Region(name)
		if problem != nil || seen[region] || englishName(region) != name {
			t.Errorf("%s is %s, %v", name, region, problem)
		}
		seen[region] = true
	}
	if all := Countries(); len(all) < 240 || !slices.Contains(all, "United Kingdom") {
		t.Errorf("%d countries", len(all))
	}
}

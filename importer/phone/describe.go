package phone

import (
	"runtime/debug"

	"github.com/nyaruka/phonenumbers/v2"
	"github.com/nyaruka/phonenumbers/v2/metadata"
)

// Describe tells of a stored E.164 number its region, "001" for one of no country, and its national format. ok is false
// when it is not E.164 or not valid by the present metadata.
func Describe(e164 string) (region, national string, ok bool) {
	number, regions, ok := stored(e164)
	if !ok || !phonenumbers.IsValidNumber(number) {
		return "", "", false
	}
	region = regions[0]
	if len(regions) > 1 {
		region = phonenumbers.GetRegionCodeForNumber(number)
	}
	return region, phonenumbers.Format(number, phonenumbers.NATIONAL), true
}

// stored takes an E.164 number apart, and nothing away from it, unlike a parser, which looks for trunk prefixes. The
// regions are those of the calling code.
func stored(e164 string) (number *phonenumbers.PhoneNumber, regions []string, ok bool) {
	if len(e164) < 1+1+minNational || len(e164) > 1+3+maxNational || e164[0] != '+' || onlyDigits(e164[1:]) != e164[1:] {
		return nil, nil, false
	}
	var b buffer
	digits, code := []byte(e164[1:]), 0
	for i := range 3 {
		code = code*10 + int(digits[i]-'0')
		if regions = phonenumbers.GetRegionCodesForCountryCode(code); len(regions) > 0 {
			if rest := digits[i+1:]; len(rest) >= minNational && len(rest) <= maxNational {
				b.set(code, rest)
				return &b.number, regions, true
			}
			break
		}
	}
	return nil, nil, false
}

// MetadataVersion names the library and the metadata that decide which numbers are valid, for people who compare two
// runs: "phonenumbers v2.0.7, metadata v9.0.36". The library's own version is known in binaries built with module
// support; elsewhere it is left out.
func MetadataVersion() string {
	version := "metadata " + metadata.Version
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			if dep.Path == "github.com/nyaruka/phonenumbers/v2" {
				return "phonenumbers " + dep.Version + ", " + version
			}
		}
	}
	return version
}

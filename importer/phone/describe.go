package phone

import (
	"runtime/debug"
	"strings"

	"github.com/nyaruka/phonenumbers/v2/metadata"

	"csvput/importer/phone/numbering"
)

// Describe tells of a stored E.164 number its region, "001" for one of no country, and its national format. ok is false
// when it is not E.164 or not valid by the present metadata.
func Describe(e164 string) (region, national string, ok bool) {
	plan, digits := stored(e164)
	if plan == nil {
		return "", "", false
	}
	number := plan.Number(digits)
	if !number.Valid {
		return "", "", false
	}
	return number.Region, string(plan.AppendNational(nil, digits)), true
}

// stored takes an E.164 number apart, and nothing away from it, unlike a parser, which looks for trunk prefixes. The
// plan is nil when it is none.
func stored(e164 string) (plan *numbering.Plan, national []byte) {
	digits, plus := strings.CutPrefix(e164, "+")
	if !plus || onlyDigits(digits) != digits {
		return nil, nil
	}
	plan, national = plans().Split([]byte(digits))
	if len(national) < numbering.MinNational || len(national) > numbering.MaxNational {
		return nil, nil
	}
	return plan, national
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

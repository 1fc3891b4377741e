package sandbox

import (
	"net/mail"

	"github.com/nyaruka/phonenumbers/v2"
)

// defaultRegion is the format in which a phone number that is a plain string is read.
const defaultRegion = "GB"

// checkPhone is the server's own check of a phone number: what libphonenumber calls valid. The region it returns is the
// number's, "001" for numbers of no country.
func checkPhone(number, region string) (e164, country string, ok bool) {
	n, err := phonenumbers.Parse(number, region)
	if err != nil || !phonenumbers.IsValidNumber(n) {
		return "", "", false
	}
	return phonenumbers.Format(n, phonenumbers.E164), phonenumbers.GetRegionCodeForNumber(n), true
}

// knownRegion reports whether the library has numbers of a region. Only upper case will do.
func knownRegion(region string) bool { return phonenumbers.GetSupportedRegions()[region] }

// national is the national format of a stored number, or the text itself if it is no number.
func national(e164 string) string {
	n, err := phonenumbers.Parse(e164, "")
	if err != nil {
		return e164
	}
	return phonenumbers.Format(n, phonenumbers.NATIONAL)
}

// checkEmail is the server's own check of an e-mail address: RFC 5322's addr-spec and nothing around it.
func checkEmail(value string) bool {
	a, err := mail.ParseAddress(value)
	return err == nil && a.Name == "" && a.Address == value
}

package sandbox

import (
	"fmt"
	"net/mail"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers/v2"
)

// validation holds a body against the rules of the endpoint, and makes the change of record that it asks for.
type validation struct {
	input   map[string]any
	store   *store
	lenient bool
	record  Record
	errs    fieldErrors
}

func (v *validation) run() {
	v.name()
	v.value()
	v.accounts("account_uuids", !v.lenient, &v.record.AccountUUIDs)
	v.accounts("primary_account_uuids", false, &v.record.PrimaryAccountUUIDs)
}

// field returns a field to be checked further. The older revision lets it be absent, though not null.
func (v *validation) field(key string, required bool) (any, bool) {
	value, present := v.input[key]
	list, isList := value.([]any)
	object, isObject := value.(map[string]any)
	blank := value == nil || isList && len(list) == 0 || isObject && len(object) == 0
	if required && blank {
		v.errs.add(key, fmt.Sprintf("The %s field is required.", attribute(key)))
		return nil, false
	}
	return value, present
}

// attribute is a field's name in a message. Nested ones stay as they are.
func attribute(key string) string { return strings.ReplaceAll(key, "_", " ") }

func (v *validation) name() {
	value, ok := v.field("name", !v.lenient)
	if !ok {
		return
	}
	text, isText := value.(string)
	switch {
	case !isText:
		v.errs.add("name", "The name must be a string.")
	case utf8.RuneCountInString(text) > 255:
		v.errs.add("name", "The name must not be greater than 255 characters.")
	}
	v.record.Name = text
}

func (v *validation) value() {
	value, ok := v.field("value", !v.lenient)
	if !ok {
		return
	}
	object, isObject := value.(map[string]any)
	text, isText := value.(string)
	switch {
	case isObject && v.record.Type == TypePhone:
		v.phoneObject(object)
	case !isText:
		v.errs.add("value", "The value must be a string.")
	case v.record.Type == TypePhone:
		v.phone("value", text, defaultRegion)
	case !checkEmail(text):
		v.errs.add("value", "The value must be a valid email address.")
	default:
		v.record.Value = text
	}
}

func (v *validation) phone(key, number, region string) {
	e164, country, ok := checkPhone(number, region)
	if !ok {
		v.errs.add(key, "The value must be a valid phone number.")
	}
	v.record.Value, v.record.Country = e164, country
}

// phoneObject is a value with its country: {"country": "AU", "number": "(02) 5550 1234"}.
func (v *validation) phoneObject(o map[string]any) {
	region, _ := o["country"].(string)
	number, _ := o["number"].(string) // "" is no valid one
	switch {
	case o["country"] == nil:
		v.errs.add("value.country", "The value.country field is required.")
	case !knownRegion(region):
		v.errs.add("value.country", "The value.country is not a valid country.")
	}
	if !knownRegion(region) {
		number = ""
	}
	if o["number"] == nil {
		v.errs.add("value.number", "The value.number field is required.")
		return
	}
	v.phone("value.number", number, region)
}

// accounts checks a list of clients of the record's firm.
func (v *validation) accounts(key string, required bool, accounts *[]string) {
	value, ok := v.field(key, required)
	if !ok {
		return
	}
	list, ok := value.([]any)
	if !ok {
		v.errs.add(key, fmt.Sprintf("The %s must be an array.", attribute(key)))
	}
	ids := make([]string, len(list))
	for i, item := range list {
		ids[i], _ = item.(string)
		if !v.store.isClient(ids[i], v.record.FirmUUID) {
			at := key + "." + strconv.Itoa(i)
			v.errs.add(at, fmt.Sprintf("The selected %s is invalid.", at))
		}
	}
	*accounts = v.store.owners(ids)
}

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

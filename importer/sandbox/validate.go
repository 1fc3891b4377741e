package sandbox

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// validation holds a body against the rules of the endpoint.
type validation struct {
	input    map[string]any
	record   Record
	lenient  bool
	isClient func(id, firm string) bool
	errs     fieldErrors
}

func (v *validation) run() change {
	ch := change{name: v.name()}
	ch.value, ch.country = v.value()
	ch.owners = v.accounts("account_uuids", !v.lenient)
	ch.primaries = v.accounts("primary_account_uuids", false)
	return ch
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

func (v *validation) name() *string {
	value, ok := v.field("name", !v.lenient)
	if !ok {
		return nil
	}
	text, ok := value.(string)
	if !ok {
		v.errs.add("name", "The name must be a string.")
		return nil
	}
	if utf8.RuneCountInString(text) > 255 {
		v.errs.add("name", "The name must not be greater than 255 characters.")
	}
	return &text
}

func (v *validation) value() (*string, string) {
	value, ok := v.field("value", !v.lenient)
	if !ok {
		return nil, ""
	}
	object, isObject := value.(map[string]any)
	text, isText := value.(string)
	switch {
	case isObject && v.record.Type == TypePhone:
		return v.phoneObject(object)
	case !isText:
		v.errs.add("value", "The value must be a string.")
	case v.record.Type == TypePhone:
		if e164, country, ok := checkPhone(text, defaultRegion); ok {
			return &e164, country
		}
		v.errs.add("value", "The value must be a valid phone number.")
	case checkEmail(text):
		return &text, ""
	default:
		v.errs.add("value", "The value must be a valid email address.")
	}
	return nil, ""
}

// phoneObject is a value with its country: {"country": "AU", "number": "(02) 5550 1234"}.
func (v *validation) phoneObject(o map[string]any) (*string, string) {
	region, isText := o["country"].(string)
	switch {
	case o["country"] == nil:
		v.errs.add("value.country", "The value.country field is required.")
	case !isText || !knownRegion(region):
		v.errs.add("value.country", "The value.country is not a valid country.")
	}
	number, isText := o["number"].(string)
	if o["number"] == nil {
		v.errs.add("value.number", "The value.number field is required.")
		return nil, ""
	}
	e164, country, ok := checkPhone(number, region)
	if !isText || !knownRegion(region) || !ok {
		v.errs.add("value.number", "The value must be a valid phone number.")
		return nil, ""
	}
	return &e164, country
}

// accounts checks a list of clients of the record's firm.
func (v *validation) accounts(key string, required bool) *[]string {
	value, ok := v.field(key, required)
	if !ok {
		return nil
	}
	list, ok := value.([]any)
	if !ok {
		v.errs.add(key, fmt.Sprintf("The %s must be an array.", attribute(key)))
		return nil
	}
	ids := make([]string, len(list))
	for i, item := range list {
		ids[i], _ = item.(string)
		if !v.isClient(ids[i], v.record.FirmUUID) {
			at := key + "." + strconv.Itoa(i)
			v.errs.add(at, fmt.Sprintf("The selected %s is invalid.", at))
		}
	}
	return &ids
}

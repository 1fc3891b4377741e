package crm

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"csvput/report/code"
	"csvput/report/human"
)

// Record is a contact detail as the server holds it.
type Record struct {
	UUID                string
	Type                string // "phone_number" or "email"
	Name                string
	Value               string // E.164 for phone numbers
	Country             string // of a phone number: ISO 3166-1 alpha-2
	National            string // of a phone number: in national format
	AccountUUIDs        []string
	PrimaryAccountUUIDs []string
	HasAccounts         bool      // the server shows AccountUUIDs, all of them
	HasPrimary          bool      // the server shows PrimaryAccountUUIDs (older revisions do not)
	Asked               time.Time // when the request left that showed it in a list

	oneAccount, onePrimary string // the one that is shown where a list is meant: there may be more
}

// recordJSON is a record on the wire.
type recordJSON struct {
	UUID  scalar `json:"uuid"`
	Type  scalar `json:"type"`
	Name  scalar `json:"name"`
	Value scalar `json:"value"`
	Meta  struct {
		Country   scalar `json:"country"`
		Formatted scalar `json:"formatted"`
	} `json:"phone_number_meta"`
	Accounts owners `json:"accounts"`
	Primary  owners `json:"primary_accounts"`
}

// record returns what a record on the wire says, passed through redact.
func (j *recordJSON) record(redact func(string) string) Record {
	plain := func(t scalar) string { return redact(string(t)) }
	r := Record{
		UUID: plain(j.UUID), Type: string(j.Type), Name: plain(j.Name), Value: plain(j.Value),
		Country: string(j.Meta.Country), National: string(j.Meta.Formatted),
		AccountUUIDs: j.Accounts.ids, HasAccounts: j.Accounts.shown, oneAccount: redact(j.Accounts.one),
		PrimaryAccountUUIDs: j.Primary.ids, HasPrimary: j.Primary.shown, onePrimary: redact(j.Primary.one),
	}
	for _, ids := range [...][]string{r.AccountUUIDs, r.PrimaryAccountUUIDs} {
		for i := range ids {
			ids[i] = redact(ids[i])
		}
	}
	return r
}

// parseRecord reads an answer that carries one record, alone or wrapped in {"data": ...}.
func parseRecord(body []byte, redact func(string) string) (Record, bool) {
	var answer struct {
		recordJSON
		Data *recordJSON `json:"data"`
	}
	if !decode(body, &answer) {
		return Record{}, false
	}
	if answer.Data != nil {
		answer.recordJSON = *answer.Data
	}
	return answer.record(redact), true
}

// Update is what a Put changes; nil fields are not sent.
type Update struct {
	Name                *string   `json:"name,omitempty"`
	Value               *Value    `json:"value,omitempty"`
	AccountUUIDs        *[]string `json:"account_uuids,omitempty"` // replaces the owners; client accounts only
	PrimaryAccountUUIDs *[]string `json:"primary_account_uuids,omitempty"`
}

// Value is an e-mail address, or a phone number in E.164 form. A number of another country than GB is sent as an object
// with its country; Country "" and "001" (numbers of no country) are sent like GB, as a string.
type Value struct {
	Country string `json:"country"` // ISO 3166-1 alpha-2, upper case
	Text    string `json:"number"`
}

// MarshalJSON writes a text or an object.
func (v Value) MarshalJSON() ([]byte, error) {
	switch v.Country {
	case "", "GB", "001":
		return json.Marshal(v.Text)
	}
	type object Value
	return json.Marshal(object(v))
}

// body writes the JSON of an update.
func (u Update) body() []byte {
	for _, ids := range [...]**[]string{&u.AccountUUIDs, &u.PrimaryAccountUUIDs} {
		if *ids != nil && **ids == nil {
			*ids = &[]string{} // nil would be null
		}
	}
	b, _ := json.Marshal(u) // texts and lists of texts are always written
	return b
}

// verify compares the record in the answer to a Put with what was sent. The server trims blanks around name and value.
func verify(id string, sent Update, got Record) *Error {
	if got.UUID == "" {
		return &Error{Code: code.WrongRecord, Message: "the server answered with JSON that is no contact detail"}
	}
	if !strings.EqualFold(got.UUID, id) {
		return &Error{Code: code.WrongRecord,
			Message: fmt.Sprintf("the server answered with the record %s where %s was asked for", human.Quote(got.UUID), human.Quote(id))}
	}
	var wrong []string
	differs := func(field, got, sent string) {
		wrong = append(wrong, fmt.Sprintf("holds %s %s where %s was sent", field, human.Quote(got), human.Quote(sent)))
	}
	if sent.Name != nil && !SameName(*sent.Name, got.Name) {
		differs("name", got.Name, *sent.Name)
	}
	if sent.Value != nil && !SameValue(sent.Value.Text, got.Value) {
		differs("value", got.Value, sent.Value.Text)
	}
	owners := func(field string, got owners, sent *[]string) {
		switch {
		case sent == nil:
		case got.shown && !SameIDs(*sent, got.ids):
			differs(field, strings.Join(got.ids, " "), strings.Join(*sent, " "))
		case got.one != "" && !within([]string{got.one}, *sent):
			differs(field, got.one, strings.Join(*sent, " "))
		}
	}
	owners("owners", got.owners(), sent.AccountUUIDs)
	owners("primary owners", got.primary(), sent.PrimaryAccountUUIDs)
	if len(wrong) == 0 {
		return nil
	}
	return &Error{Code: code.Mismatch, Message: "the server accepted the change, but " + strings.Join(wrong, ", and ")}
}

func (r *Record) owners() owners  { return owners{r.AccountUUIDs, r.HasAccounts, r.oneAccount} }
func (r *Record) primary() owners { return owners{r.PrimaryAccountUUIDs, r.HasPrimary, r.onePrimary} }

package crm

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

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
	Owners              []Owner   // the owners as far as they are shown
	HasAccounts         bool      // the server shows AccountUUIDs, all of them
	HasPrimary          bool      // the server shows PrimaryAccountUUIDs (older revisions do not)
	Asked               time.Time // when the request left that showed it in a list

	oneAccount, onePrimary string // the one that is shown where a list is meant: there may be more
}

// Owner is an account that owns records.
type Owner struct{ UUID, Name, Email string }

// recordJSON is a record on the wire, alone or wrapped in {"data": ...}.
type recordJSON[S ~string, O accounts] struct {
	UUID  S `json:"uuid"`
	Type  S `json:"type"`
	Name  S `json:"name"`
	Value S `json:"value"`
	Meta  struct {
		Country   S `json:"country"`
		Formatted S `json:"formatted"`
	} `json:"phone_number_meta"`
	Accounts O                 `json:"accounts"`
	Primary  O                 `json:"primary_accounts"`
	Data     *recordJSON[S, O] `json:"data"`
}

func (j *recordJSON[S, O]) record() Record {
	if j.Data != nil {
		j = j.Data
	}
	accounts, primary := j.Accounts.owners(), j.Primary.owners()
	return Record{
		UUID: string(j.UUID), Type: string(j.Type), Name: string(j.Name), Value: string(j.Value),
		Country: string(j.Meta.Country), National: string(j.Meta.Formatted),
		AccountUUIDs: accounts.ids, Owners: accounts.details, HasAccounts: accounts.shown, oneAccount: accounts.one,
		PrimaryAccountUUIDs: primary.ids, HasPrimary: primary.shown, onePrimary: primary.one,
	}
}

// element is a record in a list; anything else is an empty one.
type element struct{ Record }

func (e *element) UnmarshalJSON(b []byte) error {
	if len(b) > maxRecord {
		return errTooMuch
	}
	e.Record, _ = parseRecord[ownerList](b)
	return nil
}

// parseRecord reads an answer that carries one record. O is the usual form of its accounts, with as much of them as is
// wanted.
func parseRecord[O accounts](body []byte) (Record, bool) {
	if len(body) > maxRecord {
		return Record{}, false
	}
	var usual recordJSON[string, O]
	if json.Unmarshal(body, &usual) == nil && body[0] == '{' {
		return usual.record(), true
	}
	var odd recordJSON[scalar, oddOwners]
	ok := decode(body, &odd)
	return odd.record(), ok
}

// redact passes what a record shows through f.
func (r *Record) redact(f func(string) string) {
	for _, field := range [...]*string{&r.UUID, &r.Name, &r.Value, &r.oneAccount, &r.onePrimary} {
		*field = f(*field)
	}
	for i := range r.Owners {
		for _, field := range [...]*string{&r.Owners[i].UUID, &r.Owners[i].Name, &r.Owners[i].Email} {
			*field = f(*field)
		}
	}
	for _, ids := range [...][]string{r.AccountUUIDs, r.PrimaryAccountUUIDs} {
		for i := range ids {
			ids[i] = f(ids[i])
		}
	}
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
			Message: fmt.Sprintf("the server answered with the record %s where %s was asked for", human.Quote(got.UUID),
				human.Quote(id))}
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
	owners := func(field string, got []string, shown bool, one string, sent *[]string) {
		switch {
		case sent == nil:
		case shown && !SameIDs(*sent, got):
			differs(field, strings.Join(got, " "), strings.Join(*sent, " "))
		case one != "" && !within([]string{one}, *sent):
			differs(field, one, strings.Join(*sent, " "))
		}
	}
	owners("owners", got.AccountUUIDs, got.HasAccounts, got.oneAccount, sent.AccountUUIDs)
	owners("primary owners", got.PrimaryAccountUUIDs, got.HasPrimary, got.onePrimary, sent.PrimaryAccountUUIDs)
	if len(wrong) == 0 {
		return nil
	}
	return &Error{Code: code.Mismatch, Message: "the server accepted the change, but " + strings.Join(wrong, ", and ")}
}

// SameName compares names as the server keeps them: without the blanks around them, and with line breaks written in
// whatever way.
func SameName(a, b string) bool { return a == b || plainName(a) == plainName(b) }

var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n")

func plainName(s string) string { return lineBreaks.Replace(trim(s)) }

// SameValue compares e-mail addresses without regard to case, and phone numbers by their digits.
func SameValue(a, b string) bool {
	if a == b {
		return true
	}
	a, b = trim(a), trim(b)
	return strings.EqualFold(a, b) ||
		strings.HasPrefix(a, "+") && strings.HasPrefix(b, "+") && digits(a) == digits(b)
}

// SameIDs compares two sets of uuids: the server keeps owners in an order of its own.
func SameIDs(a, b []string) bool { return within(a, b) && within(b, a) }

func within(some, all []string) bool {
	for _, id := range some {
		if !slices.ContainsFunc(all, func(other string) bool { return strings.EqualFold(id, other) }) {
			return false
		}
	}
	return true
}

// trim cuts what PHP's trim and Laravel's TrimStrings may cut.
func trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || r == 0 || r == '\ufeff' || r == '\u200b' || r == '\u200e'
	})
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

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

// redact passes what a record shows through f.
func (r *Record) redact(f func(string) string) {
	for _, field := range [...]*string{&r.UUID, &r.Name, &r.Value, &r.oneAccount, &r.onePrimary} {
		*field = f(*field)
	}
	for _, ids := range [...][]string{r.AccountUUIDs, r.PrimaryAccountUUIDs} {
		for i := range ids {
			ids[i] = f(ids[i])
		}
	}
}

// Update is what a Put changes; nil fields are not sent.
type Update struct {
	Name                *string
	Value               *Value
	AccountUUIDs        *[]string // replaces the owners; client accounts only
	PrimaryAccountUUIDs *[]string
}

// Value is an e-mail address, or a phone number in E.164 form. A number of another country than GB is sent as an object
// with its country; Country "" and "001" (numbers of no country) are sent like GB, as a string.
type Value struct {
	Country string // ISO 3166-1 alpha-2, upper case
	Text    string
}

// body writes the JSON of an update.
func (u Update) body() []byte {
	b := make([]byte, 0, 256)
	member := func(name string) {
		if b = append(b, ','); len(b) == 1 {
			b[0] = '{'
		}
		b = append(append(append(b, '"'), name...), '"', ':')
	}
	if u.Name != nil {
		member("name")
		b = appendText(b, *u.Name)
	}
	if v := u.Value; v != nil {
		member("value")
		switch v.Country {
		case "", "GB", "001":
			b = appendText(b, v.Text)
		default:
			b = appendText(append(b, `{"country":`...), v.Country)
			b = append(appendText(append(b, `,"number":`...), v.Text), '}')
		}
	}
	if u.AccountUUIDs != nil {
		member("account_uuids")
		b = appendTexts(b, *u.AccountUUIDs)
	}
	if u.PrimaryAccountUUIDs != nil {
		member("primary_account_uuids")
		b = appendTexts(b, *u.PrimaryAccountUUIDs)
	}
	if len(b) == 0 {
		b = append(b, '{')
	}
	return append(b, '}')
}

func appendTexts(b []byte, texts []string) []byte {
	b = append(b, '[')
	for i, s := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, s)
	}
	return append(b, ']')
}

// appendText writes a JSON string; encoding/json does what is not plain ASCII.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, _ := json.Marshal(s) // a string is always written
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// parseRecord reads an answer that carries one record, alone or wrapped in {"data": ...}.
func parseRecord(body []byte) (Record, bool) {
	s := scanner{data: body}
	var r Record
	ok := readRecord(&s, &r, true)
	return r, ok && s.valid()
}

// readRecord reads one record. It returns false if something else than an object is next.
func readRecord(s *scanner, r *Record, wrapped bool) bool {
	return s.object(func(key []byte) {
		switch string(key) {
		case "uuid":
			r.UUID = s.text()
		case "type":
			r.Type = s.text()
		case "name":
			r.Name = s.text()
		case "value":
			r.Value = s.text()
		case "phone_number_meta":
			readMeta(s, r)
		case "accounts":
			r.AccountUUIDs, r.oneAccount, r.HasAccounts = readAccounts(s)
		case "primary_accounts":
			r.PrimaryAccountUUIDs, r.onePrimary, r.HasPrimary = readAccounts(s)
		case "data":
			if !wrapped || !readRecord(s, r, false) {
				s.skip()
			}
		default:
			s.skip()
		}
	})
}

func readMeta(s *scanner, r *Record) {
	ok := s.object(func(key []byte) {
		switch string(key) {
		case "country":
			r.Country = s.text()
		case "formatted":
			r.National = s.text()
		default:
			s.skip()
		}
	})
	if !ok {
		s.skip() // null, or PHP's empty array
	}
}

// readAccounts reads the uuids of a list of accounts. PHP writes a list with gaps as an object whose members are the
// accounts: that is a list, too. The reference prints one account where a list is meant, even for a record with two
// owners: then the list is not shown, and one is the account that is. Null shows nothing.
func readAccounts(s *scanner) (ids []string, one string, shown bool) {
	element := func() {
		id := ""
		ok := s.object(func(key []byte) {
			if string(key) == "uuid" {
				id = s.text()
			} else {
				s.skip()
			}
		})
		if !ok {
			id = s.text()
		}
		if id != "" {
			s.keep()
			ids = append(ids, id)
		}
	}
	if s.array(element) {
		return ids, "", true
	}
	gaps := true
	ok := s.object(func(key []byte) {
		switch {
		case string(key) == "uuid":
			one, gaps = s.text(), false
		case strings.Trim(string(key), "0123456789") != "":
			gaps = false
			s.skip()
		case s.peek() == '{':
			element()
		default:
			s.skip()
		}
	})
	if !ok {
		s.skip()
	}
	if !ok || !gaps {
		return nil, one, false
	}
	return ids, "", true
}

// verify compares the record in the answer to a Put with what was sent. The server trims blanks around name and value.
func verify(id string, sent Update, got Record) *Error {
	if !strings.EqualFold(got.UUID, id) {
		e := &Error{Code: code.WrongRecord}
		e.Message = fmt.Sprintf("the server answered with the record %s where %s was asked for", human.Quote(got.UUID), human.Quote(id))
		if got.UUID == "" {
			e.Message = "the server answered with JSON that is no contact detail"
		}
		return e
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

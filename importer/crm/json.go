package crm

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
)

// What one answer may hold: far more than it does, and far less than would fit into one of those that are allowed.
const (
	maxElements = 20_000  // of a list
	maxRecord   = 1 << 20 // bytes
)

var errTooMuch = errors.New("more than an answer may hold")

// decode reads a JSON object into a struct. What has another type than expected stays empty: PHP writes [] for an empty
// object.
func decode(object []byte, v any) bool {
	err := json.Unmarshal(object, v)
	_, otherType := errors.AsType[*json.UnmarshalTypeError](err)
	return (err == nil || otherType) && bytes.HasPrefix(bytes.TrimSpace(object), []byte("{"))
}

// list is a JSON array, nil if there is none.
type list[T any] []T

// UnmarshalJSON reads the elements one by one, and not too many.
func (l *list[T]) UnmarshalJSON(b []byte) error {
	in := json.NewDecoder(bytes.NewReader(b))
	if begin, _ := in.Token(); begin != json.Delim('[') {
		return errors.New("no list")
	}
	*l = list[T]{}
	for in.More() {
		var element T
		if len(*l) == maxElements {
			return errTooMuch
		}
		err := in.Decode(&element)
		if _, otherType := errors.AsType[*json.UnmarshalTypeError](err); err != nil && !otherType {
			return err
		}
		*l = append(*l, element)
	}
	return nil
}

// scalar is a JSON string, and a number or boolean as it stands, which PHP writes as well. Everything else is empty.
type scalar string

func (s *scalar) UnmarshalJSON(b []byte) error {
	switch b[0] {
	case '"':
		return json.Unmarshal(b, (*string)(s))
	case '{', '[', 'n':
		*s = ""
	default:
		*s = scalar(b)
	}
	return nil
}

// owners are the accounts of a record.
type owners struct {
	ids     []string
	details []Owner // as far as they are shown
	shown   bool    // ids is the whole list
	one     string  // the one that is shown where a list is meant: there may be more
}

// accountJSON is an account on the wire.
type accountJSON[S ~string] struct {
	UUID  S `json:"uuid"`
	Name  S `json:"name"`
	First S `json:"first_name"`
	Last  S `json:"last_name"`
	Email S `json:"email"`
}

func (a accountJSON[S]) owner() Owner {
	name := strings.TrimSpace(string(a.First) + " " + string(a.Last))
	return Owner{UUID: string(a.UUID), Name: cmp.Or(string(a.Name), name), Email: string(a.Email)}
}

// add adds an account of a list.
func (o *owners) add(c Owner) {
	if c.UUID != "" {
		o.ids, o.details = append(o.ids, c.UUID), append(o.details, c)
	}
}

// accounts are those of a record on the wire.
type accounts interface{ owners() owners }

// ownerIDs is a list of accounts as it is written as a rule, of which nothing but the ids is read.
type ownerIDs []struct {
	UUID string `json:"uuid"`
}

func (l ownerIDs) owners() owners {
	o := owners{shown: l != nil}
	for _, a := range l {
		if a.UUID != "" {
			o.ids = append(o.ids, a.UUID)
		}
	}
	return o
}

// ownerList is the same list, with whose ids they are.
type ownerList []accountJSON[string]

func (l ownerList) owners() owners {
	o := owners{shown: l != nil}
	for _, a := range l {
		o.add(a.owner())
	}
	return o
}

// oddOwners are accounts in any other form. PHP writes a list with gaps as an object whose members are the accounts:
// that is a list, too. The reference prints one account where a list is meant, even for a record with two owners: then
// the list is not shown, and one is the account that is. Null shows nothing.
type oddOwners owners

func (o oddOwners) owners() owners { return owners(o) }

// UnmarshalJSON reads a list of accounts, or of their uuids, or an object.
func (o *oddOwners) UnmarshalJSON(b []byte) error {
	var elements []json.RawMessage
	var members map[string]json.RawMessage
	byNumber := func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) }
	switch b[0] { // of JSON that was found to be valid
	case '[':
		_ = json.Unmarshal(b, &elements)
	case '{':
		_ = json.Unmarshal(b, &members)
		for _, key := range slices.SortedFunc(maps.Keys(members), byNumber) {
			if strings.Trim(key, "0123456789") != "" {
				one := parseAccount(b)
				o.one, o.details = one.UUID, []Owner{one}
				return nil
			}
			if members[key][0] == '{' {
				elements = append(elements, members[key])
			}
		}
	default:
		return nil
	}
	o.shown = true
	for _, element := range elements {
		(*owners)(o).add(parseAccount(element))
	}
	return nil
}

// parseAccount reads an account, or its uuid alone.
func parseAccount(b json.RawMessage) Owner {
	var account accountJSON[scalar]
	if b[0] != '{' {
		account.UUID.UnmarshalJSON(b)
	} else {
		decode(b, &account)
	}
	return account.owner()
}

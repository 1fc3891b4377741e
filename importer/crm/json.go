package crm

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// What one answer may hold: far more than it does, and far less than would fit into one of those that are allowed.
const (
	maxKept = 20_000   // elements of a list
	maxText = 64 << 10 // bytes of one scalar
)

var (
	errTooMuch = errors.New("more than an answer may hold")
	errNoList  = errors.New("no list")
)

// decode reads a JSON object into a struct. What has another type than expected stays empty: PHP writes [] for an empty
// object.
func decode(object []byte, v any) bool {
	return bytes.HasPrefix(bytes.TrimSpace(object), []byte("{")) && fits(json.Unmarshal(object, v))
}

func fits(err error) bool {
	_, otherType := errors.AsType[*json.UnmarshalTypeError](err)
	return err == nil || otherType
}

// list is a JSON array, nil if there is none.
type list[T any] []T

// UnmarshalJSON reads the elements one by one, and not too many.
func (l *list[T]) UnmarshalJSON(b []byte) error {
	*l = list[T]{}
	in := json.NewDecoder(bytes.NewReader(b))
	if begin, err := in.Token(); err != nil || begin != json.Delim('[') {
		return errNoList
	}
	for in.More() {
		var element T
		if len(*l) == maxKept {
			return errTooMuch
		}
		if err := in.Decode(&element); !fits(err) {
			return err
		}
		*l = append(*l, element)
	}
	return nil
}

// scalar is a JSON string, and a number or boolean as it stands, which PHP writes as well. Everything else is empty.
type scalar string

func (t *scalar) UnmarshalJSON(b []byte) error {
	switch {
	case len(b) > maxText:
		return errTooMuch
	case b[0] == '{', b[0] == '[', b[0] == 'n':
		*t = ""
	case b[0] != '"':
		*t = scalar(b)
	case bytes.IndexByte(b, '\\') < 0 && utf8.Valid(b):
		*t = scalar(b[1 : len(b)-1])
	default:
		return json.Unmarshal(b, (*string)(t))
	}
	return nil
}

// true reports whether t stands for true; PHP also writes 1 and "1".
func (t scalar) true() bool { return t == "true" || t == "1" }

// owners are the accounts of a record.
type owners struct {
	ids   []string
	shown bool   // ids is the whole list
	one   string // the one that is shown where a list is meant: there may be more
}

type ownerJSON struct {
	UUID scalar `json:"uuid"`
}

// UnmarshalJSON reads a list of accounts, or of their uuids. PHP writes a list with gaps as an object whose members are
// the accounts: that is a list, too. The reference prints one account where a list is meant, even for a record with two
// owners: then the list is not shown, and one is the account that is. Null shows nothing.
func (o *owners) UnmarshalJSON(b []byte) error {
	if bytes.Count(b, []byte(",")) > maxKept {
		return errTooMuch
	}
	switch b[0] {
	case '[':
		var list []ownerJSON
		var plain []scalar
		if err := json.Unmarshal(b, &list); err != nil {
			if err := json.Unmarshal(b, &plain); err != nil {
				return err
			}
		}
		for i, owner := range list {
			if plain != nil {
				owner.UUID = or(owner.UUID, plain[i])
			}
			o.add(owner.UUID)
		}
		o.shown = true
	case '{':
		var members map[string]json.RawMessage
		if err := json.Unmarshal(b, &members); err != nil {
			return err
		}
		keys := slices.SortedFunc(maps.Keys(members), func(a, b string) int {
			if len(a) != len(b) {
				return len(a) - len(b)
			}
			return strings.Compare(a, b)
		})
		if slices.ContainsFunc(keys, func(key string) bool { return strings.Trim(key, "0123456789") != "" }) {
			var one ownerJSON
			err := json.Unmarshal(b, &one)
			o.one = string(one.UUID)
			return err
		}
		for _, key := range keys {
			var owner ownerJSON
			if decode(members[key], &owner) {
				o.add(owner.UUID)
			}
		}
		o.shown = true
	}
	return nil
}

func (o *owners) add(id scalar) {
	if id != "" {
		o.ids = append(o.ids, string(id))
	}
}

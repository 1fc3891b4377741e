package sandbox

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
)

// Contrast makes, of the record that a file wishes for, the record to rehearse on: the same uuid, type and owners with
// another name and another valid value, so that every row has something to update. It is the same for the same wish.
//
// The wish may leave out what its row leaves blank. Without a type it is that of the value; without a value a phone number;
// without owners the first of DefaultAccounts owns the record. Where a wish names nothing but owners, the record has other
// ones; where it names nothing but primary owners, the record has none of those.
func Contrast(wish Record) Record {
	h := fnv.New32a()
	h.Write([]byte(wish.UUID))
	n := h.Sum32() % 1000
	r := Record{
		UUID: wish.UUID, FirmUUID: wish.FirmUUID, Type: wish.Type, CreatedAt: wish.CreatedAt, UpdatedAt: wish.UpdatedAt,
		AccountUUIDs: slices.Clone(wish.AccountUUIDs), PrimaryAccountUUIDs: slices.Clone(wish.PrimaryAccountUUIDs),
	}
	if r.Type == "" && strings.Contains(wish.Value, "@") {
		r.Type = TypeEmail
	}
	r.Type = cmp.Or(r.Type, TypePhone)
	if r.Name = before("Before: ", wish.Name); r.Name == wish.Name {
		r.Name = before("Earlier: ", wish.Name)
	}
	if r.Type == TypeEmail {
		if r.Value = oldEmail(n); strings.EqualFold(r.Value, wish.Value) {
			r.Value = oldEmail(n + 1)
		}
	} else {
		e164, _, _ := checkPhone(wish.Value, cmp.Or(wish.Country, defaultRegion))
		if r.Value = oldPhone(n); r.Value == e164 || r.Value == wish.Value {
			r.Value = oldPhone((n + 1) % 1000)
		}
		r.Country = defaultRegion
	}
	switch {
	case wish.Name != "" || wish.Value != "":
	case len(wish.AccountUUIDs) == 0:
		r.PrimaryAccountUUIDs = nil
	case slices.Equal(wish.AccountUUIDs, []string{ClientUUID(1)}):
		r.AccountUUIDs = []string{ClientUUID(2)}
	default:
		r.AccountUUIDs = nil
	}
	if len(r.AccountUUIDs) == 0 {
		r.AccountUUIDs = []string{ClientUUID(1)}
	}
	return r
}

// before puts a word in front of a name and keeps it a name: at most 255 characters, no blank at the end.
func before(word, name string) string {
	r := []rune(word + cmp.Or(name, "contact detail"))
	return strings.TrimSpace(string(r[:min(len(r), 255)]))
}

// oldPhone is a number of Ofcom's range for drama in London, which libphonenumber calls valid. n is below 1000.
func oldPhone(n uint32) string { return fmt.Sprintf("+442079460%03d", n) }

func oldEmail(n uint32) string { return fmt.Sprintf("old%03d@example.com", n) }

// madeUp is a client whose name follows from the uuid.
func madeUp(uuid string) Account {
	first := []string{"Amara", "Ben", "Chloé", "Dmitri", "Elena", "Farid", "Gwen", "Hiro", "Ingrid", "Jakub", "Keira", "Liam"}
	last := []string{"Abbott", "Baptiste", "Clarke", "Davies", "Evans", "Fischer", "Gupta", "Hughes", "Ito", "Jensen", "Khan", "Lewis", "Moreau"}
	h := fnv.New32a()
	h.Write([]byte(uuid))
	n := int(h.Sum32() >> 1)
	f, l := first[n%len(first)], last[n/len(first)%len(last)]
	return client(uuid, f+" "+l, strings.ToLower(fmt.Sprintf("%s.%s.%03d@example.com", strings.ReplaceAll(f, "é", "e"), l, n%1000)))
}

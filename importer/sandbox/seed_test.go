package sandbox

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// What DefaultSeed promises.
func TestDefaultSeed(t *testing.T) {
	s := seeded(t, Config{})
	records := s.Records()
	ids, countries, created := map[string]bool{}, map[string]bool{}, map[string]int{}
	for i, r := range records {
		ids[r.UUID] = true
		countries[r.Country] = true
		created[timestamp(r.CreatedAt)]++
		if want := DefaultSeed()[i]; !slices.Equal(r.AccountUUIDs, want.AccountUUIDs) && len(want.AccountUUIDs) != 3 {
			t.Errorf("%q: owners %v, want %v", r.Name, r.AccountUUIDs, want.AccountUUIDs)
		}
		if trim(r.Name) != any(r.Name) || utf8.RuneCountInString(r.Name) > 255 || len(r.AccountUUIDs) == 0 {
			t.Errorf("%q could not be put back", r.Name)
		}
		e164, country, ok := checkPhone(r.Value, defaultRegion)
		if r.Type == TypePhone && (!ok || e164 != r.Value || country != r.Country) || r.Type == TypeEmail && !checkEmail(r.Value) {
			t.Errorf("%s: %s %s %v", r.Value, e164, country, ok)
		}
	}
	shared := slices.Max(slices.Collect(maps.Values(created)))
	if len(ids) != 41 || len(records) != 41 || len(countries) < 15 || shared < 3 {
		t.Errorf("%d records, %d uuids, %d countries, at most %d of one created_at", len(records), len(ids), len(countries), shared)
	}
}

func TestSeedLeavesOut(t *testing.T) {
	s := New(Config{})
	unknown := UnknownPrefix + "000000000001"
	if err := s.EnsureClients(unknown, ClientUUID(50), ClientUUID(1)); err != nil {
		t.Fatal(err)
	}
	owners := []string{ClientUUID(50), unknown, ClientUUID(1), ClientUUID(60)}
	if err := s.Seed(Record{UUID: unknown}, Record{UUID: RecordUUID(1), AccountUUIDs: owners}, Record{UUID: RecordUUID(1), Name: "Again", AccountUUIDs: owners}); err != nil {
		t.Fatal(err)
	}
	records := s.Records()
	if len(records) != 1 || records[0].Name != "Again" || !slices.Equal(records[0].AccountUUIDs, []string{ClientUUID(1), ClientUUID(50)}) {
		t.Errorf("%+v", records)
	}
	if _, ok := s.Record(unknown); ok {
		t.Error("an unknown record is known")
	}
	if a, _ := s.store.accounts.get(ClientUUID(1)); a.Name() != "Ada Lovelace" {
		t.Errorf("a client that was there is now %q", a.Name())
	}
	if a, _ := s.store.accounts.get(ClientUUID(50)); a.Name() == "" || a.Type != "client" || !strings.Contains(a.Email, "@") {
		t.Errorf("made up: %+v", a)
	}
	records[0].AccountUUIDs[0] = "changed"
	if r, _ := s.Record(RecordUUID(1)); r.AccountUUIDs[0] != ClientUUID(1) {
		t.Error("Records shares its slices with the server")
	}
}

// Whatever a row wishes, its contrast differs in all that the row names, can be seeded, and can be put back.
func TestContrast(t *testing.T) {
	wishes := DefaultSeed()
	for _, r := range DefaultSeed() {
		wishes = append(wishes, Contrast(r)) // wishes that look like contrasts themselves
		for range 3 {
			wishes = append(wishes, Contrast(wishes[len(wishes)-1]))
		}
	}
	for n := range 60 {
		id := fmt.Sprintf("70000000-0000-4000-8000-%012d", n)
		phone, email := Contrast(Record{UUID: id, Type: TypePhone}), Contrast(Record{UUID: id, Type: TypeEmail})
		wishes = append(wishes, phone, email,
			Record{UUID: id, Name: phone.Name}, Record{UUID: id, Value: "0" + phone.Value[3:]}, Record{UUID: id, Value: strings.ToUpper(email.Value)},
			Record{UUID: id, Name: strings.Repeat("Before: ", 40)[:255]}, Record{UUID: id, Name: strings.Repeat("x y ", 64)[:255]},
			Record{UUID: id, AccountUUIDs: []string{ClientUUID(1)}}, Record{UUID: id, AccountUUIDs: []string{ClientUUID(2), ClientUUID(1)}},
			Record{UUID: id, PrimaryAccountUUIDs: []string{ClientUUID(3)}})
	}
	for _, wish := range wishes {
		wish.Country = ""
		r := Contrast(wish)
		if !reflect.DeepEqual(r, Contrast(wish)) {
			t.Errorf("%+v has two contrasts", wish)
		}
		e164, _, _ := checkPhone(wish.Value, defaultRegion)
		switch {
		case r.UUID != wish.UUID || wish.Type != "" && r.Type != wish.Type:
			t.Errorf("%+v became another record: %+v", wish, r)
		case r.Name == wish.Name, r.Value == wish.Value, r.Value == e164, strings.EqualFold(r.Value, wish.Value):
			t.Errorf("%+v has nothing to update: %+v", wish, r)
		case wish.Name == "" && wish.Value == "" && wish.AccountUUIDs != nil && slices.Equal(r.AccountUUIDs, wish.AccountUUIDs),
			wish.Name == "" && wish.Value == "" && wish.AccountUUIDs == nil && len(r.PrimaryAccountUUIDs) != 0:
			t.Errorf("%+v has the same owners: %+v", wish, r)
		case (wish.Name != "" || wish.Value != "") && wish.AccountUUIDs != nil && !slices.Equal(r.AccountUUIDs, wish.AccountUUIDs):
			t.Errorf("%+v changed owners: %+v", wish, r)
		}
		if wish.FirmUUID == ForeignFirm().UUID {
			continue
		}
		s := New(Config{})
		if err := s.Seed(r); err != nil {
			t.Fatal(err)
		}
		seeded, _ := s.Record(r.UUID)
		if res, body := do(t, s, "PUT", detail+r.UUID, full(seeded)); res.StatusCode != 200 || seeded.Country != r.Country {
			t.Errorf("%+v cannot be put back: %d %s", r, res.StatusCode, body)
		}
		if again, _ := s.Record(r.UUID); !reflect.DeepEqual(again, seeded) {
			t.Errorf("%+v put back as %+v", seeded, again)
		}
	}
}

package sandbox

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"
)

// A full body with what the record holds is accepted and changes nothing, updated_at included: for every record of the seed.
func TestPutSameAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, lenient := range []bool{false, true} {
			s := seeded(t, Config{Lenient: lenient, Throttle: -1})
			before := s.Records()
			wait(time.Hour)
			for _, r := range before {
				if r.FirmUUID == DefaultFirm().UUID {
					if res, body := do(t, s, "PUT", detail+r.UUID, full(r)); res.StatusCode != 200 {
						t.Errorf("%q %s: %d %s", r.Name, r.Value, res.StatusCode, body)
					}
				}
			}
			if after := s.Records(); !reflect.DeepEqual(after, before) {
				t.Errorf("\n%v\nwant\n%v", after, before)
			}
		}
	})
}

func TestPutAnswersWhatItHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := seeded(t, Config{})
		wait(time.Hour + 999*time.Millisecond)
		name := "Ünï \"q\" \\ / <&> \u2028 📞 \x7f\t."
		body := fmt.Sprintf(`{"name":%s,"value":{"country":"FR","number":"01 23 45 67 89"},"account_uuids":[%q,%q,%[2]q],"primary_account_uuids":[%[3]q]}`,
			marshal(name), ClientUUID(9), ClientUUID(2))
		_, text := do(t, s, "PUT", pathTo(1), body)
		if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) || !strings.Contains(text, `\/ <&> \u2028 \ud83d\udcde`) {
			t.Errorf("not as PHP writes it: %s", text)
		}
		var got struct {
			Name, Value string
			UpdatedAt   string                              `json:"updated_at"`
			Meta        struct{ Country, Formatted string } `json:"phone_number_meta"`
			Accounts    []struct{ UUID string }
			Primary     []struct{ UUID string } `json:"primary_accounts"`
		}
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatal(err)
		}
		accounts := []struct{ UUID string }{{ClientUUID(2)}, {ClientUUID(9)}} // in the order of the accounts, each once
		if got.Name != name || got.Value != "+33123456789" || got.Meta.Country != "FR" || got.Meta.Formatted != "01 23 45 67 89" ||
			!slices.Equal(got.Accounts, accounts) || !slices.Equal(got.Primary, accounts[:1]) || got.UpdatedAt != timestamp(time.Now()) {
			t.Errorf("answer %+v", got)
		}
		r, _ := s.Record(RecordUUID(1))
		want := Record{
			UUID: RecordUUID(1), FirmUUID: DefaultFirm().UUID, Type: TypePhone, Name: name, Value: "+33123456789", Country: "FR",
			AccountUUIDs: []string{ClientUUID(2), ClientUUID(9)}, PrimaryAccountUUIDs: []string{ClientUUID(2)},
			CreatedAt: r.CreatedAt, UpdatedAt: time.Now().UTC().Truncate(time.Second),
		}
		if !reflect.DeepEqual(r, want) {
			t.Errorf("record\n%+v\nwant\n%+v", r, want)
		}
		entry := s.Requests()[0]
		if !entry.Applied || entry.Before.Value != "+447911123456" || !reflect.DeepEqual(*entry.After, want) || entry.Body != body {
			t.Errorf("log %+v", entry)
		}
	})
}

func TestPutRules(t *testing.T) {
	const owner = `"account_uuids":["20000000-0000-4000-8000-000000000001"]`
	phone, mail := pathTo(1), pathTo(34)
	errs := func(pairs ...string) string {
		return `{"message":"The given data was invalid.","errors":{` + strings.Join(pairs, ",") + `}}`
	}
	for _, c := range []struct{ name, path, body, strict, lenient string }{
		{"nothing", phone, ``, errs(`"name":["The name field is required."]`, `"value":["The value field is required."]`, `"account_uuids":["The account uuids field is required."]`), ""},
		{"not an object", phone, `["name"]`, errs(`"name":["The name field is required."]`, `"value":["The value field is required."]`, `"account_uuids":["The account uuids field is required."]`), ""},
		{"two objects", phone, `{"name":"x"}{}`, errs(`"name":["The name field is required."]`, `"value":["The value field is required."]`, `"account_uuids":["The account uuids field is required."]`), ""},
		{"nulls", phone, `{"name":" ","value":null,"account_uuids":null,"primary_account_uuids":null}`,
			errs(`"name":["The name field is required."]`, `"value":["The value field is required."]`, `"account_uuids":["The account uuids field is required."]`,
				`"primary_account_uuids":["The primary account uuids must be an array."]`),
			errs(`"name":["The name must be a string."]`, `"value":["The value must be a string."]`, `"account_uuids":["The account uuids must be an array."]`,
				`"primary_account_uuids":["The primary account uuids must be an array."]`)},
		{"no owners", phone, `{"name":"x","value":"020 7946 0000","account_uuids":[]}`, errs(`"account_uuids":["The account uuids field is required."]`), ""},
		{"unknown owners", phone, `{"name":"x","value":"020 7946 0000","account_uuids":["` + UnknownPrefix + `000000000001"],"primary_account_uuids":[7,"` + ForeignClientUUID + `"]}`,
			errs(`"account_uuids.0":["The selected account_uuids.0 is invalid."]`, `"primary_account_uuids.0":["The selected primary_account_uuids.0 is invalid."]`,
				`"primary_account_uuids.1":["The selected primary_account_uuids.1 is invalid."]`), "same"},
		{"object without a country", phone, `{"name":"x","value":{"number":"020 7946 0000"},` + owner + `}`,
			errs(`"value.country":["The value.country field is required."]`, `"value.number":["The value must be a valid phone number."]`), "same"},
		{"object without a number", phone, `{"name":"x","value":{"country":"GB"},` + owner + `}`, errs(`"value.number":["The value.number field is required."]`), "same"},
		{"object of wrong types", phone, `{"name":"x","value":{"country":44,"number":2079460000},` + owner + `}`,
			errs(`"value.country":["The value.country is not a valid country."]`, `"value.number":["The value must be a valid phone number."]`), "same"},
		{"object for an e-mail address", mail, `{"name":"x","value":{"country":"GB","number":"a@example.com"},` + owner + `}`, errs(`"value":["The value must be a string."]`), "same"},
		{"e-mail address for a phone", phone, `{"name":"x","value":"a@example.com",` + owner + `}`, errs(`"value":["The value must be a valid phone number."]`), "same"},
		{"phone for an e-mail address", mail, `{"name":"x","value":"020 7946 0000",` + owner + `}`, errs(`"value":["The value must be a valid email address."]`), "same"},
		{"name and address", mail, `{"name":"x","value":"Ada <a@example.com>",` + owner + `}`, errs(`"value":["The value must be a valid email address."]`), "same"},
		{"national number of another country", phone, `{"name":"x","value":"(02) 5550 1234",` + owner + `}`, errs(`"value":["The value must be a valid phone number."]`), "same"},
		{"255 characters", phone, `{"name":"` + strings.Repeat("日", 255) + `","value":"+61255501234",` + owner + `}`, "", ""},
		{"plus-addressed", mail, `{"name":"x","value":"a.b+c@example.com",` + owner + `}`, "", ""},
	} {
		for _, lenient := range []bool{false, true} {
			want := c.strict
			if lenient && c.lenient != "same" {
				want = c.lenient
			}
			s := seeded(t, Config{Lenient: lenient})
			res, body := do(t, s, "PUT", c.path, c.body)
			if want == "" && res.StatusCode != 200 || want != "" && (res.StatusCode != 422 || body != want) {
				t.Errorf("%s, lenient %v: %d\n%s\nwant\n%s", c.name, lenient, res.StatusCode, body, want)
			}
		}
	}
}

// Requests from all sides at once: the log, the answers and the records agree.
func TestConcurrent(t *testing.T) {
	s := seeded(t, Config{Throttle: -1, FailEvery: 7})
	const workers, puts = 16, 25
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for n := range puts {
				do(t, s, "PUT", pathTo(1+(w+n)%40), renamed(s, RecordUUID(1+(w+n)%40), fmt.Sprintf("worker %d, %d", w, n)))
				do(t, s, "GET", list+"?include=accounts&per_page=5&sort=-updated_at", "")
			}
		})
	}
	wg.Go(func() {
		for n := range 50 {
			if err := s.EnsureClients(ClientUUID(100 + n)); err != nil {
				t.Error(err)
			}
			s.Records()
			s.Requests()
		}
	})
	wg.Wait()
	applied := map[string][]string{} // names by record; those of the seed for the few records whose PUTs all failed
	for _, r := range DefaultSeed() {
		applied[r.UUID] = []string{r.Name}
	}
	for i, r := range s.Requests() {
		if r.N != i+1 || r.Status == 0 {
			t.Fatalf("log %+v", r)
		}
		if r.Applied {
			applied[r.ID] = append(applied[r.ID], r.After.Name)
		} else if r.Method == "PUT" && r.Status == 200 {
			t.Fatalf("200 and not applied: %+v", r)
		}
	}
	for _, r := range s.Records()[:40] {
		if !slices.Contains(applied[r.UUID], r.Name) {
			t.Errorf("%s is called %q, which nobody asked for", r.UUID, r.Name)
		}
	}
}

func TestNoLog(t *testing.T) {
	s := seeded(t, Config{NoLog: true})
	rename(t, s, 1, "After")
	if got := s.Requests(); len(got) != 0 {
		t.Errorf("log %+v", got)
	}
}

// The account decides: no login, several, one that may not write.
func TestConfigLogins(t *testing.T) {
	if _, body := do(t, seeded(t, Config{Logins: []Login{}}), "GET", loginsPath, ""); body != `{"data":[]}` {
		t.Errorf("no logins: %s", body)
	}
	expires := time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)
	two := append(DefaultLogins(), Login{
		UUID: "50000000-0000-4000-8000-000000000003", CanWrite: true, ExpiresAt: expires,
		Account: Account{UUID: "30000000-0000-4000-8000-000000000003", Type: "employee", Role: "owner", FirstName: "Olga", Firm: ForeignFirm()},
	})
	s := seeded(t, Config{Logins: two})
	_, body := do(t, s, "GET", loginsPath, "")
	want := `{"uuid":"50000000-0000-4000-8000-000000000003","has_write_permission":true,"has_delete_permission":false,"expires_at":"2027-01-02T03:04:05+00:00",` +
		`"account":{"uuid":"30000000-0000-4000-8000-000000000003","type":"employee","role":"owner","name":"Olga","email":"","firm":"Elsewhere Wealth LLP"},` +
		`"firm":{"uuid":"40000000-0000-4000-8000-000000000002","name":"Elsewhere Wealth LLP"}}]}`
	if !strings.HasSuffix(body, want) {
		t.Errorf("logins: %s", body)
	}
	req := request(t.Context(), "GET", "http://sandbox.test"+list, "")
	req.Header.Set("X-PLANNR-ACCOUNT-UUID", two[2].Account.UUID)
	res, err := s.Transport().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var l listed
	if err := json.NewDecoder(res.Body).Decode(&l); err != nil {
		t.Fatal(err)
	}
	if ids := l.column(t, "uuid"); !slices.Equal(ids, []string{ForeignRecordUUID}) {
		t.Errorf("the other firm has %v", ids)
	}
}

func TestWantsJSON(t *testing.T) {
	for accept, want := range map[string]bool{
		"application/json": true, "application/json, text/plain, */*": true, "application/vnd.api+json": true,
		"text/html;q=0.5, application/json": true, "application/json;q=0.5, text/html": false,
		"": false, "*/*": false, "text/html": false, "text/html, application/json": false,
	} {
		c := &call{Request: request(t.Context(), "GET", "http://sandbox.test/", "")}
		if c.Header.Set("Accept", accept); wantsJSON(c) != want {
			t.Errorf("Accept %q: %v, want %v", accept, !want, want)
		}
	}
}

func FuzzPut(f *testing.F) {
	for _, body := range []string{
		londonBody, `{}`, `{"name":`, `{"value":{"country":"AU","number":"(02) 5550 1234"}}`, `{"name":"\ud800","account_uuids":[[],{}]}`, "\xff", `{"name":"` + "\u00a0" + `"}`,
	} {
		f.Add(body, true)
		f.Add(body, false)
	}
	f.Fuzz(func(t *testing.T, body string, email bool) {
		s := seeded(t, Config{Lenient: true})
		path := pathTo(1)
		if email {
			path = pathTo(34)
		}
		res, text := do(t, s, "PUT", path, body)
		switch {
		case res.StatusCode == 422:
			var e struct{ Errors map[string][]string }
			if json.Unmarshal([]byte(text), &e) != nil || len(e.Errors) == 0 {
				t.Errorf("422 without errors: %s", text)
			}
		case res.StatusCode != 200 || !json.Valid([]byte(text)):
			t.Errorf("%d %s", res.StatusCode, text)
		default:
			r, _ := s.Record(strings.TrimPrefix(path, detail))
			if _, _, ok := checkPhone(r.Value, defaultRegion); !email && !ok || email && !checkEmail(r.Value) || utf8.RuneCountInString(r.Name) > 255 {
				t.Errorf("accepted %+v", r)
			}
		}
	})
}

package crm

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"csvput/report/code"
)

const wireAnswer = `{"uuid":"a6760ad5-8b5a-5b9e-9947-086ec77a2b5a","created_at":"2025-03-01T08:00:00+00:00","updated_at":"2026-11-23T09:45:36+00:00",` +
	`"type":"phone_number","name":"Work \"phone\" num\u00e9ro","value":"+442079460123","phone_number_meta":{"country":"GB","formatted":"020 7946 0123"},` +
	`"accounts":[{"uuid":"9b2c9a1b-9713-5c77-90e9-fdd59e305ea2","type":"client","name":"Ada Lovelace","photo_url":"https:\/\/eu.ui-avatars.com\/api\/?name=Ada+Lovelace"}],` +
	`"primary_accounts":[{"uuid":"9B2C9A1B-9713-5c77-90e9-fdd59e305ea2"}]}`

// TestPutOnTheWire holds what a PUT looks like to the server, byte by byte.
func TestPutOnTheWire(t *testing.T) {
	owner := "9b2c9a1b-9713-5c77-90e9-fdd59e305ea2"
	name, empty := `Work "phone" numéro`, []string{}
	tests := []struct {
		update Update
		body   string
	}{
		{Update{Name: &name, Value: &Value{"GB", "+442079460123"}, AccountUUIDs: &[]string{owner}},
			`{"name":"Work \"phone\" numéro","value":"+442079460123","account_uuids":["` + owner + `"]}`},
		{Update{Value: &Value{"", "+442079460123"}}, `{"value":"+442079460123"}`},
		{Update{Value: &Value{"001", "+442079460123"}}, `{"value":"+442079460123"}`},
		{Update{Value: &Value{"AU", "+442079460123"}}, `{"value":{"country":"AU","number":"+442079460123"}}`},
		{Update{AccountUUIDs: &[]string{strings.ToUpper(owner)}, PrimaryAccountUUIDs: &[]string{owner, owner}},
			`{"account_uuids":["` + strings.ToUpper(owner) + `"],"primary_account_uuids":["` + owner + `","` + owner + `"]}`},
		{Update{}, `{}`},
	}
	for _, test := range tests {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if string(body) != test.body {
				t.Errorf("body %s, want %s", body, test.body)
			}
			if r.Method != "PUT" || r.RequestURI != "/prefix/api/v2/contact-details/a6760ad5-8b5a-5b9e-9947-086ec77a2b5a" {
				t.Errorf("%s %s", r.Method, r.RequestURI)
			}
			for name, want := range map[string]string{
				"Authorization": "Bearer " + testToken, "Accept": "application/json", "Content-Type": "application/json",
				"X-PLANNR-ACCOUNT-UUID": "9fddf204-6ed4-5596-8b8a-257554a08e41", "User-Agent": "csvput/1.0 (test)", "Idempotency-Key": "",
			} {
				if got := r.Header.Get(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
			if r.ContentLength != int64(len(test.body)) || len(r.TransferEncoding) > 0 {
				t.Errorf("length %d, encoding %v", r.ContentLength, r.TransferEncoding)
			}
			io.WriteString(w, wireAnswer)
		}))
		c := realClient(t, server.URL+"/prefix/", func(cfg *Config) { cfg.UserAgent = "csvput/1.0 (test)" })
		a, err := c.Put(t.Context(), testID, test.update, time.Time{}, nil)
		server.Close()
		if err != nil {
			t.Fatal(err)
		}
		r := a.Record
		if a.Status != 200 || a.Attempts != 1 || a.Duration <= 0 || r.UUID != testID || r.Type != "phone_number" ||
			r.Name != name || r.Value != "+442079460123" || r.Country != "GB" || r.National != "020 7946 0123" ||
			!slices.Equal(r.AccountUUIDs, []string{owner}) || !r.HasAccounts || !r.HasPrimary || len(r.PrimaryAccountUUIDs) != 1 {
			t.Errorf("%+v", a)
		}
	}
	if body := string(Update{AccountUUIDs: new([]string), PrimaryAccountUUIDs: &empty}.body()); body != `{"account_uuids":[],"primary_account_uuids":[]}` {
		t.Error(body)
	}
	control := "tab\t, <&>, \u2028 and \xff"
	if body := string(Update{Name: &control}.body()); body != `{"name":"tab\t, \u003c\u0026\u003e, \u2028 and \ufffd"}` {
		t.Error(body)
	}
}

// Whose a record is, in every form in which accounts are shown.
func TestParseOwners(t *testing.T) {
	const ada, account = "9b2c9a1b-9713-5c77-90e9-fdd59e305ea2", `"email":"ada@example.com","first_name":"Ada","last_name":"Lovelace"`
	for _, test := range []struct {
		accounts string
		want     []Owner
	}{
		{`[{"uuid":"` + ada + `","name":"Ada King",` + account + `}]`, []Owner{{ada, "Ada King", "ada@example.com"}}},
		{`[{"uuid":"` + ada + `",` + account + `},{"name":"of no id"}]`, []Owner{{ada, "Ada Lovelace", "ada@example.com"}}},
		{`{"2":{"uuid":"` + ada + `",` + account + `}}`, []Owner{{ada, "Ada Lovelace", "ada@example.com"}}},
		{`{"uuid":"` + ada + `",` + account + `}`, []Owner{{ada, "Ada Lovelace", "ada@example.com"}}},
		{`["` + ada + `"]`, []Owner{{UUID: ada}}},
		{`[]`, nil},
	} {
		r, ok := parseRecord[ownerList]([]byte(`{"uuid":"x","accounts":` + test.accounts + `}`))
		if !ok || !slices.Equal(r.Owners, test.want) {
			t.Errorf("%s: %v %q", test.accounts, ok, r.Owners)
		}
	}
}

func TestParseRecord(t *testing.T) {
	a, b := "9b2c9a1b-9713-5c77-90e9-fdd59e305ea2", "11111111-1111-4111-8111-111111111111"
	tests := []struct {
		name, body string
		owners     []string
		shown      bool
		one        string
	}{
		{"list", `{"uuid":"x","accounts":[{"uuid":"` + a + `"},{"uuid":"` + b + `"}]}`, []string{a, b}, true, ""},
		{"wrapped", `{"data":{"uuid":"x","accounts":[{"uuid":"` + a + `"}]}}`, []string{a}, true, ""},
		{"one object, as the reference prints it", `{"uuid":"x","accounts":{"name":"n","uuid":"` + a + `","tags":{"uuid":"no"}}}`, nil, false, a},
		{"one object that begins otherwise", `{"uuid":"x","accounts":{"0":{"uuid":"` + b + `"},"uuid":"` + a + `"}}`, nil, false, a},
		{"one object without a uuid", `{"uuid":"x","accounts":{"name":"n"}}`, nil, false, ""},
		{"a PHP list with gaps", `{"uuid":"x","accounts":{"0":{"uuid":"` + a + `"},"2":{"uuid":"` + b + `"}}}`, []string{a, b}, true, ""},
		{"no object and no list", `{"uuid":"x","accounts":"` + a + `"}`, nil, false, ""},
		{"uuids alone", `{"uuid":"x","accounts":["` + a + `"]}`, []string{a}, true, ""},
		{"empty", `{"uuid":"x","accounts":[]}`, []string{}, true, ""},
		{"null", `{"uuid":"x","accounts":null,"phone_number_meta":[]}`, nil, false, ""},
		{"not shown", `{"uuid":"x","name":null,"extra":{"uuid":"y","deep":[[{}]]}}`, nil, false, ""},
		{"escapes", `{"\u0075uid":"x","accounts":[{"uuid":"` + strings.ReplaceAll(a, "-", `\u002d`) + `"}]}`, []string{a}, true, ""},
		{"pretty", " {\n\t\"uuid\" : \"x\" ,\r\n \"accounts\" : [ { \"uuid\" : \"" + a + "\" } ] } \n", []string{a}, true, ""},
	}
	for _, test := range tests {
		r, ok := parseRecord[ownerIDs]([]byte(test.body))
		if !ok || r.UUID != "x" || !slices.Equal(r.AccountUUIDs, test.owners) || r.HasAccounts != test.shown || r.oneAccount != test.one || r.HasPrimary {
			t.Errorf("%s: %v %+v", test.name, ok, r)
		}
	}
	for _, body := range []string{"", "null", "[]", `"x"`, "{", `{"uuid":"x"`, `{"uuid":"x"}}`, `{"uuid":"x",}`, `{"uuid" "x"}`, `{uuid:"x"}`, "{\"uuid\":\"a\nb\"}", "\ufeff{}"} {
		if r, ok := parseRecord[ownerIDs]([]byte(body)); ok {
			t.Errorf("%s is taken for a record: %+v", body, r)
		}
	}
}

// TestVerify: what counts as holding what was sent.
func TestVerify(t *testing.T) {
	a, b := "9b2c9a1b-9713-5c77-90e9-fdd59e305ea2", "11111111-1111-4111-8111-111111111111"
	text := func(s string) *string { return &s }
	value := func(s string) *Value { return &Value{Text: s} }
	ids := func(l ...string) *[]string { return &l }
	tests := []struct {
		name string
		sent Update
		got  Record
		want string // in the message; "" = fine
	}{
		{"nothing sent", Update{}, Record{Name: "x"}, ""},
		{"blanks around the name", Update{Name: text(" \u00a0Work\u200b ")}, Record{Name: "Work"}, ""},
		{"another name", Update{Name: text("Work")}, Record{Name: "Home"}, `holds name "Home" where "Work" was sent`},
		{"case of the name", Update{Name: text("Work")}, Record{Name: "work"}, `holds name "work"`},
		{"e-mail in lower case", Update{Value: value("A@Example.com")}, Record{Value: "a@example.com"}, ""},
		{"another e-mail", Update{Value: value("a@example.com")}, Record{Value: "b@example.com"}, `holds value "b@example.com" where "a@example.com" was sent`},
		{"phone", Update{Value: value("+442079460123")}, Record{Value: "+442079460123"}, ""},
		{"phone with blanks", Update{Value: value("+44 20 7946 0123")}, Record{Value: "+442079460123"}, ""},
		{"another phone", Update{Value: value("+442079460123")}, Record{Value: "+442079460124"}, "+442079460124"},
		{"nothing changed", Update{Name: text("New"), Value: value("+442079460123")}, Record{Name: "Old", Value: "+441134960000"},
			`holds name "Old" where "New" was sent, and holds value "+441134960000" where "+442079460123" was sent`},
		{"owners in another order and case", Update{AccountUUIDs: ids(a, strings.ToUpper(b))}, Record{AccountUUIDs: []string{b, a}, HasAccounts: true}, ""},
		{"owners not shown", Update{AccountUUIDs: ids(a), PrimaryAccountUUIDs: ids(b)}, Record{}, ""},
		{"an owner missing", Update{AccountUUIDs: ids(a, b)}, Record{AccountUUIDs: []string{a}, HasAccounts: true}, "holds owners"},
		{"an owner too many", Update{AccountUUIDs: ids(a)}, Record{AccountUUIDs: []string{a, b}, HasAccounts: true}, "holds owners"},
		{"one of the owners shown", Update{AccountUUIDs: ids(a, b)}, Record{oneAccount: b}, ""},
		{"another owner shown", Update{AccountUUIDs: ids(a)}, Record{oneAccount: b}, "holds owners"},
		{"another primary owner shown", Update{PrimaryAccountUUIDs: ids(a)}, Record{onePrimary: b}, "holds primary owners"},
		{"primary owners cleared", Update{PrimaryAccountUUIDs: ids()}, Record{HasPrimary: true}, ""},
		{"primary owners not cleared", Update{PrimaryAccountUUIDs: ids()}, Record{PrimaryAccountUUIDs: []string{a}, HasPrimary: true}, "holds primary owners"},
	}
	for _, test := range tests {
		test.got.UUID = strings.ToUpper(testID)
		e := verify(testID, test.sent, test.got)
		switch {
		case test.want == "" && e != nil:
			t.Errorf("%s: %v", test.name, e)
		case test.want != "" && (e == nil || e.Code != code.Mismatch || !strings.Contains(e.Message, test.want)):
			t.Errorf("%s: %+v", test.name, e)
		}
	}
}

func TestPutRefusesOtherIDs(t *testing.T) {
	c := simClient(t, &guard{}, nil)
	for _, id := range []string{"", "../logins", "a/b", "a?b", "a b", "ä", strings.Repeat("a", 65)} {
		_, err := c.Put(t.Context(), id, Update{}, time.Time{}, nil)
		var e *Error
		if !errors.As(err, &e) || e.Code != code.NotFound || e.Sent {
			t.Errorf("%q: %v", id, err)
		}
	}
}

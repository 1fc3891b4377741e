package sandbox

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"
)

// DefaultToken is the token that a server accepts when the Config names none.
const DefaultToken = "sandbox"

// The accounts of DefaultLogins, as sent in X-PLANNR-ACCOUNT-UUID.
const (
	EmployeeAccountUUID = "30000000-0000-4000-8000-000000000001" // may write
	ReadOnlyAccountUUID = "30000000-0000-4000-8000-000000000002" // a client account of the same person
)

// The uuids of the other firm's client and of the one record it owns.
const (
	ForeignClientUUID = "21000000-0000-4000-8000-000000000001"
	ForeignRecordUUID = "11000000-0000-4000-8000-000000000001"
)

// CircleUUID is the circle to which the first three clients of DefaultAccounts belong.
const CircleUUID = "60000000-0000-4000-8000-000000000001"

// DefaultFirm is the firm of everything that names none.
func DefaultFirm() Firm { return Firm{"40000000-0000-4000-8000-000000000001", "Acme Advice Ltd"} }

// ForeignFirm is the second firm, whose records the default logins cannot see.
func ForeignFirm() Firm { return Firm{"40000000-0000-4000-8000-000000000002", "Elsewhere Wealth LLP"} }

// ClientUUID is the uuid of a client of DefaultAccounts, from 1 to 12, and of a made-up one beyond.
func ClientUUID(n int) string { return fmt.Sprintf("20000000-0000-4000-8000-%012d", n) }

// RecordUUID is the uuid of a record of DefaultSeed, from 1 on.
func RecordUUID(n int) string { return fmt.Sprintf("10000000-0000-4000-8000-%012d", n) }

// DefaultLogins is one person with two accounts: a client account that may only read, which comes first, and an
// employee account that may write and that both prefer.
func DefaultLogins() []Login {
	const id = "50000000-0000-4000-8000-00000000000"
	client := Account{UUID: ReadOnlyAccountUUID, Type: "client", Role: "client", FirstName: "Alice",
		LastName: "Private", Email: "alice.private@example.com"}
	admin := Account{UUID: EmployeeAccountUUID, Type: "employee", Role: "admin", FirstName: "Alice", LastName: "Admin",
		Email: "alice@example.com"}
	return []Login{
		{UUID: id + "2", PreferredAccountUUID: EmployeeAccountUUID, Account: client},
		{UUID: id + "1", PreferredAccountUUID: EmployeeAccountUUID, Account: admin, CanWrite: true},
	}
}

// DefaultAccounts is twelve clients of DefaultFirm and one of ForeignFirm. Every server has them.
func DefaultAccounts() []Account {
	names := []string{
		"Ada Lovelace", "Grace Hopper", "Alan Turing", "Mary Jackson", "José García", "Zoë Müller",
		"Björn Strauß",
		"山田 太郎", "Siobhán O'Neill", "Anne-Marie de la Cruz", "Łukasz Żak", "Nguyễn Thị Hoa",
	}
	accounts := make([]Account, len(names), len(names)+1)
	for i, name := range names {
		accounts[i] = client(ClientUUID(i+1), name, fmt.Sprintf("client%d@example.com", i+1))
		if i < 3 {
			accounts[i].CircleUUIDs = []string{CircleUUID}
		}
	}
	foreign := client(ForeignClientUUID, "Otto Elsewhere", "otto@example.org")
	foreign.Firm = ForeignFirm()
	return append(accounts, foreign)
}

func client(uuid, name, email string) Account {
	first, last, _ := strings.Cut(name, " ")
	return Account{UUID: uuid, Type: "client", FirstName: first, LastName: last, Email: email}
}

// DefaultSeed is some forty records with the names and numbers that make trouble, and one of ForeignFirm at the end.
// Three and more of them share a created_at.
func DefaultSeed() []Record {
	type row struct {
		name, value string
		owners      []int
		primaries   []int
	}
	rows := []row{
		{"Mobile", "+447911123456", []int{1}, []int{1}}, // Guernsey's
		{"Work phone number", "+442079460958", []int{1}, nil},
		{"Home", "+441174960000", []int{1, 2}, []int{2}},
		{"Smith, Jones & Co", "+441134960123", []int{2}, nil},
		{`The "Old Rectory"`, "+441144960456", []int{2}, nil},
		{"Reception\nask for Mia", "+441164960789", []int{3}, nil},
		{"Line one\r\nline two, with \"quotes\"", "+441184960111", []int{3}, nil},
		{"=HYPERLINK(\"https://example.com\")", "+441214960222", []int{3}, nil},
		{"+ a plus in front", "+441314960333", []int{4}, []int{4}},
		{"-a minus in front", "+441414960444", []int{4}, nil},
		{"@reception", "+441514960555", []int{4}, nil},
		{"'quoted", "+441614960666", []int{5}, nil},
		{"Straße 1", "+4930123456", []int{7}, []int{7}},
		{"Café de José", "+34612345678", []int{5}, []int{5}},
		{"日本の携帯", "+819012345678", []int{8}, []int{8}},
		{"Emoji 📞 phone", "+81312345678", []int{8}, nil},
		{"Büro/Zürich", "+41212345678", []int{6}, []int{6}},
		{"C:\\phones; |pipe|", "+33612345678", []int{6}, nil},
		{strings.Repeat("é", 255), "+33123456789", []int{6}, nil},
		{"Sydney", "+61255501234", []int{9}, nil},
		{"Melbourne mobile", "+61412345678", []int{9}, []int{9}},
		{"Washington", "+12025550103", []int{10}, []int{10}},
		{"Toronto", "+14165550123", []int{10}, nil},
		{"Roma", "+390212345678", []int{10}, nil}, // the 0 after +39 belongs to the number
		{"Dublin", "+353850123456", []int{9}, nil},
		{"Warszawa", "+48512345678", []int{11}, []int{11}},
		{"Buenos Aires", "+5491123456789", []int{11}, nil},
		{"Mumbai", "+918123456789", []int{11}, nil},
		{"Freephone abroad", "+80012345678", []int{11}, nil}, // of no country
		{"Newcastle", "+441914980123", []int{12}, []int{12}},
		{"Cardiff", "+442920180123", []int{12}, nil},
		{"Belfast", "+442896496123", []int{12, 1, 2}, nil},
		{"Freephone", "+448081570123", []int{1, 2, 3, 4, 5}, nil},
		{"Private", "ada@example.com", []int{1}, []int{1}},
		{"Work", "grace.hopper+crm@example.co.uk", []int{2}, []int{2}},
		{"Family", "turing@example.org", []int{3, 4}, []int{3}},
		{"Siobhán", "s.o'neill@example.ie", []int{9}, nil},
		{"Office; shared", "office@example.com", []int{5, 6, 7}, []int{5, 6}},
		{"Old address, do not use", "0123456789@example.net", []int{8}, nil},
		{"Newsletter", "UPPER.Case@Example.COM", []int{12}, nil},
	}
	uuids := func(clients []int) []string {
		ids := make([]string, len(clients))
		for i, n := range clients {
			ids[i] = ClientUUID(n)
		}
		return ids
	}
	records := make([]Record, len(rows), len(rows)+1)
	for i, r := range rows {
		created := time.Date(2025, 3, 1+i/4, 8, 0, 0, 0, time.UTC)
		records[i] = Record{
			UUID: RecordUUID(i + 1), Name: r.name, Value: r.value,
			AccountUUIDs: uuids(r.owners), PrimaryAccountUUIDs: uuids(r.primaries), CreatedAt: created,
		}
	}
	return append(records, Record{
		UUID: ForeignRecordUUID, FirmUUID: ForeignFirm().UUID, Name: "Mobile", Value: "+442079460999",
		AccountUUIDs: []string{ForeignClientUUID},
	})
}

// Contrast makes, of the record that a file wishes for, the record to rehearse on: the same uuid, type and owners with
// another name and another valid value, so that every row has something to update. It is the same for the same wish.
//
// The wish may leave out what its row leaves blank. Without a type it is that of the value; without a value a phone
// number; without owners the first of DefaultAccounts owns the record. Where a wish names nothing but owners, the
// record has other ones; where it names nothing but primary owners, the record has none of those.
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
	first := []string{"Amara", "Ben", "Chloé", "Dmitri", "Elena", "Farid", "Gwen", "Hiro", "Ingrid", "Jakub", "Keira",
		"Liam"}
	last := []string{"Abbott", "Baptiste", "Clarke", "Davies", "Evans", "Fischer", "Gupta", "Hughes", "Ito", "Jensen",
		"Khan", "Lewis", "Moreau"}
	h := fnv.New32a()
	h.Write([]byte(uuid))
	n := int(h.Sum32() >> 1)
	f, l := first[n%len(first)], last[n/len(first)%len(last)]
	return client(uuid, f+" "+l, strings.ToLower(fmt.Sprintf("%s.%s.%03d@example.com", strings.ReplaceAll(f, "é", "e"),
		l, n%1000)))
}

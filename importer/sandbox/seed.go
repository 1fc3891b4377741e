package sandbox

import (
	"fmt"
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

// DefaultLogins is one person with two accounts: a client account that may only read, which comes first, and an employee
// account that may write and that both prefer.
func DefaultLogins() []Login {
	return []Login{
		{
			UUID: "50000000-0000-4000-8000-000000000002", PreferredAccountUUID: EmployeeAccountUUID,
			Account: Account{
				UUID: ReadOnlyAccountUUID, Type: "client", Role: "client",
				FirstName: "Alice", LastName: "Private", Email: "alice.private@example.com",
			},
		},
		{
			UUID: "50000000-0000-4000-8000-000000000001", PreferredAccountUUID: EmployeeAccountUUID, CanWrite: true,
			Account: Account{
				UUID: EmployeeAccountUUID, Type: "employee", Role: "admin",
				FirstName: "Alice", LastName: "Admin", Email: "alice@example.com",
			},
		},
	}
}

// DefaultAccounts is twelve clients of DefaultFirm and one of ForeignFirm. Every server has them.
func DefaultAccounts() []Account {
	names := []string{
		"Ada Lovelace", "Grace Hopper", "Alan Turing", "Mary Jackson", "José García", "Zoë Müller", "Björn Strauß",
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
			UUID: RecordUUID(i + 1), FirmUUID: DefaultFirm().UUID, Type: TypePhone, Name: r.name, Value: r.value,
			AccountUUIDs: uuids(r.owners), PrimaryAccountUUIDs: uuids(r.primaries), CreatedAt: created, UpdatedAt: created,
		}
		if strings.Contains(r.value, "@") {
			records[i].Type = TypeEmail
		}
	}
	return append(records, Record{
		UUID: ForeignRecordUUID, FirmUUID: ForeignFirm().UUID, Type: TypePhone, Name: "Mobile", Value: "+442079460999",
		AccountUUIDs: []string{ForeignClientUUID}, CreatedAt: records[0].CreatedAt,
	})
}

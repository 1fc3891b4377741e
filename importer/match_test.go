package importer_test

import (
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"csvput/importer"
	"csvput/importer/rows"
	"csvput/importer/sandbox"
	"csvput/report"
	"csvput/report/code"
)

// people is a server with clients of the given names, whose e-mail addresses are client1@example.com and so on.
func people(t testing.TB, names ...string) *sandbox.Server {
	t.Helper()
	s := sandbox.New(unlimited())
	for i, name := range names {
		first, last, _ := strings.Cut(name, " ")
		if err := s.AddClients(sandbox.Account{UUID: sandbox.ClientUUID(100 + i), FirstName: first, LastName: last, Email: fmt.Sprintf("client%d@example.com", i)}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// give gives clients the nth contact detail.
func give(t testing.TB, s *sandbox.Server, n int, label, value string, clients ...int) {
	t.Helper()
	var owners []string
	for _, i := range clients {
		owners = append(owners, sandbox.ClientUUID(100+i))
	}
	if err := s.Seed(sandbox.Record{UUID: detailID(n), Name: label, Value: value, AccountUUIDs: owners}); err != nil {
		t.Fatal(err)
	}
}

// matchingServer has the people of TestMatch.
func matchingServer(t testing.TB) *sandbox.Server {
	s := people(t, "Gareth Thompson", "Anna Thompson", "John Smith", "John Smith", "José García-Løvås", "Siobhán O'Neill")
	give(t, s, 1, "Mobile", "+447400100001", 0)
	give(t, s, 2, "Home", "+442079460001", 0)
	give(t, s, 3, "Work", "gareth@example.org", 0)
	give(t, s, 4, "Home", "+442079460001", 1) // the same landline, in a record of its own
	give(t, s, 5, "Mobile", "+447400100005", 2)
	give(t, s, 6, "Mobile", "+447400100006", 3)
	give(t, s, 7, "Mobile", "+447400100007", 4)
	give(t, s, 8, "Joint", "+447400100008", 0, 1)
	give(t, s, 9, "Mobile", "+447400100009", 5)
	give(t, s, 10, "Private", "+447400100010", 5)
	give(t, s, 11, "Mobile", "+4930901820", 5)
	return s
}

func TestMatch(t *testing.T) {
	const header = "client_name|client_email|client_uuid|current_value|value|country|type|name|id"
	s := matchingServer(t)
	for _, tt := range []struct {
		name, row string
		want      any // number of the record, or the code of a refusal
		says      string
	}{
		{"the old number", "|||07400 100001|07400 200001||||", 1, "current_value"},
		{"the old number and the name", "Gareth Thompson|||+44 7400 100001|07400 200001||||", 1, "current_value + client_name"},
		{"folded", "  THOMPSON,  gareth |||(07400) 100001|07400 200001||||", nil, ""},
		{"case, blanks, accents", "jose  GARCIA-LOVAS||||07400 200007||||", 7, "client_name"},
		{"an apostrophe of a typewriter", "Siobhan O’Neill|||07400100009|07400 200009||||", 9, "current_value + client_name"},
		{"the only one of its kind", "Gareth Thompson||||new@example.org||||", 3, "client_name"},
		{"the only one of its type", "Gareth Thompson||||||email|New label|", 3, "client_name"},
		{"an old e-mail address", "|||Gareth@Example.org|new@example.org||||", 3, "current_value"},
		{"the label decides", "Gareth Thompson||||07400 200001|||mobile|", 1, "client_name + name"},
		{"no label decides", "Gareth Thompson||||07400 200001|||Fax|", code.SeveralMatches, `3 contact details in the CRM agree with what the row says: "+447400100001" (Mobile) of Gareth Thompson, id ` + detailID(1)},
		{"a shared landline alone", "|||020 7946 0001|07400 200001||||", code.SeveralMatches, detailID(4)},
		{"a shared landline and a name", "Anna Thompson|||020 7946 0001|07400 200001||||", 4, ""},
		{"owned together, by one of them", "Anna Thompson|||07400 100008|07400 200001||||", 8, ""},
		{"owned together, by both", "Gareth Thompson; Anna Thompson|client0@example.com; client1@example.com|||07400 200001||||", 8, "client_email + client_name"},
		{"twins", "John Smith||||07400 200001||||", code.SeveralMatches, "2 contact details"},
		{"a twin's number", "John Smith|||07400 100006|07400 200001||||", 6, ""},
		{"a twin's e-mail address", "John Smith|CLIENT2@example.com|||07400 200001||||", 5, "client_email + client_name"},
		{"a twin's uuid", "||" + sandbox.ClientUUID(103) + "||07400 200001||||", 6, "client_uuid"},
		{"somebody else's number", "John Smith|||07400 100001|07400 200001||||", code.NoMatch, `Nearest is "+447400100001" (Mobile) of Gareth Thompson, id ` + detailID(1) + `, but client_name is "John Smith" in the row`},
		{"the name of one and the e-mail of the other", "Anna Thompson|client0@example.com||07400 100008|07400 200001||||", code.NoMatch, "true of two different owners"},
		{"nobody", "Nobody Here|||07400 999999|07400 200001||||", code.NoMatch, `Nothing in it has the current_value "07400 999999" or the client_name "Nobody Here"`},
		{"a client nobody knows", "Gareth Thompson||" + sandbox.ClientUUID(999) + "|07400 100001|07400 200001||||", code.NoMatch, `Nothing in it has the client_uuid "` + sandbox.ClientUUID(999) + `".`},
		{"another kind", "|||07400 100001|new@example.org||||", code.NoMatch, "the row is about an e-mail address"},
		{"never what is like it", "Garet Thompson|||07400 100001|07400 200001||||", code.NoMatch, "Garet Thompson"},
		{"the country of the row", "Siobhán O'Neill|||030 901820|030 901821|DE|||", 11, ""},
		{"no country", "Siobhán O'Neill|||030 901820|07400 200001||||", code.NoMatch, ""},
		{"carried out before", "Gareth Thompson|||07400 777777|07400 100001||||", 1, "value + client_name"},
		{"carried out before, and more asked for", "Gareth Thompson|||07400 777777|07400 100001|||Office|", code.NoMatch, "07400 777777"},
		{"carried out before, with its label", "Gareth Thompson|||07400 777777|07400 100001|||Mobile|", 1, "value + client_name"},
		{"carried out before, perhaps for another", "|||07400 777777|07400 100001||||", code.NoMatch, ""},
		{"a person in the column for labels", "|||07400 100001|07400 200001|||Gareth Thompson|", code.NoMatch, "to be read as client_name, not as name"},
		{"a label that is the person's name", "Gareth Thompson|||07400 100001|07400 200001|||Gareth Thompson|", 1, ""},
		{"nothing that names anybody", "||||07400 200001|||Mobile|", code.MissingID, ""},
		{"a uuid that is none", "||17||07400 200001||||", code.InvalidAccountUUIDs, "client_uuid"},
		{"a uuid that is none, and an id", "Nobody||17||07400 200001||||" + detailID(1), code.InvalidAccountUUIDs, "client_uuid"},
		{"an id and what agrees with it", "Thompson|||07400 100001|07400 200001||||" + detailID(1), code.OtherRecord, `but client_name is "Thompson" in the row`},
		{"an id, carried out before", "|||07400 777777|07400 100001||||" + detailID(1), nil, ""},
		{"an id of another", "Gareth Thompson||||07400 200001||||" + detailID(4), code.OtherRecord, "of Anna Thompson"},
		{"an id and its name", "Thompson, Gareth|||07400 100001|07400 200001||||" + detailID(1), nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := table(strings.Split(header, "|"), strings.Split(tt.row, "|"))
			folder, tally := plan(t, dial(t, s.Transport()), file, importer.CheckOptions{})
			row := all(t, folder, report.PlanName)[0]
			if want, refused := tt.want.(code.Code); refused {
				if row.Status != report.Invalid || row.Code != want || tally.Codes[want] != 1 || !strings.Contains(row.Message, tt.says) {
					t.Errorf("got %s %s: %s", row.Status, row.Code, row.Message)
				}
				return
			}
			want, ok := tt.want.(int)
			if !ok {
				want = 1
			}
			if row.Status.Problem() || row.ID != detailID(want) || tt.says != "" && row.MatchedBy != tt.says {
				t.Errorf("got %s of %s by %q: %s", row.Status, row.ID, row.MatchedBy, row.Message)
			}
		})
	}
}

// TestMatchTwins matches rows as another system would write them with 10,000 clients: twins by name, landlines that
// several share in one record or in several, married names, accents. Not one may find a wrong record.
func TestMatchTwins(t *testing.T) {
	const clients = 10_000
	firsts := strings.Fields("Ada Zoë José Anne-Marie Siobhán Łukasz Björn Gareth Mary Nguyễn Jürgen Chloé Tom Ian Ruth Eve Max Kim Lea Åsa")
	lasts := strings.Fields("Smith O'Neill García Müller Strauß Żak Løvås Thompson Jones Brown Khan Ito Çelik Hughes Evans Abbott Dubois Ferrée Novák Weiß")
	r := rand.New(rand.NewPCG(12, 5))
	s := sandbox.New(unlimited())
	type detail struct {
		id, label, value, name, email string
		client                        int
	}
	var details []detail
	var accounts []sandbox.Account
	var records []sandbox.Record
	for i := range clients {
		// 400 names with numbers behind most: one client in ten has a twin or more.
		last := lasts[r.IntN(len(lasts))]
		if i%10 != 0 {
			last += fmt.Sprintf("-%c%c%c", 'A'+r.IntN(26), 'a'+r.IntN(26), 'a'+r.IntN(26))
		}
		a := sandbox.Account{UUID: sandbox.ClientUUID(1000 + i), FirstName: firsts[r.IntN(len(firsts))], LastName: last, Email: fmt.Sprintf("Client.%d@example.com", i)}
		if i%50 == 1 {
			a.Email = accounts[i-1].Email // a couple with one address
		}
		accounts = append(accounts, a)
		add := func(label, value string, owners ...string) {
			id := detailID(len(records) + 1)
			details = append(details, detail{id, label, value, a.Name(), a.Email, i})
			records = append(records, sandbox.Record{UUID: id, Name: label, Value: value, AccountUUIDs: append(owners, a.UUID)})
		}
		add("Mobile", fmt.Sprintf("+447400%06d", i))
		switch i % 4 {
		case 0:
			add("Home", fmt.Sprintf("+442079460%03d", i%1000)) // shared, in records of its own
		case 1:
			add("Home", fmt.Sprintf("+441632960%03d", i%1000), accounts[i-1].UUID) // shared, in one record
		case 2:
			add("Work", fmt.Sprintf("work.%d@example.org", i))
		}
	}
	if err := s.AddClients(accounts...); err != nil {
		t.Fatal(err)
	}
	if err := s.Seed(records...); err != nil {
		t.Fatal(err)
	}
	spell := func(name string) string {
		first, last, _ := strings.Cut(name, " ")
		plain := strings.NewReplacer("ë", "e", "é", "e", "ö", "oe", "á", "a", "Ł", "L", "Å", "A", "ü", "u", "ß", "ss", "í", "i", "ø", "o", "å", "a", "ễ", "e", "Ż", "Z", "Ç", "C")
		switch r.IntN(6) {
		case 0:
			return strings.ToUpper(name)
		case 1:
			return last + ", " + first
		case 2:
			return " " + first + "  " + strings.ToLower(last)
		case 3:
			return plain.Replace(name)
		case 4:
			return first + " Married-" + last
		}
		return name
	}
	cells := [][]string{{"client_name", "client_email", "client_uuid", "current_value", "name", "value"}}
	for i, d := range details {
		value := fmt.Sprintf("07401 %06d", i)
		if strings.Contains(d.value, "@") {
			value = fmt.Sprintf("new.%d@example.org", i)
		}
		row := []string{"", "", "", "", "", value}
		for row[0]+row[1]+row[2]+row[3] == "" {
			keys := r.IntN(32)
			for k, said := range []string{spell(d.name), strings.ToUpper(d.email), accounts[d.client].UUID, strings.Replace(d.value, "+44", "0", 1), d.label} {
				if keys>>k&1 == 1 {
					row[k] = said
				}
			}
		}
		cells = append(cells, row)
	}
	folder, _ := plan(t, dial(t, s.Transport()), table(cells...), importer.CheckOptions{})
	found, given := map[string]int{}, map[string]int{}
	for i, row := range all(t, folder, report.PlanName) {
		var said []string
		for k, cell := range cells[i+1][:4] {
			if cell != "" {
				said = append(said, cells[0][k])
			}
		}
		slices.Sort(said)
		keys := strings.Join(said, " + ")
		given[keys]++
		switch {
		case row.ID == details[i].id:
			found[keys]++
		case row.ID != "":
			t.Errorf("line %d, %q, found %s of %s, not %s", row.Line, cells[i+1], row.ID, row.ValueBefore, details[i].id)
		case row.Code != code.NoMatch && row.Code != code.SeveralMatches:
			t.Errorf("line %d is refused with %s: %s", row.Line, row.Code, row.Message)
		}
	}
	for _, keys := range slices.Sorted(maps.Keys(given)) {
		t.Logf("%5.1f %% of %5d matched by %s", 100*float64(found[keys])/float64(given[keys]), given[keys], keys)
		if strings.Contains(keys, "client_uuid") && !strings.Contains(keys, "client_name") && found[keys]*10 < given[keys]*5 {
			t.Errorf("by %s only %d of %d were found", keys, found[keys], given[keys])
		}
	}
}

// onRequest does something before a request leaves.
type onRequest struct {
	http.RoundTripper
	do func(*http.Request)
}

func (o onRequest) RoundTrip(r *http.Request) (*http.Response, error) {
	o.do(r)
	return o.RoundTripper.RoundTrip(r)
}

// What is read to find records: nothing where every row has an id, the named clients' where rows name them by uuid, and
// else the whole list, once.
func TestMatchReads(t *testing.T) {
	const whole, some, ids = "include=accounts,primary_accounts", "&filter%5Baccount_uuids%5D=", "&filter%5Buuid%5D="
	for _, tt := range []struct {
		name, rows string
		want       []string // in the queries, in order
	}{
		{"ids", detailID(1) + "|Gareth Thompson|||07400 200001\n" + detailID(3) + "||||new@example.org", []string{ids}},
		{"uuids", "||" + sandbox.ClientUUID(103) + "||07400 200001\n||" + sandbox.ClientUUID(104) + "||07400 200002", []string{some + sandbox.ClientUUID(103) + "," + sandbox.ClientUUID(104), ids}},
		{"a uuid and a name", "||" + sandbox.ClientUUID(103) + "||07400 200001\n|Jose Garcia-Lovas|||07400 200002", []string{whole, ids}},
		{"refused anyway", "|Jose Garcia-Lovas|||07400\n" + detailID(1) + "||||07400 200001", []string{ids}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := matchingServer(t)
			cells := [][]string{{"id", "client_name", "client_uuid", "current_value", "value"}}
			for line := range strings.Lines(tt.rows) {
				cells = append(cells, strings.Split(strings.TrimSpace(line), "|"))
			}
			_, tally := plan(t, dial(t, s.Transport()), table(cells...), importer.CheckOptions{})
			var queries []string
			for _, q := range requests(s, http.MethodGet) {
				queries = append(queries, q.Query)
			}
			if len(queries) != len(tt.want) || tally.Statuses[report.Planned] == 0 {
				t.Fatalf("%d planned, requests %q", tally.Statuses[report.Planned], queries)
			}
			for i, want := range tt.want {
				if !strings.Contains(queries[i], "per_page=500") || !strings.Contains(queries[i], want) || want == whole && strings.Contains(queries[i], "filter") {
					t.Errorf("request %d is %s, want %s", i+1, queries[i], want)
				}
			}
		})
	}
}

// What is changed between the reading of the list and that of the record is seen.
func TestMatchChangedSince(t *testing.T) {
	s := matchingServer(t)
	moved := onRequest{s.Transport(), func(r *http.Request) {
		if strings.Contains(r.URL.RawQuery, "filter%5Buuid%5D") {
			give(t, s, 1, "Mobile", "+447400300001", 0)
		}
	}}
	folder, _ := plan(t, dial(t, moved), table([]string{"client_name", "current_value", "value"}, []string{"Gareth Thompson", "07400 100001", "07400 200001"}), importer.CheckOptions{})
	row := all(t, folder, report.PlanName)[0]
	if row.Status != report.Invalid || row.Code != code.OtherRecord || !strings.Contains(row.Message, `"+447400300001" (Mobile) of Gareth Thompson`) {
		t.Errorf("got %s %s: %s", row.Status, row.Code, row.Message)
	}
}

// Rows that find one record are duplicates, by whatever they found it.
func TestMatchDuplicates(t *testing.T) {
	s := matchingServer(t)
	file := table([]string{"id", "client_name", "current_value", "value"},
		[]string{"", "Gareth Thompson", "07400 100001", "07400 200001"},
		[]string{"", "", "+44 7400 100001", "+447400200001"},
		[]string{"", "", "07400 100005", "07400 200005"},
		[]string{detailID(5), "", "", "07400 200006"},
		[]string{"", "", "07400 100006", "07400"},
		[]string{"", "John Smith", "07400 100006", "07400 200007"})
	folder, tally := plan(t, dial(t, s.Transport()), file, importer.CheckOptions{})
	if rows := all(t, folder, report.PlanName); tally.Requests() != 1 || rows[1].Code != code.DuplicateRow || rows[2].Code != code.DuplicateID || rows[3].Code != code.DuplicateID ||
		rows[4].Code != code.LocalOnly || rows[4].ID != detailID(6) || rows[5].Code != code.DuplicateID || rows[5].MatchedBy == "" {
		t.Errorf("%d requests for %+v", tally.Requests(), rows)
	}
}

// SaveIDs keeps the file and fills in the ids that were found.
func TestSaveIDs(t *testing.T) {
	s := matchingServer(t)
	for _, tt := range []struct{ file, want string }{
		{"client,old number;x,value\nJohn Smith,07400 100006,07400 200001\nNobody,,07400 200002\n", "id,client,old number;x,value\n" + detailID(6) + ",John Smith,07400 100006,07400 200001\n,Nobody,,07400 200002\n"},
		{"Notiz;Telefon neu;UUID;Alte Nummer\n=1;07400 200001;" + detailID(4) + ";\n\"a \nb\";07400 200002; ;07400 100001\n", "Notiz;Telefon neu;UUID;Alte Nummer\n=1;07400 200001;" + detailID(4) + ";\n\"a \nb\";07400 200002;" + detailID(1) + ";07400 100001\n"},
	} {
		o := rows.Options{Map: map[string]string{"old number;x": "current_value"}}
		if !strings.Contains(tt.file, "old number;x") {
			o.Map = nil
		}
		again := func() (*rows.Reader, io.Closer, error) {
			in, err := rows.Open(strings.NewReader(tt.file), o)
			return in, io.NopCloser(nil), err
		}
		in, _, err := again()
		if err != nil {
			t.Fatal(err)
		}
		folder := newFolder(t)
		if _, err := on(folder, dial(t, s.Transport()), quiet{}).Plan(t.Context(), in, importer.CheckOptions{Again: again}); err != nil {
			t.Fatal(err)
		}
		info := in.Info()
		in, _, _ = again()
		var out strings.Builder
		if n, err := importer.SaveIDs(&out, "ids.csv", in, info, folder); err != nil || n != 1 || out.String() != tt.want {
			t.Errorf("%d ids, %v:\n%s\nwant\n%s", n, err, out.String(), tt.want)
		}
	}
}

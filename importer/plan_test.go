package importer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/rows"
	"csvput/importer/sandbox"
	"csvput/report"
	"csvput/report/code"
)

// TestPlanCosts holds that planning reads 200 records a request and changes nothing.
func TestPlanCosts(t *testing.T) {
	const n = 10_000
	s := sandbox.New(unlimited())
	cells := [][]string{{"id", "name"}}
	for i := range n {
		cells = append(cells, []string{detailID(i), "New name"})
		if i%2 == 0 {
			if err := s.Seed(sandbox.Record{UUID: detailID(i), Name: "Old name", Value: "old@example.com", AccountUUIDs: []string{sandbox.ClientUUID(1)}}); err != nil {
				t.Fatal(err)
			}
		}
		if i%10 == 0 { // neither what is refused nor what is said twice costs a request
			cells = append(cells, []string{detailID(i), "New name"}, []string{"no id", "New name"})
		}
	}
	c := dial(t, s.Transport())
	folder, tally := plan(t, c, table(cells...), importer.CheckOptions{})
	if lists, puts := len(requests(s, http.MethodGet)), len(requests(s, http.MethodPut)); lists != 50 || puts != 0 {
		t.Errorf("%d list requests and %d PUTs, want 50 and 0", lists, puts)
	}
	if lists := c.Stats().Lists; lists != 50 {
		t.Errorf("the client counts %d list requests", lists)
	}
	want := map[report.Status]int{report.Planned: n/2 + n/10, report.Rejected: n / 2, report.Invalid: n / 10}
	got := map[report.Status]int{}
	for i, row := range all(t, folder, report.PlanName) {
		got[row.Status]++
		if row.Line != i+2 {
			t.Fatalf("row %d of the plan is line %d", i, row.Line)
		}
	}
	for status, n := range want {
		if got[status] != n || tally.Statuses[status] != n {
			t.Errorf("%d rows are %s, and the tally says %d, want %d", got[status], status, tally.Statuses[status], n)
		}
	}
	if tally.Requests() != n/2 || tally.Followers != n/10 || tally.Rows != n+n/5 {
		t.Errorf("the tally announces %d updates, %d followers and %d rows", tally.Requests(), tally.Followers, tally.Rows)
	}
	wantFiles(t, folder, report.PlanName)
}

// wantFiles compares the names in the folder.
func wantFiles(t testing.TB, folder *report.Folder, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder.Dir())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("the folder holds %q, want %q", got, want)
	}
}

// TestPlanCompares holds what a plan says of a row and the record it names, and the request that follows from it.
func TestPlanCompares(t *testing.T) {
	phone := sandbox.Record{UUID: detailID(1), Name: "Mobile", Value: "+447400000001", AccountUUIDs: []string{sandbox.ClientUUID(1), sandbox.ClientUUID(2)}, PrimaryAccountUUIDs: []string{sandbox.ClientUUID(2)}}
	email := sandbox.Record{UUID: detailID(2), Name: "Work", Value: "ada@example.com", AccountUUIDs: []string{sandbox.ClientUUID(1)}}
	one, two := sandbox.ClientUUID(1), sandbox.ClientUUID(2)
	for name, test := range map[string]struct {
		id, name, value, country, owners, primary string
		status                                    report.Status
		code                                      code.Code
		body                                      string // of the PUT
	}{
		"a blank cell keeps":         {id: phone.UUID, value: "07400 000009", status: report.Updated, body: `{"name":"Mobile","value":"+447400000009","account_uuids":["1","2"],"primary_account_uuids":["2"]}`},
		"another country":            {id: phone.UUID, value: "030 123456", country: "DE", status: report.Updated, body: `{"name":"Mobile","value":{"country":"DE","number":"+4930123456"},"account_uuids":["1","2"],"primary_account_uuids":["2"]}`},
		"only a name":                {id: email.UUID, name: "Home", status: report.Updated, body: `{"name":"Home","value":"ada@example.com","account_uuids":["1"]}`},
		"a list is emptied":          {id: phone.UUID, primary: "#CLEAR", status: report.Updated, body: `{"name":"Mobile","value":"+447400000001","account_uuids":["1","2"],"primary_account_uuids":[]}`},
		"a list is filled":           {id: email.UUID, primary: one, status: report.Updated, body: `{"name":"Work","value":"ada@example.com","account_uuids":["1"],"primary_account_uuids":["1"]}`},
		"capitals are a change":      {id: email.UUID, value: "Ada@example.com", status: report.Updated, body: `{"name":"Work","value":"Ada@example.com","account_uuids":["1"]}`},
		"already so":                 {id: phone.UUID, name: "Mobile", value: "07400 000001", owners: two + ";" + one, primary: two, status: report.Unchanged, code: code.AlreadySo},
		"emptied already":            {id: email.UUID, primary: "#CLEAR", status: report.Unchanged, code: code.AlreadySo},
		"nothing wished":             {id: phone.UUID, status: report.Unchanged, code: code.NothingToDo},
		"an address for a number":    {id: phone.UUID, value: "ada@example.com", status: report.Invalid, code: code.TypeMismatch},
		"a number for an address":    {id: email.UUID, value: "07400 000009", status: report.Invalid, code: code.TypeMismatch},
		"no such record":             {id: detailID(9), name: "Home", status: report.Rejected, code: code.NotFound},
		"another firm's":             {id: sandbox.ForeignRecordUUID, name: "Home", status: report.Rejected, code: code.NotFound},
		"an owner of another firm's": {id: email.UUID, owners: sandbox.ForeignClientUUID, status: report.Rejected, code: code.Unprocessable, body: `{"name":"Work","value":"ada@example.com","account_uuids":["` + sandbox.ForeignClientUUID + `"]}`},
	} {
		t.Run(name, func(t *testing.T) {
			s := sandbox.New(unlimited())
			if err := s.Seed(append(sandbox.DefaultSeed(), phone, email)...); err != nil {
				t.Fatal(err)
			}
			file := table([]string{"id", "name", "value", "country", "account_uuids", "primary_account_uuids"}, []string{test.id, test.name, test.value, test.country, test.owners, test.primary})
			_, rows := run(t, dial(t, s.Transport()), file, importer.ApplyOptions{})
			wantRow(t, rows[2], test.status, test.code)
			body := ""
			for _, q := range requests(s, http.MethodPut) {
				body += q.Body
			}
			short := strings.NewReplacer(`"`+one+`"`, `"1"`, `"`+two+`"`, `"2"`)
			if short.Replace(body) != test.body {
				t.Errorf("sent\n%s\nwant\n%s", short.Replace(body), test.body)
			}
		})
	}
}

// The same file a second time: no PUT, every row unchanged.
func TestRunTwice(t *testing.T) {
	const n = 300
	s := serve(t, unlimited(), n)
	c := dial(t, s.Transport())
	_, first := run(t, c, wishes(n), importer.ApplyOptions{})
	_, second := run(t, c, wishes(n), importer.ApplyOptions{})
	if a, b := counts(first), counts(second); a[report.Updated] != n || b[report.Unchanged] != n {
		t.Errorf("the first run is %v, the second %v", a, b)
	}
	if puts := applied(s); puts != n {
		t.Errorf("%d PUTs for %d rows", puts, n)
	}
}

// An export that nobody has touched plans nothing, whatever stands in the records.
func TestExportPlansNothing(t *testing.T) {
	s := sandbox.New(unlimited())
	names := []string{"Donau\u00addampf", "no\u00a0break", "a\tb", "two\r\nlines", "=1+1", "'=1+1", "'\t=x", "x\u200b\u202ay"}
	for i, name := range names {
		r := wish(i)
		r.Name = name
		if err := s.Seed(r); err != nil {
			t.Fatal(err)
		}
	}
	addresses := []string{"+ann@example.com", "-bob@example.com", "dee+x@example.com"}
	for i, address := range addresses {
		if err := s.Seed(sandbox.Record{UUID: detailID(100 + i), Type: sandbox.TypeEmail, Name: "Mail", Value: address}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Seed(sandbox.DefaultSeed()...); err != nil {
		t.Fatal(err)
	}
	c := dial(t, s.Transport())
	for _, name := range []string{"contacts.csv", "contacts.xlsx"} {
		exportAndPlan(t, c, name, len(names)+len(addresses)+len(sandbox.DefaultSeed())-1) // one is another firm's
	}
}

func exportAndPlan(t *testing.T, c *crm.Client, name string, want int) {
	t.Helper()
	var file bytes.Buffer
	n, err := on(nil, c, quiet{}).Export(t.Context(), &file, name, crm.Filter{}, "")
	if err != nil || n != want {
		t.Fatalf("%d records exported, %v", n, err)
	}
	folder, tally := plan(t, c, file.Bytes(), importer.CheckOptions{})
	for _, row := range all(t, folder, report.PlanName) {
		if row.Status != report.Unchanged {
			t.Errorf("line %d is %s %s: %s", row.Line, row.Status, row.Code, row.Message)
		}
	}
	if tally.Statuses[report.Unchanged] != n {
		t.Errorf("%d rows are unchanged, want %d", tally.Statuses[report.Unchanged], n)
	}
}

// A plan is there whole or not at all.
func TestNoPlan(t *testing.T) {
	broken := append(wishes(10_000), []byte(detailID(10_000)+`,"open,12`+"\n")...)
	for name, test := range map[string]struct {
		file  []byte
		fault sandbox.Fault
		none  bool // without reading records
	}{
		"the server fails":           {wishes(300), sandbox.Fault{Kind: sandbox.FaultStatus, Status: 500}, false},
		"the server speaks nonsense": {wishes(300), sandbox.Fault{Kind: sandbox.FaultStatus, Status: 200, Body: guestPage}, false},
		"no access":                  {wishes(300), sandbox.Fault{Kind: sandbox.FaultStatus, Status: 401}, false},
		"half a file":                {broken, sandbox.Fault{}, false},
		"half a file, no reading":    {broken, sandbox.Fault{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := unlimited()
				cfg.Fault = func(*sandbox.Request) sandbox.Fault { return test.fault }
				s := serve(t, cfg, 300)
				c := dial(t, s.Transport())
				if test.none {
					c = nil
				}
				folder := newFolder(t)
				if _, err := on(folder, c, quiet{}).Plan(t.Context(), open(t, test.file), importer.CheckOptions{Again: source(test.file)}); err == nil {
					t.Error("there is no error")
				}
				wantFiles(t, folder)
				if n := len(requests(s, http.MethodPut)); n > 0 {
					t.Errorf("%d PUTs", n)
				}
				err := on(folder, c, quiet{}).Apply(t.Context(), t.Context(), importer.ApplyOptions{})
				if !errors.Is(err, os.ErrNotExist) {
					t.Errorf("applying no plan: %v", err)
				}
			})
		})
	}
}

// A context that ends while planning ends the planning.
func TestPlanInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := unlimited()
		cfg.Latency = time.Second
		s := serve(t, cfg, 2000)
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(1500*time.Millisecond, func() { cancel(errKeys) })
		folder := newFolder(t)
		_, err := on(folder, dial(t, s.Transport()), quiet{}).Plan(ctx, open(t, wishes(2000)), importer.CheckOptions{Again: source(wishes(2000))})
		if err == nil || ctx.Err() == nil {
			t.Errorf("planning ends with %v", err)
		}
		wantFiles(t, folder)
	})
}

// A file that has next to nothing to read is not read into memory for it.
func TestPlanNeedsLittleMemory(t *testing.T) {
	inUse := func(n int) (most uint64) {
		const line = "no id,New name,\n"
		again := func() (*rows.Reader, io.Closer, error) {
			in, err := rows.Open(io.MultiReader(strings.NewReader("id,name,value\n"+detailID(0)+",New name,\n"), io.LimitReader(&repeated{text: line}, int64(n*len(line)))), rows.Options{})
			return in, io.NopCloser(nil), err
		}
		cfg := unlimited()
		cfg.Fault = func(*sandbox.Request) sandbox.Fault { // while the record is read, its window is in memory
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			most = m.HeapAlloc
			return sandbox.Fault{}
		}
		in, _, err := again()
		if err != nil {
			t.Fatal(err)
		}
		tally, err := importer.Run{Folder: newFolder(t), Client: dial(t, serve(t, cfg, 1).Transport()), Progress: quiet{}}.Plan(t.Context(), in, importer.CheckOptions{Again: again})
		if err != nil || tally.Statuses[report.Invalid] != n || tally.Statuses[report.Planned] != 1 {
			t.Fatalf("%v, %v", tally, err)
		}
		return most
	}
	small, large := inUse(20_000), inUse(100_000)
	if large > small+8<<20 {
		t.Errorf("%s in use for 20,000 rows, %s for 100,000", mib(small), mib(large))
	}
}

func mib(n uint64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// repeated is a text over and over.
type repeated struct {
	text string
	at   int
}

func (r *repeated) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = r.text[r.at]
		r.at = (r.at + 1) % len(r.text)
	}
	return len(p), nil
}

// A line break in a name is LF on the wire and in the report, whatever the file has.
func TestLineBreaksInNames(t *testing.T) {
	s := serve(t, unlimited(), 2)
	file := []byte("id,name\r\n" + detailID(0) + ",\"one\r\ntwo\"\r\n" + detailID(1) + ",\"three\rfour\r\r\nfive\"\r\n")
	folder, rows := run(t, dial(t, s.Transport()), file, importer.ApplyOptions{})
	for line, want := range map[int]string{2: "one\ntwo", 4: "three\nfour\nfive"} {
		wantRow(t, rows[line], report.Updated, "")
		if record, _ := s.Record(rows[line].ID); rows[line].Name != want || record.Name != want {
			t.Errorf("line %d wished for %q, and the record is %q; want %q", line, rows[line].Name, record.Name, want)
		}
	}
	data, err := os.ReadFile(folder.Path(report.ReportName))
	if err != nil || bytes.ContainsRune(data, '\r') {
		t.Errorf("the report is %q, %v", data, err)
	}
}

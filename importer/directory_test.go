package importer

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/google/uuid"

	"csvput/importer/crm"
	"csvput/importer/rows"
	"csvput/report"
	"csvput/report/code"
)

// clientOf is the nth contact detail of a CRM whose clients have one each: the most that a directory can have to keep
// of a contact detail.
func clientOf(n int) crm.Record {
	owner := crm.Owner{
		UUID: uuid.NewSHA1(uuid.Nil, fmt.Append(nil, "owner", n)).String(),
		Name: fmt.Sprintf("Bernadette Client-%d", n), Email: fmt.Sprintf("bernadette.client.%d@example.com", n),
	}
	return crm.Record{
		UUID: uuid.NewSHA1(uuid.Nil, fmt.Append(nil, n)).String(), Type: typePhone, Name: "Mobile", Value: fmt.Sprintf("+447400%06d", n),
		AccountUUIDs: []string{owner.UUID}, Owners: []crm.Owner{owner}, HasAccounts: true,
	}
}

func directoryOf(n int) *directory {
	b := newBuilder()
	for i := range n {
		b.add(clientOf(i))
	}
	return b.sorted()
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestDirectoryIsSmall(t *testing.T) {
	const n, most = 20_000, 200
	before := heap()
	d := directoryOf(n)
	each := (heap() - before) / n
	if each > most {
		t.Errorf("%d bytes a record, more than %d", each, most)
	}
	t.Logf("%d bytes a record", each)
	runtime.KeepAlive(d)
}

// What the directory gives back is what was put into it.
func TestDirectoryRecords(t *testing.T) {
	const n = 1000
	d := directoryOf(n)
	for i := range n {
		got, want := d.record(uint32(i)), clientOf(i)
		if got.UUID != want.UUID || got.Type != want.Type || got.Name != want.Name || got.Value != want.Value || len(got.Owners) != 1 || got.Owners[0] != want.Owners[0] {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	}
}

// Two texts are the same or they are not: what is folded, and what is not.
func TestFold(t *testing.T) {
	for _, same := range [][]string{
		{"Gareth Thompson", "gareth thompson", " GARETH\u00a0 Thompson\t", "Thompson, Gareth", "thompson,GARETH", "G\u200barèth Thompson"},
		{"José García-Løvås", "JOSE GARCIA-LOVAS", "Jose\u0301 Garci\u0301a\u2010Lovas", "García-Løvås, José"},
		{"Łukasz Weiß", "lukasz weiss", "ŁUKASZ WEISS"},
		{"Siobhán O'Neill", "Siobhan O’Neill", "O`Neill, Siobhan"},
		{"Ｂob", "bob"},
	} {
		for _, s := range same {
			if fold(s) != fold(same[0]) {
				t.Errorf("%q is %q, and %q is %q", s, fold(s), same[0], fold(same[0]))
			}
		}
		if again := fold(fold(same[0])); again != fold(same[0]) {
			t.Errorf("folded twice %q is %q", same[0], again)
		}
	}
	for _, other := range [][2]string{
		{"Gareth Thompson", "Gareth Thomson"}, {"Müller", "Mueller"}, {"Ann Marie", "Annmarie"}, {"Anne-Marie", "Anne Marie"},
		{"Thompson Gareth", "Gareth Thompson"}, {"a, b, c", "c a, b"}, {"O'Neill", "ONeill"}, {"", "?"},
	} {
		if fold(other[0]) == fold(other[1]) {
			t.Errorf("%q and %q are both %q", other[0], other[1], fold(other[0]))
		}
	}
}

// Owners that the server does not show contradict nobody; those that it shows do.
func TestHiddenOwners(t *testing.T) {
	for _, shown := range []bool{false, true} {
		rec := clientOf(1)
		rec.HasAccounts = shown
		said := claims{byLine: map[int]whose{2: {clients: []client{{ofName: newClaim("Somebody Else")}}}}}
		row := report.Row{Line: 2, ID: rec.UUID, Status: report.Planned, Type: typePhone, Value: "+447400200001"}
		said.judge(&row, rec, true)
		if refused := row.Status == report.Invalid && row.Code == code.OtherRecord; refused != shown {
			t.Errorf("shown: %t, the row is %s %s: %s", shown, row.Status, row.Code, row.Message)
		}
		if len(said.byLine) != 0 {
			t.Error("what was said is kept")
		}
	}
}

// BenchmarkMatch matches 100,000 rows with 100,000 records.
func BenchmarkMatch(b *testing.B) {
	const n = 100_000
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			before := heap()
			d := directoryOf(n)
			b.ReportMetric(float64(heap()-before)/n, "B/record")
			runtime.KeepAlive(d)
		}
	})
	d := directoryOf(n)
	for _, by := range []string{"current_value", "client_name", "client_email", "client_uuid"} {
		b.Run("by "+by, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for i := range n {
					rec := clientOf(i)
					cells := map[string]rows.Cells{
						"current_value": {CurrentValue: rec.Value}, "client_name": {ClientName: rec.Owners[0].Name},
						"client_email": {ClientEmail: rec.Owners[0].Email}, "client_uuid": {ClientUUID: rec.Owners[0].UUID},
					}[by]
					w := whose{value: newClaim(cells.CurrentValue), clients: clients(nil, rows.Row{Cells: cells})}
					if by == "client_uuid" {
						w.clients = clients([]string{rec.Owners[0].UUID}, rows.Row{})
					}
					if id, _, p := d.find(w, report.Row{Type: typePhone}); p != nil || id != rec.UUID {
						b.Fatal(id, p)
					}
				}
			}
		})
	}
}

package report

import (
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"unsafe"
)

func TestOutcomesOfNothing(t *testing.T) {
	o, err := folderWith(t, nil).Outcomes()
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := o.Status(2, ""); ok || len(o.index) != 0 {
		t.Error("there are outcomes without a report")
	}
	if _, ok, err := o.Get(2, ""); ok || err != nil {
		t.Errorf("%t, %v", ok, err)
	}
	if err := o.Close(); err != nil {
		t.Error(err)
	}
}

// Rows in any order, several for one line, of any length and content: the last one of a line and an id is found.
func TestOutcomesFindsTheLast(t *testing.T) {
	type key struct {
		line int
		id   string
	}
	r := rand.New(rand.NewPCG(5, 6))
	var rows []Row
	want := map[key]Row{}
	for range 3000 {
		row := randomRow(r, 1+r.IntN(1000))
		rows = append(rows, row)
		want[key{row.Line, row.ID}] = row
	}
	o, err := folderWith(t, write(t, rows...)).Outcomes()
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if len(o.index) != len(want) {
		t.Errorf("%d rows, want %d", len(o.index), len(want))
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for line := -1; line <= 1001; line++ {
				for _, id := range []string{rows[max(0, line)].ID, "another"} {
					row, ok, err := o.Get(line, id)
					status, known := o.Status(line, id)
					if exp, has := want[key{line, id}]; err != nil || ok != has || known != has || row != exp || status != exp.Status {
						t.Errorf("line %d: %t, %v, %s, %#v", line, ok, err, status, row)
					}
				}
			}
			for key, exp := range want {
				if row, ok, err := o.Get(key.line, key.id); err != nil || !ok || row != exp {
					t.Errorf("line %d: %t, %v, %#v", key.line, ok, err, row)
				}
			}
		})
	}
	wg.Wait()
}

func TestOutcomesNoticeChange(t *testing.T) {
	f := folderWith(t, write(t, typical(2), typical(3)))
	j, o, err := f.Journal()
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	defer j.Close()
	if _, err := j.f.WriteAt([]byte("7"), o.index[0].offset()); err != nil {
		t.Fatal(err)
	}
	if row, ok, err := o.Get(2, typical(2).ID); err == nil {
		t.Errorf("got line %d, %t", row.Line, ok)
	}
	if row, ok, err := o.Get(3, typical(3).ID); err != nil || !ok || row != typical(3) {
		t.Errorf("after an error: %v, %t, %#v", err, ok, row)
	}
}

func TestOutcomesEntry(t *testing.T) {
	if size := unsafe.Sizeof(entry{}); size != 16 {
		t.Errorf("a row takes %d bytes", size)
	}
	for _, status := range Statuses() {
		const off, size = 1<<offsetBits - 1, 1<<sizeBits - 1
		e, err := newEntry(Row{Line: math.MaxUint32, Status: status}, off, size)
		if err != nil || e.line != math.MaxUint32 || e.status() != status || e.offset() != off || e.size() != size {
			t.Errorf("%s: %v, %+v", status, err, e)
		}
	}
	for _, row := range []struct {
		line      int
		off, size int64
	}{{-1, 0, 0}, {0, 0, 0}, {math.MaxUint32 + 1, 0, 0}, {1, 1 << offsetBits, 0}, {1, 0, 1 << sizeBits}} {
		if _, err := newEntry(Row{Line: row.line, Status: Updated}, row.off, row.size); err == nil {
			t.Errorf("%+v was taken", row)
		}
	}
}

// TestOutcomesDropWhatIsSuperseded holds that several lines for each row hardly take more memory than one, and that the last
// one counts, wherever it stands.
func TestOutcomesDropWhatIsSuperseded(t *testing.T) {
	const n, times = 3000, 5
	var rows []Row
	for i := range times {
		for line := range n {
			row := typical(line + 2)
			row.Attempts = i + 1
			rows = append(rows, row)
		}
	}
	o, err := folderWith(t, write(t, rows...)).Outcomes()
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if len(o.index) != n || cap(o.index) > 3*n {
		t.Errorf("%d entries with room for %d", len(o.index), cap(o.index))
	}
	for line := range n {
		want := typical(line + 2)
		if row, ok, err := o.Get(want.Line, want.ID); err != nil || !ok || row.Attempts != times {
			t.Fatalf("line %d: %v, %t, %d attempts", want.Line, err, ok, row.Attempts)
		}
	}
}

func BenchmarkOutcomes(b *testing.B) {
	const n = 100_000
	f := &Folder{dir: b.TempDir()}
	j, _, err := f.Journal()
	if err != nil {
		b.Fatal(err)
	}
	for _, i := range rand.New(rand.NewPCG(7, 8)).Perm(n) {
		if err := j.Append(typical(i + 2)); err != nil {
			b.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
	b.Run("load", func(b *testing.B) {
		for b.Loop() {
			o, err := f.Outcomes()
			if err != nil {
				b.Fatal(err)
			}
			o.Close()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
	})
	b.Run("get", func(b *testing.B) {
		o, err := f.Outcomes()
		if err != nil {
			b.Fatal(err)
		}
		defer o.Close()
		line := 0
		for b.Loop() {
			if _, ok, err := o.Get(line%n+2, typical(2).ID); !ok || err != nil {
				b.Fatal(ok, err)
			}
			line++
		}
	})
}

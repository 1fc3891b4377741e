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
	if _, ok := o.Status(2); ok || o.Len() != 0 || o.Settled() != 0 {
		t.Error("there are outcomes without a report")
	}
	if _, ok, err := o.Get(2); ok || err != nil {
		t.Errorf("%t, %v", ok, err)
	}
	if err := o.Close(); err != nil {
		t.Error(err)
	}
}

// Rows in any order, several for one line, of any length and content: the last one of a line is found.
func TestOutcomesFindsTheLast(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var rows []Row
	want := map[int]Row{}
	settled := 0
	for range 3000 {
		row := randomRow(r, r.IntN(1000))
		rows = append(rows, row)
		want[row.Line] = row
	}
	for _, row := range want {
		if row.Status.Settled() {
			settled++
		}
	}
	o, err := folderWith(t, write(t, rows...)).Outcomes()
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if o.Len() != len(want) || o.Settled() != settled {
		t.Errorf("%d rows, %d settled; want %d, %d", o.Len(), o.Settled(), len(want), settled)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for line := -1; line <= 1001; line++ {
				row, ok, err := o.Get(line)
				status, known := o.Status(line)
				if exp, has := want[line]; err != nil || ok != has || known != has || row != exp || status != exp.Status {
					t.Errorf("line %d: %t, %v, %s, %#v", line, ok, err, status, row)
				}
			}
		})
	}
	wg.Wait()
}

func TestOutcomesNoticeChange(t *testing.T) {
	f := folderWith(t, write(t, typical(2), typical(3)))
	o, err := f.Outcomes()
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	j, err := f.Journal()
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if _, err := j.f.WriteAt([]byte("7"), o.index[0].offset()); err != nil {
		t.Fatal(err)
	}
	if row, ok, err := o.Get(2); err == nil {
		t.Errorf("got line %d, %t", row.Line, ok)
	}
	if row, ok, err := o.Get(3); err != nil || !ok || row != typical(3) {
		t.Errorf("after an error: %v, %t, %#v", err, ok, row)
	}
}

func TestOutcomesEntry(t *testing.T) {
	if size := unsafe.Sizeof(entry{}); size != 12 {
		t.Errorf("a row takes %d bytes", size)
	}
	const far = int64(math.MaxInt64 >> 4)
	for _, status := range Statuses() {
		for _, off := range []int64{0, 1, math.MaxUint32, far} {
			e, err := newEntry(math.MaxUint32, status, off)
			if err != nil || e.offset() != off || e.status() != status || e.line != math.MaxUint32 {
				t.Errorf("%s at %d: %v, %d, %s", status, off, err, e.offset(), e.status())
			}
		}
	}
	for _, tt := range []struct {
		line int
		off  int64
	}{{-1, 0}, {math.MaxUint32 + 1, 0}, {1, far + 1}} {
		if _, err := newEntry(tt.line, Updated, tt.off); err == nil {
			t.Errorf("line %d at %d was taken", tt.line, tt.off)
		}
	}
}

func BenchmarkOutcomes(b *testing.B) {
	const n = 100_000
	f := &Folder{dir: b.TempDir()}
	j, err := f.Journal()
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
			if _, ok, err := o.Get(line%n + 2); !ok || err != nil {
				b.Fatal(ok, err)
			}
			line++
		}
	})
}

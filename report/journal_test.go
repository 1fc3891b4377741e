package report

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"csvput/report/safefile"
)

// folderWith is a run folder with this report.csv; nil is none.
func folderWith(t *testing.T, data []byte) *Folder {
	t.Helper()
	f := &Folder{dir: t.TempDir(), id: "test"}
	if data != nil {
		if err := os.WriteFile(f.Path(ReportName), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// appendTo opens the journal, appends the rows, closes it and returns the file.
func appendTo(t *testing.T, f *Folder, rows ...Row) []byte {
	t.Helper()
	j, before, err := f.Journal()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if err := j.Append(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(j.Sync(), j.Close(), before.Close()); err != nil {
		t.Fatal(err)
	}
	return contents(t, f, ReportName)
}

func contents(t *testing.T, f *Folder, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(f.Path(name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A report that was cut off after any of its bytes is continued as if only its whole lines had been written.
func TestJournalCutAnywhere(t *testing.T) {
	rows := []Row{{Line: 2, ID: "a", Status: Updated}, {Line: 3, ID: "b", Status: Failed}, {Line: 4, ID: "c,", Status: Updated, Name: "two\n\"lines"}}
	whole := write(t, rows...)
	f := folderWith(t, nil)
	for n := range len(whole) + 1 {
		if err := os.WriteFile(f.Path(ReportName), whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		kept := slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return len(write(t, rows[:r.Line-1]...)) > n })
		o, err := f.Outcomes()
		if err != nil || len(o.index) != len(kept) {
			t.Fatalf("after %d bytes: %d outcomes, %v", n, len(o.index), err)
		}
		o.Close()
		want := write(t, append(kept, typical(9))...)
		if got := appendTo(t, f, typical(9)); !bytes.Equal(got, want) {
			t.Fatalf("after %d bytes the file is\n%q\nwant\n%q", n, got, want)
		}
	}
}

func TestJournalContinuesFinishedReport(t *testing.T) {
	f := folderWith(t, write(t, typical(2), Row{Line: 3, Status: NotAttempted}, Row{Line: 4, Status: Failed}))
	appendTo(t, f, Row{Line: 4, Status: Updated}, Row{Line: 3, Status: Failed})
	appendTo(t, f, Row{Line: 3, Status: Updated, Name: "at last"})
	o, err := f.Outcomes()
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if len(o.index) != 3 {
		t.Errorf("%d rows", len(o.index))
	}
	if row, ok, err := o.Get(3, ""); !ok || err != nil || row.Name != "at last" {
		t.Errorf("%t, %v, %#v", ok, err, row)
	}
}

func TestJournalIsPrivate(t *testing.T) {
	f := folderWith(t, nil)
	appendTo(t, f)
	wantMode(t, f.Path(ReportName), 0o600)
	if rows, err := readAll(contents(t, f, ReportName)); len(rows) != 0 || err != nil {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}

// fullDisk is a journal's file on a disk with room for a number of bytes.
type fullDisk struct {
	data     []byte
	room     int
	stubborn bool // can't be cut either
}

func (d *fullDisk) WriteAt(p []byte, off int64) (int, error) {
	n := max(0, min(len(p), d.room-int(off)))
	d.data = append(d.data[:off], p[:n]...)
	if n < len(p) {
		return 0, noRoom() // as os.File, which forgets what a first system call wrote when a second one fails
	}
	return n, nil
}

func (d *fullDisk) Truncate(size int64) error {
	if d.stubborn {
		return noRoom()
	}
	d.data = d.data[:size]
	return nil
}

func (d *fullDisk) Sync() error  { return nil }
func (d *fullDisk) Close() error { return nil }

func TestJournalOnFullDisk(t *testing.T) {
	line := typical(2).Append(nil)
	disk := &fullDisk{room: 3*len(line) - 1}
	j := &Journal{path: "run/report.csv", f: disk}
	for range 2 {
		if err := j.Append(typical(2)); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		err := j.Append(typical(2))
		if !errors.Is(err, safefile.ErrDiskFull) || !strings.HasPrefix(err.Error(), "writing run/report.csv: the disk is full") {
			t.Fatalf("got %v", err)
		}
		if want := bytes.Repeat(line, 2); !bytes.Equal(disk.data, want) {
			t.Fatalf("the file holds half a line: %q", disk.data)
		}
	}
	disk.room += len(line)
	if err := j.Append(typical(2)); err != nil || len(disk.data) != 3*len(line) {
		t.Fatalf("with room again: %v, %d bytes", err, len(disk.data))
	}
	disk.stubborn = true
	if err := j.Append(typical(2)); !errors.Is(err, safefile.ErrDiskFull) {
		t.Fatalf("got %v", err)
	}
	disk.room *= 2
	if err := j.Append(typical(2)); err == nil {
		t.Error("a line was appended behind half a line")
	}
}

func BenchmarkJournalAppend(b *testing.B) {
	f := &Folder{dir: b.TempDir()}
	j, _, err := f.Journal()
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	row := typical(2)
	b.ReportAllocs()
	for b.Loop() {
		if err := j.Append(row); err != nil {
			b.Fatal(err)
		}
	}
}

// A run that finds a report.csv, even one without a row, is not the first on its folder.
func TestJournalResumed(t *testing.T) {
	f := folderWith(t, nil)
	for _, want := range []bool{false, true, true} {
		j, before, err := f.Journal()
		if err != nil {
			t.Fatal(err)
		}
		if before.Begun() != want {
			t.Errorf("begun %t, want %t", before.Begun(), want)
		}
		if err := errors.Join(j.Close(), before.Close()); err != nil {
			t.Fatal(err)
		}
		if want { // all is lost to damage
			if err := os.WriteFile(f.Path(ReportName), make([]byte, 100), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

package report

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"csvput/report/safefile"
)

func TestFile(t *testing.T) {
	f := folderWith(t, []byte("old"))
	file, err := f.File(ReportName)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write([]byte("new")); err != nil {
		t.Fatal(err)
	}
	if got := contents(t, f, ReportName); string(got) != "old" {
		t.Errorf("before Commit the file is %q", got)
	}
	if err := file.Commit(); err != nil {
		t.Fatal(err)
	}
	if got := contents(t, f, ReportName); string(got) != "new" || file.Name() != ReportName {
		t.Errorf("%s is %q", file.Name(), got)
	}
	wantMode(t, f.Path(ReportName), 0o600)
	if err := file.Discard(); err != nil {
		t.Errorf("Discard after Commit: %v", err)
	}
	wantFiles(t, f, ReportName)
}

// wantFiles checks which files there are.
func wantFiles(t *testing.T, f *Folder, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(f.Dir())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if !slices.Equal(got, want) {
		t.Errorf("there are %q, want %q", got, want)
	}
}

func TestFileDiscard(t *testing.T) {
	f := folderWith(t, nil)
	file, err := f.File(PlanName)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, f, PlanName+partSuffix)
	for range 2 {
		if err := file.Discard(); err != nil {
			t.Fatal(err)
		}
	}
	wantFiles(t, f)
}

// What a killed run left of a file is no part of the next one.
func TestFileStartsAfresh(t *testing.T) {
	f := folderWith(t, nil)
	if err := os.WriteFile(f.Path(PlanName+partSuffix), []byte("left over"), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := f.File(PlanName)
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Commit(); err != nil {
		t.Fatal(err)
	}
	if got := contents(t, f, PlanName); len(got) != 0 {
		t.Errorf("the file is %q", got)
	}
}

func TestFileRefused(t *testing.T) {
	gone := &Folder{dir: folderWith(t, nil).Path("gone")}
	if _, err := gone.File(PlanName); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "writing "+gone.Path(PlanName)) {
		t.Errorf("got %v", err)
	}
	f := folderWith(t, nil)
	if err := os.MkdirAll(f.Path(PlanName+"/in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	file, err := f.File(PlanName)
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Commit(); err == nil || !strings.Contains(err.Error(), f.Path(PlanName)) {
		t.Errorf("got %v", err)
	}
	wantFiles(t, f, PlanName)
}

// fullPart is a file on a disk with room for a number of bytes; its Commit may find out only then.
type fullPart struct {
	*safefile.File
	room int
	late bool
}

func (p *fullPart) Write(b []byte) (int, error) {
	n := min(len(b), p.room)
	p.room -= n
	n, err := p.File.Write(b[:n])
	if err == nil && n < len(b) {
		err = noRoom()
	}
	return n, err
}

func (p *fullPart) Commit(path string) error {
	if p.late {
		return noRoom()
	}
	return p.File.Commit(path)
}

func TestFileOnFullDisk(t *testing.T) {
	for _, tt := range []struct {
		name  string
		room  int
		write int
		late  bool
	}{
		{"while writing", 100_000, 500_000, false},
		{"at the end", 100, 500, false},
		{"at the sync", 1000, 500, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := folderWith(t, []byte("old"))
			part, err := safefile.CreateAs(f.Path(ReportName + partSuffix))
			if err != nil {
				t.Fatal(err)
			}
			file := newFile(f, ReportName, &fullPart{part, tt.room, tt.late})
			_, writeErr := file.Write(make([]byte, tt.write))
			err = file.Commit()
			if !errors.Is(err, ErrDiskFull) || !strings.Contains(err.Error(), "writing "+f.Path(ReportName)+": the disk is full") {
				t.Errorf("got %v", err)
			}
			if writeErr != nil && !errors.Is(writeErr, ErrDiskFull) {
				t.Errorf("Write: %v", writeErr)
			}
			wantFiles(t, f, ReportName)
			if got := contents(t, f, ReportName); string(got) != "old" {
				t.Errorf("the file is %q", got)
			}
		})
	}
}

func TestPlace(t *testing.T) {
	busy := errors.New("open in Excel")
	held := func(err error) bool { return errors.Is(err, busy) }
	taken := func(names ...string) func(string) error {
		return func(name string) error {
			switch {
			case slices.Contains(names, name):
				return busy
			case slices.Contains(names, "report (3).csv") && name == "report (2).csv":
				return fs.ErrExist
			}
			return nil
		}
	}
	for _, tt := range []struct {
		taken []string
		want  string
	}{
		{nil, "report.csv"},
		{[]string{"report.csv"}, "report (2).csv"},
		{[]string{"report.csv", "report (2).csv"}, "report (3).csv"},
		{[]string{"report.csv", "report (3).csv"}, "report (4).csv"},
	} {
		if got, err := place("report.csv", held, taken(tt.taken...)); err != nil || got != tt.want {
			t.Errorf("%q, %v", got, err)
		}
	}
	tries := 0
	if got, err := place("report.csv", held, func(string) error { tries++; return busy }); !errors.Is(err, busy) || got != "report.csv" || tries != maxPlaces {
		t.Errorf("%q, %v after %d tries", got, err, tries)
	}
	broken := errors.New("broken")
	if got, err := place("report.csv", held, func(string) error { return broken }); !errors.Is(err, broken) || got != "report.csv" {
		t.Errorf("%q, %v", got, err)
	}
}

package safefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fullPart is a file on a disk with room for a number of bytes; its Sync may find out only then.
type fullPart struct {
	*os.File
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

func (p *fullPart) Sync() error {
	if p.late {
		return noRoom()
	}
	return p.File.Sync()
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
			dir := t.TempDir()
			path := filepath.Join(dir, "report.csv")
			put(t, path, "old", 0o600)
			part, err := os.Create(path + ".part")
			file, err := begin(path, &fullPart{part, tt.room, tt.late}, err)
			if err != nil {
				t.Fatal(err)
			}
			_, writeErr := file.Write(make([]byte, tt.write))
			err = file.Commit()
			if !errors.Is(err, ErrDiskFull) || !strings.Contains(err.Error(), "writing "+path+": the disk is full") {
				t.Errorf("got %v", err)
			}
			if writeErr != nil && !errors.Is(writeErr, ErrDiskFull) {
				t.Errorf("Write: %v", writeErr)
			}
			if text(t, path) != "old" || len(names(t, dir)) != 1 {
				t.Errorf("%q, %q", text(t, path), names(t, dir))
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

package report

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
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

//go:build unix

package report

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"csvput/report/safefile"
)

// A run folder may come from somebody else. These are what may stand in it in the place of a file; each returns
// the file outside that must stay as it is.
func traps() map[string]func(t *testing.T, path string) (outside string) {
	link := func(t *testing.T, path, target string) {
		t.Helper()
		if err := os.Symlink(target, path); err != nil {
			t.Fatal(err)
		}
	}
	return map[string]func(*testing.T, string) string{
		"link": func(t *testing.T, path string) string {
			outside := filepath.Join(t.TempDir(), ".bashrc")
			if err := os.WriteFile(outside, []byte("mine"), 0o644); err != nil {
				t.Fatal(err)
			}
			link(t, path, outside)
			return outside
		},
		"link to nothing": func(t *testing.T, path string) string {
			outside := filepath.Join(t.TempDir(), ".bash_profile")
			link(t, path, outside)
			return outside
		},
		"device": func(t *testing.T, path string) string {
			link(t, path, os.DevNull)
			return ""
		},
		"pipe": func(t *testing.T, path string) string {
			if err := syscall.Mkfifo(path, 0o600); err != nil {
				t.Fatal(err)
			}
			return ""
		},
	}
}

// untouched is what is known of a file outside.
func untouched(t *testing.T, path string) string {
	t.Helper()
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "nothing"
	}
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().String() + " " + string(data)
}

func TestForeignFolderWrite(t *testing.T) {
	for name, set := range traps() {
		for _, place := range []string{FailedName + partSuffix, FailedName} {
			t.Run(name+" as "+place, func(t *testing.T) {
				f := folderWith(t, nil)
				outside := set(t, f.Path(place))
				was := ""
				if outside != "" {
					was = untouched(t, outside)
				}
				file, err := f.File(FailedName)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := file.Write([]byte("rows")); err != nil {
					t.Fatal(err)
				}
				if err := file.Commit(); err != nil {
					t.Fatal(err)
				}
				if outside != "" && untouched(t, outside) != was {
					t.Errorf("the file outside is %q, was %q", untouched(t, outside), was)
				}
				info, err := os.Lstat(f.Path(FailedName))
				if err != nil || info.Mode() != 0o600 || string(contents(t, f, FailedName)) != "rows" {
					t.Errorf("%s is %v, %v", FailedName, info, err)
				}
				wantFiles(t, f, FailedName)
			})
		}
	}
}

func TestForeignFolderRead(t *testing.T) {
	reads := map[string]func(*Folder) error{
		PlanName:    func(f *Folder) error { _, err := f.Reader(PlanName); return err },
		InputName:   func(f *Folder) error { _, err := f.Reader(InputName); return err },
		SummaryName: func(f *Folder) error { _, err := f.ReadSummary(); return err },
		ReportName:  func(f *Folder) error { _, err := f.Outcomes(); return err },
	}
	for name, set := range traps() {
		for file, read := range reads {
			t.Run(name+" as "+file, func(t *testing.T) {
				f := folderWith(t, nil)
				set(t, f.Path(file))
				if err := read(f); !errors.Is(err, safefile.ErrNotRegular) {
					t.Errorf("got %v", err)
				}
			})
		}
	}
}

func TestForeignFolderAppend(t *testing.T) {
	for name, set := range traps() {
		for _, place := range []string{ReportName, LockName} {
			t.Run(name+" as "+place, func(t *testing.T) {
				f := folderWith(t, nil)
				outside := set(t, f.Path(place))
				was := ""
				if outside != "" {
					was = untouched(t, outside)
				}
				var err error
				if place == ReportName {
					_, _, err = f.Journal()
				} else {
					_, err = f.Lock(t.Context(), 0)
				}
				if !errors.Is(err, safefile.ErrNotRegular) {
					t.Errorf("got %v", err)
				}
				if outside != "" && untouched(t, outside) != was {
					t.Errorf("the file outside is %q, was %q", untouched(t, outside), was)
				}
			})
		}
	}
}

package safefile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// names are the files of a directory.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func put(t *testing.T, path, text string, perm fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), perm); err != nil {
		t.Fatal(err)
	}
}

func text(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func wantMode(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode() != want {
		t.Errorf("%s has the mode %v, want %v", path, info.Mode(), want)
	}
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.prom")
	put(t, path, "old", 0o666)
	put(t, path+".part", "mine", 0o644) // a file of somebody who names files as we do
	for _, perm := range []fs.FileMode{0o600, 0o644} {
		err := Write(path, perm, func(w io.Writer) error {
			_, err := io.WriteString(w, "new")
			return err
		})
		if err != nil || text(t, path) != "new" || text(t, path+".part") != "mine" {
			t.Errorf("%v: %q and %q", err, text(t, path), text(t, path+".part"))
		}
		wantMode(t, path, perm)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"x.prom", "x.prom.part"}) {
		t.Errorf("there are %q", got)
	}
}

func TestWriteGivenUp(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.csv")
	put(t, path, "old", 0o600)
	broken := errors.New("broken")
	err := Write(path, 0o600, func(w io.Writer) error {
		_, err := io.WriteString(w, "half")
		return errors.Join(err, broken)
	})
	if !errors.Is(err, broken) || text(t, path) != "old" || len(names(t, dir)) != 1 {
		t.Errorf("%v, %q, %q", err, text(t, path), names(t, dir))
	}
	if err := Write(filepath.Join(dir, "gone", "x"), 0o600, func(io.Writer) error { return nil }); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// A folder in the way is no file to replace: nothing is put anywhere.
func TestCommitRefused(t *testing.T) {
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken")
	if err := os.MkdirAll(filepath.Join(taken, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := CreateAs(taken, filepath.Join(dir, "new.part"))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Commit(); err == nil || !strings.Contains(err.Error(), "writing "+taken+": ") {
		t.Errorf("got %v", err)
	}
	if err := f.Discard(); err != nil || len(names(t, dir)) != 1 {
		t.Errorf("%v, %q", err, names(t, dir))
	}
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if _, err := Open(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	put(t, path, "text", 0o600)
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if data, err := io.ReadAll(f); err != nil || string(data) != "text" {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := Open(dir); !errors.Is(err, ErrNotRegular) {
		t.Errorf("a folder: %v", err)
	}
}

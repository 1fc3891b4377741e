//go:build unix

package safefile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// What stands in the place of a file is replaced, and what it points at stays as it is.
func TestLinkIsReplaced(t *testing.T) {
	for name, write := range map[string]func(path, part string) error{
		"Write": func(path, _ string) error {
			return Write(path, 0o644, func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err })
		},
		"CreateAs": func(path, part string) error {
			f, err := CreateAs(path, part)
			if err != nil {
				return err
			}
			_, err = io.WriteString(f, "new")
			return errors.Join(err, f.Commit())
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, outside := t.TempDir(), filepath.Join(t.TempDir(), ".bashrc")
			put(t, outside, "mine", 0o640)
			path, part := filepath.Join(dir, "x"), filepath.Join(dir, "x.part")
			for _, link := range []string{path, part} {
				if err := os.Symlink(outside, link); err != nil {
					t.Fatal(err)
				}
			}
			if err := write(path, part); err != nil {
				t.Fatal(err)
			}
			if text(t, path) != "new" || text(t, outside) != "mine" {
				t.Errorf("%q, outside %q", text(t, path), text(t, outside))
			}
			wantMode(t, outside, 0o640)
			if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
				t.Errorf("%v, %v", info, err)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	file, link, pipe := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "pipe")
	put(t, file, "mine", 0o600)
	if err := errors.Join(os.Symlink(file, link), syscall.Mkfifo(pipe, 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{link, pipe, os.DevNull} {
		for _, flag := range []int{os.O_RDONLY, os.O_WRONLY, os.O_RDWR | os.O_CREATE} {
			if _, err := OpenFile(path, flag); !errors.Is(err, ErrNotRegular) {
				t.Errorf("%s with %#x: %v", path, flag, err)
			}
		}
		// The system refuses too what took the file's place after it was looked at.
		if path == link {
			if _, err := os.OpenFile(path, os.O_RDWR|NoFollow, 0); !isLink(err) {
				t.Errorf("with NoFollow: %v", err)
			}
		}
	}
}

// noRoom is what the system says when the disk is full.
func noRoom() error { return &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC} }

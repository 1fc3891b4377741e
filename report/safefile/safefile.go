// Package safefile opens and replaces files in folders that other people can write to: a run folder that came in a
// mail, a directory that several programs share. What somebody has put in the place of a file, a link, a pipe or a
// device, is neither written through nor waited for.
package safefile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrNotRegular is wrapped by the error of opening something else than a regular file.
var ErrNotRegular = errors.New("it is a link, a pipe or a device, and no ordinary file")

// Open opens a regular file for reading. It follows no link at the end of the path, and a pipe does not hold it up.
func Open(path string) (*os.File, error) { return OpenFile(path, os.O_RDONLY) }

// OpenFile is Open with the flags of os.OpenFile. A file that it makes is the user's alone (0600).
func OpenFile(path string, flag int) (*os.File, error) {
	refuse := func(err error) error { return &fs.PathError{Op: "open", Path: path, Err: err} }
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return nil, refuse(ErrNotRegular)
	}
	file, err := os.OpenFile(path, flag|NoFollow, 0o600)
	if isLink(err) {
		return nil, refuse(ErrNotRegular)
	}
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = refuse(ErrNotRegular)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// File is a file in the making, under a temporary name in the directory that it is meant for. It must be ended with
// Commit or Discard. Only the user can read it (0600).
type File struct {
	*os.File
	closed bool
}

// Create begins a file for path's directory under a name that nobody can foresee.
func Create(path string) (*File, error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".csvput-*.part")
	if err != nil {
		return nil, err
	}
	return &File{File: f}, nil
}

// CreateAs begins a file under a temporary name that is known, and that one process at a time uses. What is there under
// this name, a link too, is removed first.
func CreateAs(temporary string) (*File, error) {
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return &File{File: f}, nil
}

// Commit gives the file its name, in place of what has that name: a link is replaced, and what it points at stays as it
// is. When Commit returns nil, the file outlives a power failure. After an error it can be called again, with another
// path in the same directory; else Discard ends the file.
func (f *File) Commit(path string) error {
	if !f.closed {
		if err := f.Sync(); err != nil {
			return err
		}
		f.closed = true
		if err := f.Close(); err != nil {
			return err
		}
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(path))
}

// Discard gives the file up and removes what was written.
func (f *File) Discard() error {
	var closed error
	if !f.closed {
		f.closed = true
		closed = f.Close()
	}
	err := os.Remove(f.Name())
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, closed)
}

// Write writes a whole file: at path is what was there before or all that fill wrote. Others may do with the file what
// perm says.
func Write(path string, perm fs.FileMode, fill func(io.Writer) error) error {
	f, err := Create(path)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	err = fill(f)
	if err == nil && perm != 0o600 {
		err = f.Chmod(perm)
	}
	if err == nil {
		err = f.Commit(path)
	}
	if err != nil {
		return errors.Join(err, f.Discard())
	}
	return nil
}

package safefile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// File is a file in the making. It is written under a temporary name in the directory that it is meant for and put in
// its place when it is whole, so nothing that is half written ever has its name. Only the user can read it (0600). It
// must be ended with Commit or Discard, and is not safe for concurrent use.
type File struct {
	path string
	part part
	w    *bufio.Writer
	done bool
}

// part is what File needs of an *os.File; a test puts a full disk in its place.
type part interface {
	io.WriteCloser
	Name() string
	Chmod(perm fs.FileMode) error
	Sync() error
}

// Create begins a file under a temporary name that nobody can foresee.
func Create(path string) (*File, error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".csvput-*.part")
	return begin(path, f, err)
}

// CreateAs begins a file under a temporary name that is known, and that one process at a time uses. What is there under
// this name, a link too, is removed first.
func CreateAs(path, temporary string) (*File, error) {
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return begin(path, nil, err)
	}
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	return begin(path, f, err)
}

func begin(path string, p part, err error) (*File, error) {
	if err != nil {
		return nil, Writing(path, err)
	}
	return &File{path: path, part: p, w: bufio.NewWriterSize(p, 64<<10)}, nil
}

// Write implements io.Writer. An error, which wraps ErrDiskFull when there is no room, stays: the file can't be
// committed any more.
func (f *File) Write(p []byte) (int, error) {
	n, err := f.w.Write(p)
	return n, Writing(f.path, err)
}

// Name is the file's name in its directory. After Commit it may be another than was asked for.
func (f *File) Name() string { return filepath.Base(f.path) }

// Commit gives the file its name, in place of what has that name: a link is replaced, and what it points at stays as it
// is. When Commit returns nil, the file outlives a power failure. If the place is taken by a file that another program
// holds open (Excel on Windows), the file gets the next free name, as in "report (2).csv": see Name. After an error,
// nothing was put anywhere.
func (f *File) Commit() error {
	err := f.w.Flush()
	if err == nil {
		err = f.part.Sync()
	}
	if closed := f.part.Close(); err == nil {
		err = closed
	}
	if err == nil {
		f.path, err = place(f.path, heldOpen, func(path string) error {
			if _, err := os.Lstat(path); path != f.path && err == nil {
				return fs.ErrExist
			}
			return os.Rename(f.part.Name(), path)
		})
	}
	if err == nil {
		f.done = true
		err = SyncDir(filepath.Dir(f.path))
	}
	return errors.Join(Writing(f.path, err), f.Discard())
}

// Discard gives the file up and removes what was written. After Commit it does nothing.
func (f *File) Discard() error {
	if f.done {
		return nil
	}
	f.done = true
	_ = f.part.Close() // Commit may have closed it
	if err := os.Remove(f.part.Name()); !errors.Is(err, fs.ErrNotExist) {
		return Writing(f.path, err)
	}
	return nil
}

// Fill ends a file that write fills.
func (f *File) Fill(write func(io.Writer) error) error {
	if err := write(f); err != nil {
		return errors.Join(err, f.Discard())
	}
	return f.Commit()
}

// Write writes a whole file: at path is what was there before or all that fill wrote. Others may do with the file what
// perm says.
func Write(path string, perm fs.FileMode, fill func(io.Writer) error) error {
	f, err := Create(path)
	if err != nil {
		return err
	}
	return f.Fill(func(w io.Writer) error {
		if err := f.part.Chmod(perm); err != nil {
			return Writing(path, err)
		}
		return fill(w)
	})
}

// place calls move with the path and, if a held file is in the way, with the next ones until one is free: "report.csv",
// "report (2).csv", "report (3).csv". It returns the path that was taken, or path with the error. From the second one
// on, move is to say fs.ErrExist when there is such a file.
func place(path string, held func(error) bool, move func(path string) error) (string, error) {
	err := move(path)
	ext := filepath.Ext(path)
	for n := 2; n <= maxPlaces && (held(err) || n > 2 && errors.Is(err, fs.ErrExist)); n++ {
		next := fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(path, ext), n, ext)
		if err = move(next); err == nil {
			return next, nil
		}
	}
	return path, err
}

// maxPlaces bounds the names that place tries: what looks like a held file may be a folder without permission.
const maxPlaces = 100

// ErrDiskFull is wrapped by the error of a write for which there was no room.
var ErrDiskFull = errors.New("the disk is full")

// Writing is the error of writing a file, in words; nil stays nil.
func Writing(path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("writing %s: %w", path, Sentence(cause(err)))
}

// Sentence says in words what a person can do something about: a full disk, a file that is open elsewhere. It wraps
// what the system said.
func Sentence(err error) error {
	switch {
	case errors.Is(err, ErrDiskFull):
		return err
	case diskFull(err):
		return fmt.Errorf("%w: %w", ErrDiskFull, cause(err))
	case heldOpen(err):
		return fmt.Errorf("another program, such as Excel, has the file open, or it is write-protected: %w", cause(err))
	}
	return err
}

// cause is what the operating system said, without the path.
func cause(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	if l, ok := errors.AsType[*os.LinkError](err); ok {
		return l.Err
	}
	return err
}

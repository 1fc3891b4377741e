package report

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"csvput/report/safefile"
)

// ErrDiskFull is wrapped by the error of a write for which there was no room.
var ErrDiskFull = errors.New("the disk is full")

// File is a file of the folder in the making. It is written beside its place and put there when it is whole, so nothing
// that is half written ever has its name. It is not safe for concurrent use.
type File struct {
	folder *Folder
	name   string
	part   partFile
	w      *bufio.Writer
	done   bool
}

// partFile is what File needs of a safefile.File; a test puts a full disk in its place.
type partFile interface {
	io.Writer
	Commit(path string) error
	Discard() error
}

// File begins a file of the folder, in place of an earlier one if there is one. Only the user can read it (0600). A
// link that somebody has put there is replaced, never followed. It must be ended with Commit or Discard.
func (f *Folder) File(name string) (*File, error) {
	part, err := safefile.CreateAs(f.Path(name + partSuffix))
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", f.Path(name), sentence(cause(err)))
	}
	return newFile(f, name, part), nil
}

func newFile(f *Folder, name string, part partFile) *File {
	return &File{folder: f, name: name, part: part, w: bufio.NewWriterSize(part, 64<<10)}
}

// Write implements io.Writer. An error, which wraps ErrDiskFull when there is no room, stays: the file can't be
// committed any more.
func (f *File) Write(p []byte) (int, error) {
	n, err := f.w.Write(p)
	return n, f.explain(err)
}

// Name is the file's name in the folder. After Commit it may be another than was asked for.
func (f *File) Name() string { return f.name }

// Commit puts the file in its place, on disk: when it returns nil, the file outlives a power failure. If the place is
// taken by a file that another program holds open (Excel on Windows), the file gets the next free name, as in "report
// (2).csv": see Name. After an error, nothing was put anywhere. A file of the same name must not be open in this
// process.
func (f *File) Commit() error {
	err := f.w.Flush()
	if err == nil {
		f.name, err = place(f.name, heldOpen, func(name string) error {
			if name != f.name && exists(f.folder.dir, name) {
				return fs.ErrExist
			}
			return f.part.Commit(f.folder.Path(name))
		})
	}
	if err != nil {
		return errors.Join(f.explain(err), f.Discard())
	}
	f.done = true
	return nil
}

// Discard gives the file up and removes what was written. After Commit it does nothing.
func (f *File) Discard() error {
	if f.done {
		return nil
	}
	f.done = true
	return f.explain(f.part.Discard())
}

func (f *File) explain(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("writing %s: %w", f.folder.Path(f.name), sentence(cause(err)))
}

// place calls move with the name and, if a held file is in the way, with the next ones until one is free: "report.csv",
// "report (2).csv", "report (3).csv". It returns the name that was taken, or name with the error. From the second name
// on, move is to say fs.ErrExist when there is such a file.
func place(name string, held func(error) bool, move func(name string) error) (string, error) {
	err := move(name)
	ext := filepath.Ext(name)
	for n := 2; n <= maxPlaces && (held(err) || n > 2 && errors.Is(err, fs.ErrExist)); n++ {
		next := fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(name, ext), n, ext)
		if err = move(next); err == nil {
			return next, nil
		}
	}
	return name, err
}

// maxPlaces bounds the names that place tries: what looks like a held file may be a folder without permission.
const maxPlaces = 100

// sentence says in words what a person can do something about: a full disk, a file that is open elsewhere. It wraps
// what the system said.
func sentence(err error) error {
	if err == nil || errors.Is(err, ErrDiskFull) {
		return err
	}
	switch {
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

// Package safefile opens and replaces files in folders that other people can write to: a run folder that came in a
// mail, a directory that several programs share. What somebody has put in the place of a file, a link, a pipe or a
// device, is neither written through nor waited for.
package safefile

import (
	"errors"
	"io/fs"
	"os"
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

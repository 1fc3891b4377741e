package run

import (
	"errors"
	"io"
	"os"

	"csvput/report/safefile"
)

// MustBeNew refuses a file that is there already, and a link that leads nowhere.
func MustBeNew(path string) error {
	if _, err := os.Lstat(path); path != "" && err == nil {
		return Usagef("%s is there already, and csvput overwrites nothing", path)
	}
	return nil
}

// WriteNew writes a file that must not be there yet, and only when it is whole.
func WriteNew(path string, fill func(io.Writer) error) error {
	if err := MustBeNew(path); err != nil {
		return err
	}
	begun := false
	err := safefile.Write(path, 0o600, func(w io.Writer) error {
		begun = true
		if err := fill(w); err != nil {
			return err
		}
		return MustBeNew(path) // an export takes its time
	})
	if err != nil && !begun {
		return Usagef("%s can't be written: %v", path, errors.Unwrap(err))
	}
	return err
}

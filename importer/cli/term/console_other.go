//go:build !windows

package term

import (
	"errors"
	"io"
	"syscall"
)

// OwnConsole reports whether the program has a console window of its own, which closes when it ends. Only Windows opens
// one.
func OwnConsole() bool { return false }

// EnableEscapes makes a terminal understand control sequences; here every terminal does.
func EnableEscapes(io.Writer) bool { return true }

// BrokenPipe reports whether a write failed because nobody reads what is written.
func BrokenPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }

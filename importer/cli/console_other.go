//go:build !windows

package cli

import (
	"errors"
	"io"
	"syscall"
)

// ownConsole tells whether the program has a console window of its own, which closes when it ends.
// Only Windows opens one.
func ownConsole() bool { return false }

// enableEscapes makes a terminal understand control sequences; here every terminal does.
func enableEscapes(io.Writer) bool { return true }

// brokenPipe tells whether a write failed because nobody reads what is written.
func brokenPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }

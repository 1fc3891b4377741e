//go:build !windows

package cli

import "io"

// ownConsole tells whether the program has a console window of its own, which closes when it ends.
// Only Windows opens one.
func ownConsole() bool { return false }

// enableEscapes makes a terminal understand control sequences; here every terminal does.
func enableEscapes(io.Writer) bool { return true }

//go:build !windows

package cli

// ownConsole tells whether the program has a console window of its own, which closes when it ends.
// Only Windows opens one.
func ownConsole() bool { return false }

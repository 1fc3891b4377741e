package cli

import (
	"fmt"
	"os"
	"strings"

	"csvput/importer/cli/term"
)

// desktopArgs recognises a program that was started from the desktop, in a window of its own that closes when the
// program ends: by a double-click, or by dropping a CSV file on its icon. The file is checked, which harms nothing.
func desktopArgs(args []string) (changed []string, own bool) {
	if len(args) > 2 || !term.OwnConsole() {
		return args, false
	}
	return droppedFile(args), true
}

// droppedFile makes the command line that checks the only argument, where that is a file.
func droppedFile(args []string) []string {
	if len(args) != 2 || strings.HasPrefix(args[1], "-") {
		return args
	}
	if info, err := os.Stat(args[1]); err != nil || !info.Mode().IsRegular() {
		return args
	}
	return []string{args[0], "check", args[1]}
}

// waitForKey keeps the window open until somebody has read it.
func (a *app) waitForKey() {
	fmt.Fprint(a.Stderr, "\nPress Enter to close this window. ")
	_, _ = term.ReadLine(a.soft, a.Stdin)
}

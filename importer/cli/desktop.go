package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"csvput/importer/cli/term"
)

// desktopArgs recognises a program that was started from the desktop: by a double-click, or by dropping a file on its
// icon. Then the pages open. own says that it is in a window of its own, which closes when the program ends. On macOS a
// double-click opens a terminal, which calls the program by its whole path.
func desktopArgs(args []string, stdin io.Reader) (changed []string, own bool) {
	own = term.OwnConsole()
	finder := runtime.GOOS == "darwin" && len(args) == 1 && filepath.IsAbs(args[0]) && term.IsTerminal(stdin)
	if own || finder {
		args = fromDesktop(args)
	}
	return args, own
}

// fromDesktop makes the command line that opens the pages, with the only argument where that is a file.
func fromDesktop(args []string) []string {
	switch {
	case len(args) == 1:
		return append(args, "ui")
	case len(args) != 2 || strings.HasPrefix(args[1], "-"):
		return args
	}
	if info, err := os.Stat(args[1]); err != nil || !info.Mode().IsRegular() {
		return args
	}
	return []string{args[0], "ui", args[1]}
}

// waitForKey keeps the window open until somebody has read it.
func (a *app) waitForKey() {
	fmt.Fprint(a.Stderr, "\nPress Enter to close this window. ")
	_, _ = term.ReadLine(a.soft, a.Stdin)
}

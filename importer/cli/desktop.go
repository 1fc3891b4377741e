package cli

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// droppedFile recognises a program that was started by dropping a CSV file on its icon: one argument,
// which is a file and no command. It is checked, which harms nothing.
func droppedFile(args []string) ([]string, bool) {
	if len(args) != 2 || strings.HasPrefix(args[1], "-") || !ownConsole() {
		return args, false
	}
	info, err := os.Stat(args[1])
	if err != nil || !info.Mode().IsRegular() {
		return args, false
	}
	return []string{args[0], "check", args[1]}, true
}

// waitForKey keeps the window open until somebody has read it.
func (a *app) waitForKey() {
	fmt.Fprint(a.Stderr, "\nPress Enter to close this window. ")
	bufio.NewReader(a.Stdin).ReadString('\n')
}

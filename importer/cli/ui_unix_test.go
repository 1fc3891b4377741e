//go:build unix

package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestUIOpens opens the browser through a file that nobody else can read: the address lets in whoever comes first, and
// others see the arguments of a program.
func TestUIOpens(t *testing.T) {
	w := newWorld(t, 1)
	pipe := w.path("opened")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\necho \"$(stat -c %a \"$1\" 2>/dev/null || stat -f %Lp \"$1\") $1\" >" + pipe + "\n"
	for _, name := range []string{"xdg-open", "open"} {
		if err := os.WriteFile(w.path(name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", w.dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	p := w.ui()
	opened, err := os.ReadFile(pipe)
	if err != nil {
		t.Fatal(err)
	}
	mode, redirect, _ := strings.Cut(strings.TrimSpace(string(opened)), " ")
	text, err := os.ReadFile(redirect)
	if err != nil || mode != "600" || filepath.Ext(redirect) != ".html" || !strings.Contains(string(text), p.base) {
		t.Errorf("%s with mode %s: %v %s", redirect, mode, err, text)
	}
	w.signals <- os.Interrupt
	if r := <-p.ended; r.code != 0 {
		t.Errorf("ended with %d: %s", r.code, r.stderr)
	}
	if _, err := os.Stat(redirect); err == nil {
		t.Errorf("%s is left", redirect)
	}
}

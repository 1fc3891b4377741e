//go:build !windows

package cli_test

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSettingsFileIsNoFile says that what is no file is not waited for, and that the commands that need no
// settings work whatever stands in their place.
func TestSettingsFileIsNoFile(t *testing.T) {
	for name, make := range map[string]func(*world){
		"pipe": func(w *world) {
			if err := syscall.Mkfifo(w.path("csvput.yaml"), 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"folder":    func(w *world) { os.Mkdir(w.path("csvput.yaml"), 0o700) },
		"endless":   func(w *world) { os.Symlink("/dev/zero", w.path("csvput.yaml")) },
		"large":     func(w *world) { w.write("csvput.yaml", strings.Repeat("# \n", 40000)) },
		"no YAML":   func(w *world) { w.write("csvput.yaml", "country: [\n") },
		"no list":   func(w *world) { w.write("csvput.yaml", secret) },
		"unknown":   func(w *world) { w.write("csvput.yaml", "countri: GB\n") },
		"refused":   func(w *world) { w.write("csvput.yaml", "base-url: https://evil.example.com\n") },
		"bad value": func(w *world) { w.write("csvput.yaml", "workers: many\n") },
	} {
		w := inFolder(t)
		make(w)
		done := timeLimit(t, 20*time.Second)
		for _, args := range [][]string{{"version"}, {"--help"}, {"help"}, {"run", "--help"}, {"help", "run"}, {"completion", "bash"}, {"template"}, {"run", "--coun", "--generate-shell-completion"}} {
			if got := w.call(args...); got.code != 0 || got.stdout == "" || got.stderr != "" {
				t.Errorf("%s: csvput %v ends with %d\n%s", name, args, got.code, got.stderr)
			}
		}
		for _, command := range [][]string{{"check", "contacts.csv"}, {"config"}, {"logins"}} {
			got := w.call(command...)
			if got.code != 2 || !strings.Contains(got.stderr, "csvput.yaml") || strings.Contains(got.stderr, secret[:8]) {
				t.Errorf("%s: csvput %v ends with %d\n%s", name, command, got.code, got.stderr)
			}
		}
		done()
	}
}

// TestNoPlaceForTheFolder says where else a run's folder can go.
func TestNoPlaceForTheFolder(t *testing.T) {
	w := newWorld(t, 1)
	w.env["CSVPUT_OUT"] = ""
	w.stdin = "id,value\n9a000000-0000-4000-8000-000000000001,020 7946 0123\n"
	t.Chdir(t.TempDir())
	gone, err := os.Getwd()
	if err == nil {
		err = os.Remove(gone)
	}
	if err != nil {
		t.Fatal(err)
	}
	got := w.call("check", "-")
	if got.code != 1 || !strings.Contains(got.stderr, "making a folder for the run") || !strings.Contains(got.stderr, "--out FOLDER") {
		t.Errorf("ends with %d\n%s", got.code, got.stderr)
	}
}

// timeLimit ends the test run when what follows hangs, with a word on where.
func timeLimit(t *testing.T, d time.Duration) func() {
	t.Helper()
	timer := time.AfterFunc(d, func() { panic(t.Name() + " hangs") })
	return func() { timer.Stop() }
}

//go:build unix

package report

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"syscall"
	"testing"
)

// noRoom is what the system says when the disk is full.
func noRoom() error { return &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC} }

// limitFileSize makes the system take no more than n bytes for a file of this process.
func limitFileSize(n uint64) error {
	signal.Ignore(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	limit.Cur = n
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit)
}

// A real file system that takes a part of a line and then no more: the part is cut off again.
func TestRealFileSystemWithoutRoom(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f := folderWith(t, nil)
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), childEnv+"=limit:"+f.Dir())
	out, _ := cmd.Output() // a child always ends with 1
	lines := (fileLimit - len(write(t))) / len(typical(2).Append(nil))
	want := fmt.Sprintf("%d lines, then: writing %s: .*\ncommit: writing %s: .*\n", lines, f.Path(ReportName), f.Path(PlanName))
	if !regexp.MustCompile("^" + want + "$").Match(out) {
		t.Errorf("the child says:\n%s\nwant\n%s", out, want)
	}
	rows, err := readAll(contents(t, f, ReportName))
	if err != nil || len(rows) != lines {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	wantFiles(t, f, LockName, ReportName)
}

//go:build unix

package importer_test

import (
	"fmt"
	"math/rand/v2"
	"os/signal"
	"syscall"
	"testing"
	"testing/synctest"

	"csvput/report"
)

// TestWorldOfFullDisks is TestWorld where the disk is full now and then while rows are sent. One world after the other:
// the room that a process has is the same for all of it.
func TestWorldOfFullDisks(t *testing.T) {
	if !alone(t) {
		return
	}
	signal.Ignore(syscall.SIGXFSZ) // out here: what listens to signals must not begin inside a bubble
	t.Cleanup(func() { signal.Reset(syscall.SIGXFSZ) })
	for seed := uint64(1); seed <= 40; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) { live(t, seed, dir, tighten) })
		})
	}
}

// tighten makes the system take no more for a file than some of a report, until the function that it returns is called.
func tighten(t *testing.T, folder *report.Folder, r *rand.Rand) (enough func()) {
	t.Helper()
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		t.Fatal(err)
	}
	limit := was
	limit.Cur = uint64(1000 + r.Int64N(2*size(t, folder, report.PlanName)))
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
			t.Error(err)
		}
	}
}

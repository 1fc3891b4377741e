package crm

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// Attempts that share a context have all of their time, and little more.
func TestDeadlineShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const timeout, grain = 1280 * time.Millisecond, 10 * time.Millisecond
		d := deadline{timeout: timeout}
		run, stop := context.WithCancel(t.Context())
		defer stop()
		began := time.Now()
		first := d.after(run, began)
		if d.after(run, began.Add(grain)) != first {
			t.Error("two attempts at nearly the same time have contexts of their own")
		}
		late := d.after(run, began.Add(grain+1))
		if late == first {
			t.Error("an attempt shares a context that leaves it too little time")
		}
		other, cancel := context.WithCancel(run)
		defer cancel()
		if d.after(other, began.Add(grain+1)) == late {
			t.Error("attempts of two runs share a context")
		}
		<-first.Done()
		if took := time.Since(began); took != timeout+grain || !errors.Is(first.Err(), context.DeadlineExceeded) {
			t.Errorf("%v after %s", first.Err(), took)
		}
		if late.Err() != nil {
			t.Error("the later one ended with the first")
		}
		stop()
		<-late.Done()
		if !errors.Is(late.Err(), context.Canceled) {
			t.Errorf("the run's end is %v", late.Err())
		}
	})
}

package crm

import (
	"context"
	"errors"
	"net/http/httptrace"
	"testing"
	"testing/synctest"
	"time"
)

// A wire is used again after one request that was written to its end, and after nothing else.
func TestWiresKept(t *testing.T) {
	wrote := func(w *wire, err error) { w.hooks.WroteRequest(httptrace.WroteRequestInfo{Err: err}) }
	once := func(w *wire) { w.hooks.WroteHeaders(); wrote(w, nil) }
	for _, tt := range []struct {
		name string
		use  func(*wire)
		kept bool
	}{
		{"written once", once, true},
		{"never sent", func(*wire) {}, false},
		{"answered before it was written", func(w *wire) { w.hooks.WroteHeaders() }, false},
		{"torn", func(w *wire) { w.hooks.WroteHeaders(); wrote(w, errors.New("broken pipe")) }, false},
		{"sent twice by the transport", func(w *wire) { once(w); once(w) }, false},
		{"a huge answer", func(w *wire) { once(w); w.answer.Grow(2 * keepAnswer) }, false},
	} {
		p := wires{traced: true}
		w := p.get(t.Context())
		w.answer.WriteString("said")
		tt.use(w)
		p.put(w)
		kept := false
		for range 100 { // under the race detector the pool forgets some
			again := p.get(t.Context())
			if again.written.Load() != 0 || again.ended.Load() != 0 || again.torn.Load() != 0 || again.answer.Len() != 0 {
				t.Fatalf("%s: the next request begins with what is left of this one", tt.name)
			}
			kept = kept || again == w
			if kept || !tt.kept {
				break
			}
			tt.use(w)
			p.put(w)
		}
		if kept != tt.kept {
			t.Errorf("%s: kept is %t", tt.name, kept)
		}
	}
}

// Attempts that share a context have all of their time, and little more.
func TestDeadlineShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const timeout, grain = 1280 * time.Millisecond, 10 * time.Millisecond
		d := deadline{timeout: timeout}
		run, stop := context.WithCancel(t.Context())
		defer stop()
		began := time.Now()
		first := d.after(run, began)
		time.Sleep(grain)
		if d.after(run, time.Now()) != first {
			t.Error("two attempts at nearly the same time have contexts of their own")
		}
		time.Sleep(time.Nanosecond)
		late := d.after(run, time.Now())
		if late == first {
			t.Error("an attempt shares a context that leaves it too little time")
		}
		other, cancel := context.WithCancel(run)
		defer cancel()
		if d.after(other, time.Now()) == late {
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

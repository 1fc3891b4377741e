package crm

import (
	"errors"
	"net/http/httptrace"
	"testing"
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
		{"a huge answer", func(w *wire) { once(w); w.answer.Grow(2*keepAnswer + 1) }, false},
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

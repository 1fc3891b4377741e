package crm

import (
	"bytes"
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"time"
)

// wire sees what the transport does with one request, and holds the request's and the answer's body.
type wire struct {
	ctx     context.Context // of the request, with the hooks
	traced  bool            // the transport calls them; if not (a transport of tests), the worst is assumed
	written atomic.Int32    // times that headers were written to a connection
	ended   atomic.Int32    // times that writing a request ended, well or not
	torn    atomic.Int32    // of them, times that the request could not be written to its end
	body    bytes.Reader
	answer  bytes.Buffer
	places  []chan struct{} // that the answer holds in memory

	notAfter time.Time // when the request may leave at the latest; zero = at any time
	late     bool      // it was kept back

	within context.Context // that ctx was made of
	hooks  httptrace.ClientTrace
}

func newWire(traced bool) *wire {
	w := &wire{traced: traced}
	w.hooks.GotConn = w.connected
	w.hooks.WroteHeaders = func() { w.written.Add(1) }
	w.hooks.WroteRequest = func(info httptrace.WroteRequestInfo) {
		if info.Err != nil {
			w.torn.Add(1)
		}
		w.ended.Add(1)
	}
	return w
}

// connected keeps a change back that has waited too long for its connection: without its body, HTTP/1 sends nothing of
// it. HTTP/2 sends the headers first, and is let go: it waits for the first of all connections only.
func (w *wire) connected(info httptrace.GotConnInfo) {
	if w.notAfter.IsZero() || !time.Now().After(w.notAfter) {
		return
	}
	if c, ok := info.Conn.(*tls.Conn); ok && c.ConnectionState().NegotiatedProtocol == "h2" {
		return
	}
	w.late = true
	w.body.Reset(nil)
}

// wires keeps a wire for the next request when the transport is certain to be done with it.
type wires struct {
	pool   sync.Pool
	traced bool
}

// get returns a wire for a request within ctx.
func (p *wires) get(ctx context.Context) *wire {
	w, ok := p.pool.Get().(*wire)
	if !ok {
		w = newWire(p.traced)
	}
	switch {
	case !p.traced:
		w.ctx = ctx
		w.written.Store(1)
	case w.within != ctx:
		w.within, w.ctx = ctx, httptrace.WithClientTrace(ctx, &w.hooks)
	}
	return w
}

// put takes a wire back. After anything but one request that was written well, a hook might still be called.
func (p *wires) put(w *wire) {
	w.release()
	if w.written.Load() != 1 || w.ended.Load() != 1 || w.torn.Load() != 0 || w.answer.Cap() > 2*keepAnswer {
		return
	}
	w.written.Store(0)
	w.ended.Store(0)
	w.answer.Reset()
	p.pool.Put(w)
}

package sandbox

import (
	"cmp"
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Fault is what goes wrong with one request. The zero value is none.
type Fault struct {
	Kind FaultKind
	// Done has the request carried out first, write and quota included; if that refuses it (401, 404, 422, 429 and so
	// on) the refusal is the answer. Without it the request is lost or answered before anything else looks at it, as by
	// something in front of the application. The kinds that need an answer to spoil are always carried out.
	Done bool
	// Counted has a request that is not Done pass the token and the quota, so that the answer bears the quota's
	// headers.
	Counted bool

	Status   int           // FaultStatus: 0 means 500
	Body     string        // FaultStatus: JSON if it begins with "{", else HTML
	Header   http.Header   // of any answer that a fault makes, over its own headers
	Interval time.Duration // FaultDrip: between two bytes; 0 means a second
}

// FaultKind is a way to go wrong.
type FaultKind int

// The kinds of Fault.
const (
	FaultNone     FaultKind = iota
	FaultStatus             // answers Status, Header and Body
	FaultReset              // resets the connection instead of answering
	FaultClose              // closes the connection instead of answering
	FaultHang               // never answers: waits until the client gives up or the server ends
	FaultDrip               // sends the body one byte at a time
	FaultCut                // sends half of the body and closes the connection
	FaultTruncate           // sends half of the JSON as if it were all
	FaultDiscard            // answers a PUT as if it were done, and does not do it
)

// needsAnswer reports whether there must be an answer to spoil.
func (k FaultKind) needsAnswer() bool {
	return slices.Contains([]FaultKind{FaultNone, FaultDrip, FaultCut, FaultTruncate, FaultDiscard}, k)
}

// silent reports whether the client gets no answer at all.
func (k FaultKind) silent() bool {
	return slices.Contains([]FaultKind{FaultReset, FaultClose, FaultHang}, k)
}

// answer is what FaultStatus says.
func (f Fault) answer() answer {
	contentType := "text/html; charset=utf-8"
	if strings.HasPrefix(f.Body, "{") {
		contentType = "application/json"
	}
	a := laravel(cmp.Or(f.Status, http.StatusInternalServerError), contentType, []byte(f.Body))
	if f.Status == http.StatusNoContent {
		a.header.Del("Transfer-Encoding")
	}
	maps.Copy(a.header, f.Header)
	return a
}

// deliver sends an answer as far as the fault lets it. The error is how the connection is to end before its time.
func (f Fault) deliver(w http.ResponseWriter, c *call, a answer) error {
	switch f.Kind {
	case FaultReset:
		return syscall.ECONNRESET
	case FaultClose:
		return io.EOF
	case FaultHang:
		<-c.Context().Done()
		return c.Context().Err()
	case FaultCut:
		send(w, a, a.body[:len(a.body)/2])
		_ = http.NewResponseController(w).Flush() // what cannot be flushed is cut anyway
		return io.ErrUnexpectedEOF
	case FaultTruncate:
		send(w, a, a.body[:len(a.body)/2])
	case FaultDrip:
		send(w, a, nil)
		for i := range a.body {
			_, err := w.Write(a.body[i : i+1])
			err = errors.Join(err, http.NewResponseController(w).Flush(),
				pause(c.Context(), cmp.Or(f.Interval, time.Second)))
			if err != nil {
				return err
			}
		}
	default:
		send(w, a, a.body)
	}
	return nil
}

// send writes the head of an answer and the body given.
func send(w http.ResponseWriter, a answer, body []byte) {
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.status)
	_, _ = w.Write(body) // a client that is gone is no concern of the server's
}

// drop ends the connection without the rest of an answer: with a reset for ECONNRESET, else in the ordinary way.
func drop(w http.ResponseWriter, cause error) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil { // HTTP/2: net/http resets the stream
		panic(http.ErrAbortHandler)
	}
	raw := conn
	if t, ok := conn.(interface{ NetConn() net.Conn }); ok {
		raw = t.NetConn() // under TLS
	}
	if c, ok := raw.(interface{ SetLinger(seconds int) error }); ok && cause == syscall.ECONNRESET {
		_ = c.SetLinger(0) // the close below is what counts
		conn = raw         // without TLS's own farewell
	}
	_ = conn.Close()
}

// pause waits unless the client gives up.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

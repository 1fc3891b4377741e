package sandbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
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
	// Done has the request carried out first, write and quota included; if that refuses it (401, 404, 422, 429 and so on)
	// the refusal is the answer. Without it the request is lost or answered before anything else looks at it, as by
	// something in front of the application. The kinds that need an answer to spoil are always carried out.
	Done bool
	// Counted has a request that is not Done pass the token and the quota, so that the answer bears the quota's headers.
	Counted bool

	Status   int           // FaultStatus: 0 means 500; FaultRedirect: 0 means 307
	Body     string        // FaultStatus: JSON if it begins with "{", else HTML
	Header   http.Header   // of any answer that a fault makes, over its own headers
	Location string        // FaultRedirect: blank means the request's own address, a loop
	Interval time.Duration // FaultDrip: between two bytes; 0 means a second
	Size     int           // FaultHuge: bytes; 0 means 64 MiB
}

// FaultKind is a way to go wrong.
type FaultKind int

// The kinds of Fault. FaultDrip, FaultCut, FaultTruncate and FaultDiscard need an answer to spoil.
const (
	FaultNone        FaultKind = iota
	FaultStatus                // answers Status, Header and Body
	FaultReset                 // resets the connection instead of answering
	FaultClose                 // closes the connection instead of answering
	FaultHang                  // never answers: waits until the client gives up or the server ends
	FaultDrip                  // sends the body one byte at a time
	FaultCut                   // sends half of the body and closes the connection
	FaultTruncate              // sends half of the JSON as if it were all
	FaultDiscard               // answers a PUT as if it were done, and does not do it
	FaultHTML                  // answers 200 with a page
	FaultOtherRecord           // answers 200 with another record than the one asked for
	FaultNoContent             // answers 204
	FaultHuge                  // answers 200 with JSON without end
	FaultRedirect              // redirects
)

func (k FaultKind) needsAnswer() bool {
	switch k {
	case FaultNone, FaultDrip, FaultCut, FaultTruncate, FaultDiscard:
		return true
	}
	return false
}

// silent reports whether the client gets no answer at all.
func (f Fault) silent() bool {
	return f.Kind == FaultReset || f.Kind == FaultClose || f.Kind == FaultHang
}

// faultAnswer is the answer of a fault that makes its own.
func (s *Server) faultAnswer(c *call, f Fault) answer {
	switch f.Kind {
	case FaultStatus:
		contentType := "text/html; charset=utf-8"
		if strings.HasPrefix(f.Body, "{") {
			contentType = "application/json"
		}
		return laravel(cmp.Or(f.Status, http.StatusInternalServerError), contentType, []byte(f.Body))
	case FaultHTML:
		return htmlPage(http.StatusOK, "Welcome to the guest network")
	case FaultOtherRecord:
		return answerJSON(http.StatusOK, s.otherThan(c.entry.ID))
	case FaultNoContent:
		a := laravel(http.StatusNoContent, "application/json", nil)
		a.header.Del("Transfer-Encoding")
		return a
	case FaultHuge:
		return laravel(http.StatusOK, "application/json", fmt.Appendf(nil, `{"uuid":%q,"name":"`, c.entry.ID))
	case FaultRedirect:
		to := cmp.Or(f.Location, baseURL(c)+c.URL.RequestURI())
		return redirect(cmp.Or(f.Status, http.StatusTemporaryRedirect), to)
	}
	return answer{header: http.Header{}}
}

// otherThan is a record with another uuid.
func (s *Server) otherThan(uuid string) detailJSON {
	s.mu.Lock()
	defer s.mu.Unlock()
	other := s.store.complete(Record{UUID: RecordUUID(999), Name: "Other", Value: oldPhone(999)})
	if i := slices.IndexFunc(s.store.order, func(id string) bool { return id != uuid }); i >= 0 {
		other = s.store.records[s.store.order[i]]
	}
	return s.store.json(other, true, true)
}

// deliver sends an answer as far as the fault lets it.
func (s *Server) deliver(w http.ResponseWriter, c *call, f Fault, a answer) {
	switch f.Kind {
	case FaultReset:
		drop(w, syscall.ECONNRESET)
	case FaultClose:
		drop(w, io.EOF)
	case FaultHang:
		<-c.Context().Done()
		drop(w, c.Context().Err())
	case FaultCut:
		send(w, a, a.body[:len(a.body)/2])
		_ = http.NewResponseController(w).Flush() // what cannot be flushed is cut anyway
		drop(w, io.ErrUnexpectedEOF)
	case FaultTruncate:
		send(w, a, a.body[:len(a.body)/2])
	case FaultDrip:
		send(w, a, nil)
		drip(w, c, f, a.body)
	case FaultHuge:
		send(w, a, a.body)
		flood(w, f)
	default:
		send(w, a, a.body)
	}
}

// send writes the head of an answer and the body given.
func send(w http.ResponseWriter, a answer, body []byte) {
	for k, v := range a.header {
		w.Header()[k] = v
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(body) // a client that is gone is no concern of the server's
}

func drip(w http.ResponseWriter, c *call, f Fault, body []byte) {
	interval := cmp.Or(f.Interval, time.Second)
	rc := http.NewResponseController(w)
	for i := range body {
		_, err := w.Write(body[i : i+1])
		if err = errors.Join(err, rc.Flush(), pause(c.Context(), interval)); err != nil {
			drop(w, err)
			return
		}
	}
}

func flood(w http.ResponseWriter, f Fault) {
	size := cmp.Or(f.Size, 64<<20)
	chunk := []byte(strings.Repeat("a", 32<<10))
	for size > 0 {
		n, err := w.Write(chunk[:min(size, len(chunk))])
		if err != nil {
			return
		}
		size -= n
	}
	_, _ = io.WriteString(w, `"}`)
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

// lag is how long one request takes.
func (s *Server) lag() time.Duration {
	d := s.cfg.Latency
	if s.cfg.Jitter > 0 {
		d += rand.N(s.cfg.Jitter)
	}
	return d
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

package crm

import (
	"crypto/tls"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"csvput/report/code"
)

// Frames of HTTP/2 (RFC 9113, section 6).
const (
	frameData      = 0x0
	frameHeaders   = 0x1
	frameReset     = 0x3
	frameSettings  = 0x4
	frameGoAway    = 0x7
	flagEndStream  = 0x1
	flagEndHeaders = 0x4
)

func frame(kind, flags byte, stream uint32, payload ...byte) []byte {
	b := []byte{byte(len(payload) >> 16), byte(len(payload) >> 8), byte(len(payload)), kind, flags}
	return append(binary.BigEndian.AppendUint32(b, stream), payload...)
}

func goAway(last, code uint32) []byte {
	return frame(frameGoAway, 0, 0, binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, last), code)...)
}

// ok answers a stream with status 200 (entry 8 of the static table) and a body.
func ok(stream uint32, body string) []byte {
	return append(frame(frameHeaders, flagEndHeaders, stream, 0x88), frame(frameData, flagEndStream, stream, []byte(body)...)...)
}

// http2Server hands each request, counted, to handle when its last frame has come; what handle returns is written,
// and with false the connection closed.
func http2Server(t *testing.T, handle func(n int32, stream uint32) ([]byte, bool)) (url string, ca []byte, served *atomic.Int32) {
	t.Helper()
	// httptest lends its certificate.
	lender := httptest.NewUnstartedServer(http.NotFoundHandler())
	lender.StartTLS()
	t.Cleanup(lender.Close)
	ca = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: lender.Certificate().Raw})
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: lender.TLS.Certificates, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	served = new(atomic.Int32)
	var open sync.Map
	var wg sync.WaitGroup
	t.Cleanup(func() {
		listener.Close()
		open.Range(func(conn, _ any) bool { conn.(net.Conn).Close(); return true })
		wg.Wait()
	})
	wg.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			open.Store(conn, true)
			wg.Go(func() { speakHTTP2(conn, served, handle) })
		}
	})
	return "https://" + listener.Addr().String(), ca, served
}

func speakHTTP2(conn net.Conn, served *atomic.Int32, handle func(n int32, stream uint32) ([]byte, bool)) {
	defer conn.Close()
	preface := make([]byte, len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
	if _, err := io.ReadFull(conn, preface); err != nil {
		return
	}
	conn.Write(frame(frameSettings, 0, 0))
	head := make([]byte, 9)
	for {
		if _, err := io.ReadFull(conn, head); err != nil {
			return
		}
		size := int64(head[0])<<16 | int64(head[1])<<8 | int64(head[2])
		if _, err := io.CopyN(io.Discard, conn, size); err != nil {
			return
		}
		kind, flags, stream := head[3], head[4], binary.BigEndian.Uint32(head[5:])
		if kind == frameSettings && flags == 0 {
			conn.Write(frame(frameSettings, 1, 0))
		}
		if (kind == frameHeaders || kind == frameData) && flags&flagEndStream != 0 {
			answer, more := handle(served.Add(1), stream)
			conn.Write(answer)
			if !more {
				conn.(*tls.Conn).CloseWrite()
				return
			}
		}
	}
}

// TestHTTP2 holds that the transport does not repeat a PUT by itself when HTTP/2 says it may, and that the attempts
// are those that the server saw.
func TestHTTP2(t *testing.T) {
	tests := []struct {
		name     string
		handle   func(n int32, stream uint32) ([]byte, bool)
		attempts int
	}{
		{"well", func(_ int32, s uint32) ([]byte, bool) { return ok(s, goodBody), true }, 1},
		{"GOAWAY, nothing processed", func(n int32, s uint32) ([]byte, bool) {
			if n == 1 {
				return goAway(0, 0), false
			}
			return ok(s, goodBody), true
		}, 2},
		{"GOAWAY after the stream", func(n int32, s uint32) ([]byte, bool) {
			if n == 1 {
				return goAway(s, 0), false
			}
			return ok(s, goodBody), true
		}, 2},
		{"GOAWAY with the answer", func(n int32, s uint32) ([]byte, bool) { return append(goAway(s, 0), ok(s, goodBody)...), false }, 1},
		{"ENHANCE_YOUR_CALM", func(n int32, s uint32) ([]byte, bool) {
			if n == 1 {
				return goAway(s, 11), false
			}
			return ok(s, goodBody), true
		}, 2},
		{"REFUSED_STREAM", func(n int32, s uint32) ([]byte, bool) {
			if n == 1 {
				return frame(frameReset, 0, s, 0, 0, 0, 7), true
			}
			return ok(s, goodBody), true
		}, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url, ca, served := http2Server(t, test.handle)
			c := realClient(t, url, func(cfg *Config) { cfg.CACert, cfg.Retries = ca, 3 })
			name := "Work"
			a, err := c.Put(t.Context(), testID, Update{Name: &name}, time.Time{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if a.Attempts != test.attempts || int(served.Load()) != test.attempts {
				t.Errorf("%d attempts counted, %d served, want %d", a.Attempts, served.Load(), test.attempts)
			}
		})
	}
	t.Run("never better", func(t *testing.T) {
		url, ca, served := http2Server(t, func(_ int32, s uint32) ([]byte, bool) { return frame(frameReset, 0, s, 0, 0, 0, 7), true })
		c := realClient(t, url, func(cfg *Config) { cfg.CACert, cfg.Retries = ca, 2 })
		name := "Work"
		a, err := c.Put(t.Context(), testID, Update{Name: &name}, time.Time{}, nil)
		var e *Error
		if !errors.As(err, &e) || e.Code != code.Network || a.Attempts != 3 || served.Load() != 3 {
			t.Errorf("%d attempts, %d served: %v", a.Attempts, served.Load(), err)
		}
	})
	t.Run("GET", func(t *testing.T) {
		url, ca, served := http2Server(t, func(n int32, s uint32) ([]byte, bool) {
			if n == 1 {
				return frame(frameReset, 0, s, 0, 0, 0, 7), true
			}
			return ok(s, `{"data":[]}`), true
		})
		c := realClient(t, url, func(cfg *Config) { cfg.CACert = ca })
		if _, err := c.Logins(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s := c.Stats(); s.Logins != 2 || served.Load() != 2 || s.Retries != 1 {
			t.Errorf("%d served, %+v", served.Load(), s)
		}
	})
}

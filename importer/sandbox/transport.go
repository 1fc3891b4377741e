package sandbox

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"syscall"
)

// Transport returns a http.RoundTripper that calls the server without sockets: whatever the host in the URL, it is this
// server that answers, over a connection in memory of its own for each request. It runs on the clock of
// testing/synctest, leaves no goroutine behind once a body is closed, and reports faults as a socket would: ECONNRESET
// for a reset, io.EOF for a connection closed without an answer, io.ErrUnexpectedEOF for one cut in the body.
func (s *Server) Transport() http.RoundTripper {
	server := &http.Server{Handler: s}
	dial := func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		reset := new(atomic.Bool)
		// the end of the listener, after one connection
		go func() { _ = server.Serve(&lone{pipe: &pipe{far, reset}}) }()
		return &pipe{near, reset}, nil
	}
	// Below 0, no connection is kept for the next request, and still the server is not asked to close it.
	return &http.Transport{DialContext: dial, DialTLSContext: dial, MaxIdleConnsPerHost: -1, DisableCompression: true}
}

// pipe is an end of a connection in memory that can be reset.
type pipe struct {
	net.Conn
	reset *atomic.Bool // of both ends
}

// SetLinger makes the Close to come a reset, as that of a TCP connection does.
func (p *pipe) SetLinger(int) error {
	p.reset.Store(true)
	return nil
}

func (p *pipe) Read(b []byte) (int, error) {
	n, err := p.Conn.Read(b)
	if err == io.EOF && p.reset.Load() {
		err = &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	}
	return n, err
}

// lone is a listener for one connection, and no more.
type lone struct{ *pipe }

func (l *lone) Accept() (net.Conn, error) {
	if l.pipe == nil {
		return nil, io.EOF
	}
	conn := l.pipe
	l.pipe = nil
	return conn, nil
}

func (l *lone) Addr() net.Addr { return nil }
func (l *lone) Close() error   { return nil }

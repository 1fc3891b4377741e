package sandbox

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Transport returns a http.RoundTripper that calls the server directly, without sockets: whatever the host in the URL, it
// is this server that answers. It obeys the request's context, also while a fault hangs, runs on the clock of
// testing/synctest, and reports faults as a socket would: ECONNRESET for a reset, io.EOF for a connection closed without
// an answer, io.ErrUnexpectedEOF for one cut in the body.
func (s *Server) Transport() http.RoundTripper { return transport{s} }

type transport struct{ server *Server }

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer req.Body.Close()
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(req.Context())
	r := req.Clone(ctx)
	r.RequestURI, r.RemoteAddr = req.URL.RequestURI(), "127.0.0.1:0"
	if r.Host == "" {
		r.Host = req.URL.Host
	}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	x := &exchange{request: req, header: http.Header{}, ready: make(chan struct{}), cancel: cancel}
	x.reader, x.writer = io.Pipe()
	go func() {
		t.server.ServeHTTP(x, r)
		x.WriteHeader(http.StatusOK) // if there was no answer yet
		x.writer.Close()
	}()
	var err error
	select {
	case <-x.ready:
		err = x.err
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		cancel()
		x.reader.Close() // so that the server does not wait for a reader
		return nil, err
	}
	return x.response(), nil
}

// exchange is one request of a transport: the http.ResponseWriter of the server and the response of the client.
type exchange struct {
	request *http.Request
	header  http.Header
	cancel  context.CancelFunc
	reader  *io.PipeReader
	writer  *io.PipeWriter

	once   sync.Once
	ready  chan struct{} // closed when the fields below are set
	status int
	sent   http.Header
	err    error // there is no answer
}

// Header implements http.ResponseWriter.
func (x *exchange) Header() http.Header { return x.header }

// WriteHeader implements http.ResponseWriter.
func (x *exchange) WriteHeader(status int) {
	x.once.Do(func() {
		x.status, x.sent = status, x.header.Clone()
		if x.sent.Get("Date") == "" {
			x.sent.Set("Date", time.Now().UTC().Format(http.TimeFormat))
		}
		close(x.ready)
	})
}

// Write implements http.ResponseWriter. It waits for the client to read.
func (x *exchange) Write(b []byte) (int, error) {
	x.WriteHeader(http.StatusOK)
	if len(b) == 0 || x.bodyless() {
		return len(b), nil
	}
	return x.writer.Write(b)
}

// Flush implements http.Flusher: nothing is held back.
func (x *exchange) Flush() { x.WriteHeader(http.StatusOK) }

// abort ends the exchange as drop ends a connection.
func (x *exchange) abort(cause error) {
	if cause == syscall.ECONNRESET {
		cause = &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	}
	x.once.Do(func() {
		x.err = cause
		close(x.ready)
	})
	x.writer.CloseWithError(cause)
}

func (x *exchange) bodyless() bool {
	return x.request.Method == http.MethodHead || x.status == http.StatusNoContent || x.status == http.StatusNotModified
}

func (x *exchange) response() *http.Response {
	res := &http.Response{
		Status: strconv.Itoa(x.status) + " " + http.StatusText(x.status), StatusCode: x.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: x.sent, Request: x.request, ContentLength: -1,
	}
	if n, err := strconv.ParseInt(x.sent.Get("Content-Length"), 10, 64); err == nil {
		res.ContentLength = n
	}
	if x.sent.Get("Transfer-Encoding") != "" {
		res.TransferEncoding = []string{"chunked"}
	}
	x.sent.Del("Transfer-Encoding") // as net/http does, both are facts about the connection
	if x.sent.Get("Connection") == "close" {
		res.Close = true
	}
	x.sent.Del("Connection")
	ctx := x.request.Context()
	stop := context.AfterFunc(ctx, func() { x.reader.CloseWithError(ctx.Err()) })
	res.Body = &body{x, stop}
	return res
}

// body is the client's end of an exchange.
type body struct {
	x    *exchange
	stop func() bool
}

// Read implements io.Reader. A client that gave up reads why.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.x.reader.Read(p)
	if cause := b.x.request.Context().Err(); err == io.ErrClosedPipe && cause != nil {
		err = cause
	}
	return n, err
}

// Close implements io.Closer. It ends the exchange, as closing an unread body ends a connection.
func (b *body) Close() error {
	b.stop()
	b.x.cancel()
	return b.x.reader.Close()
}

package crm

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"csvput/importer/quota"
	"csvput/report/code"
	"csvput/report/human"
)

// attempt is what came of one request.
type attempt struct {
	credential *credential
	status     int    // 0 without an answer
	err        *Error // what is wrong; nil for a good success
	broken     bool   // there is no complete answer
	late       bool   // it was kept back
	took       time.Duration
	doubt      Doubt
	delayed    bool  // the answer is a 429, or says when to come back
	impatient  error // the limiter refuses to wait for that long
}

// send makes one attempt, and settles its permit and its credential.
func (c *Client) send(ctx context.Context, q *call, permit quota.Permit, cred *credential, t *Tries) attempt {
	a := attempt{credential: cred}
	t.sent = time.Now()
	within, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var w wire
	said := c.memory.get()
	defer c.memory.put(said)
	response, err := c.roundTrip(within, q, cred, &w, said)
	now := time.Now()
	a.took = now.Sub(t.sent)
	if response != nil {
		a.status = response.StatusCode
		c.heard.Store(true)
		t.status = a.status
	}
	n := int(w.written.Load())
	if a.broken = err != nil && a.status < 300; a.broken {
		a.late = w.late && ctx.Err() == nil
		a.err = c.failed(ctx, err, n > 0, &a)
	} else {
		a.err = c.read(q, response, said, cred)
	}
	if a.late || a.broken && !c.traced && neverSent(err, a.err) {
		n = 0
	}
	a.doubt = ending{sent: n > int(w.torn.Load()), status: a.status, cut: err != nil, good: a.err == nil}.doubt()
	c.settle(permit, response, n, &a)
	t.attempts += n
	t.took += a.took
	status := a.status
	if a.broken {
		status = 0
	}
	c.recorder.attempt(q.kind, n, t.tries > 1, status, now)
	c.logAttempt(ctx, q, t, &a, response)
	return a
}

// wire is what the transport does with one request.
type wire struct {
	written atomic.Int32 // times that headers were written to a connection
	torn    atomic.Int32 // times that the request could not be written to its end
	late    bool         // it was kept back
}

// trace returns ctx with hooks that fill w.
//
// A change that has waited too long for its connection is kept back: without its body, HTTP/1 sends nothing of it.
// HTTP/2 sends the headers first, and is let go: it waits for the first of all connections only.
func (w *wire) trace(ctx context.Context, body *bytes.Reader, notAfter time.Time) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			if notAfter.IsZero() || !time.Now().After(notAfter) {
				return
			}
			if c, ok := info.Conn.(*tls.Conn); !ok || c.ConnectionState().NegotiatedProtocol != "h2" {
				w.late = true
				body.Reset(nil)
			}
		},
		WroteHeaders: func() { w.written.Add(1) },
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err != nil {
				w.torn.Add(1)
			}
		},
	})
}

// roundTrip sends the request and reads the answer's body, up to its limit. A response is returned with an error if its
// body could not be read.
func (c *Client) roundTrip(
	ctx context.Context, q *call, cred *credential, w *wire, said *body,
) (*http.Response, error) {
	var sent bytes.Reader
	request := &http.Request{Method: q.method, URL: q.url, Host: q.url.Host, Header: cred.header}
	if q.body != nil { // no GetBody: so net/http cannot send it twice
		sent.Reset(q.body)
		request.Body, request.ContentLength = io.NopCloser(&sent), int64(len(q.body))
		request.Header = cred.put
	}
	if c.traced {
		ctx = w.trace(ctx, &sent, q.notAfter)
	} else {
		w.written.Store(1) // the worst is assumed of a transport of tests
	}
	response, err := c.transport.RoundTrip(request.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	limit := int64(maxFailure)
	switch status := response.StatusCode; {
	case status == http.StatusSwitchingProtocols:
		return response, nil // its body is the connection itself, which no timeout ends
	case status >= 200 && status <= 299:
		limit = q.kind.limit()
	}
	return response, c.memory.read(ctx, said, response.Body, response.ContentLength, limit)
}

// failed explains why there is no complete answer.
func (c *Client) failed(ctx context.Context, err error, sent bool, a *attempt) *Error {
	if ctx.Err() != nil {
		return &Error{Code: CodeCancelled, Status: a.status, Message: "cancelled while waiting for the answer",
			cause: ctx.Err()}
	}
	if a.late {
		return &Error{Code: CodeOutdated}
	}
	e := failure(err, c.base.Host, c.timeout, c.heard.Load())
	e.Message = a.credential.redact(e.Message)
	e.Status = cmp.Or(e.Status, a.status)
	e.broken = e.Code == code.Network && a.status == 0 && sent
	return e
}

// settle tells the limiter and the auth what came of the request.
func (c *Client) settle(permit quota.Permit, response *http.Response, n int, a *attempt) {
	switch {
	case response == nil && n == 0:
		permit.Unused()
	case response == nil:
		permit.Lost()
	case a.status == http.StatusTooManyRequests, a.status == http.StatusServiceUnavailable &&
		response.Header.Get("Retry-After") != "":
		a.delayed = true
		a.impatient = permit.Throttled(a.status, response.Header)
	default:
		permit.Answered(response.Header, a.status >= 200 && a.status <= 299)
	}
	if a.status != http.StatusUnauthorized {
		c.auth.tried(a.credential)
	}
}

// neverSent reports of a transport without hooks whether an error came before anything was sent.
func neverSent(err error, e *Error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return e.Code == code.DNS || e.Code == code.TLS || e.Code == code.Proxy || ok && op.Op == "dial"
}

// read returns what is wrong with an answer, nil for nothing.
func (c *Client) read(q *call, response *http.Response, got *body, cred *credential) *Error {
	var (
		e      *Error
		said   words
		status = response.StatusCode
		text   = bytes.TrimSpace(got.Bytes())
	)
	switch {
	case status >= 300 && status <= 399:
		e = &Error{Code: code.Redirected, Message: "the server sends the request elsewhere (" + statusText(status) +
			elsewhere(response, cred) + "), which is never followed"}
	case status < 200 || status > 299:
		said = readWords(text, cred.redact)
		e = errorResponse(status, said)
	case !got.whole:
		e = &Error{Code: code.Oversized, Message: "the server's answer is larger than " +
			strconv.FormatInt(q.kind.limit()>>20, 10) + " MiB"}
	case len(text) == 0:
		e = &Error{Code: code.NotJSON, Message: "the server accepted the request (" + statusText(status) +
			"), but its answer is empty"}
	default:
		e = q.read(text, cred.redactValue)
	}
	if e == nil {
		return nil
	}
	if e.Code == code.NotJSON && e.Message == "" {
		said = readWords(text[:min(len(text), maxFailure)], cred.redact)
		e.page = said.page
		e.Message = "the server accepted the request (" + statusText(status) +
			"), but its answer is not the JSON expected"
		if said.text != "" && text[0] != '{' {
			e.Message += ": " + human.OneLine(said.text, 100)
		}
	}
	e.Status = status
	if c.astray(q, e) {
		e.Code, e.Stop, e.Refused = code.NotJSON, StopPermanent, false
		e.Message = plainURL(q.url) + " answers with " + statusText(status)
		if said.text != "" {
			e.Message += " and " + human.OneLine(said.text, 100)
		}
		e.Message += ": is this the address of the API? see --base-url"
	}
	return e
}

// astray reports whether an answer rather comes from somebody else than the API: the address is wrong. Once the API has
// answered, a web page is put down to a reverse proxy, and passes.
func (c *Client) astray(q *call, e *Error) bool {
	missing := e.Status == http.StatusNotFound
	switch q.kind {
	case kindPut:
		return missing && e.page && !c.good.Load()
	case kindList:
		return (missing || e.page && e.Status < 300) && !c.listed.Load()
	}
	return missing || e.page && e.Status < 300
}

// plainURL writes an address for a person: decoded, without user and query.
func plainURL(u *url.URL) string { return u.Scheme + "://" + u.Host + u.Path }

// elsewhere names the target of a redirect, without query.
func elsewhere(response *http.Response, cred *credential) string {
	target, err := response.Location()
	if err != nil {
		return ""
	}
	return " to " + human.Quote(cred.redact(plainURL(target)))
}

// requestIDHeaders are the usual names, in order of preference.
var requestIDHeaders = [...]string{
	"X-Request-Id", "Request-Id", "X-Correlation-Id", "X-Trace-Id",
	"X-Amzn-Requestid", "X-Amzn-Trace-Id", "X-Amz-Cf-Id", "Cf-Ray", "Traceparent",
}

func (c *Client) logAttempt(ctx context.Context, q *call, t *Tries, a *attempt, response *http.Response) {
	if !c.log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attrs := []any{"method", q.method, "path", q.url.Path, "status", a.status, "ms", a.took.Milliseconds(), "attempt",
		t.attempts}
	for _, name := range requestIDHeaders {
		if response != nil && response.Header.Get(name) != "" {
			attrs = append(attrs, "request_id", clean(response.Header.Get(name), a.credential.redact, 100))
			break
		}
	}
	if a.broken {
		attrs = append(attrs, "code", string(a.err.Code))
	}
	c.log.DebugContext(ctx, "request", attrs...)
}

package crm

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"csvput/report/code"
	"csvput/report/human"
)

const ()

// attempt is what came of one request.
type attempt struct {
	credential *credential
	status     int    // 0 without an answer
	err        *Error // why there is no complete answer
	refusal    *Error // what is wrong with the answer; nil for a good success
	took       time.Duration
	doubt      Doubt
	delayed    bool  // the answer says when to come back
	impatient  error // the gate refuses to wait for that long
}

// send makes one attempt, and settles its ticket and its credential.
func (c *Client) send(ctx context.Context, q *call, t ticket, cred *credential, p *Tries) attempt {
	a := attempt{credential: cred}
	began := time.Now()
	p.sent = began
	w := c.wires.get(c.deadline.after(ctx, began))
	defer c.wires.put(w)
	answer, whole, err := c.roundTrip(w, q, cred)
	now := time.Now()
	a.took = now.Sub(began)
	if answer != nil {
		a.status = answer.StatusCode
		c.heard.Store(true)
		p.status = a.status
	}
	if err != nil && (answer == nil || answer.StatusCode < 300) {
		a.err = c.failed(ctx, err, w, cred, &a)
	} else {
		a.refusal = c.read(q, answer, w.answer.Bytes(), whole, cred)
	}
	n := int(w.written.Load())
	if a.err != nil && (a.err.Code == CodeOutdated || !w.traced && neverSent(err, a.err)) {
		n = 0
	}
	a.doubt = ending{sent: n > int(w.torn.Load()), status: a.status, cut: err != nil, good: a.err == nil && a.refusal == nil}.doubt()
	c.settle(t, answer, n, &a, now)
	p.attempts += n
	p.took += a.took
	if a.err != nil {
		c.record.attempt(q.kind, n, p.tries > 1, 0, now)
	} else {
		c.record.attempt(q.kind, n, p.tries > 1, a.status, now)
	}
	c.logAttempt(ctx, q, p, &a, answer)
	return a
}

// roundTrip sends the request and reads the answer's body into w.answer, up to its limit; whole says that this was
// all. An answer is returned with an error if its body could not be read.
func (c *Client) roundTrip(w *wire, q *call, cred *credential) (answer *http.Response, whole bool, err error) {
	request := new(http.Request).WithContext(w.ctx)
	request.Method, request.URL, request.Host, request.Header = q.method, q.url, q.url.Host, cred.header
	if q.kind == kindPut {
		request.Header = cred.put
	}
	w.notAfter = q.notAfter
	if q.body != nil {
		// No GetBody: so net/http cannot send it twice.
		w.body.Reset(q.body)
		request.Body = io.NopCloser(&w.body)
		request.ContentLength = int64(len(q.body))
	}
	answer, err = c.transport.RoundTrip(request)
	if err != nil {
		return nil, false, err
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusSwitchingProtocols {
		return answer, true, nil // its body is the connection itself, which no timeout ends
	}
	limit := q.kind.limit()
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		limit = maxRefusal
	}
	whole, err = c.memory.read(w.ctx, w, answer.Body, answer.ContentLength, limit)
	return answer, whole, err
}

// failed explains why there is no complete answer.
func (c *Client) failed(ctx context.Context, err error, w *wire, cred *credential, a *attempt) *Error {
	if ctx.Err() != nil {
		return &Error{Code: CodeCancelled, Status: a.status, Message: "cancelled while waiting for the answer", cause: ctx.Err()}
	}
	if w.late {
		return &Error{Code: CodeOutdated}
	}
	e := failure(err, c.host, c.deadline.timeout, c.heard.Load())
	e.Message = cred.redact(e.Message)
	if e.Status == 0 {
		e.Status = a.status
	}
	e.broken = e.Code == code.Network && a.status == 0 && w.written.Load() > 0
	return e
}

// settle tells the gate and the auth what came of the request.
func (c *Client) settle(t ticket, answer *http.Response, n int, a *attempt, now time.Time) {
	switch {
	case answer == nil && n == 0:
		c.gate.unsent(t)
	case answer == nil:
		c.gate.vanished(t)
	case a.status == http.StatusTooManyRequests, a.status == http.StatusServiceUnavailable && answer.Header.Get("Retry-After") != "":
		a.delayed = true
		a.impatient = c.gate.refuse(t, a.status, answer.Header)
	default:
		c.gate.answered(t, answer.Header, a.status >= 200 && a.status <= 299, now)
	}
	if a.status != http.StatusUnauthorized {
		c.auth.settle(a.credential)
	}
}

// read says what is wrong with an answer, nil for nothing.
func (c *Client) read(q *call, answer *http.Response, body []byte, whole bool, cred *credential) *Error {
	status := answer.StatusCode
	var (
		e    *Error
		said words
	)
	switch {
	case status >= 300 && status <= 399:
		e = &Error{Code: code.Redirected, Message: "the server sends the request elsewhere (" + statusText(status) +
			elsewhere(answer, cred) + "), which is never followed"}
	case status < 200 || status > 299:
		said = readWords(body, cred.redact)
		e = refusal(status, said)
	case !whole:
		e = &Error{Code: code.Oversized,
			Message: "the server's answer is larger than " + strconv.FormatInt(q.kind.limit()>>20, 10) + " MiB"}
	case len(bytes.TrimSpace(body)) == 0:
		e = &Error{Code: code.NotJSON, Message: "the server accepted the request (" + statusText(status) + "), but its answer is empty"}
	default:
		e = q.read(body, cred.redactValue)
	}
	if e == nil {
		return nil
	}
	if e.Code == code.NotJSON && e.Message == "" {
		e.Message = "the server accepted the request (" + statusText(status) + "), but its answer is not the JSON expected"
		said = readWords(body[:min(len(body), maxRefusal)], cred.redact)
		e.page = said.page
		if said := said.String(); said != "" && !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
			e.Message += ": " + human.OneLine(said, 100)
		}
	}
	e.Status = status
	if c.astray(q, e) {
		e.Code, e.Stop, e.Refused = code.NotJSON, StopPermanent, false
		e.Message = plainURL(q.url) + " answers with " + statusText(status)
		if said := said.String(); said != "" {
			e.Message += " and " + human.OneLine(said, 100)
		}
		e.Message += ": is this the address of the API? see --base-url"
	}
	return e
}

// astray reports whether an answer rather comes from somebody else than the API: the address is wrong. Once the API has
// answered, a web page is put down to what stands in front of it, and passes.
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
func elsewhere(answer *http.Response, cred *credential) string {
	target, err := answer.Location()
	if err != nil {
		return ""
	}
	return " to " + human.Quote(cred.redact(plainURL(target)))
}

// neverSent says of a transport without hooks whether an error came before anything was sent.
func neverSent(err error, e *Error) bool {
	var op *net.OpError
	return e.Code == code.DNS || e.Code == code.TLS || e.Code == code.Proxy || errors.As(err, &op) && op.Op == "dial"
}

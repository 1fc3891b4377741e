package crm

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"csvput/importer/quota"
	"csvput/report/code"
)

// call is one request of the API, to be carried out by as many attempts as it takes.
type call struct {
	kind   kind
	method string
	url    *url.URL
	body   []byte
	// read judges a success: what is wrong with the answer, or nil. It must copy what it keeps of the body, and pass
	// what it shows through redact.
	read     func(body []byte, redact func(string) string) *Error
	long     bool      // a lost connection may be due to the length of the request, which must not be retried
	failures int       // of the same change before this call
	notAfter time.Time // when a request may leave at the latest; zero = at any time
}

// Tries is what is known of the attempts of one change so far. The zero value stands for none.
type Tries struct {
	attempts  int           // put on the wire
	sent      time.Time     // when the last one left
	took      time.Duration // of the attempts, without waits
	status    int           // of the last answer
	doubt     Doubt         // the greatest of an attempt
	tries     int           // attempts, whether they reached the wire or not
	failures  int           // that count for Config.Retries
	last      *Error        // of the last attempt
	throttled time.Time     // first 429 since the last other answer
}

// Attempts is how many requests were put on the wire.
func (t *Tries) Attempts() int { return t.attempts }

const (
	backoffBase = 500 * time.Millisecond
	backoffCap  = 30 * time.Second
)

// do carries a call out, going on from t. The error is final: it is what the caller of the method gets.
func (c *Client) do(ctx context.Context, q *call, t *Tries) *Error {
	for {
		a, err := c.try(ctx, q, t)
		if err != nil {
			return c.finish(q, t, c.notSent(err, t))
		}
		if e, again := c.next(ctx, q, t, a); !again {
			return c.finish(q, t, e)
		}
	}
}

// next takes in what came of an attempt, and waits for what another one needs. Unless there is to be one, the error is
// how the call ends.
func (c *Client) next(ctx context.Context, q *call, t *Tries, a attempt) (e *Error, again bool) {
	e = a.err
	t.last = e
	if q.kind == kindPut {
		t.doubt = max(t.doubt, a.doubt)
	}
	switch {
	case a.late:
		if t.failures++; t.failures <= c.retries {
			return c.notSent(quota.ErrLate, t), false
		}
		return &Error{Code: code.Timeout, Message: "no connection to " + c.base.Host +
			" soon enough after the record was read"}, false
	case a.broken && (e.Stop != StopNone || e.Code == CodeCancelled || q.long && e.broken):
		return e, false
	case a.status == http.StatusUnauthorized:
		if err := c.auth.renew(ctx, a.credential); err != nil {
			return c.notRenewed(err, e, t), false
		}
		return nil, true
	case a.delayed:
		return c.throttled(t, a)
	case !a.broken:
		t.throttled = time.Time{}
		if e == nil {
			t.doubt = DoubtNone // whatever is left of earlier attempts would write the same
		}
		if e == nil || !retryable(a.status) {
			return e, false
		}
	}
	if t.failures++; t.failures > c.retries || t.took >= c.maxWait {
		if e.Code == code.DNS || e.Code == code.TLS {
			e.Stop = StopTransient // no other request would fare better
		}
		return e, false
	}
	if err := c.backoff(ctx, t.failures); err != nil {
		return c.notSent(err, t), false
	}
	return nil, true
}

// throttled bounds how long one request is retried because of 429 and 503: by time, not by Config.Retries, so that no
// row fails because another program used up the quota. The limiter makes everybody wait.
func (c *Client) throttled(t *Tries, a attempt) (e *Error, again bool) {
	if a.impatient != nil {
		a.err.Stop = StopTransient
		a.err.Message += "; " + a.impatient.Error()
		return a.err, false
	}
	if t.throttled.IsZero() {
		t.throttled = time.Now()
	}
	return a.err, time.Since(t.throttled) <= c.maxWait
}

// retryable reports whether the same request may succeed later.
func retryable(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// try waits until a request may be sent, and sends it. The error says why it was not sent.
func (c *Client) try(ctx context.Context, q *call, t *Tries) (attempt, error) {
	for {
		if err := ctx.Err(); err != nil {
			return attempt{}, err
		}
		if c.cause.Load() != nil {
			return attempt{}, errHalted
		}
		cred, err := c.auth.get(ctx)
		if err != nil {
			return attempt{}, err
		}
		permit, err := c.limiter.Wait(ctx, q.notAfter, t.tries > 0)
		if err != nil {
			c.auth.abandon(cred)
			return attempt{}, err
		}
		if c.cause.Load() != nil || c.auth.current.Load() != cred {
			permit.Unused()
			c.auth.abandon(cred)
			continue
		}
		t.tries++
		return c.send(ctx, q, permit, cred, t), nil
	}
}

// backoff waits before the nth retry: any time up to the exponential bound (full jitter).
func (c *Client) backoff(ctx context.Context, n int) error {
	timer := time.NewTimer(rand.N(backoffBound(n)) + time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-c.waits.Done():
		return context.Cause(c.waits)
	}
}

// backoffBound is 0.5 s for the first retry, twice as much for each further one, and 30 s at most.
func backoffBound(n int) time.Duration {
	return min(backoffCap, backoffBase<<min(max(n-1, 0), 10))
}

// notSent makes an Error of a reason not to send (any more).
func (c *Client) notSent(err error, t *Tries) *Error {
	if own, ok := errors.AsType[*Error](err); ok {
		return own
	}
	switch err {
	case errHalted:
		cause := c.cause.Load()
		e := Error{Code: cause.Code, Message: cause.Message}
		if t.last != nil { // its own last words say more
			e = *t.last
		}
		e.Stop = cause.Stop
		return &e
	case quota.ErrLate:
		return &Error{Code: CodeOutdated, Status: t.status, Message: "the record must be read again before it is sent"}
	case errStopped:
		e := &Error{Code: code.Stopped, Message: "stopped while waiting"}
		if t.last != nil {
			e.Status = t.last.Status
			e.Message += " to try again: " + t.last.Message
		}
		return e
	}
	return &Error{Code: CodeCancelled, Message: "cancelled before the server answered", cause: err}
}

// notRenewed makes an Error of a token that could not be renewed after the server refused it.
func (c *Client) notRenewed(err error, refused *Error, t *Tries) *Error {
	if err == errRefused {
		refused.Stop = StopAuth
		return refused
	}
	e := c.notSent(err, t)
	if e.Code == code.TokenMissing {
		e.Message = "the server refuses the token (401), and then " + e.Message
	}
	e.Status = refused.Status
	return e
}

// finish completes an error, lets the breaker judge it, and stops the client if it says so.
func (c *Client) finish(q *call, t *Tries, e *Error) *Error {
	if e == nil {
		c.good.Store(true)
		c.breaker.judge(q.kind, nil, true)
		return nil
	}
	e.Sent, e.Doubt = t.attempts > 0, t.doubt
	judged := e
	if e.Code == CodeOutdated && t.failures > q.failures {
		judged = t.last // what failed counts, although it is not the end
	}
	stop := c.breaker.judge(q.kind, judged, c.good.Load())
	if stop != StopNone && judged != e {
		judged.Sent, judged.Doubt = e.Sent, e.Doubt
		e = judged
	}
	e.Stop = cmp.Or(e.Stop, stop)
	if e.Stop != StopNone {
		c.halt(*e)
	}
	return e
}

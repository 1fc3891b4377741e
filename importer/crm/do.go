package crm

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

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
	read func(body []byte, redact func(string) string) *Error
	// split says that a lost connection may be the request's own fault, and must not be repeated.
	split    bool
	failures int // of the same change before this call
	// notAfter is when a request may leave at the latest; zero = at any time.
	notAfter time.Time
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

// do carries a call out, going on from p. The error is final: it is what the caller of the method gets.
func (c *Client) do(ctx context.Context, q *call, p *Tries) *Error {
	for {
		a, err := c.try(ctx, q, p)
		if err != nil {
			return c.finish(q, p, c.interrupted(err, p))
		}
		e, verdict := c.judge(q, p, a)
		p.last = e
		switch verdict {
		case accept:
			return c.finish(q, p, nil)
		case again: // the gate makes everybody wait
			continue
		case renew:
			if err := c.auth.renew(ctx, a.credential); err != nil {
				return c.finish(q, p, c.unrenewed(err, e, p))
			}
			continue
		case late:
			p.failures++
			if p.failures <= c.retries {
				return c.finish(q, p, c.interrupted(errOutdated, p))
			}
			e = &Error{Code: code.Timeout, Message: "no connection to " + c.host + " soon enough after the record was read"}
		case retry:
			p.failures++
			if p.failures <= c.retries && p.took < c.maxWait {
				if err := c.backoff(ctx, p.failures); err != nil {
					return c.finish(q, p, c.interrupted(err, p))
				}
				continue
			}
			if e.Code == code.DNS || e.Code == code.TLS {
				e.Stop = StopPassing // no other request would fare better
			}
		}
		return c.finish(q, p, e)
	}
}

// try waits until a request may be sent, and sends it. The error says why it was not sent.
func (c *Client) try(ctx context.Context, q *call, p *Tries) (attempt, error) {
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
		t, err := c.gate.wait(ctx, p.tries > 0, q.notAfter)
		if err != nil {
			c.auth.abandon(cred)
			return attempt{}, err
		}
		if c.cause.Load() != nil || c.auth.current.Load() != cred {
			c.gate.unsent(t)
			c.auth.abandon(cred)
			continue
		}
		p.tries++
		return c.send(ctx, q, t, cred, p), nil
	}
}

// backoff waits before the nth repetition: any time up to the exponential bound (full jitter).
func (c *Client) backoff(ctx context.Context, n int) error {
	timer := time.NewTimer(rand.N(backoffBound(n)) + time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-c.stop:
		return errStopped
	case <-c.halted:
		return errHalted
	}
}

// backoffBound is 0.5 s for the first repetition, twice as much for each further one, and 30 s at most.
func backoffBound(n int) time.Duration {
	return min(backoffCap, backoffBase<<min(max(n-1, 0), 10))
}

// interrupted makes an Error of a reason not to send (any more).
func (c *Client) interrupted(err error, p *Tries) *Error {
	var own *Error
	switch {
	case errors.As(err, &own):
		return own
	case errors.Is(err, errHalted):
		cause := c.cause.Load()
		if p.last != nil { // its own last words say more
			e := *p.last
			e.Stop = cause.Stop
			return &e
		}
		return &Error{Code: cause.Code, Message: cause.Message, Stop: cause.Stop}
	case errors.Is(err, errOutdated):
		return &Error{Code: CodeOutdated, Status: p.status, Message: "the record must be read again before it is sent"}
	case errors.Is(err, errStopped):
		e := &Error{Code: code.Stopped, Message: "stopped while waiting"}
		if p.last != nil {
			e.Status, e.Fields = p.last.Status, p.last.Fields
			e.Message += " to try again: " + p.last.Message
		}
		return e
	}
	return &Error{Code: CodeCancelled, Message: "cancelled before the server answered", cause: err}
}

// unrenewed makes an Error of a token that could not be renewed after the server refused it.
func (c *Client) unrenewed(err error, refused *Error, p *Tries) *Error {
	if errors.Is(err, errRefused) {
		refused.Stop = StopAuth
		return refused
	}
	e := c.interrupted(err, p)
	if e.Code == code.TokenMissing {
		e.Message = "the server refuses the token (401), and then " + e.Message
	}
	e.Status = refused.Status
	return e
}

// finish completes an error, lets the breaker judge it, and stops the client if it says so.
func (c *Client) finish(q *call, p *Tries, e *Error) *Error {
	if e == nil {
		c.good.Store(true)
	} else {
		e.Sent = p.attempts > 0
		e.Doubt = p.doubt
	}
	judged := e
	if e != nil && e.Code == CodeOutdated && p.failures > q.failures {
		judged = p.last // what failed counts, although it is not the end
	}
	stop := c.breaker.judge(q.kind, judged, c.good.Load())
	if e == nil {
		return nil
	}
	if stop != StopNone && judged != e {
		judged.Sent, judged.Doubt = e.Sent, e.Doubt
		e = judged
	}
	if e.Stop == StopNone {
		e.Stop = stop
	}
	if e.Stop != StopNone {
		cause := *e
		c.halt(&cause)
	}
	return e
}

// verdict says how to go on after an attempt.
type verdict int

const (
	accept verdict = iota // done
	reject                // final
	retry                 // repeat after a back-off, if there are repetitions left
	again                 // repeat as soon as the gate lets it through
	late                  // kept back: the caller may try again
	renew                 // repeat with a token that is read again
)

// judge takes in what came of an attempt.
func (c *Client) judge(q *call, p *Tries, a attempt) (*Error, verdict) {
	if q.kind == kindPut {
		p.doubt = max(p.doubt, a.doubt)
	}
	switch {
	case a.err != nil && a.err.Code == CodeOutdated:
		return a.err, late
	case a.err != nil:
		if a.err.Stop != StopNone || a.err.Code == CodeCancelled || q.split && a.err.broken {
			return a.err, reject
		}
		return a.err, retry
	case a.status == http.StatusUnauthorized:
		return a.refusal, renew
	case a.status == http.StatusTooManyRequests, a.status == http.StatusServiceUnavailable && a.delayed:
		return c.throttled(p, a)
	}
	p.throttled = time.Time{}
	switch {
	case a.refusal == nil:
		p.doubt = DoubtNone // whatever is left of earlier attempts would write the same
		return nil, accept
	case repeatable(a.status):
		return a.refusal, retry
	}
	return a.refusal, reject
}

// repeatable says whether the same request may succeed later.
func repeatable(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// throttled bounds how long one request is repeated because of 429 and 503: by time, not by Config.Retries, so that no
// row fails because another program used up the quota.
func (c *Client) throttled(p *Tries, a attempt) (*Error, verdict) {
	e := a.refusal
	if a.impatient != nil {
		e.Stop = StopPassing
		e.Message += "; " + a.impatient.Error()
		return e, reject
	}
	if p.throttled.IsZero() {
		p.throttled = time.Now()
	}
	if time.Since(p.throttled) > c.maxWait {
		return e, reject
	}
	return e, again
}

func (c *Client) logAttempt(ctx context.Context, q *call, p *Tries, a *attempt, answer *http.Response) {
	if !c.log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", q.method), slog.String("path", q.url.Path), slog.Int("status", a.status),
		slog.Int64("ms", a.took.Milliseconds()), slog.Int("attempt", p.attempts),
	}
	if answer != nil {
		if id := requestID(answer.Header); id != "" {
			attrs = append(attrs, slog.String("request_id", clean(id, a.credential.redact, 100)))
		}
	}
	if a.err != nil {
		attrs = append(attrs, slog.String("code", string(a.err.Code)))
	}
	c.log.LogAttrs(ctx, slog.LevelDebug, "request", attrs...)
}

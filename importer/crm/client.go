package crm

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"csvput/report/code"
)

// Config is what a Client needs to know.
type Config struct {
	// BaseURL of the API: https, or http on this machine only. A path is kept as a prefix.
	BaseURL string
	// Account is the uuid of the account to act as. Without it only Logins makes sense.
	Account string
	// Token returns the bearer token. It is called at the first request, and again each time the server refuses a token
	// that it took before. It is never called by two goroutines at once.
	Token func(ctx context.Context) (string, error)
	// Stop, when done, ends all waiting: for the quota, for a pause, for Token and before a retry. The request then fails with
	// code.Stopped, and Error.Sent tells whether an attempt went out before. Requests on the wire are not touched, and
	// requests that need not wait are still sent. Nil never ends.
	Stop context.Context

	Workers int           // requests at once, for the connection pool; 0 = 16
	Timeout time.Duration // of one attempt, from sending (not from the wait for the quota) to the last byte; 0 = 30 s
	Retries int           // repetitions of a failed request; those for a 429 do not count; 0 = none
	MaxWait time.Duration // the longest the server may make us wait, and a request may be repeated; 0 = 15 min
	Breaker int           // failures of the server in a row that stop everything; 0 = never

	Rate    Rate    // upper bound for all requests, and the length of a quota window; zero = none, and a minute
	Reserve Reserve // part of the quota that is left to others; zero = 5 %, at least 5

	CACert    []byte       // PEM, trusted besides the system's authorities
	UserAgent string       // "" = csvput
	Logger    *slog.Logger // debug: each attempt; info: waits and stops. Never tokens or personal data. Nil = none
	OnWait    func(Wait)   // everybody waits, or goes on (Wait.For is 0). From any goroutine, one call at a time

	Transport http.RoundTripper // for tests; nil = tuned to Workers, proxies from the environment
}

const (
	defaultWorkers = 16
	defaultTimeout = 30 * time.Second
	defaultMaxWait = 15 * time.Minute
)

// Client speaks to the API. All methods may be called by several goroutines at once.
type Client struct {
	base      *url.URL
	host      string
	transport http.RoundTripper
	deadline  deadline
	retries   int
	maxWait   time.Duration
	log       *slog.Logger
	stop      <-chan struct{}

	gate    *gate
	auth    *auth
	breaker breaker
	record  recorder
	wires   wires
	memory  memory

	halted    chan struct{}         // closed when there is a cause
	cause     atomic.Pointer[Error] // why no request is sent any more
	heard     atomic.Bool           // some server has answered
	good      atomic.Bool           // and with a success
	listed    atomic.Bool           // a list was read
	noPrimary atomic.Bool           // the server does not know the include primary_accounts
	batch     atomic.Int32          // ids a list request may carry
	perPage   atomic.Int32          // records a page of a list may hold
}

// New checks the configuration and returns a client. It sends nothing. The error is an *Error with CodeSettings.
func New(cfg Config) (*Client, error) {
	base, err := parseBase(cfg.BaseURL)
	if err != nil {
		return nil, err
	}
	switch {
	case cfg.Token == nil:
		return nil, settings("there is no token")
	case cfg.Workers < 0 || cfg.Timeout < 0 || cfg.Retries < 0 || cfg.MaxWait < 0 || cfg.Breaker < 0:
		return nil, settings("workers, timeout, retries, max-wait and breaker must not be negative")
	case headerUnsafe(cfg.Account) || headerUnsafe(cfg.UserAgent):
		return nil, settings("the account and the user agent must not hold control characters")
	}
	c := &Client{
		base: base, host: base.Host,
		transport: cfg.Transport,
		deadline:  deadline{timeout: or(cfg.Timeout, defaultTimeout)},
		retries:   cfg.Retries,
		maxWait:   or(cfg.MaxWait, defaultMaxWait),
		log:       cfg.Logger,
		halted:    make(chan struct{}),
		breaker:   breaker{limit: cfg.Breaker},
		memory:    newMemory(),
	}
	c.batch.Store(maxBatch)
	c.perPage.Store(maxPage)
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if c.transport == nil {
		if c.transport, err = newTransport(base, or(cfg.Workers, defaultWorkers), cfg.CACert); err != nil {
			return nil, err
		}
	}
	_, c.wires.traced = c.transport.(*http.Transport)
	if cfg.Stop != nil {
		c.stop = cfg.Stop.Done()
	}
	c.gate = newGate(cfg.Rate, cfg.Reserve, c.maxWait)
	c.gate.stop, c.gate.halted, c.gate.record = c.stop, c.halted, c.record.waited
	c.gate.onWait = func(w Wait) { c.tell(w, cfg.OnWait) }
	c.auth = &auth{source: cfg.Token, header: headers(cfg), lock: make(chan struct{}, 1), halted: c.halted, stop: context.Background()}
	if cfg.Stop != nil {
		c.auth.stop = cfg.Stop
	}
	return c, nil
}

const accountHeader = "X-PLANNR-ACCOUNT-UUID"

func headers(cfg Config) http.Header {
	h := http.Header{
		"Accept":       {"application/json"},
		"Content-Type": {"application/json"},
		"User-Agent":   {or(cfg.UserAgent, "csvput")},
	}
	if cfg.Account != "" {
		h.Set(accountHeader, cfg.Account)
	}
	return h
}

func headerUnsafe(s string) bool {
	for _, r := range s {
		if r < ' ' || r == 0x7f {
			return true
		}
	}
	return false
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

func (c *Client) tell(w Wait, onWait func(Wait)) {
	if w.For > 0 {
		c.log.Info("waiting", "reason", w.Reason, "for", w.For.Round(time.Second), "until", w.Until)
	}
	if onWait != nil {
		onWait(w)
	}
}

// ActAs sets the account that requests act as, for a client that was made without one to read the Logins first. No
// request may be under way.
func (c *Client) ActAs(account string) {
	c.auth.header = c.auth.header.Clone()
	c.auth.header.Set(accountHeader, account)
	if old := c.auth.current.Load(); old != nil {
		next := c.auth.credential(old.token)
		next.proven.Store(old.proven.Load())
		c.auth.current.Store(next)
	}
}

// SetTotal tells how many requests are still to come, repetitions not counted. It is a hint: without it the last few
// requests may be spread over a quota window whose end is not known.
func (c *Client) SetTotal(n int) { c.gate.setTotal(max(0, n)) }

// Estimate returns how long so many further requests take at least, as far as the quota is known: waits only, not the
// time of the requests themselves.
func (c *Client) Estimate(requests int) time.Duration {
	if requests < 1 {
		return 0
	}
	return c.gate.estimate(requests, time.Now())
}

// Close closes idle connections.
func (c *Client) Close() {
	if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// halt makes every later request fail with e, and ends all waits. The first cause stays.
func (c *Client) halt(e *Error) {
	if c.cause.CompareAndSwap(nil, e) {
		close(c.halted)
		c.log.Info("no more requests", "code", e.Code, "status", e.Status)
	}
}

// breaker stops everything when it is pointless to go on.
type breaker struct {
	limit int

	mu        sync.Mutex
	failures  [kinds]int // of the server's, in a row: lists may work while changes do not
	forbidden int        // Puts refused with 403
	accepted  bool       // a Put was accepted
}

// judge takes in how a request ended (nil: well) and says whether everything must stop. good says that the server has
// ever given a useful answer.
func (b *breaker) judge(k kind, e *Error, good bool) Stop {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e == nil {
		b.failures[k] = 0
		b.accepted = b.accepted || k == kindPut
		return StopNone
	}
	switch e.Code {
	case code.Stopped, CodeCancelled, CodeOutdated:
		return StopNone
	case code.Oversized:
		if k == kindList {
			return StopNone // a shorter list is asked for
		}
		fallthrough
	case code.ServerError, code.Network, code.Timeout, code.DNS, code.Proxy, code.Throttled, code.Redirected, code.NotJSON:
		b.failures[k]++
		if b.limit == 0 || b.failures[k] < b.limit {
			return StopNone
		}
		if !good && (e.Code == code.Redirected || e.Code == code.NotJSON) {
			return StopPermanent // this is not the API
		}
		return StopPassing
	}
	b.failures[k] = 0
	if e.Code == code.Forbidden && k == kindPut && !b.accepted {
		b.forbidden++
		if b.limit > 0 && b.forbidden >= b.limit {
			return StopPermanent
		}
	}
	return StopNone
}

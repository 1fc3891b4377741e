package crm

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"csvput/importer/quota"
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
	// Stop, when done, ends all waiting: for the quota, for a pause, for Token and before a retry. The request then
	// fails with code.Stopped, and Error.Sent reports whether an attempt went out before. Requests on the wire are not
	// touched, and requests that need not wait are still sent. Nil never ends.
	Stop context.Context

	Workers int           // requests at once, for the connection pool; 0 = 16
	Timeout time.Duration // of one attempt, from sending (not from the wait for the quota) to the last byte; 0 = 30 s
	Retries int           // of a failed request; those after a 429 do not count; 0 = none
	MaxWait time.Duration // the longest the server may make us wait, and a request may be retried; 0 = 15 min
	Breaker int           // failures of the server in a row that stop everything; 0 = never

	Rate    quota.Rate    // upper bound for all requests, and the length of a quota window; zero = none, and a minute
	Reserve quota.Reserve // part of the quota that is left to others; zero = 5 %, at least 5

	CACert    []byte           // PEM, trusted besides the system's authorities
	UserAgent string           // "" = csvput
	Logger    *slog.Logger     // debug: each attempt; info: waits and stops. Never tokens or personal data. Nil = none
	OnWait    func(quota.Wait) // everybody waits, or goes on (Wait.For is 0). From any goroutine, one call at a time

	Transport http.RoundTripper // for tests; nil = tuned to Workers, proxies from the environment
}

// Client speaks to the API. All methods may be called by several goroutines at once.
type Client struct {
	base      *url.URL
	transport http.RoundTripper
	traced    bool // the transport tells what it does
	timeout   time.Duration
	retries   int
	maxWait   time.Duration
	log       *slog.Logger

	limiter  *quota.Limiter
	auth     auth
	breaker  breaker
	recorder recorder
	memory   *memory

	waits     context.Context // of all waits; its cause is errStopped or errHalted
	endWaits  context.CancelCauseFunc
	cause     atomic.Pointer[Error] // why no request is sent any more
	heard     atomic.Bool           // some server has answered
	good      atomic.Bool           // and with a success
	listed    atomic.Bool           // a list was read
	noPrimary atomic.Bool           // the server does not know the include primary_accounts
	batch     atomic.Int32          // ids a list request may carry
	perPage   atomic.Int32          // records a page of a list may hold
}

var (
	errStopped = errors.New("stopped") // Config.Stop
	errHalted  = errors.New("halted")  // Client.halt
)

// New checks the configuration and returns a client. It sends nothing. The error is an *Error with CodeSettings.
func New(cfg Config) (*Client, error) {
	base, err := parseBase(cfg.BaseURL)
	if err != nil {
		return nil, err
	}
	control := func(r rune) bool { return r < ' ' || r == 0x7f }
	switch {
	case cfg.Token == nil:
		return nil, settings("there is no token")
	case cfg.Workers < 0 || cfg.Timeout < 0 || cfg.Retries < 0 || cfg.MaxWait < 0 || cfg.Breaker < 0:
		return nil, settings("workers, timeout, retries, max-wait and breaker must not be negative")
	case strings.ContainsFunc(cfg.Account+cfg.UserAgent, control):
		return nil, settings("the account and the user agent must not hold control characters")
	}
	c := &Client{
		base: base, transport: cfg.Transport,
		timeout: cmp.Or(cfg.Timeout, 30*time.Second), retries: cfg.Retries,
		maxWait: cmp.Or(cfg.MaxWait, 15*time.Minute),
		log:     cmp.Or(cfg.Logger, slog.New(slog.DiscardHandler)),
		breaker: breaker{limit: cfg.Breaker},
		memory:  newMemory(),
	}
	if c.transport == nil {
		if c.transport, err = newTransport(base, cmp.Or(cfg.Workers, 16), cfg.CACert); err != nil {
			return nil, err
		}
	}
	_, c.traced = c.transport.(*http.Transport)
	c.batch.Store(maxBatch)
	c.perPage.Store(maxPage)
	c.waits, c.endWaits = context.WithCancelCause(context.Background())
	if cfg.Stop != nil {
		context.AfterFunc(cfg.Stop, func() { c.endWaits(errStopped) })
	}
	c.auth = auth{source: cfg.Token, header: headers(cfg), waits: c.waits, lock: make(chan struct{}, 1)}
	c.limiter = quota.New(quota.Config{
		Rate: cfg.Rate, Reserve: cfg.Reserve, MaxWait: c.maxWait, Stop: c.waits,
		OnWait: func(w quota.Wait) {
			if w.For > 0 {
				c.log.Info("waiting", "reason", w.Reason, "for", w.For.Round(time.Second), "until", w.Until)
			} else {
				c.recorder.waited(w)
			}
			if cfg.OnWait != nil {
				cfg.OnWait(w)
			}
		},
	})
	return c, nil
}

const accountHeader = "X-PLANNR-ACCOUNT-UUID"

func headers(cfg Config) http.Header {
	h := http.Header{
		"Accept":       {"application/json"},
		"Content-Type": {"application/json"},
		"User-Agent":   {cmp.Or(cfg.UserAgent, "csvput")},
	}
	if cfg.Account != "" {
		h.Set(accountHeader, cfg.Account)
	}
	return h
}

// ActAs sets the account that requests act as, for a client that was made without one to read the Logins first. No
// request may be under way.
func (c *Client) ActAs(account string) {
	c.auth.header.Set(accountHeader, account)
	if old := c.auth.current.Load(); old != nil {
		next := c.auth.credential(old.token)
		next.proven.Store(old.proven.Load())
		c.auth.current.Store(next)
	}
}

// SetTotal tells how many requests are still to come, retries not counted. It is a hint: without it the last few
// requests may be spread over a quota window whose end is not known.
func (c *Client) SetTotal(n int) { c.limiter.SetTotal(n) }

// Estimate returns how long so many further requests take at least, as far as the quota is known: waits only, not the
// time of the requests themselves.
func (c *Client) Estimate(requests int) time.Duration { return c.limiter.Estimate(requests) }

// Ready waits as a request would until one may be sent, sends none, and returns how many can be sent within a time from
// then on, as far as the bound and the quota are known: at least 1. Whoever reads records just before they are changed
// learns from it when to read, and how many. The errors are those of a Put that was not sent.
func (c *Client) Ready(ctx context.Context, within time.Duration) (n int, err error) {
	switch {
	case ctx.Err() != nil:
		err = ctx.Err()
	case c.cause.Load() != nil:
		err = errHalted
	default:
		n, err = c.limiter.Ready(ctx, within)
	}
	if err != nil {
		return 0, c.notSent(err, new(Tries))
	}
	return n, nil
}

// Close closes idle connections.
func (c *Client) Close() { (&http.Client{Transport: c.transport}).CloseIdleConnections() }

// halt makes every later request fail with e, and ends all waits. The first cause stays.
func (c *Client) halt(e Error) {
	if c.cause.CompareAndSwap(nil, &e) {
		c.endWaits(errHalted)
		c.log.Info("no more requests", "code", string(e.Code), "status", e.Status)
	}
}

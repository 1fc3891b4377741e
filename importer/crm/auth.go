package crm

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"

	"csvput/report/code"
	"csvput/report/human"
)

// credential is one reading of the token. It is only handled by pointer, so that no formatting verb prints the token.
type credential struct {
	token  string
	header http.Header // complete, for every request; never changed
	put    http.Header // the same for a Put: its answer is too short to be worth packing
	proven atomic.Bool // may be used by everybody at once
}

// auth keeps the token, and reads it again when the server refuses it. The first reading is trusted; a later one is
// tried by one request alone, so that a refused token costs at most one request per worker.
type auth struct {
	source  func(context.Context) (string, error)
	header  http.Header // everything but the token
	waits   context.Context
	current atomic.Pointer[credential]
	lock    chan struct{} // full while the token is read, or tried
	failed  error         // the last word: no token can be had; guarded by lock
}

// errRefused says that reading the token again does not help.
var errRefused = errors.New("token refused")

// get returns the credential to use. One that is not proven yet belongs to the caller alone, until tried, abandon or
// renew. The error is the context's, that of a wait that ended, or an *Error that stops the client.
func (a *auth) get(ctx context.Context) (*credential, error) {
	if c := a.current.Load(); c != nil && c.proven.Load() {
		return c, nil
	}
	if err := a.acquire(ctx); err != nil {
		return nil, err
	}
	if c := a.current.Load(); c != nil && a.failed == nil { // read in the meantime
		if c.proven.Load() {
			a.release()
		}
		return c, nil
	}
	defer a.release()
	if a.failed != nil {
		return nil, errHalted
	}
	c, err := a.read(ctx)
	if err != nil {
		return nil, err
	}
	c.proven.Store(true)
	a.current.Store(c)
	return c, nil
}

// tried opens a credential on trial to everybody: its request came back, and not with a 401.
func (a *auth) tried(c *credential) {
	if c.proven.CompareAndSwap(false, true) {
		a.release()
	}
}

// abandon leaves the trial of a credential to somebody else: its request was not sent.
func (a *auth) abandon(c *credential) {
	if !c.proven.Load() {
		a.release()
	}
}

// renew reads the token again after the server refused c with a 401. Nil means: try once more with get. The error is
// errRefused, or one that get may return.
func (a *auth) renew(ctx context.Context, c *credential) error {
	if !c.proven.Load() { // the trial failed
		a.failed = errRefused
		a.release()
		return errRefused
	}
	if err := a.acquire(ctx); err != nil {
		return err
	}
	defer a.release()
	switch {
	case a.failed != nil:
		return errRefused
	case a.current.Load() != c:
		return nil // somebody else did it
	}
	next, err := a.read(ctx)
	if err != nil {
		return err
	}
	if next.token == c.token {
		a.failed = errRefused
		return errRefused
	}
	a.current.Store(next)
	return nil
}

func (a *auth) acquire(ctx context.Context) error {
	select {
	case a.lock <- struct{}{}:
		return nil
	default:
	}
	select {
	case a.lock <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-a.waits.Done():
		return context.Cause(a.waits)
	}
}

func (a *auth) release() { <-a.lock }

// read reads the token. If there is none, there never will be one.
func (a *auth) read(ctx context.Context) (*credential, error) {
	reading, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(a.waits, cancel)()
	token, err := a.source(reading)
	token = strings.TrimSpace(token)
	message := ""
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil && a.waits.Err() != nil:
		return nil, context.Cause(a.waits)
	case err != nil:
		message = "the token could not be read: " + human.OneLine(err.Error(), 300)
	case token == "":
		message = "the token is empty"
	case strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r >= 0x7f }):
		message = "the token holds blanks, line breaks or characters outside ASCII, which no token does"
	default:
		return a.credential(token), nil
	}
	a.failed = &Error{Code: code.TokenMissing, Stop: StopAuth, Message: message}
	return nil, a.failed
}

func (a *auth) credential(token string) *credential {
	header := a.header.Clone()
	header.Set("Authorization", "Bearer "+token)
	put := header.Clone()
	put.Set("Accept-Encoding", "identity")
	return &credential{token: token, header: header, put: put}
}

// redact takes the token out of foreign text, which is decoded, but not cut yet.
func (c *credential) redact(s string) string { return strings.ReplaceAll(s, c.token, "[token]") }

// longToken is the length of a token that cannot be a word in a record by chance.
const longToken = 16

// redactValue takes the token out of what a record holds.
func (c *credential) redactValue(s string) string {
	if len(c.token) < longToken {
		return s
	}
	return c.redact(s)
}

package crm

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"csvput/report/code"
	"csvput/report/human"
)

const (
	pathLogins = "/api/v1/logins"
	pathList   = "/api/v2/contact-details"
)

// Answer is what came of a Put. As much of it as is known is filled in with an error, too.
type Answer struct {
	Record   Record        // as the server answered; zero if it did not
	Status   int           // HTTP status of the last answer, 0 without one
	Attempts int           // requests put on the wire: what the server can have counted
	Doubt    Doubt         // what the attempts may have done; none after a success
	Duration time.Duration // of the attempts, without any waiting
}

// Put changes one contact detail. It succeeds only if the server answers with the record asked for, holding what was
// sent: the name (blanks around it apart), the value (e-mail addresses without regard to case, phone numbers by their
// digits), and the accounts where the answer shows them. A Put may be retried without harm: the same body leaves the
// same record.
//
// No attempt leaves after notAfter (zero is no limit), whatever it waited for: Put ends with CodeOutdated then, once it
// need not wait any longer. The caller, who must have read the record by then, reads it again and calls Put with the
// same t, which carries on the count of attempts, the limits on retries and the doubt. Nil is a fresh one.
//
// The context governs the requests themselves; Config.Stop ends only waits. The error is an *Error. Its Doubt says
// whether the record may have been changed, its Stop whether further requests make sense.
func (c *Client) Put(ctx context.Context, id string, u Update, notAfter time.Time, t *Tries) (Answer, error) {
	var record Record
	if t == nil {
		t = new(Tries)
	}
	if !plausible(id) {
		return Answer{}, &Error{Code: code.NotFound, Message: human.Quote(id) + " is no id of a record"}
	}
	q := &call{kind: kindPut, method: http.MethodPut, url: c.url(pathList+"/"+id, ""), body: u.body(),
		failures: t.failures, notAfter: notAfter}
	q.read = func(body []byte, redact func(string) string) *Error {
		got, ok := parseRecord[ownerIDs](body)
		if !ok {
			return &Error{Code: code.NotJSON}
		}
		got.redact(redact)
		record = got
		return verify(id, u, got)
	}
	e := c.do(ctx, q, t)
	a := Answer{Record: record, Status: t.status, Attempts: t.attempts, Doubt: t.doubt, Duration: t.took}
	if e != nil {
		return a, e
	}
	return a, nil
}

// plausible reports whether an id can stand in a path as it is.
func plausible(id string) bool {
	for _, r := range id {
		if (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' {
			return false
		}
	}
	return id != "" && len(id) <= 64
}

// url returns the address of a path below the base URL.
func (c *Client) url(path, query string) *url.URL {
	u := *c.base
	u.Path += path
	if u.RawPath != "" {
		u.RawPath += path
	}
	u.RawQuery = query
	return &u
}

package crm

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

const (
	pathLogins = "/api/v1/logins"
	pathList   = "/api/v2/contact-details"
)

// Answer is what came of a Put. As much of it as is known is filled in with an error, too.
type Answer struct {
	Record    Record // as the server answered; zero if it did not
	Status    int    // HTTP status of the last answer, 0 without one
	Attempts  int    // requests put on the wire: what the server can have counted
	RequestID string
	Duration  time.Duration // of the attempts, without any waiting
}

// Put changes one contact detail. It succeeds only if the server answers with the record asked for, holding what was
// sent: the name (blanks around it apart), the value (e-mail addresses without regard to case, phone numbers by their
// digits), and the accounts where the answer shows them. A Put may be repeated without harm: the same body leaves the
// same record.
//
// The context governs the requests themselves; Config.Stop ends only waits. The error is an *Error. Its Uncertain says
// whether the record may have been changed, its Stop whether further requests make sense.
func (c *Client) Put(ctx context.Context, id string, u Update) (Answer, error) {
	var record Record
	if !plausible(id) {
		return Answer{}, &Error{Code: CodeNotFound, Message: quote(id) + " is no id of a record"}
	}
	q := &call{kind: kindPut, method: http.MethodPut, url: c.url(pathList+"/"+id, ""), body: u.body()}
	q.read = func(body []byte) *Error {
		got, ok := parseRecord(body)
		if !ok {
			return &Error{Code: CodeNotJSON}
		}
		record = got
		return verify(id, u, got)
	}
	p, e := c.do(ctx, q)
	a := Answer{Record: record, Status: p.status, Attempts: p.attempts, RequestID: p.requestID, Duration: p.took}
	if e != nil {
		return a, e
	}
	return a, nil
}

// plausible says whether an id can stand in a path as it is.
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

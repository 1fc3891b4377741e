package crm

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"regexp"
	"time"

	"csvput/report/code"
	"csvput/report/human"
)

// Codes of an Error that no row ends with.
const (
	CodeSettings  code.Code = "settings"  // the client was set up wrongly (base URL, rate, CA file, ...)
	CodeCancelled code.Code = "cancelled" // the context ended
	CodeOutdated  code.Code = "outdated"  // the time until which Put may send has passed
)

// Stop reports whether further requests make sense after an Error.
type Stop int

const (
	StopNone      Stop = iota // the error is about one request only
	StopTransient             // nothing will get through for now, for a cause that passes: go on later
	StopPermanent             // nothing will get through until somebody changes something
	StopAuth                  // the server refuses the credentials
)

// Error is what every method of a Client returns when it fails. It never holds the token.
type Error struct {
	Code    code.Code
	Status  int    // HTTP status of the last answer, 0 when there was none
	Message string // one sentence for a person, with the server's own words and all validation messages
	Doubt   Doubt  // what all attempts of the change may have done
	Refused bool   // the API itself refused this request for good: 4xx, but for 401, 407, 408, 425 and 429
	Stop    Stop   // whether further requests make sense
	Sent    bool   // at least one attempt was put on the wire

	page   bool  // the answer is an HTML page: from a reverse proxy, not from the API
	broken bool  // the connection ended without an answer
	cause  error // only context errors: anything else could print secrets
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the context's error when the context ended the request, else nil.
func (e *Error) Unwrap() error { return e.cause }

func settings(format string, args ...any) *Error {
	return &Error{Code: CodeSettings, Stop: StopPermanent, Message: fmt.Sprintf(format, args...)}
}

// Doubt says what attempts without a success may have done to a record.
type Doubt int

const (
	// DoubtNone: no attempt can have been applied. None was sent, or each one was refused.
	DoubtNone Doubt = iota
	// DoubtAnswered: an attempt may have been applied, and the server is done with it. A reading tells.
	DoubtAnswered
	// DoubtPending: an attempt may have been applied, or may yet be: the server may still be working on it.
	DoubtPending
)

// ending is how an attempt ended, as far as it matters to what the attempt may have done.
type ending struct {
	sent   bool // the server may have received the whole request
	status int  // of the answer; 0 without one
	cut    bool // the answer broke off
	good   bool // it carries what a success must
}

// doubt is what one attempt may have done.
func (e ending) doubt() Doubt {
	switch {
	case e.status == 0 && !e.sent:
		return DoubtNone
	case e.status == 0:
		return DoubtPending // the answer was lost
	case e.status < 200:
		return DoubtPending // there is more to come that nobody will read
	case e.status == 408:
		return DoubtPending // whoever gave up waiting may not be the one that works on it
	case e.status >= 400 && e.status < 500:
		return DoubtNone
	case e.cut:
		return DoubtPending
	case e.status < 300 && e.good:
		return DoubtNone
	case e.status < 400, e.status == 500, e.status == 503:
		return DoubtAnswered
	}
	return DoubtPending // from a gateway: the server behind it may still be at work
}

// final reports whether a status is the API's last word: it refuses this request, and would refuse it again.
func final(status int) bool {
	switch status {
	case 401, 407, 408, 425, 429:
		return false
	}
	return status >= 400 && status < 500
}

// failure says in words why no answer came, from an error of the transport. timeout is the limit of an attempt, host
// the server's. A name or a certificate that is wrong at the first contact is a permanent cause; if the server has been
// heard before, it may pass.
func failure(err error, host string, timeout time.Duration, heard bool) *Error {
	if known, ok := errors.AsType[*Error](err); ok { // from proxyAnswered
		return &Error{Code: known.Code, Status: known.Status, Message: known.Message, Stop: known.Stop}
	}
	stop := StopPermanent
	if heard {
		stop = StopNone
	}
	if name, ok := errors.AsType[*net.DNSError](err); ok {
		e := &Error{Code: code.DNS, Message: "the name " + human.Quote(name.Name) + " has no address"}
		if name.IsNotFound {
			e.Stop = stop
		} else {
			e.Message = "the address of " + human.Quote(name.Name) +
				" could not be found out: no answer from the name service"
		}
		return e
	}
	if message := distrust(err, host); message != "" {
		return &Error{Code: code.TLS, Message: message, Stop: stop}
	}
	op, isOp := errors.AsType[*net.OpError](err)
	slow, isNet := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, context.DeadlineExceeded) || isNet && slow.Timeout():
		return &Error{Code: code.Timeout, Message: "no complete answer from " + host + " within " +
			human.Duration(timeout)}
	case isOp && op.Op == "proxyconnect":
		return &Error{Code: code.Proxy, Message: "the proxy cannot be reached: " + reason(op)}
	case isOp && (op.Op == "remote error" || op.Op == "local error"): // alerts of crypto/tls
		return &Error{Code: code.TLS, Message: "no encrypted connection to " + host + ": " + reason(op)}
	case isOp && op.Op == "dial" && local(op.Addr) && !heard:
		return &Error{Code: code.Network, Stop: StopTransient,
			Message: "nothing listens on " + host + ": is the server there running? (" + reason(op) + ")"}
	case isOp && op.Op == "dial":
		return &Error{Code: code.Network, Message: "no connection to " + host + ": " + reason(op)}
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return &Error{Code: code.Network, Message: host + " closed the connection before its answer was complete"}
	}
	return &Error{Code: code.Network, Message: "the connection to " + host + " broke: " + reason(err)}
}

// local reports whether an address is this computer's own: that it refuses a connection is no fault of a network, and
// will not pass in seconds.
func local(address net.Addr) bool {
	tcp, ok := address.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// distrust explains why no trustworthy encrypted connection came about, "" for any other error.
func distrust(err error, host string) string {
	var (
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
		verify    *tls.CertificateVerificationError
		record    tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &authority):
		return "the certificate of " + host +
			" was not issued by an authority that this machine trusts; where a company's " +
			"proxy inspects encrypted connections, its certificate must be given with --ca-cert"
	case errors.As(err, &hostname):
		return "the server that answers for " + host + " shows a certificate for another name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the certificate of " + host + " has expired, is not valid yet, or the clock of this machine is wrong"
	case errors.As(err, &invalid), errors.As(err, &verify):
		return "the certificate of " + host + " is not valid: " + reason(err)
	case errors.As(err, &record):
		return host + " does not speak TLS on this port"
	}
	return ""
}

// userInfo finds what a URL in an error text may give away.
var userInfo = regexp.MustCompile(`//[^/@\s"]*@`)

// reason is the innermost text of an error, on one line, without user names and passwords of URLs. A *url.Error prints
// the whole URL, and a *net.OpError the addresses of both ends: both are left out.
func reason(err error) string {
	if address, ok := errors.AsType[*url.Error](err); ok {
		err = address.Err
	}
	var op *net.OpError
	for errors.As(err, &op) {
		err = op.Err
	}
	return human.OneLine(userInfo.ReplaceAllString(err.Error(), "//"), 200)
}

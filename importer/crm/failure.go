package crm

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/url"
	"regexp"
	"time"

	"csvput/report/code"
	"csvput/report/human"
)

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
			e.Message = "the address of " + human.Quote(name.Name) + " could not be found out: no answer from the name service"
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
		return &Error{Code: code.Timeout, Message: "no complete answer from " + host + " within " + human.Duration(timeout)}
	case isOp && op.Op == "proxyconnect":
		return &Error{Code: code.Proxy, Message: "the proxy cannot be reached: " + reason(op)}
	case isOp && (op.Op == "remote error" || op.Op == "local error"): // alerts of crypto/tls
		return &Error{Code: code.TLS, Message: "no encrypted connection to " + host + ": " + reason(op)}
	case isOp && op.Op == "dial" && local(op.Addr) && !heard:
		return &Error{Code: code.Network, Message: "nothing listens on " + host + ": is the server there running? (" + reason(op) + ")", Stop: StopTransient}
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
		return "the certificate of " + host + " was not issued by an authority that this machine trusts; where a company's " +
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

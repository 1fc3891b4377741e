package crm

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"csvput/report/code"
	"csvput/report/human"
)

// idleConn is how long an unused connection is kept: shorter than the waits for the next quota window, so that a burst
// never starts on connections that the server is about to close (many do so after 60 s, just when a window ends).
const idleConn = 30 * time.Second

// newTransport returns a transport for workers requests at once to the server at base. It sets no limit of its own to
// the time of an answer: the timeout of an attempt does.
func newTransport(base *url.URL, workers int, caCert []byte) (*http.Transport, error) {
	// a change must not wait until a list is read
	conns := workers + lookups
	proxy, proxyErr := http.ProxyFromEnvironment(&http.Request{URL: base}) // once: all requests go to one server
	t := &http.Transport{
		Proxy:                  func(*http.Request) (*url.URL, error) { return proxy, proxyErr },
		OnProxyConnectResponse: proxyAnswered,
		DialContext:            (&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:    30 * time.Second,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:      true,
		// A broken HTTP/2 connection would otherwise take every attempt with it until each timed out.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 10 * time.Second, PingTimeout: 10 * time.Second,
			MaxReceiveBufferPerStream: 2 * smallAnswer},
		MaxConnsPerHost:        conns,
		MaxIdleConnsPerHost:    conns,
		IdleConnTimeout:        idleConn,
		MaxResponseHeaderBytes: 64 << 10,
		// Headers must fit, so that "headers written" is known before the first byte leaves.
		WriteBufferSize: 16 << 10,
	}
	if len(caCert) == 0 {
		return t, nil
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(caCert) {
		return nil, settings("the CA file holds no certificate in PEM form")
	}
	t.TLSClientConfig.RootCAs = roots
	return t, nil
}

// proxyAnswered turns a proxy's refusal to connect into an Error; net/http would reduce it to the status text.
func proxyAnswered(_ context.Context, proxy *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	e := &Error{Code: code.Proxy, Status: answer.StatusCode}
	if answer.StatusCode == http.StatusProxyAuthRequired {
		e.Stop = StopPermanent
		e.Message = "the proxy " + proxy.Host + " wants a user name and a password (407 Proxy Authentication Required)"
	} else {
		e.Message = "the proxy " + proxy.Host + " does not connect to the server (" + statusText(answer.StatusCode) +
			")"
	}
	return e
}

// parseBase checks the base URL: https, or http on this machine only; without user, query and fragment. The path has no
// slash at its end.
func parseBase(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		return nil, settings("the base URL is no URL like https://api.example.com")
	case u.User != nil:
		return nil, settings("the base URL must not hold a user name or a password")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || u.RawFragment != "":
		return nil, settings("the base URL %s must not hold a ? or a #", human.Quote(s))
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, settings("the base URL %s must begin with https://: the token would travel in the clear",
			human.Quote(s))
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, settings("the base URL %s must begin with https://", human.Quote(s))
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host}).Parse(strings.TrimRight(u.EscapedPath(), "/"))
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

package crm

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"csvput/report/code"
)

func TestBaseURL(t *testing.T) {
	for s, want := range map[string]string{
		"https://api.plannrcrm.com":          "https://api.plannrcrm.com/api/v1/logins",
		"https://api.plannrcrm.com/":         "https://api.plannrcrm.com/api/v1/logins",
		"https://gw.example.com:8443/crm//":  "https://gw.example.com:8443/crm/api/v1/logins",
		"https://gw.example.com/a%2Fb/":      "https://gw.example.com/a%2Fb/api/v1/logins",
		"http://localhost:8080":              "http://localhost:8080/api/v1/logins",
		"http://127.0.0.1:1/x":               "http://127.0.0.1:1/x/api/v1/logins",
		"http://[::1]:8080":                  "http://[::1]:8080/api/v1/logins",
		"https://[2001:db8::1]:8080/prefix/": "https://[2001:db8::1]:8080/prefix/api/v1/logins",
	} {
		c, err := New(Config{BaseURL: s, Token: noToken})
		if err != nil {
			t.Errorf("%s: %v", s, err)
		} else if got := c.url(pathLogins, "").String(); got != want {
			t.Errorf("%s leads to %s, want %s", s, got, want)
		}
	}
	for _, s := range []string{
		"", "api.plannrcrm.com", "/", "https://", "https://:443", "ftp://localhost", "http://api.plannrcrm.com", "http://10.0.0.1",
		"http://localhost.example.com", "https://a:secret@b.example", "https://a.example?x=1", "https://a.example?", "https://a.example/#x", "https://a b",
		"https://a.example:port", "//a.example", "javascript:alert(1)", "https://a.example/\n",
	} {
		_, err := New(Config{BaseURL: s, Token: noToken})
		var e *Error
		if !errors.As(err, &e) || e.Code != CodeSettings || e.Message == "" || strings.Contains(e.Message, "secret") {
			t.Errorf("%q: %v", s, err)
		}
	}
}

// selfSigned makes a certificate for a name, and the server configuration with it.
func selfSigned(t *testing.T, name string, until time.Time) (*tls.Config, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, NotAfter: until,
		IsCA: true, BasicConstraintsValid: true}
	if ip := net.ParseIP(name); ip != nil {
		template.DNSNames, template.IPAddresses = nil, []net.IP{ip}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	return config, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func tlsServer(t *testing.T, config *tls.Config) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, goodBody) }))
	s.TLS = config
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func TestTLS(t *testing.T) {
	year := time.Now().Add(365 * 24 * time.Hour)
	fine, fineCA := selfSigned(t, "127.0.0.1", year)
	other, otherCA := selfSigned(t, "other.example", year)
	old, oldCA := selfSigned(t, "127.0.0.1", time.Now().Add(-time.Hour))
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	weak := fine.Clone()
	weak.MaxVersion = tls.VersionTLS11
	tests := []struct {
		name, url string
		ca        []byte
		message   string // "" = success
		stop      Stop
	}{
		{"known authority", tlsServer(t, fine).URL, fineCA, "", StopNone},
		{"unknown authority", tlsServer(t, fine).URL, nil, "--ca-cert", StopPermanent},
		{"another authority", tlsServer(t, fine).URL, otherCA, "--ca-cert", StopPermanent},
		{"another name", tlsServer(t, other).URL, otherCA, "certificate for another name", StopPermanent},
		{"expired", tlsServer(t, old).URL, oldCA, "has expired", StopPermanent},
		{"no TLS", strings.Replace(plain.URL, "http:", "https:", 1), nil, "does not speak TLS", StopPermanent},
		{"old TLS", tlsServer(t, weak).URL, fineCA, "no encrypted connection", StopTransient},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := realClient(t, test.url, func(cfg *Config) { cfg.CACert, cfg.Retries = test.ca, 1 })
			name := "Work"
			a, err := c.Put(t.Context(), testID, Update{Name: &name}, time.Time{}, nil)
			if test.message == "" {
				if err != nil || a.Attempts != 1 {
					t.Fatalf("%d attempts, %v", a.Attempts, err)
				}
				return
			}
			var e *Error
			if !errors.As(err, &e) || e.Code != code.TLS || e.Stop != test.stop || e.Sent || e.Doubt != DoubtNone || a.Attempts != 0 || !strings.Contains(e.Message, test.message) {
				t.Errorf("%d attempts, %+v", a.Attempts, e)
			}
			if _, again := c.Put(t.Context(), testID, Update{Name: &name}, time.Time{}, nil); !errors.As(again, &e) || e.Stop != test.stop || e.Sent {
				t.Errorf("the next request: %+v", e)
			}
		})
	}
	if _, err := New(Config{BaseURL: "https://a.example", Token: noToken, CACert: []byte("no certificate")}); err == nil {
		t.Error("any text is taken for a CA file")
	}
}

func TestFailureWords(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	tests := []struct {
		err   error
		heard bool
		code  code.Code
		stop  Stop
		text  string
	}{
		{dial(&net.DNSError{Name: "api.example.com", IsNotFound: true}), false, code.DNS, StopPermanent, `the name "api.example.com" has no address`},
		{dial(&net.DNSError{Name: "api.example.com", IsNotFound: true}), true, code.DNS, StopNone, "no address"},
		{dial(&net.DNSError{Name: "api.example.com", IsTimeout: true}), false, code.DNS, StopNone, "name service"},
		{&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, true, code.TLS, StopNone, "--ca-cert"},
		{&url.Error{Op: "Put", URL: "https://host/?token=secret", Err: errors.New("no route to host")}, true, code.Network, StopNone, "broke: no route to host"},
		{fmt.Errorf("proxyconnect: parse \"http://user:secret@proxy:x\": invalid port"), false, code.Network, StopNone, `"http://proxy:x"`},
		{errors.New("two\nlines\x00"), false, code.Network, StopNone, "broke: two lines"},
	}
	for _, test := range tests {
		e := failure(test.err, "host", time.Second, test.heard)
		if e.Code != test.code || e.Stop != test.stop || !strings.Contains(e.Message, test.text) || strings.Contains(e.Message, "secret") {
			t.Errorf("%v: %+v", test.err, e)
		}
	}
}

// TestRefusedConnection: nobody listens on this computer. That is certainly not applied, and stops everything at once:
// no retry within seconds would fare better.
func TestRefusedConnection(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + listener.Addr().String()
	listener.Close()
	c := realClient(t, address, func(cfg *Config) { cfg.Retries, cfg.Breaker = 9, 3 })
	name := "Work"
	for i := range 2 {
		a, err := c.Put(t.Context(), testID, Update{Name: &name}, time.Time{}, nil)
		var e *Error
		if !errors.As(err, &e) || e.Code != code.Network || e.Sent || e.Doubt != DoubtNone || a.Attempts != 0 || !strings.Contains(e.Message, "refused") {
			t.Errorf("%+v", e)
		}
		if e.Stop != StopTransient {
			t.Errorf("request %d: stop %v", i, e.Stop)
		}
	}
}

// TestProxy: a proxy that tunnels, one that wants a password, one that cannot reach the server, one that is not there.
func TestProxy(t *testing.T) {
	config, ca := selfSigned(t, "127.0.0.1", time.Now().Add(time.Hour))
	server := tlsServer(t, config)
	proxy := func(status int) *url.URL {
		p := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if status != 200 {
				w.WriteHeader(status)
				return
			}
			there, err := net.Dial("tcp", r.Host)
			if err != nil {
				w.WriteHeader(502)
				return
			}
			defer there.Close()
			here, buffered, _ := w.(http.Hijacker).Hijack()
			defer here.Close()
			io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n")
			go io.Copy(there, buffered)
			io.Copy(here, there)
		}))
		t.Cleanup(p.Close)
		u, _ := url.Parse(p.URL)
		u.User = url.UserPassword("user", "secret")
		return u
	}
	gone := proxy(200)
	gone.Host = "127.0.0.1:1"
	tests := []struct {
		name    string
		proxy   *url.URL
		code    code.Code
		stop    Stop
		message string
	}{
		{"tunnels", proxy(200), "", StopNone, ""},
		{"wants a password", proxy(407), code.Proxy, StopPermanent, "407"},
		{"bad gateway", proxy(502), code.Proxy, StopNone, "502 Bad Gateway"},
		{"gone", gone, code.Proxy, StopNone, "cannot be reached"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := realClient(t, server.URL, func(cfg *Config) { cfg.CACert = ca })
			c.transport.(*http.Transport).Proxy = http.ProxyURL(test.proxy)
			name := "Work"
			a, err := c.Put(t.Context(), testID, Update{Name: &name}, time.Time{}, nil)
			c.Close()
			if test.code == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var e *Error
			if !errors.As(err, &e) || e.Code != test.code || e.Stop != test.stop || e.Sent || a.Attempts != 0 ||
				!strings.Contains(e.Message, test.message) || strings.Contains(e.Message, "secret") {
				t.Errorf("%d attempts, %+v", a.Attempts, e)
			}
		})
	}
}

// An IPv6 address is taken as it is. The machine need not have IPv6: what is dialled counts.
func TestIPv6(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "[::1]:8443" {
			t.Errorf("the host is %q", r.Host)
		}
		io.WriteString(w, goodBody)
	}))
	defer s.Close()
	c := realClient(t, "http://[::1]:8443", nil)
	c.transport.(*http.Transport).DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if address != "[::1]:8443" {
			t.Errorf("dialled is %q", address)
		}
		return new(net.Dialer).DialContext(ctx, network, s.Listener.Addr().String())
	}
	name := "Work"
	if _, err := c.Put(t.Context(), testID, Update{Name: &name}, time.Time{}, nil); err != nil {
		t.Error(err)
	}
}

// TestNetworkGoesAway: a name that had an address and has none any more is tried again, and then stops everything for a
// passing cause.
func TestNetworkGoesAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &unreachable{after: 3, dns: net.DNSError{Err: "no such host", IsNotFound: true}}
		c := simClient(t, r, nil)
		name := "x"
		for i := range 6 {
			_, err := c.Put(t.Context(), fmt.Sprint(i), Update{Name: &name}, time.Time{}, nil)
			var e *Error
			if errors.As(err, &e) != (i >= 3) {
				t.Fatalf("request %d: %v", i, err)
			}
			if e != nil && (e.Code != code.DNS || e.Stop != StopTransient || e.Sent || e.Doubt != DoubtNone) {
				t.Errorf("request %d: %+v", i, e)
			}
		}
		if r.n != 3+6 {
			t.Errorf("%d attempts", r.n)
		}
	})
}

// TestNoNameService: a name service that does not answer is a cause that passes, also at the first contact; a name that
// it does not know is none.
func TestNoNameService(t *testing.T) {
	for _, test := range []struct {
		dns  net.DNSError
		stop Stop
		n    int
	}{
		{net.DNSError{Err: "i/o timeout", IsTimeout: true}, StopTransient, 6},
		{net.DNSError{Err: "server misbehaving", IsTemporary: true}, StopTransient, 6},
		{net.DNSError{Err: "dial udp 127.0.0.1:53: connect: network is unreachable"}, StopTransient, 6},
		{net.DNSError{Err: "no such host", IsNotFound: true}, StopPermanent, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			u := &unreachable{dns: test.dns}
			_, err := simClient(t, u, func(cfg *Config) { cfg.Breaker = 0 }).Logins(t.Context())
			var e *Error
			if !errors.As(err, &e) || e.Code != code.DNS || e.Stop != test.stop || e.Sent || u.n != test.n {
				t.Errorf("%+v: %d attempts, %+v", test.dns, u.n, e)
			}
		})
	}
}

// unreachable answers some requests, and then its name has no address.
type unreachable struct {
	n, after int
	dns      net.DNSError
}

func (u *unreachable) RoundTrip(r *http.Request) (*http.Response, error) {
	if u.n++; u.n > u.after {
		u.dns.Name = r.URL.Hostname()
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &u.dns}
	}
	return answer(200, nil, echo(r)), nil
}

package cli_test

import (
	"context"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// connectProxy is an HTTP proxy that knows CONNECT only and sends every connection to one server,
// whatever the name asked for: the tests ask for a name that no DNS knows.
type connectProxy struct {
	to    string
	asked atomic.Int64
}

func (p *connectProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect || r.Host != "crm.example.com:443" {
		http.Error(w, "only CONNECT to the CRM", http.StatusForbidden)
		return
	}
	p.asked.Add(1)
	server, err := net.Dial("tcp", p.to)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	client, early, err := http.NewResponseController(w).Hijack()
	if err != nil {
		server.Close()
		return
	}
	io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n")
	go func() {
		defer server.Close()
		io.Copy(server, early) // what the client said too early is in its buffer
	}()
	defer client.Close()
	io.Copy(client, server)
}

// TestProxyAndCertificate runs csvput as companies have it: through a proxy, to a server whose
// certificate only --ca-cert makes trustworthy. The proxy is read from the environment of the process,
// so csvput is one of its own.
func TestProxyAndCertificate(t *testing.T) {
	w := newWorld(t, 3)
	server := httptest.NewUnstartedServer(w.server)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that are to fail
	server.StartTLS()
	t.Cleanup(server.Close)
	w.write("ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	proxy := &connectProxy{to: server.Listener.Addr().String()}
	front := httptest.NewServer(proxy)
	t.Cleanup(front.Close)

	call := func(env []string, args ...string) (string, int) {
		cmd := exec.Command("csvput", args...)
		cmd.Dir = w.dir
		cmd.Env = append(os.Environ(), append([]string{
			"HTTPS_PROXY=" + front.URL, "CSVPUT_BASE_URL=https://crm.example.com", "CSVPUT_TOKEN=" + secret, "CSVPUT_RATE=100000/m", "CSVPUT_RETRIES=0",
		}, env...)...)
		out, err := cmd.CombinedOutput()
		if _, ok := err.(*exec.ExitError); err != nil && !ok {
			t.Fatal(err)
		}
		return string(out), cmd.ProcessState.ExitCode()
	}
	out, code := call(nil, "run", "--yes", "--ca-cert", "ca.pem", "--out", "runs", "contacts.csv")
	if code != 0 || !strings.Contains(out, "3 updated") || proxy.asked.Load() == 0 {
		t.Errorf("exit code %d, %d connections through the proxy\n%s", code, proxy.asked.Load(), out)
	}
	out, code = call(nil, "run", "--yes", "contacts.csv")
	if code != 7 || !strings.Contains(out, "certificate") || !strings.Contains(out, "--ca-cert") {
		t.Errorf("without --ca-cert: exit code %d\n%s", code, out)
	}
	before := proxy.asked.Load()
	if out, code = call([]string{"NO_PROXY=example.com"}, "logins", "--ca-cert", "ca.pem"); code == 0 || proxy.asked.Load() != before {
		t.Errorf("NO_PROXY: exit code %d\n%s", code, out)
	}
	out, code = call([]string{"CSVPUT_BASE_URL=https://other.example.com"}, "logins", "--ca-cert", "ca.pem")
	if code == 0 || !strings.Contains(out, "proxy") {
		t.Errorf("refused by the proxy: exit code %d\n%s", code, out)
	}
	if out, code = call(nil, "logins", "--ca-cert", "contacts.csv"); code != 2 {
		t.Errorf("no certificate in the file: exit code %d\n%s", code, out)
	}
}

// nameService answers every question for a name with an address or a code of its own; a nil one cannot be
// reached at all.
type nameService func(name string) (address []byte, code byte)

// resolve makes the process ask a name service until the test ends.
func (names nameService) resolve(t *testing.T) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		buf := make([]byte, 1024)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			conn.WriteTo(names.answer(buf[:n]), from)
		}
	}()
	usual := net.DefaultResolver
	t.Cleanup(func() { net.DefaultResolver = usual })
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		if names == nil {
			return nil, syscall.ENETUNREACH
		}
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// answer makes the message that answers a query (RFC 1035, section 4).
func (names nameService) answer(query []byte) []byte {
	const header, kindA = 12, 1
	var labels []string
	at := header
	for n := int(query[at]); n > 0; n = int(query[at]) {
		labels = append(labels, string(query[at+1:at+1+n]))
		at += 1 + n
	}
	address, code := names(strings.Join(labels, "."))
	kind := query[at+2]
	reply := slices.Clone(query[:at+5])
	copy(reply[2:], []byte{0x81, 0x80 | code, 0, 1, 0, 0, 0, 0, 0, 0})
	if address != nil && kind == kindA {
		reply[7] = 1
		reply = append(reply, 0xc0, header, 0, kindA, 0, 1, 0, 0, 0, 0, 0, 4)
		reply = append(reply, address...)
	}
	return reply
}

// TestNoName says that a name is certainly wrong only where the name service knows others: without a
// network the cause passes, and a schedule is to try again.
func TestNoName(t *testing.T) {
	const noSuchName, failure = 3, 2
	nothing := func(code byte) nameService { return func(string) ([]byte, byte) { return nil, code } }
	usualOnly := nameService(func(name string) ([]byte, byte) {
		if name == "api.plannrcrm.com" {
			return []byte{127, 0, 0, 1}, 0
		}
		return nil, noSuchName
	})
	for _, tt := range []struct {
		name string
		dns  nameService
		base string
		code int
		said string
	}{
		{"no network", nil, "", 5, "no answer from the name service"},
		{"no network, own server", nil, "https://crm.example.com", 5, "no answer from the name service"},
		{"service fails", nothing(failure), "", 5, "no answer from the name service"},
		{"service fails, own server", nothing(failure), "https://crm.example.com", 5, "no answer from the name service"},
		{"service knows nothing", nothing(noSuchName), "", 5, "has no address"},
		{"service knows nothing, own server", nothing(noSuchName), "https://crm.example.com", 5, "has no address"},
		{"name is wrong", usualOnly, "https://crm.example.com", 7, "has no address"},
	} {
		w := newWorld(t, 1)
		delete(w.env, "CSVPUT_BASE_URL")
		w.env["CSVPUT_RETRIES"] = "0"
		if tt.base != "" {
			w.env["CSVPUT_BASE_URL"] = tt.base
		}
		tt.dns.resolve(t)
		got := w.call("run", "--yes", "--json", "$DIR/contacts.csv")
		if got.code != tt.code || !strings.Contains(got.stderr, tt.said) || !strings.Contains(got.stderr, "spelling mistake") {
			t.Errorf("%s: exit code %d\n%s", tt.name, got.code, got.stderr)
		}
		if s := got.summary(t); s.ExitCode != tt.code || s.Stop == nil || s.Stop.Code != "dns" {
			t.Errorf("%s: the summary says %d, %+v", tt.name, s.ExitCode, s.Stop)
		}
	}
}

// TestNobodyListens says that a server on this computer that is not running is said at once, retries or not.
func TestNobodyListens(t *testing.T) {
	w := newWorld(t, 1)
	w.env["CSVPUT_BASE_URL"] = "http://127.0.0.1:1"
	began := time.Now()
	got := w.call("run", "--yes", "$DIR/contacts.csv")
	if took := time.Since(began); got.code != 5 || took > 2*time.Second || !strings.Contains(got.stderr, "nothing listens on 127.0.0.1:1") {
		t.Errorf("ends with %d after %s\n%s", got.code, took, got.stderr)
	}
}

package cli_test

import (
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
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

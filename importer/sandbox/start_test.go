package sandbox

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestStart(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "localhost:0"} {
		ctx, cancel := context.WithCancel(t.Context())
		url, wait, err := seeded(t, Config{}).Start(ctx, addr)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(request(t.Context(), "GET", url+loginsPath, ""))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
		cancel()
		if err := wait(); err != nil || res.StatusCode != 200 {
			t.Errorf("%s: status %d, end %v", addr, res.StatusCode, err)
		}
		if err := wait(); err != nil {
			t.Errorf("%s: the second wait: %v", addr, err)
		}
		if _, err := http.DefaultClient.Do(request(t.Context(), "GET", url+loginsPath, "")); err == nil {
			t.Errorf("%s: it serves still", addr)
		}
	}
}

// The end of the server ends a request that hangs.
func TestStartEndsHangs(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := seeded(t, Config{Fault: func(*Request) Fault { cancel(); return Fault{Kind: FaultHang} }})
	url, wait, err := s.Start(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := http.DefaultClient.Do(request(t.Context(), "GET", url+loginsPath, "")); err == nil {
		t.Error("a request that hangs was answered")
	}
	if err := wait(); err != nil {
		t.Error(err)
	}
}

func TestStartRefuses(t *testing.T) {
	for _, addr := range []string{":8080", "0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.com:0", "8080", "127.0.0.1", "", "127.0.0.1:99999"} {
		if url, _, err := New(Config{}).Start(t.Context(), addr); err == nil {
			t.Errorf("%q: serves at %s", addr, url)
		} else if addr != "127.0.0.1:99999" && !strings.Contains(err.Error(), "loopback") {
			t.Errorf("%q: %v", addr, err)
		}
	}
}

// TestStartHost says that only requests for a name of this computer are answered: a web page whose name points
// here (DNS rebinding) gets nothing, and changes nothing.
func TestStartHost(t *testing.T) {
	s := New(Config{})
	ctx, stop := context.WithCancel(t.Context())
	base, wait, err := s.Start(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		stop()
		if err := wait(); err != nil {
			t.Error(err)
		}
	}()
	_, port, _ := strings.Cut(strings.TrimPrefix(base, "http://"), ":")
	for host, status := range map[string]int{
		"127.0.0.1:" + port: 200, "localhost:" + port: 200, "LocalHost:" + port: 200, "[::1]:" + port: 200, "127.8.9.10:" + port: 200,
		"127.0.0.1": 421, "localhost": 421, "127.0.0.1:1": 421, "localhost:80": 421,
		"evil.example": 421, "evil.example:" + port: 421, "localhost.evil.example:" + port: 421, "127.0.0.1.evil.example:" + port: 421,
		"notlocalhost:" + port: 421, "localhost.:" + port: 421, "1.127.0.0:" + port: 421, "128.0.0.1:" + port: 421, "0.0.0.0:" + port: 421,
		"2130706433:" + port: 421, "0x7f.1:" + port: 421, "[::ffff:8.8.8.8]:" + port: 421, "localhost:" + port + "0": 421,
	} {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/api/v1/logins", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		req.Header.Set("Authorization", "Bearer "+DefaultToken)
		req.Header.Set("Accept", "application/json")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatalf("%s: %v", host, err)
		}
		res.Body.Close()
		if res.StatusCode != status {
			t.Errorf("Host %s is answered with %d, want %d", host, res.StatusCode, status)
		}
	}
	if n := len(s.Requests()); n != 5 {
		t.Errorf("%d requests came through, want 5", n)
	}
}

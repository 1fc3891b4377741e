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

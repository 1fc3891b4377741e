package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// faultCase is a fault and what a client sees of it. The request is a PUT of another name.
type faultCase struct {
	name    string
	fault   Fault
	status  int    // 0: no answer
	err     error  // of the request, or of reading the body
	body    string // what must stand in the body
	applied bool   // the write was done
	also    func(*testing.T, *http.Response)
}

func faultCases() []faultCase {
	const newName = `"name":"After"`
	header := func(name, want string) func(*testing.T, *http.Response) {
		return func(t *testing.T, res *http.Response) {
			t.Helper()
			if got := res.Header.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
	}
	return []faultCase{
		{name: "none", status: 200, body: newName, applied: true},
		{name: "502 of a front end", fault: Fault{Kind: FaultStatus, Status: 502, Body: "<html>bad gateway</html>"}, status: 502,
			body: "bad gateway", also: header(headerLimit, "")},
		{name: "500 of the application", fault: Fault{Kind: FaultStatus, Counted: true, Body: `{"message":"Server Error"}`}, status: 500,
			body: "Server Error", also: header(headerRemaining, "499")},
		{name: "500 after the write", fault: Fault{Kind: FaultStatus, Done: true, Body: `{"message":"Server Error"}`}, status: 500,
			body: "Server Error", applied: true, also: header(headerRemaining, "499")},
		{name: "429 with a header of its own", status: 429, also: header("Retry-After", "soon"),
			fault: Fault{Kind: FaultStatus, Status: 429, Body: "{}", Header: http.Header{"Retry-After": {"soon"}}}},
		{name: "reset", fault: Fault{Kind: FaultReset}, err: syscall.ECONNRESET},
		{name: "reset after the write", fault: Fault{Kind: FaultReset, Done: true}, err: syscall.ECONNRESET, applied: true},
		{name: "closed", fault: Fault{Kind: FaultClose}, err: io.EOF},
		{name: "closed after the write", fault: Fault{Kind: FaultClose, Done: true}, err: io.EOF, applied: true},
		{name: "hangs", fault: Fault{Kind: FaultHang}, err: context.Canceled},
		{name: "hangs after the write", fault: Fault{Kind: FaultHang, Done: true}, err: context.Canceled, applied: true},
		{name: "drips", fault: Fault{Kind: FaultDrip, Interval: time.Microsecond}, status: 200, body: newName, applied: true},
		{name: "cut", fault: Fault{Kind: FaultCut}, status: 200, err: io.ErrUnexpectedEOF, body: `{"uuid":`, applied: true},
		{name: "truncated", fault: Fault{Kind: FaultTruncate}, status: 200, body: `{"uuid":`, applied: true,
			also: header(headerRemaining, "499")},
		{name: "discarded", fault: Fault{Kind: FaultDiscard}, status: 200, body: newName},
		{name: "a page", fault: Fault{Kind: FaultStatus, Status: 200, Body: "<html>guest network</html>"}, status: 200, body: "guest network",
			also: header("Content-Type", "text/html; charset=utf-8")},
		{name: "no content", fault: Fault{Kind: FaultStatus, Status: 204}, status: 204},
		{name: "no content after the write", fault: Fault{Kind: FaultStatus, Status: 204, Done: true}, status: 204, applied: true},
		{name: "huge", fault: Fault{Kind: FaultStatus, Status: 200, Body: "{" + strings.Repeat("a", 1<<20)}, status: 200, body: strings.Repeat("a", 1<<20)},
		{name: "redirect", fault: Fault{Kind: FaultStatus, Status: 302, Header: http.Header{"Location": {"http://127.0.0.1:1/login"}}}, status: 302,
			also: header("Location", "http://127.0.0.1:1/login")},
	}
}

func TestFaults(t *testing.T) {
	for _, c := range faultCases() {
		t.Run("direct/"+c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, arrived := faulty(t, c.fault)
				tryFault(t, s, arrived, s.Transport(), "http://sandbox.test", c)
			})
		})
		t.Run("socket/"+c.name, func(t *testing.T) {
			s, arrived := faulty(t, c.fault)
			srv := httptest.NewServer(s)
			defer srv.Close()
			tryFault(t, s, arrived, srv.Client().Transport, srv.URL, c)
		})
		t.Run("TLS/"+c.name, func(t *testing.T) {
			s, arrived := faulty(t, c.fault)
			srv := httptest.NewTLSServer(s)
			defer srv.Close()
			tryFault(t, s, arrived, srv.Client().Transport, srv.URL, c)
		})
	}
}

// faulty is a server that does one thing wrong, and a channel that ends when a request has arrived.
func faulty(t *testing.T, f Fault) (*Server, <-chan struct{}) {
	arrived := make(chan struct{})
	s := seeded(t, Config{Fault: func(r *Request) Fault {
		if r.ID != RecordUUID(2) || r.Method != http.MethodPut || !strings.Contains(r.Body, "After") || r.Account != EmployeeAccountUUID {
			t.Errorf("the hook saw %+v", r)
		}
		close(arrived)
		return f
	}})
	return s, arrived
}

func tryFault(t *testing.T, s *Server, arrived <-chan struct{}, rt http.RoundTripper, base string, c faultCase) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if c.err == context.Canceled {
		go func() {
			defer cancel()
			for <-arrived; c.applied && !s.Requests()[0].Applied; {
				runtime.Gosched()
			}
		}()
	}
	res, err := rt.RoundTrip(request(ctx, "PUT", base+pathTo(2), renamed(s, RecordUUID(2), "After")))
	status, text := 0, ""
	if err == nil {
		var b []byte
		b, err = io.ReadAll(res.Body)
		res.Body.Close()
		status, text = res.StatusCode, string(b)
	}
	if status != c.status || !errors.Is(err, c.err) {
		t.Fatalf("status %d, error %v; want %d, %v", status, err, c.status, c.err)
	}
	after, _ := s.Record(RecordUUID(2))
	if !strings.Contains(text, c.body) {
		t.Errorf("body %.300q", text)
	}
	if c.fault.Kind == FaultTruncate && json.Valid([]byte(text)) {
		t.Errorf("truncated, and still JSON: %s", text)
	}
	if done := after.Name == "After"; done != c.applied {
		t.Errorf("the write was done: %v, want %v", done, c.applied)
	}
	if c.also != nil {
		c.also(t, res)
	}
	r := s.Requests()[0]
	if r.Applied != c.applied || r.Status != c.status {
		t.Errorf("log: applied %v, status %d; want %v, %d", r.Applied, r.Status, c.applied, c.status)
	}
}

// Over HTTP/2 there is no connection to take: net/http resets the stream.
func TestFaultsHTTP2(t *testing.T) {
	for _, kind := range []FaultKind{FaultReset, FaultClose, FaultCut} {
		t.Run(fmt.Sprint(kind), func(t *testing.T) {
			s, _ := faulty(t, Fault{Kind: kind, Done: true})
			srv := httptest.NewUnstartedServer(s)
			srv.EnableHTTP2, srv.Config.ErrorLog = true, log.New(io.Discard, "", 0)
			srv.StartTLS()
			defer srv.Close()
			res, err := srv.Client().Transport.RoundTrip(request(t.Context(), "PUT", srv.URL+pathTo(2), renamed(s, RecordUUID(2), "After")))
			if err == nil {
				if res.ProtoMajor != 2 {
					t.Fatalf("protocol %s", res.Proto)
				}
				_, err = io.ReadAll(res.Body)
				res.Body.Close()
			}
			if err == nil {
				t.Error("no error")
			}
			if r, _ := s.Record(RecordUUID(2)); r.Name != "After" {
				t.Error("the write was not done")
			}
		})
	}
}

// A request that is refused gets its refusal, whatever was to go wrong after the write.
func TestFaultDoneYieldsToRefusal(t *testing.T) {
	s := seeded(t, Config{Fault: func(*Request) Fault { return Fault{Kind: FaultReset, Done: true} }})
	if res, body := do(t, s, "PUT", pathTo(2), "{}"); res.StatusCode != 422 {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	s = seeded(t, Config{Throttle: 1, Fault: func(*Request) Fault { return Fault{Kind: FaultStatus, Counted: true} }})
	for _, want := range []int{500, 429} {
		if res, _ := do(t, s, "PUT", pathTo(2), "{}"); res.StatusCode != want {
			t.Errorf("%d, want %d", res.StatusCode, want)
		}
	}
}

func TestFailEvery(t *testing.T) {
	s := seeded(t, Config{FailEvery: 3})
	var statuses, applied []int
	for n := 1; n <= 12; n++ {
		do(t, s, "PUT", pathTo(1), "{}") // not valid: does not count
		res, _ := do(t, s, "PUT", pathTo(n), renamed(s, RecordUUID(n), "After"))
		statuses = append(statuses, res.StatusCode)
		if r, _ := s.Record(RecordUUID(n)); r.Name == "After" {
			applied = append(applied, n)
		}
	}
	if got, want := fmt.Sprint(statuses), "[200 200 500 200 200 500 200 200 500 200 200 500]"; got != want {
		t.Errorf("statuses %s, want %s", got, want)
	}
	if got, want := fmt.Sprint(applied), "[1 2 4 5 6 7 8 10 11 12]"; got != want {
		t.Errorf("applied %s, want %s", got, want)
	}
}

func TestTokenDies(t *testing.T) {
	s := seeded(t, Config{TokenDiesAfter: 2, Token: "first"})
	expect := func(token string, want int) {
		t.Helper()
		req := request(t.Context(), "GET", "http://sandbox.test"+loginsPath, "")
		req.Header.Set("Authorization", "Bearer "+token)
		res, err := s.Transport().RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s: %d, want %d", token, res.StatusCode, want)
		}
	}
	for _, want := range []int{200, 200, 401, 401} {
		expect("first", want)
	}
	s.SetToken("second")
	for range 5 {
		expect("second", 200)
	}
	expect("first", 401)
}

func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := seeded(t, Config{Latency: 80 * time.Millisecond, Jitter: 20 * time.Millisecond})
		for range 50 {
			start := time.Now()
			do(t, s, "GET", loginsPath, "")
			if d := time.Since(start); d < 80*time.Millisecond || d >= 100*time.Millisecond {
				t.Fatalf("took %v", d)
			}
		}
	})
}

// A client that gives up in the second half of the latency has its write done and never hears of it.
func TestLatencyLosesAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := seeded(t, Config{Latency: 10 * time.Second})
		for n, timeout := range []time.Duration{4 * time.Second, 6 * time.Second} {
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			defer cancel()
			_, err := s.Transport().RoundTrip(request(ctx, "PUT", "http://sandbox.test"+pathTo(1), renamed(s, RecordUUID(1), "After")))
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("error %v", err)
			}
			synctest.Wait()
			if r := s.Requests()[n]; r.Status != 0 || r.Applied != (n == 1) {
				t.Errorf("timeout %v: status %d, applied %v", timeout, r.Status, r.Applied)
			}
		}
	})
}

// Bodies and leavings of a transport: reading obeys the context, and closing early frees the server.
func TestTransportBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := seeded(t, Config{Fault: func(*Request) Fault { return Fault{Kind: FaultDrip, Interval: time.Minute} }})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute+time.Second)
		defer cancel()
		res, err := s.Transport().RoundTrip(request(ctx, "GET", "http://sandbox.test"+list, ""))
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(res.Body)
		if len(b) != 6 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("read %q, error %v", b, err)
		}
		res.Body.Close()
		if res, err = s.Transport().RoundTrip(request(t.Context(), "GET", "http://sandbox.test"+list, "")); err != nil {
			t.Fatal(err)
		}
		res.Body.Close() // the bubble ends only when the server's goroutine has
	})
}

// A transport serves an http.Client, whatever the host and the scheme.
func TestTransportUnderClient(t *testing.T) {
	s := seeded(t, Config{})
	client := http.Client{Transport: s.Transport(), Timeout: time.Minute}
	res, err := client.Do(request(t.Context(), "HEAD", "https://crm.example.com"+list, ""))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil || len(b) != 0 || res.StatusCode != 200 {
		t.Errorf("HEAD: %d, %d bytes, error %v", res.StatusCode, len(b), err)
	}
}

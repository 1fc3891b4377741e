package crm

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"csvput/importer/quota"
	"csvput/report/code"
)

const testID = "a6760ad5-8b5a-5b9e-9947-086ec77a2b5a"

func good(body string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

const goodBody = `{"uuid":"` + testID + `","type":"email","name":"Work","value":"a@example.com","accounts":[]}`

// rawServer answers each request that arrives on a connection with what handle writes, and counts them. handle
// returns false to close the connection.
func rawServer(t *testing.T, handle func(conn net.Conn, n int32) bool) (url string, served *atomic.Int32) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served = new(atomic.Int32)
	var open sync.Map
	var wg sync.WaitGroup
	t.Cleanup(func() {
		listener.Close()
		open.Range(func(conn, _ any) bool { conn.(net.Conn).Close(); return true })
		wg.Wait()
	})
	wg.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			open.Store(conn, true)
			wg.Go(func() {
				defer conn.Close()
				r := bufio.NewReader(conn)
				for {
					q, err := http.ReadRequest(r)
					if err != nil {
						return
					}
					io.Copy(io.Discard, q.Body)
					if !handle(conn, served.Add(1)) {
						return
					}
				}
			})
		}
	})
	return "http://" + listener.Addr().String(), served
}

func reset(conn net.Conn) bool {
	conn.(*net.TCPConn).SetLinger(0)
	return false
}

func say(text string) func(net.Conn, int32) bool {
	return func(conn net.Conn, _ int32) bool {
		io.WriteString(conn, text)
		return true
	}
}

func realClient(t testing.TB, url string, change func(*Config)) *Client {
	t.Helper()
	c := simClient(t, nil, func(cfg *Config) {
		cfg.BaseURL, cfg.Timeout, cfg.Retries, cfg.Rate = url, 10*time.Second, 1, quota.Rate{}
		if change != nil {
			change(cfg)
		}
	})
	t.Cleanup(c.Close)
	return c
}

func TestNastyServers(t *testing.T) {
	drip := func(head string, every time.Duration) func(net.Conn, int32) bool {
		return func(conn net.Conn, _ int32) bool {
			io.WriteString(conn, head)
			tick := time.NewTicker(every)
			defer tick.Stop()
			for range tick.C {
				if _, err := conn.Write([]byte(" ")); err != nil {
					return false
				}
			}
			return false
		}
	}
	flood := func(head string) func(net.Conn, int32) bool {
		return func(conn net.Conn, _ int32) bool {
			io.WriteString(conn, head)
			chunk := make([]byte, 64<<10)
			for {
				if _, err := conn.Write(chunk); err != nil {
					return false
				}
			}
		}
	}
	const html = "<!DOCTYPE html><html><head><title>Welcome &amp; hello</title></head><body>…</body></html>"
	tests := []struct {
		name     string
		handle   func(conn net.Conn, n int32) bool
		code     code.Code // "" = success
		doubt    Doubt
		attempts int
		quick    bool // with a short timeout
		message  string
	}{
		{name: "never answers", handle: func(conn net.Conn, _ int32) bool { conn.Read(make([]byte, 1)); return false },
			code: code.Timeout, doubt: DoubtPending, attempts: 2, quick: true, message: "no complete answer"},
		{name: "answers byte by byte", handle: drip("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", 20*time.Millisecond),
			code: code.Timeout, doubt: DoubtPending, attempts: 2, quick: true, message: "no complete answer"},
		{name: "writes headers byte by byte", handle: drip("HTTP/1.1 200", 20*time.Millisecond),
			code: code.Timeout, doubt: DoubtPending, attempts: 2, quick: true},
		{name: "resets before the answer", handle: func(conn net.Conn, _ int32) bool { return reset(conn) },
			code: code.Network, doubt: DoubtPending, attempts: 2},
		{name: "closes before the answer", handle: func(net.Conn, int32) bool { return false },
			code: code.Network, doubt: DoubtPending, attempts: 2, message: "closed the connection"},
		{name: "resets once", handle: func(conn net.Conn, n int32) bool {
			if n == 1 {
				return reset(conn)
			}
			return say(good(goodBody))(conn, n)
		}, attempts: 2},
		{name: "resets within the headers", handle: func(conn net.Conn, _ int32) bool {
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-")
			return reset(conn)
		}, code: code.Network, doubt: DoubtPending, attempts: 2},
		{name: "closes within the body", handle: func(conn net.Conn, _ int32) bool {
			text := good(goodBody)
			io.WriteString(conn, text[:len(text)-20])
			return false
		}, code: code.Network, doubt: DoubtPending, attempts: 2},
		{name: "resets after the body", handle: func(conn net.Conn, _ int32) bool {
			io.WriteString(conn, good(goodBody))
			return false
		}, attempts: 1},
		{name: "truncated JSON", handle: say(good(goodBody[:len(goodBody)-2])), code: code.NotJSON, doubt: DoubtAnswered, attempts: 1},
		{name: "JSON and more", handle: say(good(goodBody + "}")), code: code.NotJSON, doubt: DoubtAnswered, attempts: 1},
		{name: "a list", handle: say(good("[" + goodBody + "]")), code: code.NotJSON, doubt: DoubtAnswered, attempts: 1},
		{name: "200 with a web page", handle: say(good(html)), code: code.NotJSON, doubt: DoubtAnswered, attempts: 1, message: `titled "Welcome & hello"`},
		{name: "200 with nothing", handle: say(good("")), code: code.NotJSON, doubt: DoubtAnswered, attempts: 1, message: "empty"},
		{name: "200 with another record", handle: say(good(strings.Replace(goodBody, "a676", "b676", 1))),
			code: code.WrongRecord, doubt: DoubtAnswered, attempts: 1, message: "b6760ad5"},
		{name: "200 with something else", handle: say(good(`{"status":"ok"}`)), code: code.WrongRecord, doubt: DoubtAnswered, attempts: 1, message: "no contact detail"},
		{name: "204", handle: say("HTTP/1.1 204 No Content\r\n\r\n"), code: code.NotJSON, doubt: DoubtAnswered, attempts: 1, message: "204"},
		{name: "200 with an endless body", handle: flood("HTTP/1.1 200 OK\r\n\r\n{"), code: code.Oversized, doubt: DoubtAnswered, attempts: 1},
		{name: "404 with an endless body", handle: flood("HTTP/1.1 404 Not Found\r\n\r\nx"), code: code.NotFound, attempts: 1},
		{name: "endless headers", handle: flood("HTTP/1.1 200 OK\r\nX: "), code: code.Network, doubt: DoubtPending, attempts: 2},
		{name: "no HTTP", handle: say("SSH-2.0-OpenSSH_9.2\r\n\r\n"), code: code.Network, doubt: DoubtPending, attempts: 2},
		{name: "redirect to itself", handle: say("HTTP/1.1 302 Found\r\nLocation: /api/v2/contact-details/" + testID + "?token=1\r\nContent-Length: 0\r\n\r\n"),
			code: code.Redirected, doubt: DoubtAnswered, attempts: 1, message: "302 Found to \"http://127.0.0.1"},
		{name: "307 elsewhere", handle: say("HTTP/1.1 307 Temporary Redirect\r\nLocation: https://user:pw@evil.example/x\r\nContent-Length: 0\r\n\r\n"),
			code: code.Redirected, doubt: DoubtAnswered, attempts: 1, message: `to "https://evil.example/x"`},
		{name: "101", handle: say("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"), code: code.Unexpected, doubt: DoubtPending, attempts: 1},
		{name: "500 that was done", handle: func(conn net.Conn, n int32) bool {
			if n == 1 {
				return say("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n")(conn, n)
			}
			return say(good(goodBody))(conn, n)
		}, attempts: 2},
		{name: "a lost answer and then 422", handle: func(conn net.Conn, n int32) bool {
			if n == 1 {
				return reset(conn)
			}
			return say("HTTP/1.1 422 Unprocessable Content\r\nContent-Length: 2\r\n\r\n{}")(conn, n)
		}, code: code.Unprocessable, doubt: DoubtPending, attempts: 2},
		{name: "500 and then 404", handle: func(conn net.Conn, n int32) bool {
			if n == 1 {
				return say("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n")(conn, n)
			}
			return say("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}")(conn, n)
		}, code: code.NotFound, doubt: DoubtAnswered, attempts: 2},
		{name: "a lost answer and then 429 for ever", handle: func(conn net.Conn, n int32) bool {
			if n == 1 {
				return reset(conn)
			}
			return say("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 86400\r\nContent-Length: 0\r\n\r\n")(conn, n)
		}, code: code.Throttled, doubt: DoubtPending, attempts: 2},
		{name: "502 with a web page", handle: say(strings.Replace(good("<html>\n<head><title>502 Bad Gateway</title></head>\n<body>\n<hr><center>nginx</center>\n</body>\n</html>"), "200 OK", "502 Bad Gateway", 1)),
			code: code.ServerError, doubt: DoubtPending, attempts: 2, message: `the server failed (502 Bad Gateway): a web page titled "502 Bad Gateway"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url, served := rawServer(t, test.handle)
			c := realClient(t, url, func(cfg *Config) {
				if test.quick {
					cfg.Timeout = 150 * time.Millisecond
				}
			})
			name, value := "Work", Value{Text: "A@example.com"}
			a, err := c.Put(t.Context(), testID, Update{Name: &name, Value: &value, AccountUUIDs: &[]string{}}, time.Time{}, nil)
			var e *Error
			errors.As(err, &e)
			if e == nil {
				e = &Error{Sent: true}
			}
			if e.Code != test.code || e.Doubt != test.doubt || a.Doubt != test.doubt || !e.Sent || !strings.Contains(e.Message, test.message) {
				t.Errorf("code %q, doubt %v, sent %v: %s", e.Code, e.Doubt, e.Sent, e.Message)
			}
			if strings.ContainsFunc(e.Message, func(r rune) bool { return r < ' ' }) || strings.Contains(e.Message, testToken) {
				t.Errorf("message %q", e.Message)
			}
			if a.Attempts != test.attempts || int(served.Load()) != test.attempts {
				t.Errorf("%d attempts counted, %d served, want %d", a.Attempts, served.Load(), test.attempts)
			}
			if s := c.Stats(); s.Puts != a.Attempts || s.Retries != a.Attempts-1 {
				t.Errorf("stats %+v", s)
			}
		})
	}
}

// TestKeepAliveClosed: connections that die while we use them again. The transport must not send a PUT twice by itself;
// a GET it may send again, and then it counts twice.
func TestKeepAliveClosed(t *testing.T) {
	for _, how := range []string{"close", "reset"} {
		t.Run(how, func(t *testing.T) {
			url, served := rawServer(t, func(conn net.Conn, n int32) bool {
				if n%2 == 0 { // the second request of each connection meets a closed door
					if how == "reset" {
						return reset(conn)
					}
					return false
				}
				return say(good(goodBody))(conn, n)
			})
			c := realClient(t, url, func(cfg *Config) { cfg.Retries = 3 })
			name := "Work"
			total := 0
			for range 5 {
				a, err := c.Put(t.Context(), testID, Update{Name: &name}, time.Time{}, nil)
				if err != nil {
					t.Fatal(err)
				}
				total += a.Attempts
			}
			if total != int(served.Load()) || total != 9 || c.Stats().Puts != total {
				t.Errorf("%d attempts counted, %d served, stats %+v", total, served.Load(), c.Stats())
			}
		})
	}
	t.Run("GET", func(t *testing.T) {
		url, served := rawServer(t, func(conn net.Conn, n int32) bool {
			if n == 2 {
				return false
			}
			return say(good(`{"data":[]}`))(conn, n)
		})
		c := realClient(t, url, nil)
		for range 3 {
			if _, err := c.Logins(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if s := c.Stats(); s.Logins != int(served.Load()) || s.Logins != 4 || s.Retries != 1 {
			t.Errorf("%d served, stats %+v", served.Load(), s)
		}
	})
}

// TestBadRowHoldsNobodyUp: a row whose request is never answered keeps one worker, the others go on.
func TestBadRowHoldsNobodyUp(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		if strings.HasSuffix(r.URL.Path, "bad") {
			<-release
			return
		}
		fmt.Fprintf(w, `{"uuid":%q,"name":"x"}`, r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:])
	}))
	defer server.Close()
	defer close(release)
	c := realClient(t, server.URL, nil)
	ctx, cancel := context.WithCancel(t.Context())
	name := "x"
	bad := make(chan error)
	go func() {
		_, err := c.Put(ctx, "bad", Update{Name: &name}, time.Time{}, nil)
		bad <- err
	}()
	for i := range 50 {
		if _, err := c.Put(t.Context(), fmt.Sprint(i), Update{Name: &name}, time.Time{}, nil); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	var e *Error
	if err := <-bad; !errors.As(err, &e) || e.Code != CodeCancelled || !errors.Is(err, context.Canceled) || e.Stop != StopNone {
		t.Errorf("%v", err)
	}
}

package crm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"csvput/importer/quota"
	"csvput/report/code"
)

func noToken(context.Context) (string, error) { return "", errors.New("no token") }

// guard answers 401 to every token but the good one, from request number from on.
type guard struct {
	mu      sync.Mutex
	good    string
	served  int
	refused int
	echoes  bool // the token, in the refusal
}

func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	g.mu.Lock()
	g.served++
	bad := r.Header.Get("Authorization") != "Bearer "+g.good
	if bad {
		g.refused++
	}
	g.mu.Unlock()
	if err := pause(r.Context(), 50*time.Millisecond); err != nil {
		return nil, err
	}
	if bad {
		message := "Unauthenticated."
		if g.echoes {
			message += " The token " + strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ") + " is unknown."
		}
		return answer(401, http.Header{"X-Request-Id": {"req-" + r.Header.Get("Authorization")}}, `{"message":"`+message+`"}`), nil
	}
	return answer(200, nil, echo(r)), nil
}

func (g *guard) change(token string) {
	g.mu.Lock()
	g.good = token
	g.mu.Unlock()
}

// TestTokenDies: the server refuses the token in the middle of a run with 16 workers.
func TestTokenDies(t *testing.T) {
	tests := []struct {
		name    string
		tokens  []string // in the order in which they are read; the last one stays
		refused int      // requests that the server may refuse, at most
		stop    bool
	}{
		{"and stays dead", []string{"tok-a"}, 16, true},
		{"and another one is read", []string{"tok-a", "tok-b"}, 16, false},
		{"and a wrong one is read", []string{"tok-a", "tok-c"}, 17, true},
		{"and none can be read", []string{"tok-a", ""}, 16, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &guard{good: "tok-a", echoes: true}
				var reads atomic.Int32
				c := simClient(t, g, func(cfg *Config) {
					cfg.Rate = quota.Rate{}
					cfg.Token = func(context.Context) (string, error) {
						n := int(reads.Add(1))
						return test.tokens[min(n, len(test.tokens))-1], nil
					}
				})
				var mu sync.Mutex
				done, stopped, sent := 0, 0, 0
				var wg sync.WaitGroup
				next := make(chan int)
				for range 16 {
					wg.Go(func() {
						for i := range next {
							name := "x"
							_, err := c.Put(context.Background(), fmt.Sprint(i), Update{Name: &name}, time.Time{}, nil)
							var e *Error
							errors.As(err, &e)
							mu.Lock()
							switch {
							case e == nil:
								done++
							case e.Stop == StopAuth && e.Doubt == DoubtNone:
								stopped++
								if e.Sent {
									sent++
								}
							default:
								t.Errorf("%+v", e)
							}
							mu.Unlock()
						}
					})
				}
				for i := range 1_000 {
					if i == 300 {
						g.change("tok-b")
					}
					next <- i
				}
				close(next)
				wg.Wait()
				if done+stopped != 1_000 || (stopped > 0) != test.stop || g.refused > test.refused || sent > 16 {
					t.Errorf("%d done, %d stopped (%d of them sent), %d refused", done, stopped, sent, g.refused)
				}
				if reads.Load() > 2 {
					t.Errorf("the token was read %d times", reads.Load())
				}
			})
		})
	}
}

// TestTokenIsReadAgain each time a token that worked is refused.
func TestTokenIsReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &guard{good: "1"}
		var reads atomic.Int32
		c := simClient(t, g, func(cfg *Config) {
			cfg.Token = func(context.Context) (string, error) { return fmt.Sprint(reads.Add(1)), nil }
		})
		name := "x"
		for i := 1; i <= 5; i++ {
			g.change(fmt.Sprint(i))
			a, err := c.Put(t.Context(), "1", Update{Name: &name}, time.Time{}, nil)
			if want := min(i, 2); err != nil || a.Attempts != want {
				t.Fatalf("token %d: %d attempts, %v", i, a.Attempts, err)
			}
		}
	})
}

func TestBadTokens(t *testing.T) {
	for _, token := range []string{"", "  \n", "two words", "line\nbreak", "tök", "nul\x00"} {
		c := simClient(t, &guard{}, func(cfg *Config) {
			cfg.Token = func(context.Context) (string, error) { return token, nil }
		})
		_, err := c.Logins(t.Context())
		var e *Error
		if !errors.As(err, &e) || e.Code != code.TokenMissing || e.Stop != StopAuth || e.Sent || len(token) > 3 && strings.Contains(e.Message, token) {
			t.Errorf("%q: %+v", token, e)
		}
	}
	c := simClient(t, &guard{good: "t"}, func(cfg *Config) {
		cfg.Token = func(context.Context) (string, error) { return " t\r\n", nil }
	})
	name := "x"
	if _, err := c.Put(t.Context(), "1", Update{Name: &name}, time.Time{}, nil); err != nil {
		t.Errorf("white space around a token: %v", err)
	}
}

// TestTokenIsNeverShown: not by errors, logs, statistics or formatting verbs, whatever the server echoes.
func TestTokenIsNeverShown(t *testing.T) {
	const token = "eyJ0eXAiOiJKV1Qi/s3cr3t-s3cr3t/s3cr3t+s3cr3t-s3cr3t/s3cr3t-s3cr3t-s3cr3t-s3cr3t.sig"
	escaped := func(slash string) string { return strings.ReplaceAll(token, "/", slash) }
	long := func(echo string) string {
		return `{"message":"x","errors":{"` + strings.Repeat("k", 50) + echo + `":["` + strings.Repeat("y", 480) + echo + `"]}}`
	}
	bodies := []string{
		`{"uuid":"` + escaped(`\/`) + `"}`, `{"message":"` + escaped(`\/`) + `"}`, long(escaped(`\/`)), long(escaped(`\u002f`)), long(escaped(`\u200b/`)),
		`{"errors":[{"detail":"` + escaped(`\u002F`) + `"}]}`, "<html><title>" + escaped("&#47;") + "</title></html>", "<html><h1>" + escaped("<b>/</b>") + "</h1>",
		strings.Repeat("z", 250) + escaped("\x00/"),
		token, `{"message":"` + token + `"}`, `{"message":"x","errors":{"` + token + `":["` + strings.Repeat("y", 480) + token + `"]}}`,
		"<html><title>" + token + "</title></html>", "<html><title>" + strings.ReplaceAll(token, "/", "&#47;") + "</title></html>",
		escaped(`\/`), `{"message":"` + escaped(`\/`) + `"}`, `{"message":"` + strings.ReplaceAll(token, "s", `\u0073`) + `"}`,
		`{"message":"` + escaped(`\/`), `{"message":"` + strings.ReplaceAll(token, "/", `\u002f`), `[{"detail":"` + escaped(`\/`) + `"}]`,
		`{"message":"x","errors":{"` + escaped(`\/`) + `":["` + strings.Repeat("y", 480) + escaped(`\/`) + `"],"b":{"c":"` + escaped(`\/`) + `"}}}`,
		`{"uuid":"` + escaped(`\/`) + `"}`, `{"uuid":"` + testID + `","name":"` + strings.Repeat("y", 50) + escaped(`\/`) + `","accounts":["` + escaped(`\/`) + `"]}`,
		`{"uuid":"` + testID + `","name":"Mr Private","value":"private@example.com","accounts":{"uuid":"` + escaped(`\/`) + `"}}`,
		`{"uuid":"` + testID + `","name":"Mr Private","value":"x` + escaped(`\/`) + `","primary_accounts":["` + escaped(`\/`) + `"]}`, strings.Repeat("z", 290) + token, `{"uuid":"` + token + `"}`,
	}
	for _, status := range []int{200, 302, 401, 404, 422, 429, 500} {
		for _, body := range bodies {
			var log bytes.Buffer
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				h := w.Header()
				h.Set("X-Request-Id", strings.Repeat("i", 60)+r.Header.Get("Authorization"))
				h.Set("Location", "https://other.example/"+url.PathEscape(token)+"?token="+token)
				h.Set("Retry-After", "86400")
				w.WriteHeader(status)
				io.WriteString(w, body)
			}))
			c := realClient(t, server.URL, func(cfg *Config) {
				cfg.Retries = 0
				cfg.Token = func(context.Context) (string, error) { return token, nil }
				cfg.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			})
			name := "Mr Private"
			a, err := c.Put(t.Context(), testID, Update{Name: &name, Value: &Value{Text: "private@example.com"}, AccountUUIDs: &[]string{testID}}, time.Time{}, nil)
			server.Close()
			if err == nil {
				t.Fatalf("%d %s is a success", status, body)
			}
			all := fmt.Sprintf("%v %+v %#v %+v %+v %#v %+v", err, err, *err.(*Error), a, c, c, c.Stats()) + log.String()
			if strings.Contains(all, "s3cr3t") {
				t.Errorf("status %d, body %.60s: %s", status, body, all)
			}
			if log := log.String(); strings.Contains(log, "rivate") || !strings.Contains(log, "status="+fmt.Sprint(status)) {
				t.Errorf("log %s", log)
			}
		}
	}
}

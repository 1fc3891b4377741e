package crm

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"csvput/importer/quota"
	"csvput/importer/sandbox"
)

// laravel is the API behind its quota, for fake time, and a client of it.
func laravel(t *testing.T, limit int, latency time.Duration, change func(*Config)) (*sandbox.Server, *Client) {
	t.Helper()
	s := sandbox.New(sandbox.Config{Lenient: true, Token: testToken, Throttle: limit, Latency: latency})
	for i := range 100 {
		if err := s.Seed(sandbox.Record{UUID: sandbox.RecordUUID(i), Name: "Old", Value: "old@example.com"}); err != nil {
			t.Fatal(err)
		}
	}
	return s, simClient(t, s.Transport(), func(cfg *Config) {
		cfg.BaseURL, cfg.Account = "https://api.example.com", sandbox.EmployeeAccountUUID
		if change != nil {
			change(cfg)
		}
	})
}

// useUp spends the whole quota, as another program may.
func useUp(s *sandbox.Server, limit int) {
	var wg sync.WaitGroup
	for range limit {
		wg.Go(func() {
			q, _ := http.NewRequest(http.MethodGet, "https://api.example.com"+pathLogins, nil)
			q.Header.Set("Authorization", "Bearer "+testToken)
			if a, err := s.Transport().RoundTrip(q); err == nil {
				a.Body.Close()
			}
		})
	}
	wg.Wait()
}

func answer(status int, h http.Header, body string) *http.Response {
	if h == nil {
		h = http.Header{"Content-Type": {"application/json"}}
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

// echo answers a PUT with the record as it was sent.
func echo(r *http.Request) string {
	id := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	var sent map[string]any
	if r.Body != nil {
		json.NewDecoder(r.Body).Decode(&sent)
	}
	out := map[string]any{"uuid": id, "type": "phone_number", "name": sent["name"], "value": sent["value"]}
	if object, ok := sent["value"].(map[string]any); ok {
		out["value"] = object["number"]
	}
	for from, to := range map[string]string{"account_uuids": "accounts", "primary_account_uuids": "primary_accounts"} {
		if ids, ok := sent[from].([]any); ok {
			list := []any{}
			for _, id := range ids {
				list = append(list, map[string]any{"uuid": id})
			}
			out[to] = list
		}
	}
	b, _ := json.Marshal(out)
	return string(b)
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// putAll sends n updates with as many workers, and returns the time that took.
func putAll(t *testing.T, c *Client, n, workers int) time.Duration {
	t.Helper()
	start := time.Now()
	var wg sync.WaitGroup
	next := make(chan int)
	name := "Work"
	for range workers {
		wg.Go(func() {
			for i := range next {
				if _, err := c.Put(context.Background(), sandbox.RecordUUID(i), Update{Name: &name}, time.Time{}, nil); err != nil {
					t.Errorf("row %d: %v", i, err)
				}
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
	return time.Since(start)
}

func simClient(t testing.TB, rt http.RoundTripper, change func(*Config)) *Client {
	t.Helper()
	cfg := Config{
		BaseURL: "https://api.example.com/prefix", Account: "9fddf204-6ed4-5596-8b8a-257554a08e41",
		Token:   func(context.Context) (string, error) { return testToken, nil },
		Workers: 16, Retries: 5, Breaker: 20, Rate: quota.Rate{N: 500, Per: time.Minute}, Transport: rt,
	}
	if change != nil {
		change(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const testToken = "12|s3cr3t-t0ken-which-nobody-may-see"

func plain(s string) string { return s }

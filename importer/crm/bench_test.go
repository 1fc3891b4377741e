package crm

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// benchServer answers every PUT with a record of about 1 KB that holds what was sent.
func benchServer(b *testing.B, latency time.Duration) string {
	body := []byte(benchAnswer)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		if latency > 0 {
			pause(r.Context(), latency)
		}
		w.Header()["Content-Type"] = []string{"application/json"}
		w.Write(body)
	}))
	b.Cleanup(s.Close)
	return s.URL
}

const (
	benchOwner  = "9b2c9a1b-9713-5c77-90e9-fdd59e305ea2"
	benchPerson = `{"uuid":"` + benchOwner + `","created_at":"2024-01-15T09:30:00+00:00","updated_at":"2024-01-15T09:30:00+00:00","type":"client","role":"client",` +
		`"first_name":"Ada","last_name":"Lovelace","name":"Ada Lovelace","email":"client0@example.com","photo_url":"https:\/\/eu.ui-avatars.com\/api\/?name=Ada+Lovelace"}`
	benchAnswer = `{"uuid":"` + testID + `","created_at":"2025-03-01T08:00:00+00:00","updated_at":"2026-11-23T09:45:36+00:00","type":"phone_number",` +
		`"name":"Work phone number","value":"+442079460123","phone_number_meta":{"country":"GB","formatted":"020 7946 0123"},` +
		`"accounts":[` + benchPerson + `],"primary_accounts":[` + benchPerson + `]}`
)

func benchUpdate() Update {
	name := "Work phone number"
	return Update{Name: &name, Value: &Value{"GB", "+442079460123"}, AccountUUIDs: &[]string{benchOwner}, PrimaryAccountUUIDs: &[]string{benchOwner}}
}

// spread calls work b.N times from n goroutines.
func spread(b *testing.B, n int, work func() error) {
	jobs := make(chan struct{}, n)
	var group errgroup.Group
	for range n {
		group.Go(func() error {
			for range jobs {
				if err := work(); err != nil {
					return err
				}
			}
			return nil
		})
	}
	b.ResetTimer()
	start := time.Now()
	for range b.N {
		jobs <- struct{}{}
	}
	close(jobs)
	if err := group.Wait(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "put/s")
}

// BenchmarkPut compares a client without any bound with the least that a program must do to send the same bodies: an
// errgroup of goroutines with one tuned http.Client, which reads and drops the answers.
func BenchmarkPut(b *testing.B) {
	for _, setting := range []struct {
		workers int
		latency time.Duration
	}{{16, 0}, {128, 50 * time.Millisecond}} {
		name := fmt.Sprintf("%d-%s", setting.workers, setting.latency)
		b.Run("bare/"+name, func(b *testing.B) { benchBare(b, setting.workers, setting.latency) })
		b.Run("client/"+name, func(b *testing.B) { benchClient(b, setting.workers, setting.latency) })
	}
}

func benchBare(b *testing.B, workers int, latency time.Duration) {
	url := benchServer(b, latency) + pathList + "/" + testID
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost, transport.MaxIdleConns = workers, workers
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: 30 * time.Second}
	update := benchUpdate()
	spread(b, workers, func() error {
		q, err := http.NewRequest(http.MethodPut, url, bytes.NewReader(update.body()))
		if err != nil {
			return err
		}
		q.Header.Set("Authorization", "Bearer "+testToken)
		q.Header.Set("Accept", "application/json")
		q.Header.Set("Content-Type", "application/json")
		q.Header.Set(accountHeader, "9fddf204-6ed4-5596-8b8a-257554a08e41")
		a, err := client.Do(q)
		if err != nil {
			return err
		}
		defer a.Body.Close()
		_, err = io.Copy(io.Discard, a.Body)
		return err
	})
}

func benchClient(b *testing.B, workers int, latency time.Duration) {
	url := benchServer(b, latency)
	c := simClient(b, nil, func(cfg *Config) {
		cfg.BaseURL, cfg.Rate, cfg.Workers, cfg.Timeout = url, Rate{}, workers, 30*time.Second
	})
	defer c.Close()
	update := benchUpdate()
	spread(b, workers, func() error {
		_, err := c.Put(context.Background(), testID, update)
		return err
	})
}

func BenchmarkParseRecord(b *testing.B) {
	body := []byte(benchAnswer)
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, ok := parseRecord(body); !ok {
			b.Fatal("no record")
		}
	}
	runtime.KeepAlive(body)
}

package crm

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"csvput/importer/quota"
)

// benchServer answers every PUT with a record of about 1 KB that holds what was sent.
func benchServer(b *testing.B) string {
	body := []byte(benchAnswer)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
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

// BenchmarkPut compares a client without any bound with the least that a program must do to send the same bodies: an
// errgroup of goroutines with one tuned http.Client, which reads and drops the answers. They take turns for b.N short
// rounds, and the medians count: run it with -benchtime 50x. "client/bare" is the client's part of what is possible.
func BenchmarkPut(b *testing.B) {
	const workers, each = 16, 150
	bare, client := barePut(b, benchServer(b), workers), clientPut(b, benchServer(b), workers)
	round := func(put func() error) float64 {
		var group errgroup.Group
		start := time.Now()
		for range workers {
			group.Go(func() error {
				for range each {
					if err := put(); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err := group.Wait(); err != nil {
			b.Fatal(err)
		}
		return workers * each / time.Since(start).Seconds()
	}
	round(bare)
	round(client)
	b.ResetTimer()
	var least, ours []float64
	for i := range b.N {
		if i%2 == 0 {
			least, ours = append(least, round(bare)), append(ours, round(client))
		} else {
			ours, least = append(ours, round(client)), append(least, round(bare))
		}
	}
	slices.Sort(least)
	slices.Sort(ours)
	b.ReportMetric(ours[len(ours)/2], "put/s")
	b.ReportMetric(ours[len(ours)/2]/least[len(least)/2], "client/bare")
}

func barePut(b *testing.B, server string, workers int) func() error {
	url := server + pathList + "/" + testID
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost, transport.MaxIdleConns = workers, workers
	b.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport, Timeout: 30 * time.Second}
	update := benchUpdate()
	return func() error {
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
	}
}

func clientPut(b *testing.B, server string, workers int) func() error {
	c := simClient(b, nil, func(cfg *Config) {
		cfg.BaseURL, cfg.Rate, cfg.Workers, cfg.Timeout = server, quota.Rate{}, workers, 30*time.Second
	})
	b.Cleanup(c.Close)
	update := benchUpdate()
	return func() error {
		_, err := c.Put(context.Background(), testID, update, time.Time{}, nil)
		return err
	}
}

func BenchmarkParseRecord(b *testing.B) {
	body := []byte(benchAnswer)
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, ok := parseRecord[ownerIDs](body); !ok {
			b.Fatal("no record")
		}
	}
	runtime.KeepAlive(body)
}

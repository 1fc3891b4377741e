package importer_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/sandbox"
	"csvput/report"
)

// echo serves as a CRM without a quota that confirms what it is sent, in answers as long as the CRM's.
func echo(latency time.Duration) http.HandlerFunc {
	rest := fmt.Sprintf(`,"type":"phone_number","phone_number_meta":{"country":"GB"},"accounts":[{"uuid":%q,"bio":%q}]}`, sandbox.ClientUUID(1), strings.Repeat("about the client ", 50))
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if latency > 0 {
			after(latency)
		}
		id := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"uuid":%q,%s%s`, id, body[1:len(body)-1], rest)
	}
}

// updates are the requests of a run of wishes: ids and bodies.
func updates(n int) (ids []string, bodies [][]byte) {
	for i := range n {
		ids = append(ids, detailID(i))
		bodies = append(bodies, fmt.Appendf(nil, `{"name":"Contact %d","value":%q}`, i, phoneWish(i)))
	}
	return ids, bodies
}

func phoneWish(n int) string { return fmt.Sprintf("+447400%06d", n) }

// BenchmarkRun carries out a plan without reading, each outcome a line of the report, and in turn with that sends the
// same requests from a bare loop that looks at nothing but the status and writes nothing. It reports both rates, and ours
// in percent of the bare loop's (the median of the rounds: one alone says little on a machine with other work) and of what
// the latency allows.
func BenchmarkRun(b *testing.B) {
	for _, p := range []struct {
		name               string
		rounds, n, workers int
		latency            time.Duration
	}{{"loopback16", 15, 30_000, 16, 0}, {"loopback128", 15, 30_000, 128, 0}, {"latency", 1, 128 * 100, 128, 50 * time.Millisecond}} {
		b.Run(p.name, func(b *testing.B) {
			server := httptest.NewServer(echo(p.latency))
			b.Cleanup(server.Close)
			send, loop := sendPlan(b, server.URL, p.n, p.workers), sendBare(server.URL, p.n, p.workers)
			var ours, theirs time.Duration
			var ratios []float64
			for b.Loop() {
				for i := range p.rounds {
					var took, bare time.Duration
					if i%2 == 0 {
						took = send(b)
						bare = loop(b)
					} else {
						bare = loop(b)
						took = send(b)
					}
					ours, theirs = ours+took, theirs+bare
					ratios = append(ratios, 100*bare.Seconds()/took.Seconds())
				}
			}
			slices.Sort(ratios)
			sent := float64(p.n * len(ratios))
			b.ReportMetric(sent/ours.Seconds(), "rows/s")
			b.ReportMetric(sent/theirs.Seconds(), "bare-rows/s")
			b.ReportMetric(ratios[len(ratios)/2], "%bare")
			if p.latency > 0 {
				b.ReportMetric(100*sent/ours.Seconds()*p.latency.Seconds()/float64(p.workers), "%ideal")
			}
		})
	}
}

// sendPlan returns a function that carries out a plan of n rows and says how long that took.
func sendPlan(b *testing.B, url string, n, workers int) func(*testing.B) time.Duration {
	cells := [][]string{{"id", "name", "value"}}
	for i := range n {
		cells = append(cells, []string{detailID(i), fmt.Sprintf("Contact %d", i), phoneWish(i)})
	}
	folder, _ := plan(b, nil, table(cells...), importer.CheckOptions{})
	c := dial(b, nil, func(cfg *crm.Config) { cfg.BaseURL, cfg.Workers = url, workers })
	return func(b *testing.B) time.Duration {
		if err := folder.Remove(report.ReportName); err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		apply(b, folder, c, importer.ApplyOptions{NoLookup: true, Workers: workers})
		return time.Since(began)
	}
}

// sendBare returns a function that sends the same from a bare loop.
func sendBare(url string, n, workers int) func(*testing.B) time.Duration {
	loop := bareLoop(url, n, workers)
	return func(b *testing.B) time.Duration {
		began := time.Now()
		if err := loop(b.Context()); err != nil {
			b.Fatal(err)
		}
		return time.Since(began)
	}
}

// bareLoop is the least that a program must do to send n updates.
func bareLoop(url string, n, workers int) func(context.Context) error {
	ids, bodies := updates(n)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = workers
	client := &http.Client{Transport: transport}
	return func(ctx context.Context) error {
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(workers)
		for i := range n {
			group.Go(func() error { return bare(ctx, client, url+"/api/v2/contact-details/"+ids[i], bodies[i]) })
		}
		return group.Wait()
	}
}

// headers are those of every update.
var headers = http.Header{
	"Accept": {"application/json"}, "Content-Type": {"application/json"},
	"Authorization": {"Bearer " + sandbox.DefaultToken}, "X-Plannr-Account-Uuid": {sandbox.EmployeeAccountUUID},
}

func bare(ctx context.Context, client *http.Client, url string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header = headers
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", res.StatusCode)
	}
	_, err = io.Copy(io.Discard, res.Body)
	return err
}

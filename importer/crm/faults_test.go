package crm

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"csvput/importer/quota"
	"csvput/report/code"
)

// faulty is a server that fails at random, before and after it has done what it was asked.
type faulty struct {
	mu     sync.Mutex
	random *rand.Rand
	names  map[string]string
	served int
}

func (f *faulty) RoundTrip(r *http.Request) (*http.Response, error) {
	body := echo(r)
	f.mu.Lock()
	f.served++
	fault, late := f.random.IntN(40), f.random.IntN(2) == 0
	delay := time.Duration(f.random.IntN(500)) * time.Millisecond
	if fault > 13 || fault < 12 && late {
		f.names[r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]] = body
	}
	f.mu.Unlock()
	if err := pause(r.Context(), delay); err != nil {
		return nil, err
	}
	switch fault {
	case 0:
		return nil, errors.New("read: connection reset by peer")
	case 1:
		<-r.Context().Done()
		return nil, r.Context().Err()
	case 2, 3, 4, 5:
		return answer([...]int{500, 502, 503, 504}[fault-2], nil, "<html>"), nil
	case 6:
		return answer(503, http.Header{"Retry-After": {"3"}}, ""), nil
	case 7:
		return answer(200, nil, body[:len(body)/2]), nil
	case 8:
		return answer(204, nil, ""), nil
	case 9:
		return answer(200, nil, "<html>"), nil
	case 10:
		return answer(200, nil, strings.Replace(body, `"uuid":"`, `"uuid":"x`, 1)), nil
	case 11:
		return answer(302, http.Header{"Location": {"/"}}, ""), nil
	case 12, 13:
		return answer(422, nil, `{"errors":{"name":["no"]}}`), nil
	}
	return answer(200, nil, body), nil
}

// TestRandomFaults: whatever happens, a success is one, a certain failure is one, and the attempts are true.
func TestRandomFaults(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			f := &faulty{random: rand.New(rand.NewPCG(seed, 7)), names: map[string]string{}}
			c := simClient(t, f, func(cfg *Config) { cfg.Rate, cfg.Retries = quota.Rate{}, 2 })
			var wg sync.WaitGroup
			rows := make(chan int)
			var mu sync.Mutex
			attempts, counts := 0, map[string]int{}
			for range 16 {
				wg.Go(func() {
					for i := range rows {
						id, name := fmt.Sprint(i), "new"
						a, err := c.Put(t.Context(), id, Update{Name: &name}, time.Time{}, nil)
						var e *Error
						errors.As(err, &e)
						f.mu.Lock()
						done := f.names[id] != ""
						f.mu.Unlock()
						mu.Lock()
						attempts += a.Attempts
						switch {
						case e == nil:
							counts["updated"]++
							if !done || a.Status != 200 || a.Record.Name != "new" {
								t.Errorf("row %s was not updated: %+v", id, a)
							}
						case e.Doubt != DoubtNone:
							counts["unknown"]++
						default:
							counts[string(e.Code)]++
							if done {
								t.Errorf("row %s is certainly not applied, says %+v", id, e)
							}
						}
						mu.Unlock()
					}
				})
			}
			for i := range 1_000 {
				rows <- i
			}
			close(rows)
			wg.Wait()
			if s := c.Stats(); attempts != f.served || s.Puts != f.served {
				t.Errorf("seed %d: %d attempts counted, %d in the statistics, %d served", seed, attempts, s.Puts, f.served)
			}
			if seed == 0 {
				t.Log(counts, attempts)
			}
		})
	}
}

func TestAttemptsWithoutAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{status: func(int) int { return 0 }}
		c := simClient(t, s, func(cfg *Config) { cfg.Retries = 5 })
		name, start := "x", time.Now()
		a, err := c.Put(t.Context(), "1", Update{Name: &name}, time.Time{}, nil)
		var e *Error
		if !errors.As(err, &e) || e.Code != code.Network || e.Doubt != DoubtPending || a.Doubt != DoubtPending || a.Attempts != 6 || s.served != 6 {
			t.Errorf("%+v, %+v", a, e)
		}
		if took := time.Since(start); took > 16*time.Second { // 0.5 + 1 + 2 + 4 + 8
			t.Errorf("took %s", took)
		}
	})
}

package crm

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"csvput/importer/quota"
	"csvput/report/code"
)

// flood answers with 50 MiB. Where an answer reaches a size that matters, it looks how much memory is in use.
type flood struct {
	mu   sync.Mutex
	most uint64
}

func (f *flood) RoundTrip(*http.Request) (*http.Response, error) {
	chunk := strings.Repeat("x", 32<<10)
	var readers []io.Reader
	for n := 0; n < 50<<20; n += len(chunk) {
		if n == maxAnswer || n == maxList {
			readers = append(readers, f)
		}
		readers = append(readers, strings.NewReader(chunk))
	}
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(io.MultiReader(readers...)), ContentLength: -1}, nil
}

// Read is no part of the answer, but measures.
func (f *flood) Read([]byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.most = max(f.most, inUse())
	return 0, io.EOF
}

func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestMemory: to however many requests far too long answers come at once, the client stays small.
func TestMemory(t *testing.T) {
	f := &flood{}
	c := simClient(t, f, func(cfg *Config) { cfg.Rate, cfg.Retries, cfg.Breaker = quota.Rate{}, 0, 0 })
	before := inUse()
	var wg sync.WaitGroup
	for i := range 16 + lookups {
		wg.Go(func() {
			var err error
			if i < 16 {
				_, err = c.Put(t.Context(), testID, Update{}, time.Time{}, nil)
			} else {
				_, err = c.Lookup(t.Context(), ids(0, 2))
			}
			var e *Error
			if !errors.As(err, &e) || e.Code != code.Oversized || (e.Doubt == DoubtAnswered) != (i < 16) || e.Stop != StopNone {
				t.Errorf("%+v", e)
			}
		})
	}
	wg.Wait()
	most := int64(f.most) - int64(before)
	if t.Logf("%d KiB", most>>10); most < maxList || most > 40<<20 { // a list or two may be garbage that was not found yet
		t.Error("that is too much, or not measured")
	}
	if len(c.memory.large) > 0 || len(c.memory.huge) > 0 {
		t.Errorf("%d and %d places are still taken", len(c.memory.large), len(c.memory.huge))
	}
}

// TestMemoryOfAnswers: of an answer that is as long as it may be, and holds as much as fits, not too much is made.
func TestMemoryOfAnswers(t *testing.T) {
	fill := func(begin, more, end string, size int) []byte {
		return []byte(begin + strings.Repeat(more, (size-len(begin)-len(end))/len(more)) + end)
	}
	for _, test := range []struct{ name, begin, more, end string }{
		{"records", `{"data":[{}`, ",{}", "]}"},
		{"owners", `{"data":[{"accounts":[1`, ",1", "]}]}"},
		{"owners of a record", `{"accounts":[1`, ",1", "]}"},
		{"a long name", `{"name":"`, "\xff", `"}`},
		{"long names", `{"data":[{}`, `,{"name":"` + strings.Repeat("x", 64<<10) + `"}`, "]}"},
		{"nothing but words", `{"errors":{"a":[1`, ",1", "]}}"},
	} {
		for what, use := range map[string]func(body []byte){
			"page":   func(body []byte) { parsePage(body, plain) },
			"record": func(body []byte) { parseRecord[ownerIDs](body) },
			"logins": func(body []byte) { parseLogins(body) },
			"words":  func(body []byte) { readWords(body[:maxFailure], strings.ToUpper) },
		} {
			body := fill(test.begin, test.more, test.end, maxList)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			use(body)
			runtime.ReadMemStats(&after)
			if made := after.TotalAlloc - before.TotalAlloc; made > 40<<20 {
				t.Errorf("%s as %s: %d MiB", test.name, what, made>>20)
			}
		}
	}
}

// TestLongLists: a list that is too long is asked for in smaller parts, and later ones are small at once.
func TestLongLists(t *testing.T) {
	for _, test := range []struct {
		name            string
		filter          Filter
		found, requests int
		again           int // requests of the same once more
	}{
		{"by ids", Filter{IDs: ids(0, 200)}, 200, 7, 4}, // 200, 100 twice, 50 four times; then 50 four times
		{"by one owner", Filter{AccountUUIDs: ids(0, 1)}, 1_000, 4 + 16, 17},
		{"all", Filter{}, 1_000, 4 + 16, 17},
	} {
		t.Run(test.name, func(t *testing.T) {
			var mu sync.Mutex
			requests := 0
			c := simClient(t, route(func(r *http.Request) http.RoundTripper {
				mu.Lock()
				defer mu.Unlock()
				requests++
				return longList{}
			}), func(cfg *Config) { cfg.Rate, cfg.Breaker = quota.Rate{}, 1 })
			for i, want := range []int{test.requests, test.again} {
				requests = 0
				seen := map[string]bool{}
				for r, err := range c.Each(t.Context(), test.filter) {
					if err != nil {
						t.Fatal(err)
					}
					seen[r.UUID] = true
				}
				if len(seen) != test.found || requests > want || requests < want-1 {
					t.Errorf("pass %d: %d records by %d requests, want %d by %d", i, len(seen), requests, test.found, want)
				}
			}
		})
	}
}

// longList serves a thousand records of which 70 at most fit into an answer.
type longList struct{}

func (longList) RoundTrip(r *http.Request) (*http.Response, error) {
	q := r.URL.Query()
	page, _ := strconv.Atoi(q.Get("page"))
	size, _ := strconv.Atoi(q.Get("per_page"))
	all := ids(0, 1_000)
	if f := q.Get("filter[uuid]"); f != "" {
		all = strings.Split(f, ",")
	}
	part := all[min((page-1)*size, len(all)):min(page*size, len(all))]
	var data []string
	for _, id := range part {
		data = append(data, `{"uuid":"`+id+`"}`)
	}
	pad := strings.Repeat(" ", len(part)*(maxList/70))
	return answer(200, nil, fmt.Sprintf(`{"data":[%s],"meta":{"last_page":%d,"total":%d}}%s`,
		strings.Join(data, ","), (len(all)+size-1)/size, len(all), pad)), nil
}

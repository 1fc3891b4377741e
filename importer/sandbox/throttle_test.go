package sandbox

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// quota is what an answer says about the quota, in one line.
func quota(res *http.Response) string {
	h := res.Header
	return fmt.Sprintf("%d %s/%s retry %s reset %s", res.StatusCode, h.Get(headerRemaining), h.Get(headerLimit), h.Get("Retry-After"), h.Get(headerReset))
}

func TestThrottleWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := seeded(t, Config{Throttle: 3})
		epoch := time.Now().Unix() // a whole second
		expect := func(path, want string) {
			t.Helper()
			res, _ := do(t, s, "GET", path, "")
			if got := quota(res); got != want {
				t.Errorf("after %v, %s: %s, want %s", time.Since(time.Unix(epoch, 0)), path, got, want)
			}
		}
		reset := fmt.Sprint(epoch + 60)
		wait(900 * time.Millisecond)
		expect("/nowhere", "404 / retry  reset ") // does not count, so does not start the window
		expect(loginsPath, "200 2/3 retry  reset ")
		wait(30 * time.Second)
		expect(list+"?sort=foo", "400 1/3 retry  reset ")
		expect(list, "200 0/3 retry  reset ")
		expect(list, "429 0/3 retry 30 reset "+reset)
		wait(29*time.Second + 500*time.Millisecond) // 60.4 s on the clock, 59.5 s into the window
		expect(list, "429 0/3 retry 0 reset "+reset)
		wait(499 * time.Millisecond)
		expect(list, "429 0/3 retry 0 reset "+reset)
		wait(time.Millisecond) // the window is over: a new one starts with the next request, which comes later
		wait(7 * time.Second)
		expect(list, "200 2/3 retry  reset ")
		wait(59 * time.Second)
		expect(list, "200 1/3 retry  reset ")
		wait(2 * time.Second)
		expect(list, "200 2/3 retry  reset ")
	})
}

func TestThrottleUnderLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := seeded(t, Config{Throttle: 10, Latency: time.Second})
		var wg sync.WaitGroup
		for range 12 {
			wg.Go(func() { do(t, s, "GET", list, "") })
		}
		wg.Wait()
		passed := 0
		for _, r := range s.Requests() {
			if r.Status == 200 {
				passed++
			}
		}
		if passed != 10 {
			t.Errorf("%d of 12 requests passed, want 10", passed)
		}
	})
}

// An answer that comes after its window ended finds no count: Laravel then reports the whole limit.
func TestThrottleAnswerOutlivesWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := seeded(t, Config{Throttle: 5, ThrottleWindow: 2 * time.Second})
		th := s.throttle
		if !th.hit(time.Now()) {
			t.Fatal("the first request did not pass")
		}
		wait(2 * time.Second)
		h := http.Header{}
		th.stamp(h, time.Now())
		if got := h.Get(headerRemaining); got != "5" {
			t.Errorf("remaining %s, want 5", got)
		}
	})
}

func TestThrottleOffAndHTML(t *testing.T) {
	s := seeded(t, Config{Throttle: -1})
	for range 600 {
		if res, _ := do(t, s, "GET", loginsPath, ""); res.StatusCode != 200 || res.Header.Get(headerLimit) != "" {
			t.Fatalf("without a quota: %s", quota(res))
		}
	}
	s = seeded(t, Config{Throttle: 1})
	do(t, s, "GET", loginsPath, "")
	req := request(t.Context(), "GET", "http://sandbox.test"+loginsPath, "")
	req.Header.Del("Accept")
	res, err := s.Transport().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 429 || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") || res.Header.Get("Retry-After") == "" {
		t.Errorf("429 without Accept: %s, %s", quota(res), res.Header.Get("Content-Type"))
	}
}

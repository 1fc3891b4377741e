package quota

import (
	"net/http"
	"testing"
	"time"
)

// TestClockJumps: a clock that is set forward ends a window early at worst, one that is set back never makes us wait for
// more than a window.
func TestClockJumps(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 45, 0, 0, time.UTC)
	fill := func() *window {
		w := &window{rate: Rate{500, time.Minute}, length: time.Minute, rest: -1}
		for i := range 475 {
			w.answered(w.send(now), headers{limit: 500, remaining: 499 - i, ok: true}, true, now)
		}
		return w
	}
	w := fill()
	if at := w.admit(now); at != now.Add(61*time.Second) {
		t.Errorf("next window at %s", at.Sub(now))
	}
	w = fill()
	if back := now.Add(-time.Hour); w.admit(back) != back.Add(61*time.Second) {
		t.Errorf("after a jump back the next window begins after %s", w.admit(back).Sub(back))
	}
	w = fill()
	if later := now.Add(time.Hour); w.admit(later) != later || w.left != 500 {
		t.Errorf("after a jump forward there is no new window")
	}
}

func TestLostAnswersAreCounted(t *testing.T) {
	now := time.Now()
	w := &window{length: time.Minute, rest: -1, reserve: Reserve{set: true}}
	w.answered(w.send(now), headers{limit: 10, remaining: 9, ok: true}, true, now)
	for range 9 {
		w.lose(w.send(now), now)
	}
	if at := w.admit(now); !at.After(now) {
		t.Error("nine lost answers may have used up the window")
	}
	w.answered(w.send(now), headers{limit: 10, remaining: 8, ok: true}, true, now) // none of them was counted
	if at := w.admit(now); at.After(now) || w.others != 0 || w.number != 0 {
		t.Errorf("eight are left, next at %s, epoch %d", at.Sub(now), w.number)
	}
}

func TestReserveOf(t *testing.T) {
	tests := []struct {
		reserve string
		limit   int
		want    int
	}{
		{"", 500, 25}, {"", 60, 5}, {"", 6, 5}, {"", 5, 4}, {"", 1, 0}, {"", 501, 26},
		{"5%", 500, 25}, {"10%", 500, 50}, {"1%", 500, 5}, {"0%", 500, 0}, {"12.5%", 200, 25},
		{"25", 500, 25}, {"0", 500, 0}, {"3", 500, 3}, {"600", 500, 499},
	}
	for _, test := range tests {
		var r Reserve
		if test.reserve != "" {
			var err error
			if r, err = ParseReserve(test.reserve); err != nil {
				t.Fatal(err)
			}
		}
		if got := r.Of(test.limit); got != test.want {
			t.Errorf("%q of %d is %d, want %d", test.reserve, test.limit, got, test.want)
		}
	}
	for _, s := range []string{"", "%", "-1", "-1%", "100%", "5 percent", "NaN%", "1e9%"} {
		if _, err := ParseReserve(s); err == nil {
			t.Errorf("%q is read as a reserve", s)
		}
	}
}

func TestParseRate(t *testing.T) {
	tests := map[string]Rate{
		"500/m": {500, time.Minute}, "8/s": {8, time.Second}, "50/6s": {50, 6 * time.Second}, "1000/h": {1000, time.Hour},
		" 500 / min ": {500, time.Minute}, "500/minute": {500, time.Minute}, "9/1m30s": {9, 90 * time.Second}, "1/24h": {1, 24 * time.Hour},
		" Unlimited ": {},
	}
	for s, want := range tests {
		if got, err := ParseRate(s); err != nil || got != want {
			t.Errorf("%q is %v, %v; want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "500", "/m", "500/", "0/m", "-5/m", "5/0s", "5/-1s", "5/x", "1e3/m", "100001/m", "5/25h", "5.5/s"} {
		if r, err := ParseRate(s); err == nil {
			t.Errorf("%q is read as %v", s, r)
		}
	}
}

func TestReadHeaders(t *testing.T) {
	tests := []struct {
		limit, remaining string
		want             headers
	}{
		{"500", "499", headers{500, 499, true}}, {"500", "-2", headers{500, -2, true}}, {"500", "501", headers{500, 500, true}},
		{"", "", headers{}}, {"500", "", headers{}}, {"", "5", headers{}}, {"0", "0", headers{}}, {"-1", "5", headers{}},
		{"many", "5", headers{}}, {"500", "few", headers{}}, {"99999999999999999999", "5", headers{}},
	}
	for _, test := range tests {
		h := http.Header{}
		h.Set("x-ratelimit-limit", test.limit)
		h.Set("x-ratelimit-remaining", test.remaining)
		if got := readHeaders(h); got != test.want {
			t.Errorf("%q, %q: %+v, want %+v", test.limit, test.remaining, got, test.want)
		}
	}
}

package crm

import (
	"net/http"
	"testing"
)

// TestDoubt: what one attempt may have done, for every way in which it can end.
func TestDoubt(t *testing.T) {
	for _, test := range []struct {
		name string
		ending
		want Doubt
	}{
		{"nothing reached the server", ending{}, DoubtNone},
		{"no answer", ending{sent: true}, DoubtPending},
		{"a good success", ending{sent: true, status: 200, good: true}, DoubtNone},
		{"a success with another record, no JSON, or too much of it", ending{sent: true, status: 200}, DoubtAnswered},
		{"a success without a body", ending{sent: true, status: 204}, DoubtAnswered},
		{"a success that broke off", ending{sent: true, status: 200, cut: true}, DoubtPending},
		{"a success before all was sent", ending{status: 200}, DoubtAnswered},
		{"a failure that broke off", ending{sent: true, status: 500, cut: true}, DoubtPending},
		{"a refusal that broke off", ending{sent: true, status: 422, cut: true}, DoubtNone},
		{"a redirect that broke off", ending{sent: true, status: 302, cut: true}, DoubtPending},
	} {
		if got := test.doubt(); got != test.want {
			t.Errorf("%s: %d, want %d", test.name, got, test.want)
		}
	}
	for status := 100; status < 600; status++ {
		want, refused := DoubtPending, false
		switch {
		case status < 200:
		case status < 400:
			want = DoubtAnswered
		case status < 500:
			want, refused = DoubtNone, true
			switch status {
			case http.StatusRequestTimeout:
				want, refused = DoubtPending, false
			case http.StatusUnauthorized, http.StatusProxyAuthRequired, http.StatusTooEarly, http.StatusTooManyRequests:
				refused = false
			}
		case status == http.StatusInternalServerError, status == http.StatusServiceUnavailable:
			want = DoubtAnswered
		}
		if got := (ending{sent: true, status: status}).doubt(); got != want {
			t.Errorf("status %d: %d, want %d", status, got, want)
		}
		if final(status) != refused {
			t.Errorf("status %d: final is %v", status, !refused)
		}
	}
}

package sandbox

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// pathTo is the path of a record of DefaultSeed.
func pathTo(n int) string { return detail + RecordUUID(n) }

// seeded is a server with the records of DefaultSeed.
func seeded(t testing.TB, cfg Config) *Server {
	t.Helper()
	s := New(cfg)
	if err := s.Seed(DefaultSeed()...); err != nil {
		t.Fatal(err)
	}
	return s
}

// request is a good request of the default login that may write.
func request(ctx context.Context, method, url, body string) *http.Request {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		panic(err) // the tests' own URLs
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+DefaultToken)
	req.Header.Set("X-PLANNR-ACCOUNT-UUID", EmployeeAccountUUID)
	return req
}

// do sends a good request to the server without a socket and returns the answer with its body.
func do(t testing.TB, s *Server, method, path, body string) (*http.Response, string) {
	t.Helper()
	res, err := s.Transport().RoundTrip(request(t.Context(), method, "http://sandbox.test"+path, body))
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s %s: reading the body: %v", method, path, err)
	}
	return res, string(text)
}

// renamed is the body that gives a record of DefaultSeed another name and leaves the rest.
func renamed(s *Server, uuid, name string) string {
	r, _ := s.Record(uuid)
	r.Name = name
	return full(r)
}

// full is the body that carries a whole record.
func full(r Record) string {
	var value any = r.Value
	if r.Type == TypePhone && r.Country != "GB" && r.Country != "001" {
		value = map[string]string{"country": r.Country, "number": r.Value}
	}
	b, err := json.Marshal(map[string]any{
		"name": r.Name, "value": value, "account_uuids": r.AccountUUIDs, "primary_account_uuids": r.PrimaryAccountUUIDs,
	})
	if err != nil {
		panic(err)
	}
	return string(b)
}

// wait lets the fake time of a synctest bubble pass.
func wait(d time.Duration) { <-time.After(d) }

package sandbox_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"syscall"

	"csvput/importer/sandbox"
)

// put sends one update as a client does.
func put(s *sandbox.Server, uuid, body string) (string, error) {
	req, err := http.NewRequest("PUT", "https://crm.example.com/api/v2/contact-details/"+uuid, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Authorization", "Bearer "+sandbox.DefaultToken)
	req.Header.Set("X-PLANNR-ACCOUNT-UUID", sandbox.EmployeeAccountUUID)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	client := http.Client{Transport: s.Transport()}
	res, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	return res.Status, nil
}

// A test or a rehearsal calls the server without sockets.
func ExampleServer_Transport() {
	s := sandbox.New(sandbox.Config{})
	if err := s.Seed(sandbox.DefaultSeed()...); err != nil {
		log.Fatal(err)
	}
	fmt.Println(put(s, sandbox.RecordUUID(2), `{"name":"Work","value":"020 7946 0123","account_uuids":["`+sandbox.ClientUUID(1)+`"]}`))
	r, _ := s.Record(sandbox.RecordUUID(2))
	fmt.Println(r.Name, r.Value, r.Country)
	// Output:
	// 200 OK <nil>
	// Work +442079460123 GB
}

// A rehearsal on one's own file: for every row, a record that differs from what the row wishes.
func ExampleContrast() {
	wish := sandbox.Record{UUID: "7d3f0b52-0c3e-4f0e-9d1c-2b7a4f5e6d01", Name: "Mobile", Value: "+442079460123", AccountUUIDs: []string{sandbox.ClientUUID(40)}}
	s := sandbox.New(sandbox.Config{})
	if err := s.EnsureClients(wish.AccountUUIDs...); err != nil {
		log.Fatal(err)
	}
	if err := s.Seed(sandbox.Contrast(wish)); err != nil {
		log.Fatal(err)
	}
	for _, r := range s.Records() {
		fmt.Println(r.Type, r.Name, strings.HasPrefix(r.Value, "+442079460"), r.Value != wish.Value)
	}
	// Output: phone_number Before: Mobile true true
}

// The first PUT is carried out, and its connection is lost before the answer.
func ExampleServer_Requests() {
	s := sandbox.New(sandbox.Config{Lenient: true, Fault: func(r *sandbox.Request) sandbox.Fault {
		if r.N == 1 {
			return sandbox.Fault{Kind: sandbox.FaultReset, Done: true}
		}
		return sandbox.Fault{}
	}})
	if err := s.Seed(sandbox.DefaultSeed()...); err != nil {
		log.Fatal(err)
	}
	for range 2 {
		status, err := put(s, sandbox.RecordUUID(1), `{"name":"After"}`)
		fmt.Println(status, errors.Is(err, syscall.ECONNRESET))
	}
	for _, r := range s.Requests() {
		fmt.Println(r.N, r.Method, r.Status, r.Applied, r.Before.Name, "->", r.After.Name)
	}
	// Output:
	//  true
	// 200 OK false
	// 1 PUT 0 true Mobile -> After
	// 2 PUT 200 true After -> After
}

func ExampleServer_Start() {
	ctx, cancel := context.WithCancel(context.Background())
	url, wait, err := sandbox.New(sandbox.Config{}).Start(ctx, "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	res, err := http.Get(url + "/api/v1/logins") // without a token and without Accept: a redirect to the login page
	if err != nil {
		log.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, res.Body)
	res.Body.Close()
	fmt.Println(res.StatusCode, res.Request.URL.Path)
	cancel()
	fmt.Println(wait())
	// Output:
	// 200 /login
	// <nil>
}

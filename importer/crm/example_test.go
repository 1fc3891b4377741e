package crm_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"csvput/importer/crm"
	"csvput/importer/quota"
)

// A client changes one record, and meets a validation error with the next.
func ExampleClient_Put() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/v2/contact-details/a2d7a96a-2bed-580b-b4cb-658449afdf14" {
			w.WriteHeader(http.StatusUnprocessableEntity)
			io.WriteString(w, `{"message":"The given data was invalid.","errors":{"value":["The value must be a valid phone number."]}}`)
			return
		}
		io.WriteString(w, `{"uuid":"a6760ad5-8b5a-5b9e-9947-086ec77a2b5a","type":"phone_number","name":"Work","value":"+442079460123",`+
			`"phone_number_meta":{"country":"GB","formatted":"020 7946 0123"}}`)
	}))
	defer server.Close()

	rate, err := quota.ParseRate("500/m")
	if err != nil {
		fmt.Println(err)
		return
	}
	client, err := crm.New(crm.Config{
		BaseURL: server.URL,
		Account: "9fddf204-6ed4-5596-8b8a-257554a08e41",
		Token:   func(context.Context) (string, error) { return "1|token", nil },
		Rate:    rate,
		Retries: 5,
		Breaker: 20,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	update := crm.Update{Value: &crm.Value{Country: "GB", Text: "+442079460123"}}
	answer, err := client.Put(context.Background(), "a6760ad5-8b5a-5b9e-9947-086ec77a2b5a", update, time.Time{}, nil)
	fmt.Println(answer.Record.National, answer.Attempts, err)

	_, err = client.Put(context.Background(), "a2d7a96a-2bed-580b-b4cb-658449afdf14", update, time.Time{}, nil)
	var refused *crm.Error
	if errors.As(err, &refused) {
		fmt.Println(refused.Code, refused.Status)
	}
	fmt.Println(err)
	// Output:
	// 020 7946 0123 1 <nil>
	// unprocessable 422
	// the server refuses the values (422 Unprocessable Entity): value: The value must be a valid phone number.
}

// Records are looked up by id; ids that the server does not know are absent.
func ExampleClient_Lookup() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"data":[{"uuid":"a6760ad5-8b5a-5b9e-9947-086ec77a2b5a","name":"Work"}],"meta":{"last_page":1,"total":1}}`)
	}))
	defer server.Close()
	client, err := crm.New(crm.Config{BaseURL: server.URL, Token: func(context.Context) (string, error) { return "1|token", nil }})
	if err != nil {
		fmt.Println(err)
		return
	}
	records, err := client.Lookup(context.Background(), []string{"a6760ad5-8b5a-5b9e-9947-086ec77a2b5a", "11111111-1111-4111-8111-111111111111"})
	fmt.Println(len(records), records["a6760ad5-8b5a-5b9e-9947-086ec77a2b5a"].Name, err)
	// Output:
	// 1 Work <nil>
}

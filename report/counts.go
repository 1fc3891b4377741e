package report

import (
	"fmt"

	"csvput/report/code"
)

// Counts are rows counted by what became of them. The zero value has counted none.
type Counts struct {
	Rows      int               `json:"rows"`
	Statuses  map[Status]int    `json:"statuses"`
	Codes     map[code.Code]int `json:"codes"`
	Countries map[string]int    `json:"countries"` // by the region of the phone number
}

// Add counts a row.
func (c *Counts) Add(r Row) {
	c.Rows++
	add(&c.Statuses, r.Status)
	if r.Code != "" {
		add(&c.Codes, r.Code)
	}
	if r.Country != "" {
		add(&c.Countries, r.Country)
	}
}

func add[K comparable](m *map[K]int, key K) {
	if *m == nil {
		*m = map[K]int{}
	}
	(*m)[key]++
}

// Problems is the number of rows that did not get through.
func (c *Counts) Problems() int {
	n := 0
	for status, count := range c.Statuses {
		if status.Problem() {
			n += count
		}
	}
	return n
}

// Check reports whether every row has exactly one status: an error when the statuses do not add up to Rows, or when one
// of them is no status.
func (c *Counts) Check() error {
	sum := 0
	for status, n := range c.Statuses {
		if !status.Known() {
			return fmt.Errorf("%d rows have the status %q, which does not exist", n, status)
		}
		sum += n
	}
	if sum != c.Rows {
		return fmt.Errorf("the report accounts for %d rows, and the input has %d", sum, c.Rows)
	}
	return nil
}

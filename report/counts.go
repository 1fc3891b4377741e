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
func (c *Counts) Problems() int { return c.count(Status.Problem) }

// Open is the number of rows that a resumed run takes up.
func (c *Counts) Open() int {
	return c.count(func(s Status) bool { return !s.Settled() })
}

// count is the number of rows of which so is true, but for those that somebody has left out: they are settled.
func (c *Counts) count(so func(Status) bool) int {
	n := 0
	for status, count := range c.Statuses {
		if so(status) {
			n += count
		}
	}
	if so(NotAttempted) {
		n -= c.Codes[code.LeftOut]
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

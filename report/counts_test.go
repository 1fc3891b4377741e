package report

import (
	"maps"
	"testing"

	"csvput/report/code"
)

// Rows that are counted in two parts and added up are counted as in one.
func TestCountsMerge(t *testing.T) {
	rows := []Row{{Status: Updated, Country: "GB"}, {Status: Invalid, Code: code.TooShort, Country: "GB"}, {Status: Invalid, Code: code.TooShort}, {Status: Failed, Code: code.Timeout, Country: "DE"}}
	var whole, first, second Counts
	for i, row := range rows {
		whole.Add(row)
		if i < 2 {
			first.Add(row)
		} else {
			second.Add(row)
		}
	}
	var sum Counts
	sum.Merge(first)
	sum.Merge(second)
	for _, c := range []Counts{whole, sum} {
		if c.Rows != 4 || c.Problems() != 3 || c.Check() != nil ||
			!maps.Equal(c.Statuses, map[Status]int{Updated: 1, Invalid: 2, Failed: 1}) ||
			!maps.Equal(c.Codes, map[code.Code]int{code.TooShort: 2, code.Timeout: 1}) ||
			!maps.Equal(c.Countries, map[string]int{"GB": 2, "DE": 1}) {
			t.Errorf("counted %+v", c)
		}
	}
}

package rows

import (
	"cmp"
	"slices"

	"csvput/report/human"
)

// Suggestion is what a column may be meant to be.
type Suggestion struct {
	Header string // as in the file, on one line
	Field  string // "" to leave the column out
}

func (l *layout) as(column int, field string) Suggestion {
	return Suggestion{human.OneLine(l.header[column], 200), field}
}

// suggestions looks for unused columns that may be meant to be a field no other column is. With loose
// set, one word of the header is enough ("Phone No"), or cells that are countries; otherwise it must be a
// typing error.
func (l *layout) suggestions(loose bool) []Suggestion {
	var found []Suggestion
	taken := slices.Clone(l.fields)
	for i, name := range l.names {
		if !l.unused(i) || fieldOf(name) != "" || blank(l.header[i]) {
			continue
		}
		field := ""
		if loose {
			field = l.meant(i)
		} else {
			field = nearest(name)
		}
		if field != "" && !slices.Contains(taken, field) {
			found = append(found, l.as(i, field))
			taken = append(taken, field)
		}
	}
	return found
}

// meant returns what an unused column may be meant to be.
func (l *layout) meant(i int) string {
	if l.holdsCountries(i) {
		return FieldCountry
	}
	return cmp.Or(otherField(l.names[i]), nearest(l.names[i]), fieldByWord(l.header[i]))
}

// nearest returns the field whose name or other name is one or two slips away, or "".
func nearest(name string) string {
	if len(name) > 64 {
		return ""
	}
	field, least := "", 3
	for _, c := range columns {
		for _, n := range c.names {
			allowed := 0
			switch {
			case len(n) >= 7:
				allowed = 2
			case len(n) >= 4:
				allowed = 1
			}
			if d := slips(name, n); d <= allowed && d < least {
				field, least = c.field, d
			}
		}
	}
	return field
}

// slips counts the letters that must be added, dropped, replaced or swapped with their neighbour
// to turn a into b (optimal string alignment distance).
func slips(a, b string) int {
	above, row := make([]int, len(b)+1), make([]int, len(b)+1)
	var above2 []int
	for j := range above {
		above[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(above[j+1]+1, row[j]+1, above[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], above2[j-1]+1)
			}
		}
		above2, above, row = above, row, make([]int, len(b)+1)
	}
	return above[len(b)]
}

// fieldByWord returns the field that one of the header's words names. Accounts come first: an
// account id is not the id.
func fieldByWord(header string) string {
	words := headerWords(header)
	for _, w := range words {
		if w == "account" || w == "accounts" || w == "owner" || w == "owners" || w == "client" {
			return FieldAccountUUIDs
		}
	}
	for _, w := range words {
		if f := cmp.Or(fieldOf(w), otherField(w)); f != "" {
			return f
		}
	}
	return ""
}

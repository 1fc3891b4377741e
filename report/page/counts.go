package page

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"csvput/report"
	"csvput/report/code"
)

// tally is what the page says of all rows together. Its size does not grow with their number.
type tally struct {
	report.Counts
	problems int                 // of the rows that were counted
	groups   map[groupKey]*group // rows with a code, and problems without one
	nations  map[string]*nation  // by ISO 3166-1 alpha-2 region, "" for numbers without one
	emails   nation              // rows that hold an e-mail address
	static   []report.Row        // the first problem rows
}

// groupKey tells apart the rows with one code that got through and those that did not.
type groupKey struct {
	code    code.Code
	problem bool
}

// group is the rows with one code.
type group struct {
	groupKey
	count    int
	statuses map[report.Status]int
	first    []report.Row
}

// nation counts the rows of one country.
type nation struct {
	region                  string
	changed, same, problems int
}

func (n nation) rows() int { return n.changed + n.same + n.problems }

func tallyRows(rows iter.Seq2[report.Row, error]) (*tally, error) {
	t := &tally{
		groups:  map[groupKey]*group{},
		nations: map[string]*nation{},
	}
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		t.add(row)
	}
	return t, nil
}

// complete takes over the summary's counts where the rows that were counted are the problem rows alone.
func (t *tally) complete(s report.Summary) {
	if t.Rows >= s.Rows {
		return
	}
	t.Counts = s.Counts
	for region, n := range s.Countries {
		t.nation(report.Row{Type: "phone_number", Country: region}).changed += n
	}
}

func (t *tally) add(r report.Row) {
	problem := r.Problem()
	t.Counts.Add(r)
	if problem {
		t.problems++
		if len(t.static) < maxStatic {
			t.static = append(t.static, r)
		}
	}
	if r.Code != "" || problem {
		t.group(groupKey{r.Code, problem}).add(r)
	}
	t.nation(r).add(r)
}

func (t *tally) group(key groupKey) *group {
	g := t.groups[key]
	if g == nil {
		g = &group{groupKey: key, statuses: map[report.Status]int{}}
		t.groups[key] = g
	}
	return g
}

func (g *group) add(r report.Row) {
	g.count++
	g.statuses[r.Status]++
	if len(g.first) < maxSamples {
		g.first = append(g.first, r)
	}
}

// nation returns where to count the row. Without a country it is an e-mail address if it says so or looks so.
func (t *tally) nation(r report.Row) *nation {
	if r.Country == "" && (r.Type == "email" || strings.Contains(r.Value, "@")) {
		return &t.emails
	}
	n := t.nations[r.Country]
	if n == nil {
		n = &nation{region: r.Country}
		t.nations[r.Country] = n
	}
	return n
}

func (n *nation) add(r report.Row) {
	switch {
	case r.Problem():
		n.problems++
	case r.Status == report.Unchanged, r.Code == code.LeftOut:
		n.same++
	default:
		n.changed++
	}
}

// sortedGroups returns the groups of problems, or those of the other rows, largest first.
func (t *tally) sortedGroups(problem bool) []*group {
	var out []*group
	for key, g := range t.groups {
		if key.problem == problem {
			out = append(out, g)
		}
	}
	slices.SortFunc(out, func(a, b *group) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.code, b.code))
	})
	return out
}

// sortedNations returns the countries, largest first; numbers without one come last.
func (t *tally) sortedNations() []*nation {
	var out []*nation
	for _, n := range t.nations {
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b *nation) int {
		switch {
		case a.region == "":
			return 1
		case b.region == "":
			return -1
		}
		return cmp.Or(cmp.Compare(b.rows(), a.rows()), cmp.Compare(a.region, b.region))
	})
	return out
}

// sortedCodes returns all codes, the most frequent first.
func (t *tally) sortedCodes() []code.Code {
	var out []code.Code
	for code := range t.Codes {
		out = append(out, code)
	}
	slices.SortFunc(out, func(a, b code.Code) int {
		return cmp.Or(cmp.Compare(t.Codes[b], t.Codes[a]), cmp.Compare(a, b))
	})
	return out
}

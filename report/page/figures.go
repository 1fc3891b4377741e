package page

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"csvput/report"
	"csvput/report/code"
)

// figures are what the page says of all rows together. Their size does not grow with the number of rows. The zero value
// has counted none.
type figures struct {
	report.Counts
	groups  map[groupKey]*group
	nations map[string]*nation // by ISO 3166-1 alpha-2 region
	none    nation             // rows without a country
	emails  nation             // of which rows that hold an e-mail address
	first   []report.Row       // the first problem rows
}

// groupKey tells apart the rows with one code that got through and those that did not.
type groupKey struct {
	Code    code.Code
	problem bool
}

// group is the rows with one code, or problems without one.
type group struct {
	groupKey
	report.Counts
	first []report.Row
}

// nation counts the rows of one country. Changed are those that are neither unchanged nor a problem.
type nation struct {
	Region, Label           string
	Changed, Same, Problems int
}

// add counts a row.
func (f *figures) add(r report.Row) {
	problem := r.Problem()
	f.Counts.Add(r)
	if problem && len(f.first) < maxStatic {
		f.first = append(f.first, r)
	}
	if r.Code != "" || problem {
		at(&f.groups, groupKey{r.Code, problem}).add(r)
	}
	f.nation(r).add(r)
}

// at is the entry of a map, made when there is none.
func at[K comparable, V any](m *map[K]*V, key K) *V {
	if *m == nil {
		*m = map[K]*V{}
	}
	if (*m)[key] == nil {
		(*m)[key] = new(V)
	}
	return (*m)[key]
}

func (g *group) add(r report.Row) {
	g.Counts.Add(r)
	if len(g.first) < maxSamples {
		g.first = append(g.first, r)
	}
}

// nation returns where to count the row. Without a country it is an e-mail address if it says so or looks so.
func (f *figures) nation(r report.Row) *nation {
	switch {
	case r.Country != "":
		return at(&f.nations, r.Country)
	case r.Type == "email" || strings.Contains(r.Value, "@"):
		return &f.emails
	}
	return &f.none
}

func (n *nation) add(r report.Row) {
	switch {
	case r.Problem():
		n.Problems++
	case r.Status == report.Unchanged, r.Code == code.LeftOut:
		n.Same++
	default:
		n.Changed++
	}
}

// sortedGroups returns the groups of problems, or those of the other rows, largest first.
func (f *figures) sortedGroups(problem bool) (out []*group) {
	for key, g := range f.groups {
		if key.problem == problem {
			g.groupKey = key
			out = append(out, g)
		}
	}
	slices.SortFunc(out, func(a, b *group) int { return cmp.Or(b.Rows-a.Rows, cmp.Compare(a.Code, b.Code)) })
	return out
}

// sortedNations returns the countries, largest first.
func (f *figures) sortedNations() (out []*nation) {
	for region, n := range f.nations {
		n.Region = region
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b *nation) int { return cmp.Or(b.Rows()-a.Rows(), cmp.Compare(a.Region, b.Region)) })
	return out
}

// sortedCodes returns all codes, the most frequent first.
func (f *figures) sortedCodes() []code.Code {
	return slices.SortedFunc(maps.Keys(f.Codes), func(a, b code.Code) int {
		return cmp.Or(f.Codes[b]-f.Codes[a], cmp.Compare(a, b))
	})
}

// Rows is how many rows the country has.
func (n *nation) Rows() int { return n.Changed + n.Same + n.Problems }

// Bar draws the country beside one with the given number of rows, which has the full width.
func (n *nation) Bar(most int) []segment {
	return bar([]segment{
		{Status: report.Updated, Count: n.Changed},
		{Status: report.Unchanged, Count: n.Same},
		{Status: report.Failed, Count: n.Problems},
	}, barWidth*n.Rows()/most)
}

// Info says what is the matter with the rows, and what to do.
func (g *group) Info() code.Info {
	info, ok := g.Code.Info()
	if !ok {
		info = code.Info{Means: "Rows without a code.", Hint: "Read the message of each row."}
		if g.Code != "" {
			info.Means = "Rows with the code " + string(g.Code) + "."
		}
	}
	return info
}

// Bar is the statuses that occur.
func (g *group) Bar() []segment { return segments(g.Statuses) }

// More is how many rows Samples leaves out.
func (g *group) More() int { return g.Rows - len(g.first) }

// sample is one line of the input, or several that have the same message.
type sample struct{ Lines, Message string }

// Samples lists the first rows, in one entry when they all have the same message.
func (g *group) Samples() (out []sample) {
	var lines []string
	for _, r := range g.first {
		lines = append(lines, strconv.Itoa(r.Line))
		out = append(out, sample{"Line " + strconv.Itoa(r.Line), cmp.Or(r.Message, r.ID)})
	}
	if len(out) > 1 && !slices.ContainsFunc(g.first,
		func(r report.Row) bool { return r.Message != g.first[0].Message }) {
		return []sample{{"Lines " + strings.Join(lines, ", "), g.first[0].Message}}
	}
	return out
}

package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"csvput/report/code"
)

// Headline says in one sentence what happened, as in "38 of 40 rows updated, 2 refused by csvput: 1 too short, 1
// extension." The same sentence stands on the terminal and on the page.
func (s Summary) Headline() string {
	text := s.counts()
	if why := s.reasons(); why != "" {
		text += ": " + why
	}
	if s.State == StateStopped {
		text = "Stopped early. " + upperFirst(text)
	}
	return upperFirst(text) + "."
}

// phrases says what to call the rows of a status, in the order in which they are told. The first one that has rows is
// told as a share of all rows.
func (s Summary) phrases() []phrase {
	planned, updated, invalid := "to be changed", "updated", "refused by csvput"
	switch s.Command {
	case "undo":
		planned, updated = "to be put back", "put back"
	case "check":
		invalid = "to be corrected"
	}
	return []phrase{
		{Valid, "in order"},
		{Planned, planned},
		{Updated, updated},
		{Unchanged, "already right"},
		{Invalid, invalid},
		{Rejected, "refused by the CRM"},
		{Failed, "failed"},
		{Unknown, "with an unknown outcome"},
		{Mismatch, "saved differently by the CRM"},
		{Conflict, "changed by somebody else and left alone"},
		{NotAttempted, "not attempted"},
		{leftOut, "left out"},
	}
}

// leftOut stands, in a phrase, for the rows that somebody has left out: they are not_attempted, and nothing is amiss.
const leftOut = Status(code.LeftOut)

type phrase struct {
	status Status
	words  string
}

// counts is the part of the headline about statuses.
func (s Summary) counts() string {
	if s.Rows == 0 {
		return "there were no rows"
	}
	var parts []string
	for _, p := range s.phrases() {
		n := s.Statuses[p.status]
		switch p.status {
		case NotAttempted:
			n -= s.Codes[code.LeftOut]
		case leftOut:
			n = s.Codes[code.LeftOut]
		}
		switch {
		case n == 0:
		case len(parts) > 0:
			parts = append(parts, Thousands(n)+" "+p.words)
		case n < s.Rows:
			parts = append(parts, fmt.Sprintf("%s of %s %s", Thousands(n), Plural(s.Rows, "row"), p.words))
		case n == 1:
			parts = append(parts, "1 row "+p.words)
		default:
			parts = append(parts, "all "+Plural(n, "row")+" "+p.words)
		}
	}
	if len(parts) == 0 {
		return "0 of " + Plural(s.Rows, "row") + " done"
	}
	return strings.Join(parts, ", ")
}

// maxReasons is how many codes the headline names.
const maxReasons = 3

// reasons names the problems that are most frequent, in words.
func (s Summary) reasons() string {
	type reason struct {
		code code.Code
		n    int
	}
	var all []reason
	for _, info := range code.All() {
		// That rows were not attempted has been said.
		if n := s.Codes[info.Code]; n > 0 && info.Kind == code.KindProblem && info.Code != code.Stopped {
			all = append(all, reason{info.Code, n})
		}
	}
	if s.Problems() == 0 || len(all) == 0 {
		return ""
	}
	slices.SortStableFunc(all, func(a, b reason) int { return cmp.Compare(b.n, a.n) })
	var parts []string
	for _, r := range all[:min(len(all), maxReasons)] {
		parts = append(parts, Thousands(r.n)+" "+strings.ReplaceAll(string(r.code), "_", " "))
	}
	if len(all) > maxReasons {
		parts = append(parts, "and other reasons")
	}
	return strings.Join(parts, ", ")
}

// Plural is a number of things in words: "1 row", "12,000 rows".
func Plural(n int, noun string) string { return Thousands(n) + " " + Noun(n, noun) }

// Noun is the word for n things: "row", "rows".
func Noun(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

// Thousands writes a number with commas between its thousands, as in 12,000.
func Thousands(n int) string {
	s := strconv.Itoa(n)
	first := 0 // of the digits
	if n < 0 {
		first = 1
	}
	for i := len(s) - 3; i > first; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

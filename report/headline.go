package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"csvput/report/code"
)

// Headline says in one sentence what happened, as in "38 of 40 rows updated, 2 refused by csvput: 1 too short, 1
// extension." The same sentence stands on the terminal and on the page.
func (s Summary) Headline() string { return s.sentence(s.reasons()) }

// Brief is the headline without its reasons, for who shows them in other words; see Reasons.
func (s Summary) Brief() string { return s.sentence("") }

func (s Summary) sentence(why string) string {
	text := s.counts()
	if why != "" {
		text += ": " + why
	}
	if s.State == StateStopped {
		text = "Stopped early. " + upperFirst(text)
	}
	return upperFirst(text) + "."
}

// phrase is what to call the rows of a status in this run.
func (s Summary) phrase(status Status) string {
	switch {
	case s.UndoOf != "" && status == Planned:
		return "to be put back"
	case s.UndoOf != "" && status == Updated:
		return "put back"
	case s.Command == "check" && status == Invalid:
		return "to be corrected"
	}
	return status.info().phrase
}

// counts is the part of the headline about statuses. The first one that has rows is told as a share of all rows.
func (s Summary) counts() string {
	if s.Rows == 0 {
		return "there were no rows"
	}
	var parts []string
	add := func(n int, words string) {
		switch {
		case n == 0:
		case len(parts) > 0:
			parts = append(parts, Thousands(n)+" "+words)
		case n < s.Rows:
			parts = append(parts, fmt.Sprintf("%s of %s %s", Thousands(n), Plural(s.Rows, "row"), words))
		case n == 1:
			parts = append(parts, "1 row "+words)
		default:
			parts = append(parts, "all "+Plural(n, "row")+" "+words)
		}
	}
	leftOut := s.Codes[code.LeftOut] // which are not_attempted, and nothing is amiss
	for _, status := range Statuses() {
		n := s.Statuses[status]
		if status == NotAttempted {
			n -= leftOut
		}
		add(n, s.phrase(status))
	}
	add(leftOut, "left out")
	if len(parts) == 0 {
		return "0 of " + Plural(s.Rows, "row") + " done"
	}
	return strings.Join(parts, ", ")
}

// maxReasons is how many codes the headline names.
const maxReasons = 3

// Reasons are the codes of the problems, the most frequent first.
func (s Summary) Reasons() []code.Code {
	var all []code.Code
	for _, info := range code.All() {
		// That rows were not attempted has been said.
		if s.Codes[info.Code] > 0 && info.Kind == code.KindProblem && info.Code != code.Stopped {
			all = append(all, info.Code)
		}
	}
	slices.SortStableFunc(all, func(a, b code.Code) int { return s.Codes[b] - s.Codes[a] })
	return all
}

// reasons names the problems that are most frequent, in words.
func (s Summary) reasons() string {
	all := s.Reasons()
	if s.Problems() == 0 {
		return ""
	}
	var parts []string
	for _, c := range all[:min(len(all), maxReasons)] {
		parts = append(parts, Thousands(s.Codes[c])+" "+strings.ReplaceAll(string(c), "_", " "))
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
	s, sign := strconv.Itoa(n), ""
	if n < 0 {
		s, sign = s[1:], "-"
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

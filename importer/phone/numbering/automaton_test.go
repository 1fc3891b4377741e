package numbering

import (
	"math/rand/v2"
	"regexp"
	"testing"
)

// TestAutomatonFindsWhatRegexpFinds holds an automaton of all these patterns together against the regexp package.
func TestAutomatonFindsWhatRegexpFinds(t *testing.T) {
	patterns := []string{
		`0`, `00|0`, `0|00`, `0(0|1)?`, `(?:0|90)(?:(1[245]|31)(\d{2,3}))?`, `([2-9]\d{3})$|1`, `0?(?:(11|2[0-3])15)?`,
		`\d*?1`, `1\d{2,}?`, `[13-5]{2}|6`, `(?:1(?:2|3)){1,2}`, `2$|3`, `\d+`,
		whole(`1\d{3}|[2-4]\d{2}(?:\d{2})?`), whole(`0\d+|2`), whole(``),
	}
	var rules []rule
	var compiled []*regexp.Regexp
	for i, p := range patterns {
		rules = append(rules, rule{pattern: p, mark: 1 << i})
		compiled = append(compiled, regexp.MustCompile("^(?:"+p+")"))
	}
	a, err := compile(rules)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		digits := make([]byte, r.IntN(9))
		for i := range digits {
			digits[i] = byte('0' + r.IntN(7))
		}
		for i, re := range compiled {
			want := -1
			if at := re.FindIndex(digits); at != nil {
				want = at[1]
			}
			if got := lastMatch(a, digits, 1<<i); got != want {
				t.Fatalf("%s in %s ends at %d, want %d", patterns[i], digits, got, want)
			}
		}
	}
}

func lastMatch(a automaton, digits []byte, mark uint32) int {
	last, at := -1, start
	for i, digit := range digits {
		if a[at].here&mark != 0 {
			last = i
		}
		if at = int(a[at].next[digit-'0']); at == dead {
			return last
		}
	}
	if a[at].end&mark != 0 {
		last = len(digits)
	}
	return last
}

// TestAutomatonTellsRewriting tells trunk prefixes whose last group takes part from those that are only cut off.
func TestAutomatonTellsRewriting(t *testing.T) {
	const cut, rewritten = 1, 2
	for _, c := range []struct {
		pattern, digits string
		want            uint32
	}{
		{`([457]\d{2})$|1`, "457", rewritten},
		{`([457]\d{2})$|1`, "1457", cut},
		{`([457]\d{2})$|1`, "4571", 0},
		{`(?:0|90)(?:(1[245])(\d{3}))?`, "014123", rewritten},
		{`(?:0|90)(?:(1[245])(\d{3}))?`, "01412", cut},
		{`(0)?1`, "1", cut},
		{`(0)?1`, "01", rewritten},
		{`01`, "01", rewritten}, // no group: the whole is rewritten
	} {
		a, err := compile([]rule{{pattern: c.pattern, mark: cut, rewrites: rewritten}})
		if err != nil {
			t.Fatal(err)
		}
		got := uint32(0)
		for _, mark := range []uint32{cut, rewritten} {
			if at := lastMatch(a, []byte(c.digits), mark); at >= 0 {
				got |= mark
			}
		}
		if c.want == rewritten && got&rewritten != 0 {
			got = rewritten // it may have been cut on the way
		}
		if got != c.want {
			t.Errorf("%s in %s: %b, want %b", c.pattern, c.digits, got, c.want)
		}
	}
}

func TestPatternsNotUnderstood(t *testing.T) {
	for _, p := range []string{`1\b`, `^1`, `(?m)1$`, `1(?=2)`, `(`} {
		if _, err := compile([]rule{{pattern: p, mark: 1}}); err == nil {
			t.Errorf("%s is understood", p)
		}
	}
	for _, p := range []string{`\d\d`, `(\d{2})\d`, `([1-9])(\d)`, `(\d+)`, `(\d{2,})`, `(\d)(\d)(\d)(\d)(\d)(\d)(\d)(\d)(\d)(\d)`} {
		if _, err := parseGroups(p); err == nil {
			t.Errorf("%s is understood", p)
		}
	}
	for _, f := range [][2]string{{"$1 $3", ""}, {"$0", ""}, {"$1", "$NP$1"}, {"$11", ""}, {"$1a", ""}, {"$", ""}} {
		if _, err := parseText(f[0], f[1], 2); err == nil {
			t.Errorf("%q is understood", f)
		}
	}
}

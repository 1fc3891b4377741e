package numbering

import (
	"encoding/binary"
	"fmt"
	"math"
	"regexp/syntax"
)

// rule is a regular expression of the metadata that an automaton looks for at the beginning of its digits, and the mark
// by which it tells that it was found.
type rule struct {
	pattern string
	mark    uint32
	// rewrites, when it is not 0, is told instead of mark when the last group of the pattern took part in the match, or
	// when the pattern has no groups.
	rewrites uint32
}

// whole makes a pattern match the whole of the digits or not at all.
func whole(pattern string) string { return "(?:" + pattern + ")$" }

// automaton is a deterministic one: state 0 is dead, 1 is the beginning, and each digit leads from state to state.
type automaton []state

const (
	dead  = 0
	start = 1
)

type state struct {
	next [10]uint16
	// here are the marks of the patterns that match the digits up to here and that may go on. Of a pattern that is met
	// in several states the last one is the end of its match as the regexp package finds it, which prefers the first
	// alternative and not the longest.
	here uint32
	// end are the marks of the patterns that match the digits if there are no more of them.
	end uint32
}

// compile makes one automaton of all rules: those that it can be in at the same time, each with what is left of it, are
// one state. regexp/syntax turns a pattern into a program, which is a nondeterministic automaton already.
func compile(rules []rule) (automaton, error) {
	c := compiler{rules: rules, states: automaton{{}}, numbers: make(map[string]uint16)}
	var seeds []thread
	for i, rule := range rules {
		parsed, err := syntax.Parse(rule.pattern, syntax.Perl)
		if err != nil {
			return nil, err
		}
		program, err := syntax.Compile(parsed.Simplify())
		if err != nil {
			return nil, err
		}
		for _, inst := range program.Inst {
			if inst.Op == syntax.InstEmptyWidth && syntax.EmptyOp(inst.Arg) != syntax.EmptyEndText {
				return nil, fmt.Errorf("the pattern %s has an assertion other than $", rule.pattern)
			}
		}
		c.programs = append(c.programs, program)
		c.visited = append(c.visited, make([]int, len(program.Inst)))
		seeds = append(seeds, thread{rule: i, at: uint32(program.Start), last: program.NumCap == 2})
	}
	if _, err := c.number(seeds); err != nil {
		return nil, err
	}
	// There are more states after each of these steps, until there are none but known ones.
	for number := start; number < len(c.states); number++ {
		for digit := range 10 {
			seeds := c.step(c.waiting[number-1], rune('0'+digit))
			if len(seeds) == 0 {
				continue // dead
			}
			next, err := c.number(seeds)
			if err != nil {
				return nil, err
			}
			c.states[number].next[digit] = next
		}
	}
	return c.states, nil
}

// thread is one of the places in the program of a rule where a match may go on.
type thread struct {
	rule int
	at   uint32
	last bool // the last group has taken part
}

type compiler struct {
	rules    []rule
	programs []*syntax.Prog
	states   automaton
	waiting  [][]thread        // the threads of each state after the dead one
	numbers  map[string]uint16 // of the states, by their threads and marks

	round   int     // of closure
	visited [][]int // the last round that came by, by rule and place
}

// step moves threads over a digit.
func (c *compiler) step(threads []thread, digit rune) []thread {
	var seeds []thread
	for _, t := range threads {
		inst := &c.programs[t.rule].Inst[t.at]
		if inst.Op != syntax.InstEmptyWidth && inst.MatchRune(digit) {
			seeds = append(seeds, thread{rule: t.rule, at: inst.Out, last: t.last})
		}
	}
	return seeds
}

// closure follows seeds, the threads of a rule in the order of preference, to where a digit or the end is needed. When
// a rule matches, its threads of less preference are dropped, as the regexp package does.
func (c *compiler) closure(seeds []thread, atEnd bool) (threads []thread, marks uint32) {
	c.round++
	matched := -1
	for _, t := range seeds {
		if t.rule == matched {
			continue
		}
		mark := c.follow(&threads, t, atEnd)
		if mark != 0 {
			matched = t.rule
		}
		marks |= mark
	}
	return threads, marks
}

func (c *compiler) follow(threads *[]thread, t thread, atEnd bool) (mark uint32) {
	if c.visited[t.rule][t.at] == c.round {
		return 0
	}
	c.visited[t.rule][t.at] = c.round
	program := c.programs[t.rule]
	inst := &program.Inst[t.at]
	to := thread{rule: t.rule, at: inst.Out, last: t.last}
	switch inst.Op {
	case syntax.InstFail:
		return 0
	case syntax.InstMatch:
		if rule := c.rules[t.rule]; t.last && rule.rewrites != 0 {
			return rule.rewrites
		}
		return c.rules[t.rule].mark
	case syntax.InstAlt, syntax.InstAltMatch:
		if mark := c.follow(threads, to, atEnd); mark != 0 {
			return mark
		}
		to.at = inst.Arg
		return c.follow(threads, to, atEnd)
	case syntax.InstCapture:
		to.last = to.last || int(inst.Arg) == program.NumCap-1
		return c.follow(threads, to, atEnd)
	case syntax.InstNop:
		return c.follow(threads, to, atEnd)
	case syntax.InstEmptyWidth:
		if atEnd {
			return c.follow(threads, to, atEnd)
		}
	}
	*threads = append(*threads, t)
	return 0
}

// number is the state that seeds lead to.
func (c *compiler) number(seeds []thread) (uint16, error) {
	threads, here := c.closure(seeds, false)
	key := binary.NativeEndian.AppendUint32(nil, here)
	for _, t := range threads {
		place := uint64(t.rule)<<33 | uint64(t.at)<<1
		if t.last {
			place |= 1
		}
		key = binary.NativeEndian.AppendUint64(key, place)
	}
	if number, ok := c.numbers[string(key)]; ok {
		return number, nil
	}
	number := len(c.states)
	if number > math.MaxUint16 {
		return dead, fmt.Errorf("the patterns need more than %d states", math.MaxUint16)
	}
	_, end := c.closure(seeds, true)
	c.numbers[string(key)] = uint16(number)
	c.states = append(c.states, state{here: here, end: end})
	c.waiting = append(c.waiting, threads)
	return uint16(number), nil
}

package numbering

import (
	"fmt"
	"math/bits"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers/v2"
)

// formats are how the numbers of a calling code are written in its country: the first that is for the number's leading
// digits and its length. A number that none is for is written without separators.
type formats struct {
	automaton automaton // marks the leading digits that a format is for, bit 0 is the first format
	anyDigits uint32    // formats for whatever leading digits
	lengths   [MaxNational + 1]uint32
	list      []format
}

const (
	maxFormats = 32 // bits of a mark
	maxGroups  = 9  // $1 to $9
)

// format splits a number into groups and puts them into a text.
type format struct {
	groups []group
	text   []piece
}

// group is a number of digits.
type group struct{ min, max int }

// piece of a text: a group, or what stands between.
type piece struct {
	text  string
	group int // -1 when it is text
}

func newFormats(m *phonenumbers.PhoneMetadata) (*formats, error) {
	f := new(formats)
	var leading []rule
	if len(m.GetNumberFormat()) > maxFormats {
		return nil, fmt.Errorf("there are more than %d formats", maxFormats)
	}
	for i, from := range m.GetNumberFormat() {
		mark := uint32(1) << i
		groups, err := parseGroups(from.GetPattern())
		if err != nil {
			return nil, err
		}
		text, err := parseText(from.GetFormat(), from.GetNationalPrefixFormattingRule(), len(groups))
		if err != nil {
			return nil, err
		}
		f.list = append(f.list, format{groups: groups, text: text})
		least, most := 0, 0
		for _, g := range groups {
			least, most = least+g.min, most+g.max
		}
		for length := least; length <= min(most, MaxNational); length++ {
			f.lengths[length] |= mark
		}
		// The last of them is the most detailed one.
		if patterns := from.GetLeadingDigitsPattern(); len(patterns) > 0 {
			leading = append(leading, rule{pattern: patterns[len(patterns)-1], mark: mark})
		} else {
			f.anyDigits |= mark
		}
	}
	var err error
	f.automaton, err = compile(leading)
	return f, err
}

// parseGroups reads a pattern such as (\d{2})(\d{3,4}), which is about lengths only.
func parseGroups(pattern string) ([]group, error) {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, err
	}
	captures := []*syntax.Regexp{parsed}
	if parsed.Op == syntax.OpConcat {
		captures = parsed.Sub
	}
	var groups []group
	for _, capture := range captures {
		if capture.Op != syntax.OpCapture {
			return nil, fmt.Errorf("the format pattern %s has something outside its groups", pattern)
		}
		g, digit := group{1, 1}, capture.Sub[0]
		if digit.Op == syntax.OpRepeat {
			g, digit = group{digit.Min, digit.Max}, digit.Sub[0]
		}
		if digit.Op != syntax.OpCharClass || !slices.Equal(digit.Rune, []rune("09")) || g.max < g.min {
			return nil, fmt.Errorf("the format pattern %s has a group that is not so many digits", pattern)
		}
		groups = append(groups, g)
	}
	if len(groups) > maxGroups {
		return nil, fmt.Errorf("the format pattern %s has more than %d groups", pattern, maxGroups)
	}
	return groups, nil
}

// parseText reads a format such as $1 $2-$3, in which the rule on the trunk prefix, such as (0$1), stands for the first
// group.
func parseText(format, rule string, groups int) ([]piece, error) {
	if at := strings.IndexByte(format, '$'); rule != "" && at >= 0 {
		first := format[at:min(at+2, len(format))]
		format = format[:at] + strings.ReplaceAll(rule, "$1", first) + format[at+len(first):]
	}
	before, tokens, found := strings.Cut(format, "$")
	pieces := []piece{{text: before, group: -1}}
	if !found {
		return pieces, nil
	}
	for token := range strings.SplitSeq(tokens, "$") {
		if token == "" || token[0] < '1' || int(token[0]-'0') > groups || len(token) > 1 && isName(token[1]) {
			return nil, fmt.Errorf("the format %s has a $ that is no group", format)
		}
		pieces = append(pieces, piece{group: int(token[0] - '1')}, piece{text: token[1:], group: -1})
	}
	return pieces, nil
}

// isName tells what would be part of the name of a group.
func isName(b byte) bool {
	return b == '_' || '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z'
}

func (f *formats) append(b, national []byte) []byte {
	candidates := (f.anyDigits | f.leading(national)) & f.lengths[len(national)]
	if candidates == 0 {
		return append(b, national...)
	}
	use := &f.list[bits.TrailingZeros32(candidates)]
	var ends [maxGroups + 1]int
	use.split(ends[:], len(national))
	for _, piece := range use.text {
		if piece.group < 0 {
			b = append(b, piece.text...)
		} else {
			b = append(b, national[ends[piece.group]:ends[piece.group+1]]...)
		}
	}
	return b
}

// leading are the formats for the leading digits of a number.
func (f *formats) leading(national []byte) uint32 {
	var marks uint32
	number := uint16(start)
	for _, digit := range national {
		at := &f.automaton[number]
		marks |= at.here
		if number = at.next[digit-'0']; number == dead {
			return marks
		}
	}
	return marks | f.automaton[number].end
}

// split puts into ends where each group begins and the next one ends: each group takes what it can and leaves the least
// that the others need.
func (f *format) split(ends []int, length int) {
	spare := length
	for _, g := range f.groups {
		spare -= g.min
	}
	for i, g := range f.groups {
		more := min(spare, g.max-g.min)
		spare -= more
		ends[i+1] = ends[i] + g.min + more
	}
}

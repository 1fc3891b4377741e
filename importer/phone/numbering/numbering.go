// Package numbering compiles the numbering plans of libphonenumber's metadata, so that a number is read, validated and
// formatted in well under a microsecond.
//
// The metadata say with regular expressions what the numbers of a region look like: how its trunk prefix and its
// international prefix are dialled, which digits are a mobile number, which a landline, and how each is written. The
// library (github.com/nyaruka/phonenumbers/v2) matches one expression after the other, and each again for the next
// question. Here all expressions of a region become one automaton over the digits 0 to 9: a table in which each digit
// leads from one state to the next, and each state knows which expressions match up to it. One walk over the digits
// then answers all questions at once. An automaton is made when its region is first used.
//
// The order of the questions is the library's own, function by function. What is rare is left to it: reading a trunk
// prefix that is rewritten and not just cut off (a local number of the Bahamas, an Argentine 15), fewer than five
// digits, and whatever is no number to it. The tests hold the package against the library, in all regions.
package numbering

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/nyaruka/phonenumbers/v2"
)

// World is the region of numbers that belong to no country (UN M.49).
const World = "001"

// Bounds of libphonenumber on the digits of a national significant number.
const (
	MinNational = 2
	MaxNational = 17
)

const (
	maxCode = 3 // digits of a calling code
	// With fewer digits the library has rules of their own.
	minDigits = 5
)

// Plans are the numbering plans of all regions. They may be used by several goroutines at a time.
type Plans struct {
	regions map[string]*Plan
	calling [1000]*Plan // by calling code, the main region's
}

// Plan is the numbering plan of one region, or of one calling code that belongs to no country.
type Plan struct {
	Region   string
	Code     int    // calling code
	CodeText string // the same in digits
	Trunk    string // the trunk prefix as typed, "0" in most countries, "" where there is none
	Writes   bool   // the national format may write the trunk prefix

	all      *Plans
	metadata *phonenumbers.PhoneMetadata
	sharing  []*Plan // all regions of the calling code, the main one first
	rules    func() *rules
	formats  func() *formats
}

// New makes the plans of the library's metadata.
func New() *Plans {
	collection, err := phonenumbers.MetadataCollection()
	if err != nil {
		panic(err) // never: the library has loaded the same when the program started
	}
	all := &Plans{regions: make(map[string]*Plan)}
	for _, m := range collection.GetMetadata() {
		code := int(m.GetCountryCode())
		plan := &Plan{
			Region:   m.GetId(),
			Code:     code,
			CodeText: strconv.Itoa(code),
			Trunk:    strings.ReplaceAll(m.GetNationalPrefix(), "~", ""),
			all:      all,
			metadata: m,
			rules:    sync.OnceValue(func() *rules { return must(m, newRules) }),
			formats:  sync.OnceValue(func() *formats { return must(m, newFormats) }),
		}
		if plan.Region == World {
			plan.sharing = []*Plan{plan}
			all.calling[code] = plan
		} else {
			all.regions[plan.Region] = plan
		}
	}
	for _, plan := range all.regions {
		if plan.sharing != nil {
			continue
		}
		var sharing []*Plan
		for _, region := range phonenumbers.GetRegionCodesForCountryCode(plan.Code) {
			sharing = append(sharing, all.regions[region])
		}
		for _, each := range sharing {
			each.sharing = sharing
			each.noteTrunk(sharing[0].metadata.GetNumberFormat())
		}
		all.calling[plan.Code] = sharing[0]
	}
	return all
}

// noteTrunk finds out about the trunk prefix what the formats of the calling code tell.
func (p *Plan) noteTrunk(formats []*phonenumbers.NumberFormat) {
	for _, format := range formats {
		rule := format.GetNationalPrefixFormattingRule()
		if p.Trunk == "" && rule == "0$1" { // Gabon's is in use without being named
			p.Trunk = "0"
		}
		if p.Trunk != "" && strings.Contains(rule, p.Trunk) {
			p.Writes = true
		}
	}
}

// must compiles a part of the metadata. They are in the program, and a test compiles all of them.
func must[T any](m *phonenumbers.PhoneMetadata, compile func(*phonenumbers.PhoneMetadata) (T, error)) T {
	compiled, err := compile(m)
	if err != nil {
		panic(fmt.Sprintf("numbering plan of %s, +%d: %v", m.GetId(), m.GetCountryCode(), err))
	}
	return compiled
}

// Region is the plan of a region, nil when the library does not support it.
func (p *Plans) Region(name string) *Plan { return p.regions[name] }

// Calling is the plan by which the numbers of a calling code are read, that of its main region; nil when nobody has
// the code.
func (p *Plans) Calling(code int) *Plan {
	if code < 0 || code >= len(p.calling) {
		return nil
	}
	return p.calling[code]
}

// Split cuts the calling code off the digits of an international number. The plan is nil when nobody has it. No calling
// code is the beginning of another.
func (p *Plans) Split(digits []byte) (plan *Plan, national []byte) {
	code := 0
	for i := range min(maxCode, len(digits)) {
		code = code*10 + int(digits[i]-'0')
		if code == 0 {
			return nil, nil
		}
		if plan := p.calling[code]; plan != nil {
			return plan, digits[i+1:]
		}
	}
	return nil, nil
}

// main is the plan of the main region of the calling code: the one by which its numbers are read and written.
func (p *Plan) main() *Plan { return p.sharing[0] }

// CutIDD cuts the international prefix of the region off digits, whatever follows it.
func (p *Plan) CutIDD(digits []byte) (rest []byte, ok bool) {
	end := p.rules().walk(digits).idd
	return digits[max(end, 0):], end >= 0
}

// Number is what the plans say of a number.
type Number struct {
	Region   string                        // as phonenumbers.GetRegionCodeForNumber
	Valid    bool                          // as phonenumbers.IsValidNumber
	Possible phonenumbers.ValidationResult // as phonenumbers.IsPossibleNumberWithReason
	Plan     *Plan                         // of its calling code, as of [Plans.Calling]; nil for the zero Number

	digits [MaxNational]byte
	length uint8
}

// National is the national significant number.
func (n *Number) National() []byte { return n.digits[:n.length] }

// AppendE164 appends the number as phonenumbers.Format does for E164.
func (n *Number) AppendE164(b []byte) []byte {
	b = append(b, '+')
	b = append(b, n.Plan.CodeText...)
	return append(b, n.National()...)
}

// AppendNational appends a national significant number of the calling code as phonenumbers.Format does for NATIONAL. It
// has at most MaxNational digits.
func (p *Plan) AppendNational(b, national []byte) []byte {
	return p.main().formats().append(b, national)
}

// Parse reads digits as typed in the region, with or without a plus in front, as phonenumbers.Parse does; everything
// that is not 0 to 9 has been taken out. The error is one of the library's.
func (p *Plan) Parse(digits []byte, plus bool) (Number, error) {
	if n, ok := p.parse(digits, plus); ok {
		return n, nil
	}
	text := make([]byte, 0, len("+")+len(digits))
	if plus {
		text = append(text, '+')
	}
	number, err := phonenumbers.Parse(string(append(text, digits...)), p.Region)
	if err != nil {
		return Number{}, err
	}
	national := phonenumbers.GetNationalSignificantNumber(number)
	return p.all.Calling(int(number.GetCountryCode())).Number([]byte(national)), nil
}

// parse is Parse without the library: ok is false where that has to do it.
func (p *Plan) parse(digits []byte, plus bool) (n Number, ok bool) {
	if len(digits) < minDigits {
		return Number{}, false
	}
	plan, national := p, digits
	if !plus {
		own := p.rules()
		found := own.walk(digits)
		switch {
		// An international prefix is none when a 0 follows: no calling code begins with it.
		case found.idd >= 0 && (found.idd == len(digits) || digits[found.idd] != '0'):
			plus, national = true, digits[found.idd:]
		case bytes.HasPrefix(digits, []byte(p.CodeText)):
			// The calling code without a plus, if that is better than taking it for a part of the number.
			rest, ok := own.cutTrunk(digits[len(p.CodeText):])
			if !ok {
				return Number{}, false
			}
			if !found.general() && own.walk(rest).general() ||
				own.possibleLength(len(digits)) == phonenumbers.TOO_LONG {
				plan, national = p.main(), rest
			}
		}
	}
	if plus {
		if plan, national = p.all.Split(national); plan == nil {
			return Number{}, false
		}
	}
	if len(national) < MinNational {
		return Number{}, false
	}
	rest, ok := plan.rules().cutTrunk(national)
	if !ok {
		return Number{}, false
	}
	switch plan.rules().possibleLength(len(rest)) {
	case phonenumbers.TOO_SHORT, phonenumbers.IS_POSSIBLE_LOCAL_ONLY, phonenumbers.INVALID_LENGTH:
	default:
		national = rest
	}
	if len(national) < MinNational || len(national) > MaxNational {
		return Number{}, false
	}
	return plan.Number(national), true
}

// Number judges a national significant number of the calling code, which has at most MaxNational digits.
func (p *Plan) Number(national []byte) Number {
	n := Number{Plan: p.main()}
	n.length = uint8(copy(n.digits[:], national))
	n.Possible = n.Plan.rules().possibleLength(len(national))
	for _, plan := range p.sharing {
		rules := plan.rules()
		found := rules.walk(national)
		valid := rules.valid(found, len(national))
		// A region that has leading digits is told by them, valid or not.
		here := valid
		if rules.hasLeading {
			here = found.leading
		}
		if here || len(p.sharing) == 1 {
			n.Region, n.Valid = plan.Region, valid
			break
		}
	}
	return n
}

// Marks of the automaton of a region. The types of numbers have one each, from firstType on.
const (
	markGeneral uint32 = 1 << iota // some number of the region
	markIDD                        // the international prefix
	markTrunk                      // the trunk prefix, and what is read like one
	markRewrite                    // the same where it is rewritten
	markLeading                    // leading digits that tell the region among those of a calling code
	firstType

	allTypes = ^(firstType - 1)
)

// rules are what the metadata of a region say on reading and validating.
type rules struct {
	automaton  automaton
	hasLeading bool
	lengths    [MaxNational + 1]uint32                        // by length, which marks are possible
	possible   [MaxNational + 2]phonenumbers.ValidationResult // by length, the last one for all that are longer
}

func newRules(m *phonenumbers.PhoneMetadata) (*rules, error) {
	general := m.GetGeneralDesc()
	patterns := []rule{{pattern: whole(general.GetNationalNumberPattern()), mark: markGeneral}}
	if idd := m.GetInternationalPrefix(); idd != "" {
		patterns = append(patterns, rule{pattern: idd, mark: markIDD})
	}
	if trunk := m.GetNationalPrefixForParsing(); trunk != "" {
		r := rule{pattern: trunk, mark: markTrunk}
		if m.GetNationalPrefixTransformRule() != "" {
			r.rewrites = markRewrite
		}
		patterns = append(patterns, r)
	}
	if leading := m.GetLeadingDigits(); leading != "" {
		patterns = append(patterns, rule{pattern: leading, mark: markLeading})
	}
	types := []*phonenumbers.PhoneNumberDesc{
		m.GetFixedLine(), m.GetTollFree(), m.GetPremiumRate(), m.GetSharedCost(), m.GetPersonalNumber(),
		m.GetVoip(), m.GetPager(), m.GetUan(), m.GetVoicemail(),
	}
	if !m.GetSameMobileAndFixedLinePattern() {
		types = append(types, m.GetMobile())
	}
	r := &rules{hasLeading: m.GetLeadingDigits() != ""}
	r.allow(general, markGeneral)
	for i, desc := range types {
		mark := firstType << i
		r.allow(desc, mark)
		patterns = append(patterns, rule{pattern: whole(desc.GetNationalNumberPattern()), mark: mark})
	}
	for length := range r.possible {
		r.possible[length] = possible(general, length)
	}
	var err error
	r.automaton, err = compile(patterns)
	return r, err
}

// allow notes the lengths at which numbers of a kind are possible; where none are given, all are.
func (r *rules) allow(desc *phonenumbers.PhoneNumberDesc, mark uint32) {
	for length := range r.lengths {
		if len(desc.GetPossibleLength()) == 0 || slices.Contains(desc.GetPossibleLength(), int32(length)) {
			r.lengths[length] |= mark
		}
	}
}

// possible is what the library's testNumberLength says of a length.
func possible(general *phonenumbers.PhoneNumberDesc, length int) phonenumbers.ValidationResult {
	lengths := general.GetPossibleLength()
	n := int32(length)
	switch {
	case slices.Contains(general.GetPossibleLengthLocalOnly(), n):
		return phonenumbers.IS_POSSIBLE_LOCAL_ONLY
	case slices.Contains(lengths, n):
		return phonenumbers.IS_POSSIBLE
	case n < slices.Min(lengths):
		return phonenumbers.TOO_SHORT
	case n > slices.Max(lengths):
		return phonenumbers.TOO_LONG
	default:
		return phonenumbers.INVALID_LENGTH
	}
}

func (r *rules) possibleLength(n int) phonenumbers.ValidationResult {
	return r.possible[min(n, len(r.possible)-1)]
}

// findings are what a walk over digits has met.
type findings struct {
	idd     int  // the end of the international prefix, -1 when there is none
	trunk   int  // the end of the trunk prefix, -1 when there is none
	rewrite bool // the trunk prefix is rewritten
	leading bool
	end     uint32 // the marks of what the digits are as a whole
}

// general tells digits that match the pattern of all numbers of the region, whatever their length.
func (f findings) general() bool { return f.end&markGeneral != 0 }

func (r *rules) walk(digits []byte) findings {
	f := findings{idd: -1, trunk: -1}
	at := &r.automaton[start]
	for i, digit := range digits {
		if at.here != 0 {
			f.note(at.here, i)
		}
		next := at.next[digit-'0']
		if next == dead {
			return f
		}
		at = &r.automaton[next]
	}
	f.end = at.end
	f.note(at.end, len(digits))
	return f
}

func (f *findings) note(marks uint32, at int) {
	if marks&markIDD != 0 {
		f.idd = at
	}
	if marks&(markTrunk|markRewrite) != 0 {
		f.trunk, f.rewrite = at, marks&markRewrite != 0
	}
	f.leading = f.leading || marks&markLeading != 0
}

// valid tells what is a number of the region in general and of one of its types.
func (r *rules) valid(f findings, length int) bool {
	marks := f.end & r.lengths[length]
	return marks&markGeneral != 0 && marks&allTypes != 0
}

// cutTrunk cuts the trunk prefix off, unless that makes a number of what is one no number. ok is false for a prefix
// that is rewritten instead.
func (r *rules) cutTrunk(national []byte) (rest []byte, ok bool) {
	found := r.walk(national)
	switch {
	case found.trunk <= 0:
		return national, true
	case found.rewrite:
		return nil, false
	}
	rest = national[found.trunk:]
	if found.general() && !r.walk(rest).general() {
		return national, true
	}
	return rest, true
}

package phone

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers/v2"
)

// world is the region of numbers that belong to no country (UN M.49).
const world = "001"

// Bounds of libphonenumber on a national significant number, and the fewest digits that the short cut takes on: with
// fewer the library has rules of their own.
const (
	minNational = 2
	maxNational = 17
	minShortCut = 5
)

// numbering is what libphonenumber's metadata say of one region, or of one calling code that belongs to no country.
type numbering struct {
	region    string
	code      int      // calling code
	codeText  string   // the same in digits
	regions   []string // all regions of the calling code, the main one first
	trunk     string   // the trunk prefix as typed, "0" in most countries, "" where there is none
	writes    bool     // the main region's national format may write the trunk prefix
	transform bool     // the trunk prefix is not simply cut off but rewritten
	lengths   []int32  // possible lengths of a national significant number
	local     []int32  // lengths of numbers that work only within an area

	// All three are anchored, as the library uses them.
	idd     *regexp.Regexp // international prefix, such as 00; never nil in a plan with shortCut
	prefix  *regexp.Regexp // trunk prefix and what the library reads like one; nil when there is none
	general *regexp.Regexp // whole national significant numbers
	// shortCut is false when a pattern is missing or odd: then the library does the whole work.
	shortCut bool
}

// plans holds the numbering plans, each made when it is first met: that compiles three patterns.
type plans struct {
	metadata map[string]*phonenumbers.PhoneMetadata // by region; by calling code for those without a country
	byRegion map[string]*numbering
	byCode   map[int]*numbering // the main region's
}

func newPlans() plans {
	p := plans{
		metadata: make(map[string]*phonenumbers.PhoneMetadata),
		byRegion: make(map[string]*numbering),
		byCode:   make(map[int]*numbering),
	}
	collection, err := phonenumbers.MetadataCollection()
	if err != nil {
		return p // never: the library has loaded the same collection when the program started
	}
	for _, m := range collection.GetMetadata() {
		key := m.GetId()
		if key == world {
			key = strconv.Itoa(int(m.GetCountryCode()))
		}
		p.metadata[key] = m
	}
	return p
}

// region is the plan of a region that the library supports.
func (p *plans) region(name string) *numbering {
	if plan, ok := p.byRegion[name]; ok {
		return plan
	}
	plan := p.load(name, p.metadata[name])
	p.byRegion[name] = plan
	return plan
}

// calling is the plan of a calling code's main region, nil when nobody has that code.
func (p *plans) calling(code int) *numbering {
	if plan, ok := p.byCode[code]; ok {
		return plan
	}
	var plan *numbering
	switch regions := phonenumbers.GetRegionCodesForCountryCode(code); {
	case len(regions) == 0:
		return nil
	case regions[0] == world:
		plan = p.load(world, p.metadata[strconv.Itoa(code)])
	default:
		plan = p.region(regions[0])
	}
	p.byCode[code] = plan
	return plan
}

func (p *plans) load(region string, m *phonenumbers.PhoneMetadata) *numbering {
	code := int(m.GetCountryCode())
	plan := &numbering{
		region:    region,
		code:      code,
		codeText:  strconv.Itoa(code),
		regions:   phonenumbers.GetRegionCodesForCountryCode(code),
		trunk:     strings.ReplaceAll(m.GetNationalPrefix(), "~", ""),
		transform: m.GetNationalPrefixTransformRule() != "",
		lengths:   m.GetGeneralDesc().GetPossibleLength(),
		local:     m.GetGeneralDesc().GetPossibleLengthLocalOnly(),
	}
	main := m
	if region != world {
		main = p.metadata[plan.regions[0]]
	}
	for _, format := range main.GetNumberFormat() {
		rule := format.GetNationalPrefixFormattingRule()
		if plan.trunk == "" && rule == "0$1" { // Gabon's is in use without being named
			plan.trunk = "0"
		}
		if plan.trunk != "" && strings.Contains(rule, plan.trunk) {
			plan.writes = true
		}
	}
	var errIDD, errPrefix, errGeneral error
	plan.idd, errIDD = regexp.Compile("^(?:" + m.GetInternationalPrefix() + ")")
	if prefix := m.GetNationalPrefixForParsing(); prefix != "" {
		plan.prefix, errPrefix = regexp.Compile("^(?:" + prefix + ")")
	}
	plan.general, errGeneral = regexp.Compile("^(?:" + m.GetGeneralDesc().GetNationalNumberPattern() + ")$")
	plan.shortCut = errIDD == nil && errPrefix == nil && errGeneral == nil && len(plan.lengths) > 0
	return plan
}

// buffer is a PhoneNumber of the library with room for what it points to, which spares four allocations a number.
type buffer struct {
	number   phonenumbers.PhoneNumber
	code     int32
	national uint64
	leading  bool
	zeros    int32
}

func (b *buffer) clear() {
	n := &b.number
	n.CountryCode, n.NationalNumber, n.ItalianLeadingZero, n.NumberOfLeadingZeros, n.Extension = nil, nil, nil, nil, nil
}

// set fills in a calling code and the digits of a national significant number, at most maxNational.
func (b *buffer) set(code int, national []byte) {
	b.clear()
	b.code, b.national, b.zeros = int32(code), 0, 0
	for _, c := range national {
		b.national = b.national*10 + uint64(c-'0')
	}
	b.number.CountryCode, b.number.NationalNumber = &b.code, &b.national
	// The last digit of a number of nothing but zeros is not a leading zero.
	for int(b.zeros) < len(national)-1 && national[b.zeros] == '0' {
		b.zeros++
	}
	if b.zeros > 0 {
		b.leading = true
		b.number.ItalianLeadingZero = &b.leading
	}
	if b.zeros > 1 {
		b.number.NumberOfLeadingZeros = &b.zeros
	}
}

// read fills p.number from digits just as phonenumbers.Parse does, plus telling whether a + stood in front. Digits are
// ASCII. The error is one of the library's.
func (p *Parser) read(digits []byte, plus bool, home *numbering) error {
	if p.shortCut(digits, plus, home) {
		return nil
	}
	text := make([]byte, 0, len(digits)+1)
	if plus {
		text = append(text, '+')
	}
	p.clear()
	return phonenumbers.ParseToNumber(string(append(text, digits...)), home.region, &p.number)
}

// shortCut does what phonenumbers.Parse does, for the cases in which its way through these digits is short; false leaves
// the number to the library. Parse spends its time on looking for letters and extensions; here there are none. What
// remains of it, in its order: a + or an international prefix, and a known calling code behind it, decide the region, else
// the home region does, unless its own calling code stands in front (left to the library). Then the trunk prefix is cut
// off.
func (p *Parser) shortCut(digits []byte, plus bool, home *numbering) bool {
	if len(digits) < minShortCut || !home.shortCut {
		return false
	}
	plan, national := home, digits
	if !plus {
		// An international prefix is none when a 0 follows: no calling code begins with it.
		if at := home.idd.FindIndex(digits); at != nil && at[1] < len(digits)-minNational && digits[at[1]] != '0' {
			plus, national = true, digits[at[1]:]
		} else if at != nil || bytes.HasPrefix(digits, []byte(home.codeText)) {
			return false
		}
	}
	if plus {
		if plan, national = p.split(national); plan == nil || !plan.shortCut {
			return false
		}
	}
	national, ok := plan.cutTrunk(national)
	if !ok || len(national) < minNational || len(national) > maxNational {
		return false
	}
	p.set(plan.code, national)
	return true
}

// cutTrunk cuts the trunk prefix off a national number, unless that spoils it: turns a number that matches the general
// pattern into one that does not, or leaves a length that is not possible and not too long either. false is for prefixes
// that are rewritten instead.
func (n *numbering) cutTrunk(national []byte) (rest []byte, ok bool) {
	if n.prefix == nil {
		return national, true
	}
	at := n.prefix.FindIndex(national)
	if at == nil {
		return national, true
	}
	if n.transform {
		return nil, false
	}
	rest = national[at[1]:]
	length := int32(len(rest))
	switch {
	case slices.Contains(n.local, length):
		return national, true
	case !slices.Contains(n.lengths, length) && length < n.lengths[len(n.lengths)-1]:
		return national, true
	case !n.general.Match(rest) && n.general.Match(national):
		return national, true
	}
	return rest, true
}

// split cuts the calling code off the digits of an international number; nil when nobody has it. No calling code is the
// beginning of another.
func (p *plans) split(digits []byte) (plan *numbering, national []byte) {
	code := 0
	for i := range min(3, len(digits)) {
		code = code*10 + int(digits[i]-'0')
		if code == 0 {
			return nil, nil
		}
		if plan := p.calling(code); plan != nil {
			return plan, digits[i+1:]
		}
	}
	return nil, nil
}

// valid is the region of p.number when it is valid, and "" otherwise: phonenumbers.IsValidNumber, which finds the region
// by validating and then validates once more, without the second time where it can only say the same. Numbers that can
// be dialled only within their area are not valid here, though a few are to the library (310 1234 in Canada).
func (p *Parser) valid() string {
	plan := p.calling(int(p.number.GetCountryCode()))
	if plan == nil {
		return ""
	}
	region := plan.regions[0]
	validated := false
	if len(plan.regions) > 1 {
		region = phonenumbers.GetRegionCodeForNumber(&p.number)
		// The search goes by leading digits where a region has them, and by full validation where not.
		validated = region != "" && p.metadata[region].GetLeadingDigits() == ""
	}
	if !validated && !phonenumbers.IsValidNumberForRegion(&p.number, region) {
		return ""
	}
	if len(plan.local) > 0 && phonenumbers.IsPossibleNumberWithReason(&p.number) != phonenumbers.IS_POSSIBLE {
		return ""
	}
	return region
}

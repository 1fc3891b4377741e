package phone

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers/v2"

	"csvput/importer/phone/numbering"
	"csvput/report/code"
)

// naive is the plain way through the library, which Parser has to agree with on every value that holds nothing but a
// number.
func naive(value, region string) (e164 string, ok bool) {
	number, err := phonenumbers.Parse(value, region)
	if err != nil || !phonenumbers.IsValidNumber(number) ||
		phonenumbers.IsPossibleNumberWithReason(number) != phonenumbers.IS_POSSIBLE {
		return "", false
	}
	return phonenumbers.Format(number, phonenumbers.E164), true
}

func allRegions() []string {
	return slices.Sorted(maps.Keys(phonenumbers.GetSupportedRegions()))
}

// sampledRegions are all regions, or some with the race detector or -short.
func sampledRegions() []string {
	all := allRegions()
	if !raceEnabled && !testing.Short() {
		return all
	}
	var some []string
	for i := 0; i < len(all); i += 10 {
		some = append(some, all[i])
	}
	return some
}

// examples are the library's example numbers of a region, one of each type.
func examples(region string) []*phonenumbers.PhoneNumber {
	var numbers []*phonenumbers.PhoneNumber
	for kind := phonenumbers.FIXED_LINE; kind <= phonenumbers.VOICEMAIL; kind++ {
		if n := phonenumbers.GetExampleNumberForTypeInRegion(region, kind); n != nil {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// spellings are the ways of writing a number that need no judgement.
func spellings(n *phonenumbers.PhoneNumber, region string) []string {
	code := fmt.Sprint(n.GetCountryCode())
	national := phonenumbers.GetNationalSignificantNumber(n)
	trunk := phonenumbers.GetNddPrefixForRegion(region, true)
	return []string{
		phonenumbers.Format(n, phonenumbers.E164),
		phonenumbers.Format(n, phonenumbers.INTERNATIONAL),
		phonenumbers.Format(n, phonenumbers.NATIONAL),
		national,
		trunk + national,
		code + national,
		"00" + code + national,
		"+" + code + " (" + trunk + ") " + national,
		"++" + code + national,
		"+00" + code + national,
		"+" + national,
	}
}

// mutate changes a spelling a little: a digit, one more, one less, a sign between.
func mutate(r *rand.Rand, s string) string {
	const signs = "0123456789 -().+/"
	for range r.IntN(3) {
		at, sign := r.IntN(len(s)+1), string(signs[r.IntN(len(signs))])
		switch r.IntN(3) {
		case 0:
			s = s[:at] + sign + s[at:]
		case 1:
			if at < len(s) && len(s) > 1 {
				s = s[:at] + s[at+1:]
			}
		case 2:
			if at < len(s) {
				s = s[:at] + sign + s[at+1:]
			}
		}
	}
	return s
}

// stricter are the codes by which a Parser refuses plain values that the library calls valid.
var stricter = []code.Code{code.Ambiguous, code.MultipleNumbers, code.MaskedDigits}

// TestAgreesWithLibrary holds Parser against the naive way: example numbers of every region and type in all spellings,
// as they are and changed at random, read in their own region and in others.
func TestAgreesWithLibrary(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	p := newParser(t, Options{})
	const rounds = 8
	regions := sampledRegions()
	compared, valid, refused := 0, 0, map[code.Code]int{}
	for _, region := range regions {
		for _, example := range examples(region) {
			for _, spelling := range spellings(example, region) {
				for round := range rounds {
					value, home := spelling, region
					if round > 0 {
						value = mutate(r, spelling)
					}
					if round%4 == 3 {
						home = regions[r.IntN(len(regions))]
					}
					if strings.Trim(value, " ") == "" {
						continue
					}
					want, ok := naive(value, home)
					number, problem := p.Parse(value, home)
					compared++
					switch {
					case problem == nil && ok && number.E164 == want:
						valid++
					case problem == nil && slices.ContainsFunc(number.Notes, func(n code.Note) bool { return n.Code == code.RepairedFloat }):
						// The library reads the tail's 0 as a digit.
					case problem == nil:
						t.Fatalf("%q in %s: %s; the library says %q, %v", value, home, number.E164, want, ok)
					case ok && !slices.Contains(stricter, problem.Code) && !doubtful(value):
						t.Fatalf("%q in %s: %v; the library says %s", value, home, problem, want)
					case ok:
						refused[problem.Code]++
					}
				}
			}
		}
	}
	t.Logf("%d compared, %d valid, refused although the library takes them: %v", compared, valid, refused)
	if valid < compared/5 {
		t.Errorf("only %d of %d valid: the comparison says little", valid, compared)
	}
}

// doubtful tells values in which a mutation has put a sign where there is a rule of our own: a + before no calling code,
// among or behind the digits, a decimal point, a date.
func doubtful(value string) bool {
	if plan, _ := plans().Split([]byte(onlyDigits(value))); plan == nil && strings.Contains(value, "+") {
		return true
	}
	value = strings.TrimLeft(value, " -().+/")
	return strings.ContainsAny(value, "+.") || strings.Count(value, "-") == 2
}

// TestLibraryHolds tests what the rules take for granted of the metadata: that valid numbers are possible, and that a
// valid number in E.164 is read as itself, by us and by the server. The numbers are examples and random changes of them.
func TestLibraryHolds(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, region := range sampledRegions() {
		for _, example := range examples(region) {
			for round := range 50 {
				national := []byte(phonenumbers.GetNationalSignificantNumber(example))
				if round > 0 {
					for range 1 + r.IntN(len(national)) {
						national[r.IntN(len(national))] = byte('0' + r.IntN(10))
					}
				}
				n := plans().Calling(int(example.GetCountryCode())).Number(national)
				if !n.Valid {
					continue
				}
				switch n.Possible {
				case phonenumbers.IS_POSSIBLE:
				case phonenumbers.IS_POSSIBLE_LOCAL_ONLY: // 310 1234 in Canada, dialled without an area code
					continue
				default:
					t.Errorf("%v is valid and not possible", string(n.AppendE164(nil)))
				}
				e164 := string(n.AppendE164(nil))
				if again, ok := naive(e164, "GB"); !ok || again != e164 {
					t.Errorf("%s is read back as %s, %v", e164, again, ok)
				}
			}
		}
	}
}

// generated is what contact files look like: mostly national and international spellings of common countries, a tenth
// of them with a wrong digit.
func generated(n int) (values, countries []string) {
	r := rand.New(rand.NewPCG(3, 4))
	regions := []string{"GB", "GB", "GB", "GB", "US", "DE", "FR", "AU", "IE", "ES", "IT", "IN", "AT", "NL"}
	for len(values) < n {
		region := regions[r.IntN(len(regions))]
		all := examples(region)
		example := all[r.IntN(min(2, len(all)))]
		spelling := spellings(example, region)[r.IntN(4)]
		var b strings.Builder
		for i, c := range spelling {
			if i > len(spelling)-4 && c >= '0' && c <= '9' {
				c = rune('0' + r.IntN(10))
			}
			b.WriteRune(c)
		}
		value := b.String()
		if r.IntN(10) == 0 {
			value = mutate(r, value)
		}
		if strings.Trim(value, " ") != "" {
			values, countries = append(values, value), append(countries, region)
		}
	}
	return values, countries
}

// BenchmarkParse and BenchmarkNaive do the same work on the same values; "national" adds the national format.
func BenchmarkParse(b *testing.B) {
	values, countries := generated(1 << 13)
	b.Run("plain", func(b *testing.B) {
		p := newParser(b, Options{})
		for i := 0; b.Loop(); i++ {
			p.Parse(values[i&(1<<13-1)], countries[i&(1<<13-1)])
		}
	})
	b.Run("national", func(b *testing.B) {
		p := newParser(b, Options{})
		for i := 0; b.Loop(); i++ {
			if n, problem := p.Parse(values[i&(1<<13-1)], countries[i&(1<<13-1)]); problem == nil {
				n.National()
			}
		}
	})
	b.Run("parallel", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			p := newParser(b, Options{})
			for i := 0; pb.Next(); i++ {
				p.Parse(values[i&(1<<13-1)], countries[i&(1<<13-1)])
			}
		})
	})
}

func BenchmarkNaive(b *testing.B) {
	values, countries := generated(1 << 13)
	b.Run("plain", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			naive(values[i&(1<<13-1)], countries[i&(1<<13-1)])
		}
	})
	b.Run("national", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			number, err := phonenumbers.Parse(values[i&(1<<13-1)], countries[i&(1<<13-1)])
			if err == nil && phonenumbers.IsValidNumber(number) {
				phonenumbers.Format(number, phonenumbers.E164)
				phonenumbers.Format(number, phonenumbers.NATIONAL)
			}
		}
	})
	b.Run("parallel", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for i := 0; pb.Next(); i++ {
				naive(values[i&(1<<13-1)], countries[i&(1<<13-1)])
			}
		})
	})
}

func newParser(t testing.TB, o Options) *Parser {
	t.Helper()
	p, err := NewParser(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestLostPlus types, for every country, numbers that begin with its calling code, without a plus: such as could be
// national ones without their 0, or international ones without their plus and with a digit too few. None is accepted that
// would need a 0 in front; with the 0 or in full, and where no trunk prefix is written, it is no matter.
func TestLostPlus(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	p := newParser(t, Options{})
	asNational, ambiguous := 0, 0
	for _, region := range sampledRegions() {
		home := plans().Region(region)
		var all []string
		for _, example := range examples(region) {
			national := phonenumbers.GetNationalSignificantNumber(example)
			all = append(all, home.CodeText+national[:len(national)-1])
		}
		for length := numbering.MinNational; length <= numbering.MaxNational; length++ {
			if n := home.Number(bytes.Repeat([]byte("0"), length)); n.Possible != phonenumbers.IS_POSSIBLE {
				continue
			}
			for range 50 {
				typed := []byte(home.CodeText)
				for len(typed) < length {
					typed = append(typed, byte('0'+r.IntN(10)))
				}
				all = append(all, string(typed))
			}
		}
		for _, typed := range all {
			n, problem := p.Parse(typed, region)
			asTyped := "+" + home.CodeText + typed
			switch {
			case problem != nil && problem.Code == code.Ambiguous:
				ambiguous++
				e164, ok := naive(typed, region)
				if !ok || e164 != asTyped {
					t.Errorf("%s in %s is ambiguous, though there is no such national number", typed, region)
				}
				if home.Writes && region != "GA" { // Gabon's numbers are being moved to eight digits: the 0 makes another one
					if n, problem := p.Parse(home.Trunk+typed, region); problem != nil || n.E164 != asTyped {
						t.Errorf("%s in %s: %+v, %v", home.Trunk+typed, region, n, problem)
					}
				}
			case problem == nil && n.E164 == asTyped:
				asNational++
				if national := onlyDigits(n.National()); national != typed && national != "8"+typed {
					t.Errorf("%s in %s is accepted as %s", typed, region, n.National())
				}
			}
		}
	}
	t.Logf("%d read as national numbers, %d ambiguous", asNational, ambiguous)
	if !raceEnabled && !testing.Short() && (ambiguous < 1000 || asNational < 100) {
		t.Error("too few to say much")
	}
}

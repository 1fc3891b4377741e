package numbering

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nyaruka/phonenumbers/v2"
)

func supportedRegions() []string {
	return slices.Sorted(maps.Keys(phonenumbers.GetSupportedRegions()))
}

// TestEveryPlanCompiles fails when an upgrade of the library brings a pattern or a format that is not understood, or that
// makes an automaton too large.
func TestEveryPlanCompiles(t *testing.T) {
	const maxStates = 2000
	collection, err := phonenumbers.MetadataCollection()
	if err != nil {
		t.Fatal(err)
	}
	states, largest := 0, 0
	for _, m := range collection.GetMetadata() {
		name := fmt.Sprintf("%s, +%d", m.GetId(), m.GetCountryCode())
		rules, err := newRules(m)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		formats, err := newFormats(m)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		largest = max(largest, len(rules.automaton), len(formats.automaton))
		states += len(rules.automaton) + len(formats.automaton)
		if lengths := m.GetGeneralDesc().GetPossibleLength(); slices.Min(lengths) < 0 || slices.Max(lengths) > MaxNational {
			t.Errorf("%s: possible lengths %v", name, lengths)
		}
		if m.GetGeneralDesc().GetNationalNumberPattern() == "" {
			t.Errorf("%s has no general pattern", name)
		}
	}
	t.Logf("%d plans, %d states, the largest automaton has %d", len(collection.GetMetadata()), states, largest)
	if largest > maxStates {
		t.Errorf("an automaton has %d states, more than %d", largest, maxStates)
	}
	plans := New()
	for _, region := range supportedRegions() {
		if plans.Region(region) == nil {
			t.Errorf("no plan of %s", region)
		}
	}
	for code := range phonenumbers.GetSupportedCallingCodes() {
		plan := plans.Calling(code)
		if plan == nil || plan.Code != code || plan.Region != phonenumbers.GetRegionCodeForCountryCode(code) {
			t.Errorf("the plan of +%d is %v", code, plan)
		}
	}
}

// scan takes a text apart that is digits and separators with at most one plus, which is in front.
func scan(text string) (digits []byte, plus, ok bool) {
	for i := range len(text) {
		switch c := text[i]; {
		case '0' <= c && c <= '9':
			digits = append(digits, c)
		case c == '+' && len(digits) == 0 && !plus:
			plus = true
		case strings.IndexByte(" -().[]/", c) < 0:
			return nil, false, false
		}
	}
	return digits, plus, true
}

// disagreement holds the plans against the library, "" when they agree. Numbers that Parse leaves to the library are judged
// and formatted all the same.
func disagreement(plans *Plans, text, region string) (read reader, problem string) {
	digits, plus, ok := scan(text)
	if !ok {
		return byNobody, ""
	}
	// Of two digits the library wants that nothing is between them, and of all texts that they are not too long.
	if longest := 250; len(digits) < minDigits || len(text) > longest {
		text = "+"[:strings.Count(text, "+")] + string(digits)
	}
	plan := plans.Region(region)
	read = byLibrary
	if _, ok := plan.parse(digits, plus); ok {
		read = byPlan
	}
	number, err := plan.Parse(digits, plus)
	library, want := phonenumbers.Parse(text, region)
	if err != nil || want != nil {
		if !errors.Is(err, want) {
			return read, fmt.Sprintf("%v; the library says %v", err, want)
		}
		return byNobody, ""
	}
	got := fmt.Sprint(string(number.AppendE164(nil)), " ", number.Region, number.Valid, number.Possible, string(number.Plan.AppendNational(nil, number.National())))
	expected := fmt.Sprint(phonenumbers.Format(library, phonenumbers.E164), " ", phonenumbers.GetRegionCodeForNumber(library),
		phonenumbers.IsValidNumber(library), phonenumbers.IsPossibleNumberWithReason(library), phonenumbers.Format(library, phonenumbers.NATIONAL))
	if got != expected {
		return read, fmt.Sprintf("%s; the library says %s", got, expected)
	}
	return read, ""
}

// reader is who has read a number.
type reader int

const (
	byNobody reader = iota
	byPlan
	byLibrary
	readers
)

// examples are the national numbers that the metadata give for each type.
func examples(region string) []string {
	var all []string
	for kind := phonenumbers.FIXED_LINE; kind <= phonenumbers.VOICEMAIL; kind++ {
		if n := phonenumbers.GetExampleNumberForTypeInRegion(region, kind); n != nil {
			all = append(all, phonenumbers.GetNationalSignificantNumber(n))
		}
	}
	return all
}

// spelled is a national number as somebody may type it: with what is dialled in front, and separated.
func spelled(r *rand.Rand, plan *Plan, national string) string {
	code := plan.CodeText
	trunk := strings.ReplaceAll(plan.metadata.GetNationalPrefix(), "~", "")
	dialled := []string{"00", "011", "0011", "810", "010", "119", "0"}[r.IntN(7)]
	if idd := plan.metadata.GetInternationalPrefix(); r.IntN(2) == 0 && !strings.ContainsAny(idd, `[(|\`) {
		dialled = strings.ReplaceAll(idd, "~", "")
	}
	switch r.IntN(12) {
	case 0, 1:
		return trunk + national
	case 2, 3:
		return national
	case 4:
		return "+" + code + national
	case 5:
		return "+" + code + " (" + trunk + ") " + national
	case 6:
		return code + national
	case 7:
		return code + trunk + national
	case 8:
		return dialled + code + national
	case 9:
		return dialled + code + trunk + national
	case 10:
		return "0" + national
	default:
		return trunk + trunk + national
	}
}

// mutated is a number with some digits changed, put in or taken out, and separators put in.
func mutated(r *rand.Rand, text string) string {
	b := []byte(text)
	for range r.IntN(4) {
		if len(b) == 0 {
			break
		}
		at, digit := r.IntN(len(b)), byte('0'+r.IntN(10))
		switch r.IntN(5) {
		case 0:
			b = slices.Insert(b, at, digit)
		case 1:
			b = slices.Delete(b, at, at+1)
		case 2:
			b = b[:at+1]
		default:
			if b[at] != '+' {
				b[at] = digit
			}
		}
	}
	for range r.IntN(4) {
		at := r.IntN(len(b) + 1)
		b = slices.Insert(b, at, " -().[]/"[r.IntN(8)])
	}
	return string(b)
}

// randomised has other digits behind the first few, and may have another length.
func randomised(r *rand.Rand, national string) string {
	b := []byte(national)
	for i := r.IntN(len(b)); i < len(b); i++ {
		b[i] = byte('0' + r.IntN(10))
	}
	return string(b)
}

// TestEqualsLibrary holds Parse, Number and the formats against the library: in every region the examples of every type,
// spelled in all ways and mutated, read in the region or, at times, in another one.
func TestEqualsLibrary(t *testing.T) {
	total := 1_100_000
	if testing.Short() || raceEnabled {
		total = 100_000
	}
	plans, regions := New(), supportedRegions()
	each := total / len(regions)
	var read [readers]atomic.Int64
	var wg sync.WaitGroup
	work := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range work {
				region, plan := regions[i], plans.Region(regions[i])
				r := rand.New(rand.NewPCG(1, uint64(i)))
				all := examples(region)
				for k := range each {
					national := all[k%len(all)]
					if r.IntN(3) == 0 {
						national = randomised(r, national)
					}
					text, home := mutated(r, spelled(r, plan, national)), region
					if r.IntN(8) == 0 {
						home = regions[r.IntN(len(regions))]
					}
					by, problem := disagreement(plans, text, home)
					if problem != "" {
						t.Errorf("%q in %s: %s", text, home, problem)
						break
					}
					read[by].Add(1)
				}
			}
		})
	}
	for i := range regions {
		work <- i
	}
	close(work)
	wg.Wait()
	for code := range phonenumbers.GetSupportedGlobalNetworkCallingCodes() { // such as +800
		r := rand.New(rand.NewPCG(2, uint64(code)))
		example := phonenumbers.GetNationalSignificantNumber(phonenumbers.GetExampleNumberForNonGeoEntity(code))
		for range each {
			text := fmt.Sprint([]string{"+", "00", ""}[r.IntN(3)], code, mutated(r, randomised(r, example)))
			by, problem := disagreement(plans, text, "DE")
			if problem != "" {
				t.Errorf("%q: %s", text, problem)
				break
			}
			read[by].Add(1)
		}
	}
	here, there, refused := read[byPlan].Load(), read[byLibrary].Load(), read[byNobody].Load()
	t.Logf("%d compared: %d read here, %d left to the library, %d refused by it", here+there+refused, here, there, refused)
	if there*9 > here {
		t.Error("too many are left to the library")
	}
}

// TestLeftToLibrary are the kinds of input that parse does not take on.
func TestLeftToLibrary(t *testing.T) {
	plans := New()
	for _, c := range []struct{ text, region, why string }{
		{"1234", "DE", "fewer than five digits"},
		{"+999 123456", "DE", "no such calling code"},
		{"+0 123456", "DE", "a plus that is dropped"},
		{"00 999 123456", "DE", "no such calling code behind an international prefix"},
		{"0049", "DE", "fewer than five digits"},
		{"3456789", "BS", "a local number that gets an area code"},
		{"011 15 2345 6789", "AR", "a 15 that becomes a 9"},
		{"0 15 11 2345 6789", "BR", "a carrier"},
		{"1234567890123456789012", "DE", "too long"},
	} {
		digits, plus, _ := scan(c.text)
		if number, ok := plans.Region(c.region).parse(digits, plus); ok {
			t.Errorf("%s in %s (%s): %+v, %v", c.text, c.region, c.why, number, ok)
		}
	}
	if plans.Region("XX") != nil || plans.Region(World) != nil || plans.Calling(999) != nil || plans.Calling(-1) != nil || plans.Calling(1000) != nil {
		t.Error("a plan of nobody")
	}
}

func TestParseDoesNotAllocate(t *testing.T) {
	plan, b := New().Region("GB"), make([]byte, 0, 64)
	digits := []byte("02079460958")
	if n := testing.AllocsPerRun(100, func() {
		number, _ := plan.Parse(digits, false)
		b = number.Plan.AppendNational(number.AppendE164(b[:0]), number.National())
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if want := "+442079460958020 7946 0958"; string(b) != want {
		t.Errorf("%s, want %s", b, want)
	}
}

// TestFirstUseAtOnce uses plans for the first time in several goroutines.
func TestFirstUseAtOnce(t *testing.T) {
	plans := New()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			n, err := plans.Region("US").Parse([]byte("6132345678"), false)
			if formatted := string(n.Plan.AppendNational(nil, n.National())); err != nil || n.Region != "CA" || formatted != "(613) 234-5678" {
				t.Errorf("%s %s %v", n.Region, formatted, err)
			}
		})
	}
	wg.Wait()
}

func FuzzEqualsLibrary(f *testing.F) {
	plans := New()
	for _, region := range []string{"GB", "US", "BR", "AR", "IT", "JP", "KZ", "GG", "BS", "SM", "GA", "MX"} {
		for _, national := range examples(region) {
			f.Add("0"+national, region)
			f.Add("+"+plans.Region(region).CodeText+" "+national, region)
		}
	}
	f.Fuzz(func(t *testing.T, text, region string) {
		if plans.Region(region) == nil {
			return
		}
		if _, problem := disagreement(plans, text, region); problem != "" {
			t.Errorf("%q in %s: %s", text, region, problem)
		}
	})
}

// BenchmarkAgainstLibrary does the same work on the same digits in both ways, in turns, and reports how many times as fast the plans
// are: parsing, region, validity, E.164 and national format.
func BenchmarkAgainstLibrary(b *testing.B) {
	plans := New()
	type input struct {
		digits []byte
		plus   bool
		text   string
		region string
	}
	var inputs []input
	r := rand.New(rand.NewPCG(3, 4))
	for len(inputs) < 1<<12 {
		region := []string{"GB", "GB", "GB", "US", "DE", "FR", "AU", "IE", "ES", "IT", "IN", "AT", "NL", "CA"}[r.IntN(14)]
		plan, all := plans.Region(region), examples(region)
		national := []byte(all[r.IntN(2)])
		for i := len(national) - 4; i < len(national); i++ {
			national[i] = byte('0' + r.IntN(10))
		}
		text := [2]string{"+" + plan.CodeText, strings.ReplaceAll(plan.metadata.GetNationalPrefix(), "~", "")}[r.IntN(2)] + string(national)
		digits, plus, _ := scan(text)
		inputs = append(inputs, input{digits, plus, text, region})
		disagreement(plans, text, region) // both ways have their first use of the region behind them
	}
	b.ReportAllocs()
	var buffer []byte
	var here, there time.Duration
	for b.Loop() {
		begin := time.Now()
		for _, in := range inputs {
			if n, err := plans.Region(in.region).Parse(in.digits, in.plus); err == nil && n.Valid {
				buffer = n.Plan.AppendNational(n.AppendE164(buffer[:0]), n.National())
			}
		}
		between := time.Now()
		for _, in := range inputs {
			n, err := phonenumbers.Parse(in.text, in.region)
			if err == nil && phonenumbers.IsValidNumber(n) {
				phonenumbers.GetRegionCodeForNumber(n)
				phonenumbers.Format(n, phonenumbers.E164)
				phonenumbers.Format(n, phonenumbers.NATIONAL)
			}
		}
		here, there = here+between.Sub(begin), there+time.Since(between)
	}
	if !bytes.HasPrefix(buffer, []byte("+")) {
		b.Fatal("nothing was valid")
	}
	count := float64(b.N * len(inputs))
	b.ReportMetric(float64(here.Nanoseconds())/count, "ns/number")
	b.ReportMetric(float64(there.Nanoseconds())/count, "ns/number-library")
	b.ReportMetric(float64(there)/float64(here), "times-as-fast")
}

// BenchmarkFirstUse is what a plan costs when it is first used, with its formats.
func BenchmarkFirstUse(b *testing.B) {
	for _, region := range []string{"GB", "DE", "US", "AR", "CN"} {
		plan := New().Region(region)
		b.Run(region, func(b *testing.B) {
			for b.Loop() {
				must(plan.metadata, newRules)
				must(plan.metadata, newFormats)
			}
		})
	}
}

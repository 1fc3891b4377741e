package phone

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers/v2"

	"csvput/report/code"
)

// written is a number as somebody writes it in a country, and the way of writing.
type written struct{ way, text, home string }

// corpus is a number of a region in every format of the library, with the separators that people put between digits, and
// with extensions.
func corpus(region string, n *phonenumbers.PhoneNumber) []written {
	var all []written
	add := func(way, text, home string) { all = append(all, written{way, text, home}) }
	national := phonenumbers.Format(n, phonenumbers.NATIONAL)
	significant := phonenumbers.GetNationalSignificantNumber(n)
	code := fmt.Sprint(n.GetCountryCode())
	local := "tel:" + strings.ReplaceAll(national, " ", "-")

	add("E.164", phonenumbers.Format(n, phonenumbers.E164), region)
	add("RFC 3966", phonenumbers.Format(n, phonenumbers.RFC3966), region)
	add("callto", "callto:"+phonenumbers.Format(n, phonenumbers.E164), region)
	add("callto, national", "callto:"+onlyDigits(national), region)
	add("context of a calling code", local+";phone-context=+"+code, region)
	add("context of a domain", local+";phone-context=example.com", region)
	add("slashes", strings.NewReplacer(" ", "/", "-", "/").Replace(national), region)
	add("no trunk prefix", significant, region)
	if phonenumbers.GetNddPrefixForRegion(region, true) == "0" {
		add("(0)", "+"+code+" (0) "+significant, region)
	}
	add("00", "00"+code+" "+significant, region)
	add("plus apart", "+ "+code+" "+significant, region)
	for _, from := range []string{"AU", "BR", "DE", "GB", "JP", "RU", "US"} {
		out := phonenumbers.FormatOutOfCountryCallingNumber(n, from)
		add("dialled from "+from, out, from)
		if rest, ok := strings.CutPrefix(out, "8~10"); ok {
			add("Russian with blanks", "8 ~ 10 "+rest, from)
			add("Russian without tilde", "8-10-"+strings.TrimSpace(rest), from)
		}
	}
	for format, text := range map[string]string{"national": national, "international": phonenumbers.Format(n, phonenumbers.INTERNATIONAL)} {
		add(format, text, region)
		for _, separator := range []string{"-", ".", "", "  ", "\u00a0", " - ", ". ", "·", "\u2010"} {
			add(fmt.Sprintf("%s, %q throughout", format, separator), strings.NewReplacer(" ", separator, "-", separator).Replace(text), region)
		}
		if first, rest, ok := strings.Cut(text, " "); ok {
			for _, separator := range []string{"/", "-", "."} {
				add(fmt.Sprintf("%s, %q behind the first group", format, separator), first+separator+rest, region)
			}
			add(format+", first group in brackets", "("+first+") "+rest, region)
			if second, rest, ok := strings.Cut(rest, " "); ok {
				add(format+", second group in brackets", first+" ("+second+") "+rest, region)
			}
		}
		digits := onlyDigits(text)
		plus := strings.TrimSuffix(text[:1], digits[:1])
		for _, size := range []int{1, 2, 3, 4} {
			for _, separator := range []string{" ", "-"} {
				var groups []string
				for group := range slices.Chunk([]byte(digits), size) {
					groups = append(groups, string(group))
				}
				add(fmt.Sprintf("%s, groups of %d by %q", format, size, separator), plus+strings.Join(groups, separator), region)
			}
		}
		for _, extension := range []string{" ext. 782", " x782", "#782", " #782", ";ext=782", ",,782", ",,782#", ",,,7925#", " ext. 782#", " int 782"} {
			add(fmt.Sprintf("%s, extension %q", format, extension), text+extension, region)
		}
		add(format+", full width", strings.Map(func(r rune) rune {
			if r > ' ' && r <= '~' {
				return r - '!' + '！'
			}
			return r
		}, text), region)
	}
	return all
}

// defended tells why a number that the library reads is refused, "" where there is no reason.
func defended(w written, problem *code.Problem) string {
	switch {
	case problem.Code == code.Ambiguous && w.way == "no trunk prefix":
		return "the calling code of its own country, where a 0 is missing"
	case problem.Code == code.MultipleNumbers && strings.Contains(w.text, "/"):
		return "a part beside the slash is a number by itself, or the ending of one"
	}
	return ""
}

// TestCorpus writes the example numbers of all regions and types in all ways of corpus. Whatever the library reads as a
// valid number is read as the same one, but for 26 in 90,000: 19 in which a part beside a slash is a number by itself, or
// the ending of one, and 7 that may have lost a plus. An extension is refused as one. Where the library does not read a text
// that is read here, the number is the one that was written.
func TestCorpus(t *testing.T) {
	const most = 30
	p, drop := newParser(t, Options{}), newParser(t, Options{Extension: ExtensionDrop})
	compared, refused := 0, make(map[string][]string)
	for _, region := range sampledRegions() {
		seen := make(map[written]bool)
		for _, example := range examples(region) {
			national := phonenumbers.GetNationalSignificantNumber(example)
			for _, w := range corpus(region, example) {
				if once := (written{text: w.text, home: w.home}); seen[once] {
					continue
				} else {
					seen[once] = true
				}
				number, problem := p.Parse(w.text, w.home)
				if strings.Contains(w.way, "extension") {
					if problem == nil {
						t.Errorf("%+v: %s, without its extension", w, number.E164)
					}
					if problem != nil && problem.Code == code.Extension {
						number, problem = drop.Parse(w.text, w.home)
					}
				}
				want, ok := naive(w.text, w.home)
				switch {
				case ok && problem == nil && number.E164 == want:
					compared++
				case ok && problem != nil:
					compared++
					why := defended(w, problem)
					if why == "" {
						t.Errorf("%+v: %v; the library says %s", w, problem, want)
					}
					refused[why] = append(refused[why], w.home+" "+w.text)
				case problem == nil && (ok || !strings.HasSuffix(number.E164, national)):
					t.Errorf("%+v: %s; the library says %s, %v", w, number.E164, want, ok)
				}
			}
		}
	}
	all := 0
	for _, why := range slices.Sorted(maps.Keys(refused)) {
		all += len(refused[why])
		t.Logf("%d refused: %s: %q", len(refused[why]), why, refused[why])
	}
	t.Logf("%d of %d refused", all, compared)
	if all > most {
		t.Errorf("%d are refused, at most %d may be", all, most)
	}
}

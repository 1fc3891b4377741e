package page

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"csvput/report"
)

// count counts rows.
func count(rows []report.Row) *figures {
	var f figures
	for _, row := range rows {
		f.add(row)
	}
	return &f
}

func TestCutHeadline(t *testing.T) {
	for _, tt := range []struct{ in, first, mark, rest string }{
		{"38 of 40 rows updated, 2 refused.", "38 of 40 rows updated", ",", "2 refused."},
		{"8,000 of 9,000 rows updated: 5 too short.", "8,000 of 9,000 rows updated", ":", "5 too short."},
		{"All 1,000 rows updated.", "All 1,000 rows updated.", "", ""},
		{"", "", "", ""},
	} {
		first, mark, rest := cutHeadline(tt.in)
		if first != tt.first || mark != tt.mark || rest != tt.rest {
			t.Errorf("cutHeadline(%q) = %q, %q, %q", tt.in, first, mark, rest)
		}
	}
}

func TestShare(t *testing.T) {
	for _, tt := range []struct {
		n, total int
		want     string
	}{
		{0, 0, ""}, {5, 5, "100%"}, {1, 100_000, "<0.1%"}, {99_999, 100_000, ">99.9%"}, {1, 100, "1.0%"}, {1, 3, "33%"}, {991, 1000, "99.1%"},
	} {
		if got := share(tt.n, tt.total); got != tt.want {
			t.Errorf("share(%d, %d) = %q, want %q", tt.n, tt.total, got, tt.want)
		}
	}
}

func TestScale(t *testing.T) {
	for _, tt := range []struct {
		most      float64
		top, step int
	}{
		{0, 1, 1}, {1, 1, 1}, {5, 5, 1}, {5.1, 6, 2}, {510, 600, 200}, {1000, 1000, 200}, {1001, 1500, 500}, {29_000, 30_000, 10_000},
	} {
		if top, step := scale(tt.most); top != tt.top || step != tt.step {
			t.Errorf("scale(%v) = %d, %d, want %d, %d", tt.most, top, step, tt.top, tt.step)
		}
	}
}

func TestBar(t *testing.T) {
	for _, counts := range [][]int{{1}, {99_999, 1}, {1, 1, 1}, {50_000, 0, 49_000, 999, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 100_000}} {
		var parts []segment
		for _, n := range counts {
			parts = append(parts, segment{Count: n})
		}
		end := -barGap
		for _, p := range bar(parts, barWidth) {
			if p.X != end+barGap || p.Width < barLeast || p.Count == 0 {
				t.Errorf("%v: segment %+v after %d", counts, p, end)
			}
			end = p.X + p.Width
		}
		if end != barWidth {
			t.Errorf("%v: the bar ends at %d, want %d", counts, end, barWidth)
		}
	}
}

func TestSegmentsAddUp(t *testing.T) {
	parts := segments(map[report.Status]int{report.Updated: 98, report.Invalid: 1, report.NotAttempted: 1})
	if got, want := barText(parts), "98 updated (98.0%), 1 invalid (1.0%), 1 not attempted (1.0%)"; got != want {
		t.Errorf("barText = %q, want %q", got, want)
	}
	if segments(nil) != nil {
		t.Error("a bar of nothing is not empty")
	}
}

func TestSamples(t *testing.T) {
	differ := (&group{first: []report.Row{{Line: 2, Message: "a"}, {Line: 3, ID: "no message"}}}).Samples()
	if !slices.Equal(differ, []sample{{"Line 2", "a"}, {"Line 3", "no message"}}) {
		t.Errorf("samples = %+v", differ)
	}
	same := (&group{first: []report.Row{{Line: 2000, Message: "a"}, {Line: 3000, Message: "a"}}}).Samples()
	if !slices.Equal(same, []sample{{"Lines 2000, 3000", "a"}}) {
		t.Errorf("samples = %+v", same)
	}
}

func TestChart(t *testing.T) {
	if newChart(report.Summary{}) != nil {
		t.Error("a run without requests has a time line")
	}
	c := newChart(report.Summary{Timeline: sampleTimeline()})
	if c.Text != "9,034 requests in 21 min, at most 510 a minute; 147 without success; 14 answered “too many requests”; 2 waits of 2 min 13 s in all." {
		t.Errorf("text = %q", c.Text)
	}
	if !slices.Equal(c.Marks, []string{"600", "400", "200", "0"}) || !slices.Equal(c.Ticks, []string{"14:05:10", "14:10:25", "14:15:40", "14:20:55", "14:26:10"}) {
		t.Errorf("marks %v, ticks %v", c.Marks, c.Ticks)
	}
	if w := c.Waits; len(w) != 2 || w[0].X != 295 || w[0].Width != 50 || w[1].X != 666 || w[1].Width != 55 || w[0].For != "1 min 3 s" || c.More() != 0 {
		t.Errorf("waits %v", w)
	}
	// A column for each bucket with good requests, and none beyond the drawing.
	columns := regexp.MustCompile(`M([0-9.]+) ([0-9.]+)h([0-9.]+)v([0-9.]+)h-[0-9.]+z`).FindAllStringSubmatch(c.Good+c.Failed+c.Throttled, -1)
	for _, column := range columns {
		x, y, width, height := decimal(t, column[1]), decimal(t, column[2]), decimal(t, column[3]), decimal(t, column[4])
		if x+width > chartWidth || y+height > chartHeight+0.2 {
			t.Errorf("column %v lies outside", column[0])
		}
	}
	if len(columns) < 60 {
		t.Errorf("%d columns", len(columns))
	}
}

// TestChartOfOneMoment holds that a wait without requests around it, and a run of one request, can be drawn.
func TestChartOfOneMoment(t *testing.T) {
	line := report.Timeline{From: sampleStart(), BucketMS: 1000, Buckets: []report.Bucket{{Sent: 1}}, Waits: []report.Wait{{From: sampleStart(), To: sampleStart().Add(time.Hour), Reason: "quota"}}}
	c := newChart(report.Summary{Timeline: line})
	if c.Text != "1 request in 1 h, at most 60 a minute; 1 wait of 1 h in all." || c.Waits[0] != (wait{0, chartWidth, "14:05:10", "1 h", "quota"}) {
		t.Errorf("%+v", c)
	}
}

func TestCountries(t *testing.T) {
	rows := []report.Row{{Status: report.Updated, Value: "a@example.com"}, {Status: report.Invalid, Type: "email"}, {Status: report.Invalid}}
	for i := range 20 {
		region := string([]byte{'A', byte('A' + i)})
		for range 30 - i {
			rows = append(rows, report.Row{Status: report.Unchanged, Country: region})
		}
	}
	v := newView(report.Summary{}, count(rows), len(rows))
	var labels []string
	sum := 0
	for _, n := range v.Nations {
		labels = append(labels, n.Region+n.Label)
		sum += n.Changed + n.Same + n.Problems
	}
	if got, want := strings.Join(labels, " "), "AA AB AC AD AE AF AG AH AI AJ AK AL AM AN AO No country E-mail addresses"; got != want {
		t.Errorf("countries %s, want %s", got, want)
	}
	if v.NationsLeft != 5 || v.Nations[16].Changed != 1 || v.Nations[16].Problems != 1 {
		t.Errorf("%d left, e-mail %+v", v.NationsLeft, v.Nations[16])
	}
	if v := newView(report.Summary{}, count(rows[:3]), 3); v.Nations != nil {
		t.Errorf("a file of e-mail addresses has countries: %+v", v.Nations)
	}
}

func TestOwnersAreSets(t *testing.T) {
	for _, tt := range []struct{ before, after, want string }{
		{"a;b", "b;a", ""}, {"a;b", "b, a", ""}, {"a", "b", "b"}, {"a", "#CLEAR", "#CLEAR"}, {"a", "", ""}, {"", "a", "a"},
	} {
		if got := changedList(tt.before, tt.after); got != tt.want {
			t.Errorf("changedList(%q, %q) = %q, want %q", tt.before, tt.after, got, tt.want)
		}
	}
}

// TestContrast holds the colours to WCAG 2.2: 4.5 for text (1.4.3) and 3 for what is drawn (1.4.11).
func TestContrast(t *testing.T) {
	light, rest, _ := strings.Cut(CSS(), "@media screen and (prefers-color-scheme: dark)")
	dark, _, _ := strings.Cut(rest, "\n}")
	for scheme, block := range map[string]string{"light": light, "dark": dark} {
		colors := map[string]string{}
		for _, m := range regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{6});`).FindAllStringSubmatch(block, -1) {
			colors[m[1]] = m[2]
		}
		check := func(front, back string, least float64) {
			t.Helper()
			if colors[front] == "" || colors[back] == "" {
				t.Fatalf("%s: %s or %s is no colour", scheme, front, back)
			}
			if got := contrast(t, colors[front], colors[back]); got < least {
				t.Errorf("%s: %s on %s has a contrast of %.2f, want %.1f", scheme, front, back, got, least)
			}
		}
		for _, front := range []string{"text", "muted", "accent"} {
			for _, back := range []string{"ground", "surface", "accent-soft"} {
				check(front, back, 4.5)
			}
		}
		check("edge", "surface", 3)
		for name := range colors {
			status, soft := strings.CutSuffix(name, "-soft")
			if !soft || status == "accent" {
				continue
			}
			check(status, name, 4.5)      // the word in its pill
			check(status, "ground", 3)    // the bar
			check(status, "surface", 4.5) // counts of problems
			check("text", name, 4.5)
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// luminance is the relative luminance of an RRGGBB colour, as WCAG defines it.
func luminance(t *testing.T, color string) float64 {
	t.Helper()
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(color[2*i:2*i+2], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			sum += weight * c / 12.92
		} else {
			sum += weight * math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return sum
}

func decimal(t *testing.T, s string) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestNoneForAnEmptyList(t *testing.T) {
	shown := changes(report.Row{AccountUUIDsBefore: report.EmptyList, AccountUUIDs: "a"})
	if want := (change{"Owners", "none", "a", ""}); len(shown) != 1 || shown[0] != want {
		t.Errorf("the page shows %+v, want %+v", shown, want)
	}
	p := packer{shared: map[string]int{}}
	cells := p.pack(report.Row{PrimaryAccountUUIDsBefore: "a", PrimaryAccountUUIDs: report.EmptyList})
	if n := len(cells); cells[n-2] != "a" || cells[n-1] != "none" {
		t.Errorf("the page holds %v, want a and none at the end", cells)
	}
}

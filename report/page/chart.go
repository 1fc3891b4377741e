package page

import (
	"fmt"
	"math"
	"strings"
	"time"

	"csvput/report"
	"csvput/report/human"
)

// Sizes of the drawings, in units of their own: the page stretches them to its width.
const (
	barWidth    = 1000
	barGap      = 3
	barLeast    = 6 // so that one row of 100,000 can be seen
	chartWidth  = 1000
	chartHeight = 200
)

// segment is one status in a stacked bar.
type segment struct {
	Status   report.Status
	Count    int
	Share    string // such as "12.5%"
	X, Width int
}

// segments lays out the statuses that occur, in the order of the summary, as one bar of full width.
func segments(statuses map[report.Status]int) []segment {
	total := 0
	var parts []segment
	for _, status := range report.Statuses() {
		n := statuses[status]
		total += n
		parts = append(parts, segment{Status: status, Count: n})
	}
	parts = bar(parts, barWidth)
	for i := range parts {
		parts[i].Share = share(parts[i].Count, total)
	}
	return parts
}

// bar gives the parts that are not 0 their places side by side within width, and leaves the others out. Small parts are
// drawn larger than they are, at the cost of the largest.
func bar(parts []segment, width int) []segment {
	total := 0
	var out []segment
	for _, p := range parts {
		if p.Count > 0 {
			total += p.Count
			out = append(out, p)
		}
	}
	room := width - barGap*(len(out)-1)
	largest, used := 0, 0
	for i := range out {
		out[i].Width = max(barLeast, int(int64(room)*int64(out[i].Count)/int64(total)))
		used += out[i].Width
		if out[i].Width > out[largest].Width {
			largest = i
		}
	}
	x := 0
	for i := range out {
		if i == largest {
			out[i].Width = max(barLeast, out[i].Width+room-used)
		}
		out[i].X = x
		x += out[i].Width + barGap
	}
	return out
}

// share writes a part as a percentage. What is not 0 and not all never looks so.
func share(n, total int) string {
	if total == 0 {
		return ""
	}
	percent := 100 * float64(n) / float64(total)
	switch {
	case n == total:
		return "100%"
	case percent < 0.1:
		return "<0.1%"
	case percent > 99.9:
		return ">99.9%"
	case percent < 10 || percent > 90:
		return fmt.Sprintf("%.1f%%", percent)
	}
	return fmt.Sprintf("%.0f%%", percent)
}

// barText is the bar in words.
func barText(parts []segment) string {
	var words []string
	for _, p := range parts {
		words = append(words, fmt.Sprintf("%s %s (%s)", report.Thousands(p.Count), p.Status.Label(), p.Share))
	}
	return strings.Join(words, ", ")
}

// chart is the time line of requests, waits and failures.
type chart struct {
	Good, Failed, Throttled string // SVG paths, stacked in this order from the bottom
	Waits                   []band
	Grid                    []int // heights of the lines that Marks label, from the top
	Marks                   []string
	Ticks                   []string // times, evenly spread from left to right
	Text                    string   // the chart in words
	List                    []waitView
	ListLeft                int
}

// band is a wait.
type band struct{ X, Width int }

type waitView struct{ At, For, Reason string }

// newChart draws the time line; nil when no request was made.
func newChart(s report.Summary) *chart {
	line := s.Timeline
	if len(line.Buckets) == 0 || line.BucketMS <= 0 {
		return nil
	}
	buckets, each := merged(line)
	length := time.Duration(len(buckets)) * each
	for _, w := range line.Waits {
		length = max(length, w.To.Sub(line.From))
	}
	most := 0
	for _, b := range buckets {
		most = max(most, b.Sent)
	}
	c := &chart{}
	perMinute := float64(time.Minute) / float64(each)
	top, step := scale(float64(most) * perMinute)
	for mark := top; mark >= 0; mark -= step {
		c.Marks = append(c.Marks, report.Thousands(mark))
		c.Grid = append(c.Grid, chartHeight-chartHeight*mark/top)
	}
	c.draw(buckets, float64(each)/float64(length)*chartWidth, chartHeight*perMinute/float64(top))
	for i := range 5 {
		c.Ticks = append(c.Ticks, line.From.UTC().Add(length*time.Duration(i)/4).Format("15:04:05"))
	}
	waited := c.waits(line, length)
	c.Text = chartText(buckets, len(line.Waits), waited, length, float64(most)*perMinute)
	return c
}

// add adds a bucket's counts to another one.
func add(to *report.Bucket, b report.Bucket) {
	to.Sent += b.Sent
	to.Failed += b.Failed
	to.Throttled += b.Throttled
}

// merged makes few enough buckets that each can be told from the next.
func merged(line report.Timeline) ([]report.Bucket, time.Duration) {
	per := (len(line.Buckets) + maxBars - 1) / maxBars
	out := make([]report.Bucket, (len(line.Buckets)+per-1)/per)
	for i, b := range line.Buckets {
		add(&out[i/per], b)
	}
	return out, time.Duration(line.BucketMS) * time.Millisecond * time.Duration(per)
}

// draw makes the paths: a column of the given width for each bucket, height units for each request.
func (c *chart) draw(buckets []report.Bucket, width, height float64) {
	var paths [3]strings.Builder
	gap := width * 0.15
	for i, b := range buckets {
		y := float64(chartHeight)
		for part, n := range []int{b.Sent - b.Failed - b.Throttled, b.Throttled, b.Failed} {
			if n <= 0 {
				continue
			}
			h := max(2, float64(n)*height)
			y -= h
			fmt.Fprintf(&paths[part], "M%.1f %.1fh%.1fv%.1fh-%.1fz", float64(i)*width+gap/2, y, width-gap, h, width-gap)
		}
	}
	c.Good, c.Throttled, c.Failed = paths[0].String(), paths[1].String(), paths[2].String()
}

// waits draws and lists the waits, and returns how long they were together.
func (c *chart) waits(line report.Timeline, length time.Duration) time.Duration {
	var all time.Duration
	for _, w := range line.Waits {
		from, lasted := w.From.Sub(line.From), w.To.Sub(w.From)
		all += lasted
		x := int(from * chartWidth / length)
		c.Waits = append(c.Waits, band{max(0, x), max(2, int(lasted*chartWidth/length))})
		if len(c.List) < maxListed {
			c.List = append(c.List, waitView{w.From.UTC().Format("15:04:05"), human.Duration(lasted), w.Reason})
		}
	}
	c.ListLeft = len(line.Waits) - len(c.List)
	return all
}

func chartText(buckets []report.Bucket, waits int, waited, length time.Duration, most float64) string {
	var sum report.Bucket
	for _, b := range buckets {
		add(&sum, b)
	}
	text := fmt.Sprintf("%s in %s, at most %s a minute", report.Plural(sum.Sent, "request"), human.Duration(length), report.Thousands(int(most+0.5)))
	if sum.Failed > 0 {
		text += fmt.Sprintf("; %s without success", report.Thousands(sum.Failed))
	}
	if sum.Throttled > 0 {
		text += fmt.Sprintf("; %s answered “too many requests”", report.Thousands(sum.Throttled))
	}
	if waits > 0 {
		text += fmt.Sprintf("; %s of %s in all", report.Plural(waits, "wait"), human.Duration(waited))
	}
	return text + "."
}

// scale chooses a round top of the axis and the distance of its marks, of which there are at most five.
func scale(most float64) (top, step int) {
	for power := 1; ; power *= 10 {
		for _, factor := range []int{1, 2, 5} {
			step = power * factor
			if marks := int(math.Ceil(most / float64(step))); marks <= 5 {
				return max(1, marks) * step, step
			}
		}
	}
}

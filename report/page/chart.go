package page

import (
	"fmt"
	"math"
	"slices"
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
func segments(statuses map[report.Status]int) (parts []segment) {
	total := 0
	for _, status := range report.Statuses() {
		total += statuses[status]
		parts = append(parts, segment{Status: status, Count: statuses[status]})
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
	parts = slices.DeleteFunc(parts, func(p segment) bool { return p.Count == 0 })
	if len(parts) == 0 {
		return nil
	}
	total, most := 0, 0
	for _, p := range parts {
		total, most = total+p.Count, max(most, p.Count)
	}
	room := width - barGap*(len(parts)-1)
	largest := slices.IndexFunc(parts, func(p segment) bool { return p.Count == most })
	left := room
	for i := range parts {
		parts[i].Width = max(barLeast, int(int64(room)*int64(parts[i].Count)/int64(total)))
		left -= parts[i].Width
	}
	parts[largest].Width = max(barLeast, parts[largest].Width+left)
	x := 0
	for i := range parts {
		parts[i].X = x
		x += parts[i].Width + barGap
	}
	return parts
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
	Waits                   []wait
	Grid                    []int // heights of the lines that Marks label, from the top
	Marks                   []string
	Ticks                   []string // times, evenly spread from left to right
	Text                    string   // the chart in words
}

// wait is a pause: its place in the drawing, and in words.
type wait struct {
	X, Width        int
	At, For, Reason string
}

// newChart draws the time line; nil when no request was made.
func newChart(s report.Summary) *chart {
	line := s.Timeline
	if len(line.Buckets) == 0 || line.BucketMS <= 0 {
		return nil
	}
	var buckets []report.Bucket // few enough that each can be told from the next
	per := (len(line.Buckets) + maxBars - 1) / maxBars
	for some := range slices.Chunk(line.Buckets, per) {
		buckets = append(buckets, sum(some))
	}
	each := time.Duration(line.BucketMS) * time.Millisecond * time.Duration(per)
	length := time.Duration(len(buckets)) * each
	for _, w := range line.Waits {
		length = max(length, w.To.Sub(line.From))
	}
	perMinute := float64(time.Minute) / float64(each)
	most := perMinute * float64(slices.MaxFunc(buckets, func(a, b report.Bucket) int { return a.Sent - b.Sent }).Sent)
	c := &chart{}
	top, step := scale(most)
	for mark := top; mark >= 0; mark -= step {
		c.Marks = append(c.Marks, report.Thousands(mark))
		c.Grid = append(c.Grid, chartHeight-chartHeight*mark/top)
	}
	c.draw(buckets, float64(each)/float64(length)*chartWidth, chartHeight*perMinute/float64(top))
	for i := range 5 {
		c.Ticks = append(c.Ticks, clock(line.From.Add(length*time.Duration(i)/4)))
	}
	c.Text = chartText(sum(buckets), length, most)
	if n := len(line.Waits); n > 0 {
		c.Text += fmt.Sprintf("; %s of %s in all", report.Plural(n, "wait"), human.Duration(c.waits(line, length)))
	}
	c.Text += "."
	return c
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05") }

func sum(buckets []report.Bucket) (all report.Bucket) {
	for _, b := range buckets {
		all.Sent += b.Sent
		all.Failed += b.Failed
		all.Throttled += b.Throttled
	}
	return all
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

// waits lays out the waits, and returns how long they were together.
func (c *chart) waits(line report.Timeline, length time.Duration) (all time.Duration) {
	for _, w := range line.Waits {
		from, lasted := w.From.Sub(line.From), w.To.Sub(w.From)
		all += lasted
		c.Waits = append(c.Waits, wait{
			max(0, int(from*chartWidth/length)), max(2, int(lasted*chartWidth/length)),
			clock(w.From), human.Duration(lasted), w.Reason,
		})
	}
	return all
}

// Listed are the waits that are told one by one, and More how many are not.
func (c *chart) Listed() []wait { return c.Waits[:min(len(c.Waits), maxListed)] }
func (c *chart) More() int      { return len(c.Waits) - len(c.Listed()) }

func chartText(all report.Bucket, length time.Duration, most float64) string {
	text := fmt.Sprintf("%s in %s, at most %s a minute",
		report.Plural(all.Sent, "request"), human.Duration(length), report.Thousands(int(most+0.5)))
	if all.Failed > 0 {
		text += fmt.Sprintf("; %s without success", report.Thousands(all.Failed))
	}
	if all.Throttled > 0 {
		text += fmt.Sprintf("; %s answered “too many requests”", report.Thousands(all.Throttled))
	}
	return text
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

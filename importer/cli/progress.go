package cli

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"csvput/importer"
	"csvput/importer/quota"
	"csvput/report"
)

// Ways to show progress.
const (
	modeBar   = "bar"
	modePlain = "plain"
	modeNone  = "none"
)

// progress is how far the stage at hand is, and the bar that shows it. The screen's lock guards it.
type progress struct {
	mode     string
	interval time.Duration // between two plain lines
	log      *slog.Logger  // takes the place of plain lines; nil is none
	estimate func(requests int) time.Duration

	stage  importer.Stage
	began  time.Time
	done   int64
	total  int64 // below 0: not known
	counts map[report.Status]int
	wait   quota.Wait
	bar    *progressbar.ProgressBar
	lined  time.Time // when the last plain line was written
}

// begin begins a stage.
func (s *screen) begin(stage importer.Stage, total int64, now time.Time) {
	s.endBar()
	s.stage, s.total, s.done = stage, total, 0
	s.began, s.lined, s.counts = now, now, map[report.Status]int{}
	if s.mode == modeBar && total != 0 {
		s.bar = newBar(s.w, total)
	}
}

func newBar(w io.Writer, total int64) *progressbar.ProgressBar {
	return progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(w),
		progressbar.OptionThrottle(0),           // the screen's clock calls four times a second: each draws what it says
		progressbar.OptionSetPredictTime(false), // it does not know of the quota
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionShowDescriptionAtLineEnd(),
		progressbar.OptionSetWidth(20),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionUseANSICodes(true),
		progressbar.OptionSetSpinnerChangeInterval(0), // a goroutine that draws by itself otherwise
	)
}

func (s *screen) count(status report.Status) { s.counts[status]++ }

// draw brings the bar, or the plain lines, up to date.
func (s *screen) draw() {
	now := time.Now()
	switch {
	case s.stage == "":
	case s.bar != nil:
		s.bar.Set64(max(0, s.done))
		s.bar.Describe(s.describe(now, terminalWidth(s.w)-barWidth))
	case s.mode == modePlain && now.Sub(s.lined) >= s.interval:
		s.lined = now
		if s.machine {
			s.log.Info("progress", "stage", string(s.stage), "done", s.done, "total", s.total,
				"updated", s.counts[report.Updated], "failed", s.failed())
			return
		}
		fmt.Fprintln(s.w, s.describe(now, 0))
	}
}

// barWidth is what the bar itself takes of a line: percentage, frame, and at least eight blocks.
const barWidth = 20

// terminalWidth is the number of columns of a terminal, asked for anew each time: windows are resized.
func terminalWidth(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
			return columns
		}
	}
	return 80
}

func (s *screen) clear() {
	if s.bar != nil {
		s.bar.Clear()
	}
}

func (s *screen) endBar() {
	if s.bar != nil {
		s.bar.Exit()
		s.bar.Clear()
		s.bar = nil
	}
}

// describe says in one line how far the stage is. With a room above 0 what matters least is left out
// until it fits.
func (s *screen) describe(now time.Time, room int) string {
	type part struct {
		text string
		rank int // the highest goes first when room is short
	}
	parts := []part{{string(s.stage) + " " + s.amount(), 1}}
	add := func(rank int, format string, args ...any) {
		parts = append(parts, part{fmt.Sprintf(format, args...), rank})
	}
	if rate := s.rate(now); rate != "" {
		add(5, "%s", rate)
	}
	if n := s.counts[report.Updated]; n > 0 {
		add(4, "%s updated", report.Thousands(n))
	}
	if n := s.counts[report.Unchanged]; n > 0 {
		add(4, "%s unchanged", report.Thousands(n))
	}
	if n := s.failed(); n > 0 {
		add(2, "%s failed", report.Thousands(n))
	}
	if left := s.left(now); left > 0 {
		add(3, "about %s left", roughly(left))
	}
	if s.wait.For > 0 && now.Before(s.wait.Until) {
		add(0, "%s", waitText(s.wait, now))
	}
	for {
		texts, worst := make([]string, len(parts)), 0
		for i, p := range parts {
			texts[i] = p.text
			if p.rank > parts[worst].rank {
				worst = i
			}
		}
		line := strings.Join(texts, ", ")
		if room <= 0 || utf8.RuneCountInString(line) <= room || len(parts) == 1 {
			return cut(line, room)
		}
		parts = append(parts[:worst], parts[worst+1:]...)
	}
}

// cut shortens a line to the room there is.
func cut(line string, room int) string {
	if r := []rune(line); room > 0 && len(r) > room {
		return string(r[:room])
	}
	return line
}

// amount is how much of the stage is done.
func (s *screen) amount() string {
	unit := func(n int64) string { return report.Thousands(int(n)) }
	if s.stage == importer.StageCheck {
		unit = megabytes
	}
	if s.total <= 0 {
		return unit(s.done)
	}
	return unit(s.done) + " of " + unit(s.total)
}

func megabytes(n int64) string {
	if n < 10e6 {
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%d MB", n/1e6)
}

// rate is the pace of the stage so far.
func (s *screen) rate(now time.Time) string {
	took := now.Sub(s.began).Seconds()
	if took < 1 || s.done == 0 || s.stage == importer.StageCheck {
		return ""
	}
	rate := float64(s.done) / took
	if rate < 10 {
		return fmt.Sprintf("%.1f rows/s", rate)
	}
	return fmt.Sprintf("%s rows/s", report.Thousands(int(rate)))
}

// left is how long the stage will still take, 0 when that can't be said: at its own pace, and while
// sending no less than the quota allows.
func (s *screen) left(now time.Time) time.Duration {
	took, rest := now.Sub(s.began), s.total-s.done
	if s.total <= 0 || s.done == 0 || rest <= 0 || took < time.Second {
		return 0
	}
	left := time.Duration(float64(took) / float64(s.done) * float64(rest))
	if s.stage == importer.StageSend && s.estimate != nil {
		left = max(left, s.estimate(int(rest)))
	}
	return left
}

func (s *screen) failed() int {
	n := 0
	for status, count := range s.counts {
		if status.Problem() {
			n += count
		}
	}
	return n
}

// waitText says how long is left of a wait, and until when.
func waitText(w quota.Wait, now time.Time) string {
	what := map[string]string{
		quota.WaitQuota:       "the quota",
		quota.WaitRate:        "the pace set by --rate",
		quota.WaitThrottled:   "the quota, as the CRM asks",
		quota.WaitUnavailable: "the CRM, which is not available",
	}[w.Reason]
	left := w.Until.Sub(now).Round(time.Second)
	return fmt.Sprintf("waiting %d s for %s, until %s", int(left.Seconds()), what, w.Until.Local().Format(time.TimeOnly))
}

// roughly writes a duration for a person.
func roughly(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

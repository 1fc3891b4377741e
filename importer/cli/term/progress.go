package term

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"csvput/report"
	"csvput/report/human"
)

// Ways to show progress.
const (
	ModeBar   = "bar"
	ModePlain = "plain" // a line now and then
	ModeNone  = "none"
)

// Screen is all that a program says on its terminal while it works: messages, progress, and log records where they go
// there too. Nothing else writes there then, so messages and the bar never mix. Its methods may be called from any
// goroutine.
type Screen struct {
	W        io.Writer
	Quiet    bool // no messages
	Machine  bool // records only: messages are kept off, and plain lines are records
	Color    bool
	Mode     string
	Interval time.Duration // between two plain lines
	Log      *slog.Logger  // for plain lines as records
	Counters []Counter     // what is counted, in the order in which it is shown

	mu sync.Mutex
	progress
}

// Stage is a part of the work, of so many rows or bytes.
type Stage struct {
	Name  string
	Total int64 // below 0: not known
	Bytes bool
	// Least is how long so many rows take at least; nil is not known.
	Least func(rows int) time.Duration
}

// Counter is something that is counted in a stage.
type Counter struct {
	Word string
	// Rank says what is left out first when a line is short, the highest: 1 is the stage itself, 3 the time that is
	// left, 5 the pace.
	Rank   int
	Logged bool // in records too
}

// Wait is a time in which nothing goes on.
type Wait struct {
	What  string // is waited for
	For   time.Duration
	Until time.Time
}

// progress is how far the stage at hand is, and the bar that shows it. The screen's lock guards it.
type progress struct {
	stage  Stage
	began  time.Time
	done   int64
	counts map[string]int
	wait   Wait
	bar    *progressbar.ProgressBar
	lined  time.Time // when the last plain line was written
}

// text says how long is left of a wait, and until when.
func (w Wait) text(now time.Time) string {
	left := w.Until.Sub(now).Round(time.Second)
	return fmt.Sprintf("waiting %d s for %s, until %s", int(left.Seconds()), w.What,
		w.Until.Local().Format(time.TimeOnly))
}

func newBar(w io.Writer, total int64) *progressbar.ProgressBar {
	return progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(w),
		progressbar.OptionThrottle(0),           // the screen's clock calls: each call draws what it says
		progressbar.OptionSetPredictTime(false), // it does not know of the quota
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionShowDescriptionAtLineEnd(),
		progressbar.OptionSetWidth(20),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionUseANSICodes(true),
		progressbar.OptionSetSpinnerChangeInterval(0), // a goroutine that draws by itself otherwise
	)
}

// draw brings the bar, or the plain lines, up to date.
func (s *Screen) draw() {
	now := time.Now()
	switch {
	case s.stage.Name == "":
	case s.bar != nil:
		s.bar.Set64(max(0, s.done))
		s.bar.Describe(s.describe(now, terminalWidth(s.W)-barWidth))
	case s.Mode == ModePlain && now.Sub(s.lined) >= s.Interval:
		s.lined = now
		if !s.Machine {
			fmt.Fprintln(s.W, s.describe(now, 0))
			return
		}
		attrs := []any{"stage", s.stage.Name, "done", s.done, "total", s.stage.Total}
		for _, c := range s.Counters {
			if c.Logged {
				attrs = append(attrs, c.Word, s.counts[c.Word])
			}
		}
		s.Log.Info("progress", attrs...)
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

func (s *Screen) clear() {
	if s.bar != nil {
		s.bar.Clear()
	}
}

func (s *Screen) endBar() {
	if s.bar != nil {
		s.bar.Exit()
		s.bar.Clear()
		s.bar = nil
	}
}

// describe says in one line how far the stage is. With a room above 0 what matters least is left out until it fits.
func (s *Screen) describe(now time.Time, room int) string {
	type part struct {
		text string
		rank int // the highest goes first when room is short
	}
	parts := []part{{s.stage.Name + " " + s.amount(), 1}}
	if rate := s.rate(now); rate != "" {
		parts = append(parts, part{rate, 5})
	}
	for _, c := range s.Counters {
		if n := s.counts[c.Word]; n > 0 {
			parts = append(parts, part{report.Thousands(n) + " " + c.Word, c.Rank})
		}
	}
	if left := s.left(now); left > 0 {
		parts = append(parts, part{"about " + human.Duration(left) + " left", 3})
	}
	if s.wait.For > 0 && now.Before(s.wait.Until) {
		parts = append(parts, part{s.wait.text(now), 0})
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
		if room <= 0 || utf8.RuneCountInString(line) <= room {
			return line
		}
		if len(parts) == 1 {
			return string([]rune(line)[:room])
		}
		parts = append(parts[:worst], parts[worst+1:]...)
	}
}

// amount is how much of the stage is done.
func (s *Screen) amount() string {
	unit := func(n int64) string { return report.Thousands(int(n)) }
	if s.stage.Bytes {
		unit = megabytes
	}
	if s.stage.Total <= 0 {
		return unit(s.done)
	}
	return unit(s.done) + " of " + unit(s.stage.Total)
}

func megabytes(n int64) string {
	if n < 10e6 {
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%d MB", n/1e6)
}

// rate is the pace of the stage so far.
func (s *Screen) rate(now time.Time) string {
	took := now.Sub(s.began).Seconds()
	if took < 1 || s.done == 0 || s.stage.Bytes {
		return ""
	}
	rate := float64(s.done) / took
	if rate < 10 {
		return fmt.Sprintf("%.1f rows/s", rate)
	}
	return fmt.Sprintf("%s rows/s", report.Thousands(int(rate)))
}

// left is how long the stage will still take, 0 when that can't be said: at its own pace, and no less than it takes at
// least.
func (s *Screen) left(now time.Time) time.Duration {
	took, rest := now.Sub(s.began), s.stage.Total-s.done
	if s.stage.Total <= 0 || s.done == 0 || rest <= 0 || took < time.Second {
		return 0
	}
	left := time.Duration(float64(took) / float64(s.done) * float64(rest))
	if s.stage.Least != nil {
		left = max(left, s.stage.Least(int(rest)))
	}
	return left
}

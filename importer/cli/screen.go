package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/report"
)

// screen is all that a run says while it goes on. It alone writes to stderr then, so that messages
// and the bar never mix; its methods may be called from any goroutine.
type screen struct {
	mu       sync.Mutex
	w        io.Writer
	log      *slog.Logger
	logOnly  bool // messages are log lines: --log-format json on stderr
	quiet    bool
	color    bool
	mode     string // auto, resolved: bar, plain, none
	interval time.Duration
	mask     func(string) string

	stage  importer.Stage
	began  time.Time
	done   int64
	total  int64
	counts map[report.Status]int
	wait   crm.Wait
	bar    *progressbar.ProgressBar
	plain  time.Time // when the last plain line was written
}

// isTerminal tells whether a stream is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// tick is how often the bar is drawn although nothing happened: the clock goes on during a wait.
const tick = 250 * time.Millisecond

// live redraws until ctx ends.
func (s *screen) live(ctx context.Context) {
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			s.mu.Lock()
			s.draw()
			s.mu.Unlock()
		}
	}
}

// say writes one message.
func (s *screen) say(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sayLocked(fmt.Sprintf(format, args...))
}

func (s *screen) sayLocked(text string) {
	switch {
	case s.logOnly:
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line != "" {
				s.log.Info(line)
			}
		}
		return
	case s.quiet:
		return
	}
	s.clear()
	fmt.Fprintln(s.w, text)
	s.draw()
}

// Stage begins a stage.
func (s *screen) Stage(stage importer.Stage, total int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endBar()
	s.stage, s.began, s.done, s.total = stage, time.Now(), 0, total
	s.counts, s.plain = map[report.Status]int{}, time.Now()
	s.log.Debug("stage", "stage", string(stage), "total", total)
	if s.mode == "bar" && total != 0 {
		s.bar = s.newBar(total)
	}
	s.draw()
}

func (s *screen) newBar(total int64) *progressbar.ProgressBar {
	options := []progressbar.Option{
		progressbar.OptionSetWriter(s.w),
		progressbar.OptionThrottle(100 * time.Millisecond),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("rows"),
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionSetWidth(24),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionUseANSICodes(true),
		progressbar.OptionSetDescription(s.describe()),
	}
	if s.stage == importer.StageCheck {
		options = append(options, progressbar.OptionShowBytes(true))
	}
	return progressbar.NewOptions64(total, options...)
}

// Advance says how far the stage is.
func (s *screen) Advance(done int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done = done
	if s.bar != nil {
		s.bar.Describe(s.describe())
		s.bar.Set64(done)
	}
	s.drawPlain()
}

// Outcome counts a row's outcome and logs it.
func (s *screen) Outcome(row report.Row) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[row.Status]++
	level := slog.LevelInfo
	if row.Status.Problem() {
		level = slog.LevelWarn
	}
	if !s.log.Enabled(context.Background(), level) {
		return
	}
	s.log.Log(context.Background(), level, "row",
		"line", row.Line, "id", row.ID, "status", string(row.Status), "code", string(row.Code),
		"value", s.mask(row.Value), "http_status", row.HTTPStatus, "attempts", row.Attempts, "ms", row.MS)
}

// waiting shows that everybody waits, and that it is over.
func (s *screen) waiting(w crm.Wait) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wait = w
	if w.For == 0 {
		s.draw()
		return
	}
	s.log.Info("waiting", "reason", w.Reason, "seconds", int(w.For.Seconds()), "until", w.Until.Format(time.RFC3339))
	// A bar shows the wait by itself; short waits are not worth a line of their own.
	if s.bar == nil && !s.logOnly && !s.quiet && s.mode != "none" && w.For >= 2*time.Second {
		fmt.Fprintln(s.w, waitText(w))
	}
	s.draw()
}

// waitText says how long is left of a wait, and until when.
func waitText(w crm.Wait) string {
	what := map[string]string{
		crm.WaitQuota:       "the quota",
		crm.WaitRate:        "the pace set by --rate",
		crm.WaitThrottled:   "the quota, as the server asks",
		crm.WaitUnavailable: "the server, which is not available",
	}[w.Reason]
	left := time.Until(w.Until).Round(time.Second)
	return fmt.Sprintf("waiting %d s for %s, until %s", int(left.Seconds()), what, w.Until.Local().Format(time.TimeOnly))
}

// describe is the text before the bar.
func (s *screen) describe() string {
	text := string(s.stage)
	for _, c := range []struct {
		status report.Status
		word   string
	}{{report.Updated, "updated"}, {report.Unchanged, "unchanged"}} {
		if n := s.counts[c.status]; n > 0 {
			text += fmt.Sprintf(", %d %s", n, c.word)
		}
	}
	if n := s.problems(); n > 0 {
		text += fmt.Sprintf(", %d failed", n)
	}
	if s.wait.For > 0 && time.Now().Before(s.wait.Until) {
		text += ", " + waitText(s.wait)
	}
	return text
}

func (s *screen) problems() int {
	n := 0
	for status, count := range s.counts {
		if status.Problem() {
			n += count
		}
	}
	return n
}

func (s *screen) draw() {
	if s.bar != nil {
		s.bar.Describe(s.describe())
	}
	s.drawPlain()
}

// drawPlain writes one line of progress every interval where there is no bar.
func (s *screen) drawPlain() {
	if s.mode != "plain" || s.quiet || s.stage == "" || time.Since(s.plain) < s.interval {
		return
	}
	s.plain = time.Now()
	text := s.describe()
	switch {
	case s.total > 0:
		text += fmt.Sprintf(": %d of %d (%d%%)", s.done, s.total, 100*s.done/s.total)
		if s.done > 0 {
			left := time.Duration(float64(time.Since(s.began)) / float64(s.done) * float64(s.total-s.done))
			text += fmt.Sprintf(", about %s left", roughly(left))
		}
	default:
		text += fmt.Sprintf(": %d", s.done)
	}
	if s.logOnly {
		s.log.Info("progress", "stage", string(s.stage), "done", s.done, "total", s.total)
		return
	}
	fmt.Fprintln(s.w, text)
}

func (s *screen) clear() {
	if s.bar != nil {
		s.bar.Clear()
	}
}

func (s *screen) endBar() {
	if s.bar != nil {
		s.bar.Clear()
		s.bar.Exit()
		s.clear()
		s.bar = nil
	}
}

// end takes the bar away.
func (s *screen) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endBar()
	s.stage = ""
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

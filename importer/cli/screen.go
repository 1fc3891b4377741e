package cli

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"csvput/importer"
	"csvput/importer/quota"
	"csvput/report"
)

// screen is all that a command says on stderr while it works: messages, progress, and log records where
// they go there too. Nothing else writes to stderr then, so messages and the bar never mix. Its methods
// may be called from any goroutine.
type screen struct {
	mu      sync.Mutex
	w       io.Writer
	quiet   bool // errors only
	machine bool // records only: messages are kept off
	color   bool
	progress
}

// isTerminal tells whether a stream is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// say writes one message. Where stderr is for machines it is left to the log.
func (s *screen) say(format string, args ...any) {
	if s.quiet || s.machine {
		return
	}
	fmt.Fprintf(s, format+"\n", args...)
}

// Write writes whole lines, with the bar out of their way.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	_, err := io.WriteString(s.w, s.neutral(string(p)))
	s.draw()
	return len(p), err
}

// longWait is a wait that people ask about.
const longWait = 10 * time.Second

// tick is how often progress is drawn, whether rows come in by the thousand or everybody waits.
const tick = 200 * time.Millisecond

// live redraws until done is closed.
func (s *screen) live(done <-chan struct{}) {
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		select {
		case <-done:
			return
		case <-t.C:
			s.mu.Lock()
			s.draw()
			s.mu.Unlock()
		}
	}
}

// Stage begins a stage of a run.
func (s *session) Stage(stage importer.Stage, total int64) {
	s.log.Debug("stage", "stage", string(stage), "total", total)
	s.screen.mu.Lock()
	defer s.screen.mu.Unlock()
	s.screen.begin(stage, total, time.Now())
}

// Advance says how far the stage is.
func (s *session) Advance(done int64) {
	s.screen.mu.Lock()
	defer s.screen.mu.Unlock()
	s.screen.done = done
}

// Outcome counts a row's outcome and logs it.
func (s *session) Outcome(row report.Row) {
	s.screen.mu.Lock()
	s.screen.count(row.Status)
	s.screen.mu.Unlock()
	level := slog.LevelInfo
	if row.Status.Problem() {
		level = slog.LevelWarn
	}
	if !s.log.Enabled(s.hard, level) {
		return
	}
	value := row.Value
	if !s.c.Bool("log-values") {
		value = mask(value)
	}
	s.log.Log(s.hard, level, "row",
		"line", row.Line, "id", row.ID, "status", string(row.Status), "code", string(row.Code),
		"value", value, "http_status", row.HTTPStatus, "attempts", row.Attempts, "ms", row.MS)
}

// waiting shows that everybody waits, and that it is over. The client logs it.
func (s *screen) waiting(w quota.Wait) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wait = w
	// A bar shows the wait by itself, and the next plain line does; a long one is worth a line of its own.
	if s.mode == modePlain && !s.machine && w.For >= longWait {
		fmt.Fprintln(s.w, waitText(w, time.Now()))
	}
}

// end takes the bar away: the stage is over.
func (s *screen) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endBar()
	s.stage = ""
}

// The colours of a terminal (ECMA-48).
const (
	red   = "31"
	green = "32"
	bold  = "1"
)

// neutral makes a text neutral but for the colours that paint gives.
func (s *screen) neutral(text string) string {
	if !s.color {
		return neutral(text)
	}
	var b strings.Builder
	for text != "" {
		at := ownColours.FindStringIndex(text)
		if at == nil {
			at = []int{len(text), len(text)}
		}
		b.WriteString(neutral(text[:at[0]]) + text[at[0]:at[1]])
		text = text[at[1]:]
	}
	return b.String()
}

var ownColours = regexp.MustCompile("\x1b\\[(?:0|1|31|32)m")

func (s *screen) paint(colour, text string) string {
	if !s.color {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// Package term is what a program needs to talk to a person on a terminal: messages, a bar, plain lines of progress, and
// questions. What is shown is made neutral: nothing foreign acts on the terminal.
package term

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

// IsTerminal reports whether a stream is a terminal.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Say writes one message. Where the terminal is for machines it is left to the log.
func (s *Screen) Say(format string, args ...any) {
	if s.Quiet || s.Machine {
		return
	}
	fmt.Fprintf(s, format+"\n", args...)
}

// Write writes whole lines, with the bar out of their way.
func (s *Screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	_, err := io.WriteString(s.W, s.neutral(string(p)))
	s.draw()
	return len(p), err
}

// tick is how often progress is drawn, whether things come in by the thousand or everybody waits.
const tick = 200 * time.Millisecond

// Live redraws until done is closed.
func (s *Screen) Live(done <-chan struct{}) {
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

// The colours of a terminal (ECMA-48).
const (
	Red   = "31"
	Green = "32"
	Bold  = "1"
)

var ownColours = regexp.MustCompile("\x1b\\[(?:0|1|31|32)m")

// Paint gives a text a colour, where there are any.
func (s *Screen) Paint(colour, text string) string {
	if !s.Color {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// neutral makes a text neutral but for the colours that Paint gives.
func (s *Screen) neutral(text string) string {
	if !s.Color {
		return human.Neutral(text)
	}
	var b strings.Builder
	for text != "" {
		at := ownColours.FindStringIndex(text)
		if at == nil {
			at = []int{len(text), len(text)}
		}
		b.WriteString(human.Neutral(text[:at[0]]) + text[at[0]:at[1]])
		text = text[at[1]:]
	}
	return b.String()
}

// Neutral writes neutral texts. In a JSON log record every character that it replaces is part of a string.
type Neutral struct{ io.Writer }

func (w Neutral) Write(p []byte) (int, error) {
	if _, err := io.WriteString(w.Writer, human.Neutral(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

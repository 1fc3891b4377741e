// Package term is what a program needs to talk to a person on a terminal: messages, a bar, plain lines of progress, and
// questions. What is shown is made neutral: nothing foreign acts on the terminal.
package term

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"

	"golang.org/x/term"

	"csvput/report/human"
)

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

// Begin begins a stage. One without a name is none: what was shown of the last one goes.
func (s *Screen) Begin(stage Stage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.endBar()
	s.stage, s.done, s.began, s.lined, s.counts = stage, 0, now, now, map[string]int{}
	if s.Mode == ModeBar && stage.Name != "" && stage.Total != 0 {
		s.bar = newBar(s.W, stage.Total)
	}
}

// Advance says how far the stage is.
func (s *Screen) Advance(done int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done = done
}

// Count counts one more of what a counter counts.
func (s *Screen) Count(word string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[word]++
}

// longWait is a wait that people ask about.
const longWait = 10 * time.Second

// Waiting shows that everybody waits, or with the zero Wait that this is over.
func (s *Screen) Waiting(w Wait) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wait = w
	// A bar shows the wait by itself, and the next plain line does; a long one is worth a line of its own.
	if s.Mode == ModePlain && !s.Machine && w.For >= longWait {
		fmt.Fprintln(s.W, w.text(time.Now()))
	}
}

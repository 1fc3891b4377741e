package crm

import (
	"context"
	"io"
)

// Sizes of answers. What this API says fits into the first of them, but for lists; the others bound what a server that
// has gone wrong can make the client hold: 64 KiB a request, and 16 MiB beyond that.
const (
	keepAnswer = 64 << 10 // the largest buffer that is kept for the next answer
	maxAnswer  = 1 << 20  // of a success
	maxList    = 8 << 20  // of a page of a list
	maxRefusal = 64 << 10 // of any other answer; more is cut off

	largeAnswers = 8 // of more than keepAnswer at once
	hugeAnswers  = 1 // of more than maxAnswer at once
)

// memory has a place for each answer that outgrows a size. An answer waits for it before it grows.
type memory struct{ large, huge chan struct{} }

func newMemory() memory {
	return memory{large: make(chan struct{}, largeAnswers), huge: make(chan struct{}, hugeAnswers)}
}

// read reads a body of at most limit bytes into w.answer; of a longer one, it reads a byte more and returns whole as
// false. length is what the server says, or -1.
func (m *memory) read(ctx context.Context, w *wire, body io.Reader, length, limit int64) (whole bool, err error) {
	for _, step := range [...]struct {
		size  int64
		place chan struct{}
	}{{keepAnswer, nil}, {maxAnswer, m.large}, {maxList, m.huge}} {
		size := min(step.size, limit)
		if step.place != nil {
			select {
			case step.place <- struct{}{}:
				w.places = append(w.places, step.place)
			case <-ctx.Done():
				return false, ctx.Err()
			}
			room := size
			if length > 0 {
				room = min(room, length)
			}
			// With room for the reading that meets the end, lest the buffer doubles for it.
			w.answer.Grow(int(max(0, room-int64(w.answer.Len()))) + 1024)
		}
		_, err := w.answer.ReadFrom(io.LimitReader(body, size+1-int64(w.answer.Len())))
		switch n := int64(w.answer.Len()); {
		case err != nil || n <= size:
			return err == nil, err
		case n > limit:
			return false, nil
		}
	}
	return false, nil
}

// release gives up the places of an answer that is no longer needed.
func (w *wire) release() {
	for _, place := range w.places {
		<-place
	}
	w.places = w.places[:0]
}

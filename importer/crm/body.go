package crm

import (
	"bytes"
	"context"
	"io"
	"sync"
)

// Sizes of answers. What this API says fits into the first of them, but for lists; the others bound what a server that
// has gone wrong can make the client hold: 64 KiB a request, and 16 MiB beyond that.
const (
	smallAnswer = 64 << 10
	maxAnswer   = 1 << 20  // of a success
	maxList     = 8 << 20  // of a page of a list
	maxFailure  = 64 << 10 // of any other answer; more is cut off

	largeAnswers = 8 // of more than smallAnswer at once
	hugeAnswers  = 1 // of more than maxAnswer at once
)

// memory keeps small bodies for the next answer, and has a place for each answer that outgrows a size. An answer waits
// for it before it grows.
type memory struct {
	small       sync.Pool
	large, huge chan struct{}
}

func newMemory() *memory {
	return &memory{large: make(chan struct{}, largeAnswers), huge: make(chan struct{}, hugeAnswers)}
}

// body is that of an answer, and its places.
type body struct {
	bytes.Buffer
	whole  bool // this was all of it
	places []chan struct{}
}

// read reads one of at most limit bytes; of a longer one, it reads a byte more. length is what the server says,
// or -1.
func (m *memory) read(ctx context.Context, b *body, from io.Reader, length, limit int64) error {
	for _, step := range [...]struct {
		size  int64
		place chan struct{}
	}{{smallAnswer, nil}, {maxAnswer, m.large}, {maxList, m.huge}} {
		size := min(step.size, limit)
		if step.place != nil {
			select {
			case step.place <- struct{}{}:
				b.places = append(b.places, step.place)
			case <-ctx.Done():
				return ctx.Err()
			}
			room := size
			if length > 0 {
				room = min(size, length)
			}
			// With room for the reading that meets the end, lest the buffer doubles for it.
			b.Grow(int(max(0, room-int64(b.Len()))) + 1024)
		}
		_, err := b.ReadFrom(io.LimitReader(from, size+1-int64(b.Len())))
		b.whole = err == nil && int64(b.Len()) <= size
		if err != nil || b.whole || int64(b.Len()) > limit {
			return err
		}
	}
	return nil
}

func (m *memory) get() *body {
	if b, ok := m.small.Get().(*body); ok {
		return b
	}
	return new(body)
}

// put takes back a body that is no longer needed. A large one is let go before another takes its place.
func (m *memory) put(b *body) {
	if b.Cap() > 2*smallAnswer {
		b.Buffer = bytes.Buffer{}
	}
	for _, place := range b.places {
		<-place
	}
	b.Reset()
	b.whole, b.places = false, b.places[:0]
	m.small.Put(b)
}

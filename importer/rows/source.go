package rows

import (
	"io"
	"slices"
	"sync/atomic"
)

// counter counts the bytes of the underlying input; others may look on.
type counter struct {
	r   io.Reader
	n   atomic.Int64
	err error // of r, but for io.EOF
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	if err != io.EOF {
		c.err = err
	}
	return n, err
}

// source is a window that moves over a stream.
type source struct {
	r   io.Reader
	buf []byte
	off int   // buf[off:] is not consumed yet
	err error // why there is no more to read, io.EOF included
}

// fill makes at least n bytes available, fewer only if the stream ends or fails, and returns
// what there is. The slice is good until the next call.
func (s *source) fill(n int) []byte {
	if len(s.buf)-s.off < n && s.err == nil {
		if s.off > 0 {
			s.buf = append(s.buf[:0], s.buf[s.off:]...)
			s.off = 0
		}
		s.buf = slices.Grow(s.buf, n-len(s.buf))
		for idle := 0; len(s.buf) < n && s.err == nil; {
			m, err := s.r.Read(s.buf[len(s.buf):cap(s.buf)])
			s.buf = s.buf[:len(s.buf)+m]
			s.err = err
			if idle++; m > 0 {
				idle = 0
			} else if idle == 100 && err == nil {
				s.err = io.ErrNoProgress
			}
		}
	}
	return s.buf[s.off:]
}

func (s *source) skip(n int) { s.off += n }

// ended reports whether buf[off:] is all there will be.
func (s *source) ended() bool { return s.err == io.EOF }

// Read makes what is left of the stream, buffered bytes included, the input of a decoder.
func (s *source) Read(p []byte) (int, error) {
	if b := s.buf[s.off:]; len(b) > 0 {
		n := copy(p, b)
		s.skip(n)
		return n, nil
	}
	if s.err != nil {
		return 0, s.err
	}
	return s.r.Read(p)
}

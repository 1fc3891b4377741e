package importer

import (
	"context"
	"errors"
	"io"
	"runtime"

	"csvput/importer/rescue"
	"csvput/importer/rows"
	"csvput/report"
)

// batch is what became of one chunk of the input.
type batch struct {
	out    []byte // lines of a report
	bad    []byte // those of them that are problems
	failed []byte // the same rows as lines of failed.csv
	tally  *Tally
	ids    []seenID
}

// outputs is where a scan writes to: all rows, and the problem rows apart where they are wanted.
type outputs struct {
	all, bad, failed io.Writer
}

func (o outputs) write(b batch) error {
	_, err := o.all.Write(b.out)
	if o.bad == nil || err != nil {
		return err
	}
	if _, err := o.bad.Write(b.bad); err != nil {
		return err
	}
	_, err = o.failed.Write(b.failed)
	return err
}

// scan checks every row of in and writes the report rows in input order. The chunks are checked on all
// processors; one goroutine reads and one writes.
func scan(ctx context.Context, in *rows.Reader, out outputs, o CheckOptions, good goodRow, progress Progress) (*Tally, *idIndex, error) {
	workers := o.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	type task struct {
		chunk *rows.Chunk
		done  chan batch
	}
	seen := newIDIndex()
	group, ctx := rescue.WithContext(ctx)
	todo := make(chan task)
	// ordered hands the tasks to the writer in the order of the file; its capacity bounds how far the
	// readers may run ahead, and so the memory.
	ordered := make(chan task, 2*workers)

	group.Go(func() error {
		defer close(todo)
		defer close(ordered)
		for {
			chunk, err := in.Chunk()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			t := task{chunk, make(chan batch, 1)}
			for _, c := range []chan task{ordered, todo} {
				select {
				case c <- t:
				case <-ctx.Done():
					return context.Cause(ctx)
				}
			}
		}
	})
	for range workers {
		c, err := newChecker(o.Phone, good)
		if err != nil {
			// The feeder has begun: it must end before we leave.
			group.Go(func() error { return err })
			break
		}
		if out.bad != nil {
			c.failed = newFailedLayout(in.Info())
		}
		group.Go(func() error {
			for t := range todo {
				b, err := c.batch(t.chunk, seen)
				if err != nil {
					return err
				}
				t.done <- b
			}
			return nil
		})
	}

	total := newTally()
	group.Go(func() error {
		for t := range ordered {
			var b batch
			select {
			case b = <-t.done:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			if err := out.write(b); err != nil {
				return err
			}
			total.add(b.tally)
			seen.add(b.ids)
			read, _, _ := in.Progress()
			progress.Advance(read)
		}
		return nil
	})
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	_, _, total.Blank = in.Progress()
	return total, seen, nil
}

// batch checks the rows of one chunk.
func (c *checker) batch(chunk *rows.Chunk, index *idIndex) (batch, error) {
	b := batch{tally: newTally()}
	all, err := chunk.Rows()
	for _, r := range all {
		row := c.check(r)
		start := len(b.out)
		b.out = row.Append(b.out)
		b.tally.count(row, c.codes)
		refused := row.Status == report.Invalid
		if !refused || isID(row.ID) {
			b.ids = append(b.ids, index.seen(row)) // of a refused row too: see judgeGroup
		}
		if refused && c.failed != nil {
			b.bad = append(b.bad, b.out[start:]...)
			b.failed = c.failed.append(b.failed, r.Raw, row)
		}
	}
	return b, err
}

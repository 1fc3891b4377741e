package importer

import (
	"cmp"
	"context"
	"errors"
	"io"
	"runtime"
	"sync"

	"csvput/importer/rows"
	"csvput/report"
)

// scan is one reading of the input, on all processors.
type scan struct {
	CheckOptions
	good    goodRow
	crm     *directory
	rulings rulings // on rows that share an id; empty before they are known
	encode  bool    // make lines of the rows too
	failed  bool    // make lines of failed.csv too
}

// batch is what became of one chunk of the input.
type batch struct {
	rows   []report.Row
	lines  []byte // the same as lines of a report
	failed []byte // the refused rows as lines of failed.csv
	tally  *Tally
	ids    []uint64      // as hashes
	whose  map[int]whose // by line: what rows say of their records beside an id
	read   int64         // bytes of the input so far
}

// run checks every row of in and calls use with the batches in the order of the input; use keeps nothing of a batch but
// copies. It returns what was counted, and
// which ids there are.
func (s scan) run(ctx context.Context, in *rows.Reader, use func(batch) error) (*Tally, *idIndex, error) {
	total, index := newTally(), newIDIndex()
	var used sync.Pool // batches, of which the memory serves again
	checkers := make([]func(context.Context, *rows.Chunk) (*batch, error), cmp.Or(s.Workers, runtime.GOMAXPROCS(0)))
	for i := range checkers {
		c, err := newChecker(s.Phone, s.good)
		if err != nil {
			return nil, nil, err
		}
		c.crm = s.crm
		if s.failed {
			c.failed = newFailedLayout(in.Info())
		}
		checkers[i] = func(_ context.Context, chunk *rows.Chunk) (*batch, error) {
			b, ok := used.Get().(*batch)
			if !ok {
				b = new(batch)
			}
			return b, c.fill(b, chunk, index, s)
		}
	}
	chunks := func(_ context.Context, give func(*rows.Chunk) error) error {
		for {
			chunk, err := in.Chunk()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			if err := give(chunk); err != nil {
				return err
			}
		}
	}
	ahead := 2 * len(checkers)
	if !s.encode {
		ahead = 0 // rows take ten times the memory of the lines that they came from
	}
	err := inOrder(ctx, ahead, chunks, checkers, func(b *batch) error {
		total.add(b.tally)
		index.add(b.ids)
		b.read, _, _ = in.Progress()
		defer used.Put(b)
		return use(*b)
	})
	if err != nil {
		return nil, nil, err
	}
	_, _, total.Blank = in.Progress()
	return total, index, nil
}

// again is run, for the input from its beginning.
func (s scan) again(ctx context.Context, use func(batch) error) (*Tally, *idIndex, error) {
	in, closer, err := s.Again()
	if err != nil {
		return nil, nil, err
	}
	defer closer.Close()
	return s.run(ctx, in, use)
}

// fill makes b of the rows of one chunk.
func (c *checker) fill(b *batch, chunk *rows.Chunk, index *idIndex, s scan) error {
	*b = batch{rows: b.rows[:0], lines: b.lines[:0], failed: b.failed[:0], ids: b.ids[:0], tally: newTally(),
		whose: map[int]whose{}}
	all, err := chunk.Rows()
	for _, r := range all {
		row := c.check(r)
		if s.rulings.apply(&row) {
			c.codes = append(c.codes, row.Code)
		}
		b.rows = append(b.rows, row)
		if s.encode {
			b.lines = row.Append(b.lines)
		} else if !c.whose.blank() {
			b.whose[row.Line] = c.whose
		}
		b.tally.count(row, c.codes)
		refused := row.Status == report.Invalid
		if hash, ok := index.hash(row); ok {
			b.ids = append(b.ids, hash)
		}
		if refused && c.failed != nil {
			b.failed = c.failed.append(b.failed, r.Raw, row)
		}
	}
	return err
}

// judge reads the rows that may share an id again, and judges each group of rows with one id.
func (s scan) judge(ctx context.Context, index *idIndex) (rulings, error) {
	out := rulings{lines: map[int]ruling{}, shared: leaders{}}
	s.encode, s.failed = false, false
	groups := map[string][]sharing{}
	_, _, err := s.again(ctx, func(b batch) error {
		for _, row := range b.rows {
			if index.mayShare(row) {
				groups[row.ID] = append(groups[row.ID], sharing{row.Line, row.Status == report.Invalid, wishOf(row)})
			}
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	for id, group := range groups {
		judgeGroup(out, id, group, s.OnDuplicate)
	}
	return out, nil
}

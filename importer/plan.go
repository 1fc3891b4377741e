package importer

import (
	"context"

	"csvput/importer/rows"
	"csvput/report"
)

// Plan checks every row of in, reads the records they name, and writes the folder's plan.csv: each
// row with what is to be done about it, and the record as it was. Nothing is changed on the server.
// Without a client it plans without reading: the file's words are taken as they are.
//
// The tally counts the rows as the plan has them. An error means that there is no plan.
func (r Run) Plan(ctx context.Context, in *rows.Reader, o CheckOptions) (*Tally, error) {
	s := scan{CheckOptions: o, good: goodRow{report.Planned, report.Planned}}
	if r.Client == nil {
		s.good.idle = report.Unchanged
	}
	survey, err := r.survey(ctx, in, &s)
	if err != nil {
		return nil, err
	}
	var checked *Tally
	said := claims{byLine: map[int]whose{}}
	p := planner{Run: r, judge: said.judge, shared: s.rulings.shared}
	planned, err := p.write(ctx, survey.Rows, func(ctx context.Context, give func(report.Row) error) (err error) {
		checked, _, err = s.again(ctx, func(b batch) error {
			for _, row := range b.rows {
				if r.Client != nil {
					said.put(row, b.whose[row.Line])
				}
				if err := give(row); err != nil {
					return err
				}
			}
			return nil
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	checked.become(planned)
	return checked, nil
}

// survey reads the input to find out what must be known of all rows before any is planned: the ids of those without
// one, and which of them share an id. It counts the rows.
func (r Run) survey(ctx context.Context, in *rows.Reader, s *scan) (*Tally, error) {
	r.Progress.Stage(StageCheck, sizeOf(s.CheckOptions))
	var missing wanted
	tally, index, err := s.run(ctx, in, func(b batch) error {
		r.Progress.Advance(b.read)
		missing.add(b)
		return nil
	})
	if err == nil && missing.any {
		tally, index, err = r.match(ctx, missing, s)
	}
	if err == nil && index.anyShared() {
		s.rulings, err = s.judge(ctx, index)
	}
	return tally, err
}

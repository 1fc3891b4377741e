package importer

import (
	"context"
	"errors"

	"csvput/importer/rows"
	"csvput/report"
	"csvput/report/page"
	"csvput/report/safefile"
)

// Check validates and formats every row of in without any network and writes the folder's report.csv and, when there
// are problem rows, its failed.csv. The names that the two got are in the tally. The page holds all rows, and waits for
// the summary.
func (r Run) Check(ctx context.Context, in *rows.Reader, o CheckOptions) (*Tally, *page.Page, error) {
	r.Progress.Stage(StageCheck, sizeOf(o))
	s := scan{CheckOptions: o, good: goodRow{report.Valid, report.Valid}, encode: true, failed: true}
	var index *idIndex
	layout, shared := newFailedLayout(in.Info()), false
	tally, pg, err := s.write(r.Folder, layout, func(use func(batch) error) (tally *Tally, err error) {
		tally, index, err = s.run(ctx, in, func(b batch) error {
			r.Progress.Advance(b.read)
			return use(b)
		})
		return tally, err
	}, func() bool {
		shared = index.anyShared()
		return !shared && layout.info.Marked() == in.Info().Marked()
	})
	if err != nil || tally != nil {
		return tally, pg, err
	}
	// Rows share an id, so that they must be judged together first, or the file proved to be in another encoding.
	if shared {
		if s.rulings, err = s.judge(ctx, index); err != nil {
			return nil, nil, err
		}
	}
	return s.write(r.Folder, newFailedLayout(in.Info()), func(use func(batch) error) (*Tally, error) {
		tally, _, err := s.again(ctx, use)
		return tally, err
	}, func() bool { return true })
}

// write writes report.csv, failed.csv and the page from what run hands over. Nothing is left of them, and the tally is
// nil, if keep does not want them.
func (s scan) write(
	folder *report.Folder, layout *failedLayout, run func(use func(batch) error) (*Tally, error), keep func() bool,
) (_ *Tally, _ *page.Page, err error) {
	var files [2]*safefile.File
	for i, name := range []string{report.ReportName, report.FailedName} {
		f, err := folder.File(name)
		if err != nil {
			return nil, nil, err
		}
		defer f.Discard() // nothing happens to a file that was committed
		files[i] = f
	}
	all, failed := files[0], files[1]
	if err := errors.Join(report.NewWriter(all).WriteHeader(), layout.writeHeader(failed)); err != nil {
		return nil, nil, err
	}
	pg, err := page.Create(folder, s.Began)
	if err != nil {
		return nil, nil, err
	}
	kept := false
	defer func() {
		if !kept {
			err = errors.Join(err, pg.Discard())
		}
	}()
	tally, err := run(func(b batch) error {
		_, err := all.Write(b.lines)
		if err == nil {
			_, err = failed.Write(b.failed)
		}
		for _, row := range b.rows {
			if err == nil {
				err = pg.Add(row)
			}
		}
		return err
	})
	if err != nil || !keep() {
		return nil, nil, err
	}
	tally.Files = map[string]string{}
	if err := all.Commit(); err != nil {
		return nil, nil, err
	}
	tally.Files["report"] = all.Name()
	if tally.Problems() > 0 {
		if err := layout.commit(folder, failed, func(file, name string) { tally.Files[file] = name }); err != nil {
			return nil, nil, err
		}
	}
	kept = true
	return tally, pg, nil
}

// CheckRow is what Check would say of a row by itself, without the rows that share its id.
func CheckRow(r rows.Row, o CheckOptions) (report.Row, error) {
	c, err := newChecker(o.Phone, goodRow{report.Valid, report.Valid})
	if err != nil {
		return report.Row{}, err
	}
	return c.check(r), nil
}

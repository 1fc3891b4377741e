package importer

import (
	"context"
	"errors"
	"io"

	"csvput/importer/rows"
	"csvput/report"
)

// ProblemsName is the file of problem rows that Check leaves in the folder when the input is so large
// that a page of all of its rows would be of no use. Whoever has used it removes it.
const ProblemsName = "problems.csv"

// pageRows is the number of rows up to which a page of all of them is worth making.
const pageRows = 100_000

// Check validates and formats every row of in without any network and writes the folder's report.csv
// and, when there are problem rows, its failed.csv. again opens the input once more, which is needed only
// when rows share an id.
func Check(ctx context.Context, in *rows.Reader, folder *report.Folder, o CheckOptions, again Source, s *report.Summary, progress Progress) (*Tally, error) {
	good := goodRow{report.Valid, report.Valid}
	progress.Stage(StageCheck, sizeOf(o))
	var (
		files [3]*report.File
		tally *Tally
		seen  *idIndex
	)
	for i, name := range []string{report.ReportName, ProblemsName, report.FailedName} {
		f, err := folder.File(name)
		if err != nil {
			return nil, err
		}
		defer f.Discard() // nothing happens to a file that was committed
		files[i] = f
	}
	layout := newFailedLayout(in.Info())
	err := errors.Join(report.NewWriter(files[0]).WriteHeader(), report.NewWriter(files[1]).WriteHeader(), layout.writeHeader(files[2]))
	if err != nil {
		return nil, err
	}
	if tally, seen, err = scan(ctx, in, outputs{files[0], files[1], files[2]}, o, good, progress); err != nil {
		return nil, err
	}
	if err := files[0].Commit(); err != nil {
		return nil, err
	}
	s.Name("report", files[0].Name())
	changed, err := settleDuplicates(ctx, folder, report.ReportName, seen, o.OnDuplicate, tally)
	if err != nil {
		return nil, errors.Join(err, folder.Remove(files[0].Name()))
	}
	return tally, finishCheck(folder, files[1], files[2], changed || layout.marked() != newFailedLayout(in.Info()).marked(), tally, again, s)
}

// finishCheck makes the files of problem rows whole, or makes them anew when rows turned into problems
// after they had been written, or when the input proved to need a byte order mark.
func finishCheck(folder *report.Folder, bad, failed *report.File, anew bool, tally *Tally, again Source, s *report.Summary) error {
	if tally.Rows > pageRows {
		if err := bad.Commit(); err != nil {
			return err
		}
		if anew {
			if err := rewriteProblems(folder); err != nil {
				return err
			}
		}
	}
	switch {
	case anew:
		return WriteFailed(folder, s, again)
	case tally.Problems() == 0:
		return nil
	}
	if err := failed.Commit(); err != nil {
		return err
	}
	s.Name("failed", failed.Name())
	return nil
}

// rewriteProblems makes the file of problem rows from the report.
func rewriteProblems(folder *report.Folder) error {
	_, err := writeFile(folder, ProblemsName, func(w *report.Writer, _ io.Writer) error {
		if err := w.WriteHeader(); err != nil {
			return err
		}
		return eachRow(folder, report.ReportName, func(row report.Row) error {
			if !row.Status.Problem() {
				return nil
			}
			return w.Write(row)
		})
	})
	return err
}

// sizeOf is the input's length as a Progress takes it.
func sizeOf(o CheckOptions) int64 {
	if o.Size <= 0 {
		return -1
	}
	return o.Size
}

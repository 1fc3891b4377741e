package run

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"csvput/importer"
	"csvput/importer/rows"
	"csvput/report"
)

// Draft puts a file into a new folder, where it is checked, corrected and planned: the folder's path stands for the
// file from then on. What is no table at all is refused.
func (j Job) Draft(soft, hard context.Context, name string, upload io.Reader) Result {
	return j.do(soft, hard, func(c *course) error {
		name := filepath.Base(strings.ReplaceAll(name, `\`, "/")) // some browsers send a path
		if err := c.newFolder(name, name); err != nil {
			return err
		}
		text := bufio.NewReader(upload)
		file, err := c.folder.File(copyName(text))
		if err != nil {
			return err
		}
		defer file.Discard() // nothing happens to a file that was committed
		sum := sha256.New()
		n, err := io.Copy(io.MultiWriter(file, sum), text)
		if err == nil {
			err = file.Commit()
		}
		if err != nil {
			return err
		}
		c.summary.Input = report.Input{Name: name, Path: "-", Bytes: n, SHA256: hex.EncodeToString(sum.Sum(nil))}
		c.summary.State, c.result.Left = report.StateDraft, true
		return c.folder.WriteSummary(*c.summary)
	})
}

// readingSettings are the settings that decide what a file means.
func readingSettings() []string {
	return []string{
		"country", "map", "sheet", "extension", "vanity", "on-duplicate", "header-line", "from-line", "limit",
		"delimiter", "encoding",
	}
}

// open opens what a job is to read: a file of the person's, or the input that is kept in an earlier job's folder, read
// as it was read then but for what is given anew, with its corrections.
func (c *course) open(path string) (in *input, co importer.CheckOptions, err error) {
	in = &input{name: path}
	corrections, err := c.reopen(in)
	if err != nil {
		return nil, co, err
	}
	if in.options, co, err = c.reading(); err != nil {
		return nil, co, err
	}
	in.options.Corrections = corrections
	c.summary.Settings["map"] = mapLines(in.options.Map)
	if err := c.openInput(in); err != nil {
		return nil, co, err
	}
	c.later(in.close)
	co.Size = in.size
	return in, co, nil
}

// reopen finds out whether the input is that of an earlier job, and takes over what it left.
func (c *course) reopen(in *input) (rows.Corrections, error) {
	folder, err := report.Open(in.name)
	if err != nil {
		return nil, nil // openInput says what is wrong with a file
	}
	c.reopened = true
	if err := c.lock(folder); err != nil {
		return nil, err
	}
	was, err := folder.ReadSummary()
	switch {
	case err != nil:
		return nil, Usagef("%v", err)
	case !kept(folder):
		return nil, Usagef("%s holds no copy of its file", in.name).Hint("name the file itself, " + was.Input.Path)
	case agreed(folder, was):
		return nil, Usagef("rows of %s have been sent already", in.name).
			Hint("to go on with it: " + c.CommandLine("apply", in.name, nil))
	}
	all, err := folder.Corrections()
	if err != nil {
		return nil, err
	}
	in.folder, in.was = folder, was
	in.was.Input.Corrections = len(all)
	return corrected(all), c.keep(was, append(readingSettings(), "sandbox", "account")...)
}

// kept reports whether a folder holds the input that it was made from.
func kept(folder *report.Folder) bool {
	_, err := os.Stat(folder.Path(folder.Input()))
	return err == nil
}

// takeFolder makes the run's folder, or takes the one in which the input is. A plan in it is none any more from here
// on, whatever becomes of this job.
func (c *course) takeFolder(in *input) error {
	if in.folder == nil {
		return c.newFolder(in.beside(), in.name)
	}
	c.useFolder(in.folder, in.was.RunID)
	if !hasPlan(in.was) {
		return nil
	}
	in.was.State, in.was.Stop = report.StateDraft, nil
	return errors.Join(c.folder.WriteSummary(in.was), c.folder.Remove(sandboxName))
}

// Look looks at the beginning of the input in a folder, read as the folder's last job says but for what is given anew.
func (j Job) Look(dir string) (*rows.Look, error) {
	folder, was, err := openRun(dir)
	if err != nil {
		return nil, err
	}
	c := &course{Job: j, summary: &report.Summary{}}
	if err := c.keep(was, readingSettings()...); err != nil {
		return nil, err
	}
	ro, _, err := c.reading()
	if err != nil {
		return nil, err
	}
	f, err := folder.Reader(folder.Input())
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return rows.LookAt(f, ro)
}

// Settle writes down how the input in a folder is to be read: as the folder's last job says but for what is given anew.
// A check or a plan in the folder counts for nothing then.
func (j Job) Settle(ctx context.Context, dir string) (err error) {
	j.Settings.LockTimeout = 0
	c := &course{Job: j, soft: ctx, hard: ctx}
	defer func() { err = errors.Join(err, c.close()) }()
	c.summary = &report.Summary{}
	in := &input{name: dir}
	if _, err := c.reopen(in); err != nil {
		return err
	}
	ro, _, err := c.reading()
	if err != nil {
		return err
	}
	was := in.was
	was.State, was.Stop, was.Counts, was.Settings = report.StateDraft, nil, report.Counts{}, c.Settings.Texts()
	was.Settings["map"] = mapLines(ro.Map)
	return in.folder.WriteSummary(was)
}

// readingOf is how an earlier job read its file, and how its rows are.
func readingOf(was report.Summary) (rows.Options, importer.CheckOptions, error) {
	then := &course{Job: Job{Settings: Defaults()}, summary: &report.Summary{}}
	if err := then.keep(was, readingSettings()...); err != nil {
		return rows.Options{}, importer.CheckOptions{}, err
	}
	ro, co, err := then.reading()
	ro.IsCountry = nil // it was asked about
	return ro, co, err
}

// Input is the input that is kept in a job's folder, to be shown and corrected.
type Input struct {
	Folder      *report.Folder
	Was         report.Summary
	Source      importer.Source       // nil for an undo
	Options     importer.CheckOptions // by which its rows are judged
	Corrections rows.Corrections      // the Source is without them
	LeftOut     importer.LeftOut      // rows that were left out since the last check or plan
	Outdated    bool                  // other corrections were made since
}

// OpenInput opens the input in a job's folder.
func OpenInput(dir string) (*Input, error) {
	folder, was, err := openRun(dir)
	if err != nil {
		return nil, err
	}
	in := &Input{Folder: folder, Was: was}
	all, err := folder.Corrections()
	if err != nil {
		return nil, err
	}
	holds := false
	in.LeftOut, holds = sincePlan(all, was.Input.Corrections)
	if was.UndoOf != "" {
		return in, nil
	}
	in.Corrections, in.Outdated = corrected(all), !holds
	ro, co, err := readingOf(was)
	in.Source, in.Options = again(folder, was.Input.Path, ro), co
	return in, err
}

// Correct writes corrections of a folder's input down. They outlive whatever comes when it returns nil. Once rows have
// been sent, others can still be left out, and nothing else.
func Correct(ctx context.Context, dir string, more ...report.Correction) (err error) {
	const wait = time.Second
	folder, err := report.Open(dir)
	if err != nil {
		return err
	}
	release, err := folder.Lock(ctx, wait)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	was, err := folder.ReadSummary()
	if err != nil {
		return err
	}
	all, err := folder.Corrections()
	if err != nil {
		return err
	}
	if _, holds := sincePlan(append(all, more...), was.Input.Corrections); !holds && agreed(folder, was) {
		return Usagef("rows of %s have been sent already, so that its cells can't be corrected any more", dir)
	}
	return folder.Correct(more...)
}

// corrected is what all corrections together come to.
func corrected(all []report.Correction) rows.Corrections {
	out := rows.Corrections{}
	for _, c := range all {
		row := out[c.Line]
		if row == nil {
			row = map[string]rows.Correction{}
			out[c.Line] = row
		}
		cell, again := row[c.Column]
		if !again {
			cell.Before = c.Before
		}
		if cell.After = c.After; cell.Before == cell.After {
			delete(row, c.Column)
		} else {
			row[c.Column] = cell
		}
		if len(row) == 0 {
			delete(out, c.Line)
		}
	}
	return out
}

// ofCells is what the corrections come to that change something.
func ofCells(all []report.Correction) rows.Corrections {
	return corrected(slices.DeleteFunc(slices.Clone(all),
		func(c report.Correction) bool { return c.Column == rows.FieldApproved }))
}

// sincePlan are the rows that were left out after the first n corrections, with which the plan was made. The plan does
// not hold if there were others since.
func sincePlan(all []report.Correction, n int) (out importer.LeftOut, holds bool) {
	if len(all) < n {
		return nil, false
	}
	planned, now := ofCells(all[:n]), ofCells(all)
	out = importer.LeftOut{}
	for line, cells := range now {
		if cells[rows.FieldSkip].After == "" || planned[line][rows.FieldSkip].After != "" {
			continue
		}
		out[line] = true
		if delete(cells, rows.FieldSkip); len(cells) == 0 {
			delete(now, line)
		}
	}
	return out, reflect.DeepEqual(planned, now)
}

// leftOut are the rows that were left out since the plan in a folder was made, which must hold otherwise.
func (c *course) leftOut(folder *report.Folder, was report.Summary) (importer.LeftOut, error) {
	all, err := folder.Corrections()
	if err != nil {
		return nil, err
	}
	out, holds := sincePlan(all, was.Input.Corrections)
	if !holds {
		return nil, Usagef("%s was corrected after its plan was made", folder.Dir()).
			Hint("make the plan again: " + c.CommandLine("plan", folder.Dir(), nil))
	}
	return out, nil
}

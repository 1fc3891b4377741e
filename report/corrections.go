package report

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"csvput/report/safefile"
)

// Correction is one line of corrections.csv: what somebody has made of a cell of the input. Each is appended, and so is
// the undoing of one: the last for a line and a column counts.
type Correction struct {
	Line          int    // physical line of the input on which the row begins
	Column        string // in csvput's words
	Before, After string // the cell's text
}

// correctionsHeader is the first line of corrections.csv.
const correctionsHeader = "line,column,before,after\n"

// Corrections reads corrections.csv, in the order in which they were made. A folder without one has none. A last line
// that is not whole, as a kill leaves it, is none; any other damage is an error.
func (f *Folder) Corrections() ([]Correction, error) {
	file, err := f.Reader(CorrectionsName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	all, _, err := f.readCorrections(file)
	return all, err
}

// Correct appends corrections. When it returns nil they outlive a power failure. It is for who has the folder's lock.
func (f *Folder) Correct(more ...Correction) (err error) {
	path := f.Path(CorrectionsName)
	file, err := safefile.OpenFile(path, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return safefile.Writing(path, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	_, end, err := f.readCorrections(file)
	if err != nil {
		return err
	}
	var lines []byte
	if end == 0 {
		lines = append(lines, correctionsHeader...)
	}
	for _, c := range more {
		lines = strconv.AppendInt(lines, int64(c.Line), 10)
		for _, cell := range []string{c.Column, c.Before, c.After} {
			lines = appendCell(append(lines, ','), cell)
		}
		lines = append(lines, '\n')
	}
	j := &Journal{path: path, f: file, end: end}
	return safefile.Writing(path, errors.Join(file.Truncate(end), j.write(lines), file.Sync(), safefile.SyncDir(f.dir)))
}

// readCorrections reads corrections as far as they are whole, which is up to end.
func (f *Folder) readCorrections(file io.Reader) (all []Correction, end int64, err error) {
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, 0, fmt.Errorf("reading %s: %w", f.Path(CorrectionsName), safefile.Sentence(err))
	}
	head := correctionsHeader[:min(len(text), len(correctionsHeader))]
	if rest, ok := strings.CutPrefix(string(text), head); ok && len(head) < len(correctionsHeader) {
		return nil, 0, nil // not even the header is whole
	} else if ok {
		all, end, err = cutCorrections(rest)
		end += int64(len(head))
	}
	if end == 0 || err != nil {
		return nil, 0,
			fmt.Errorf("%s is damaged behind its first %d corrections: put it back as it was, or delete it to do "+
				"without any", f.Path(CorrectionsName), len(all))
	}
	return all, end, nil
}

// cutCorrections cuts text into corrections. The last may lack its end.
func cutCorrections(text string) (all []Correction, end int64, err error) {
	in := csv.NewReader(strings.NewReader(text))
	in.FieldsPerRecord = 4
	for {
		rec, err := in.Read()
		if errors.Is(err, io.EOF) {
			return all, end, nil
		}
		line := 0
		if err == nil {
			line, err = strconv.Atoi(rec[0])
		}
		if next := in.InputOffset(); err == nil && text[next-1] == '\n' {
			all = append(all, Correction{line, cellText(rec[1]), cellText(rec[2]), cellText(rec[3])})
			end = next
			continue
		}
		if torn(text[end:]) {
			err = nil
		}
		return all, end, err
	}
}

// torn reports whether a text is the beginning of one correction: it has no end, and no other begins on a line of it.
func torn(text string) bool {
	if strings.HasSuffix(text, "\n") && strings.Count(text, `"`)%2 == 0 {
		return false
	}
	for _, line := range strings.Split(text, "\n")[1:] {
		number, _, _ := strings.Cut(line, ",")
		if _, err := strconv.Atoi(number); err == nil {
			return false
		}
	}
	return true
}

package run

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"csvput/importer/rows"
)

// learnt adds to the error of a file whose columns are not clear how the last run here read such a file, if there was
// one. Nothing is read so unless somebody says so.
func (c *course) learnt(in *input, err error) error {
	file, refused := errors.AsType[*rows.FileError](err)
	if !refused || file.Columns == nil {
		return err
	}
	if run, columns := c.lastMap(in); run != "" {
		file.Hint += "; " + textLearnt + " " + strings.ReplaceAll(run, "%", "%%") + strings.Repeat(" %s", len(columns))
		file.Columns = append(file.Columns, columns...)
	}
	return err
}

const textLearnt = "the last run here that was told what such columns are:"

// showReading shows how the file is read. Where columns are not used of which the last run here was told what they are,
// that is offered.
func (c *course) showReading(in *input) {
	info := in.rows.Info()
	c.Face.Reading(info)
	if len(info.Unused) == 0 || len(in.options.Map) > 0 {
		return
	}
	run, columns := c.lastMap(in)
	text := textLearnt + " " + run
	columns = slices.DeleteFunc(columns, func(s rows.Suggestion) bool { return !rows.HasHeader(info.Unused, s.Header) })
	for _, column := range columns {
		if column.Field == "" {
			text += fmt.Sprintf(" %s %q", c.word("ignore"), column.Header)
		} else {
			text += fmt.Sprintf(" %s %q", c.word("map"), column.Header+"="+column.Field)
		}
	}
	if len(columns) > 0 {
		c.Face.Note(text)
	}
}

// lastMap is the last run beside the file, or where this one leaves its folder, that was told what columns are which
// the file has too, and what it was told.
func (c *course) lastMap(in *input) (run string, columns []rows.Suggestion) {
	past, _ := Runs(cmp.Or(c.Settings.Out, filepath.Dir(in.name))) // without a folder nothing was learnt
	for _, p := range slices.Backward(past) {
		o, told := in.options, p.Was.Settings["map"]
		o.Map = map[string]string{}
		if p.Err != nil || told == "" || c.readMap(o.Map, []string{told}) != nil {
			continue
		}
		maps.Copy(o.Map, in.options.Map)
		headers := headersOf(in.name, o)
		for _, header := range slices.Sorted(maps.Keys(o.Map)) {
			if rows.HasHeader(headers, header) { // one that is only left out need not be there
				columns = append(columns, rows.Suggestion{Header: header, Field: o.Map[header]})
			}
		}
		if columns != nil {
			return p.ID(), columns
		}
	}
	return "", nil
}

// headersOf are the headers of a regular file that can be read with some options. Reading anything else would take it
// away.
func headersOf(path string, o rows.Options) []string {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	r, err := rows.Open(f, o)
	if err != nil {
		return nil
	}
	return r.Info().Header
}

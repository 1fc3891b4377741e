package run

import (
	"cmp"
	"errors"
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
	past, _ := Runs(cmp.Or(c.Settings.Out, filepath.Dir(in.name))) // without a folder nothing was learnt
	for _, p := range slices.Backward(past) {
		o := in.options
		o.Map = maps.Clone(o.Map)
		if p.Err != nil || p.Was.Settings["map"] == "" || c.readMap(o.Map, []string{p.Was.Settings["map"]}) != nil || !readable(in.name, o) {
			continue
		}
		file.Hint += "; the last run that read such columns, " + strings.ReplaceAll(p.ID(), "%", "%%") + ", had"
		for _, header := range slices.Sorted(maps.Keys(o.Map)) {
			file.Hint += " %s"
			file.Columns = append(file.Columns, rows.Suggestion{Header: header, Field: o.Map[header]})
		}
		break
	}
	return err
}

// readable reports whether a file can be read with some options.
func readable(path string, o rows.Options) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	_, err = rows.Open(f, o)
	return err == nil
}

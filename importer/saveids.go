package importer

import (
	"io"
	"slices"

	"csvput/importer/rows"
	"csvput/report"
)

// SaveIDs writes the file that the folder's plan was made from, with the ids of its rows filled in, and says how many
// were. in reads the file from its beginning, and info is what was known of it at its end.
func SaveIDs(w io.Writer, name string, in *rows.Reader, info rows.Info, folder *report.Folder) (filled int, err error) {
	column := slices.Index(info.Fields, rows.FieldID)
	header := info.Header
	if column < 0 {
		header = append([]string{rows.FieldID}, header...)
	}
	out, err := rows.NewCopy(w, name, header, info)
	if err != nil {
		return 0, err
	}
	err = eachRow(folder, report.PlanName, func(row report.Row) error {
		r, err := in.Read()
		if err != nil {
			return err
		}
		cells := slices.Clone(r.Raw)
		if column < 0 {
			cells = append([]string{""}, cells...)
		}
		if at := max(column, 0); row.MatchedBy != "" && at < len(cells) {
			cells[at] = row.ID
			filled++
		}
		return out.Write(cells)
	})
	if err != nil {
		return filled, err
	}
	return filled, out.Close()
}

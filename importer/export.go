package importer

import (
	"context"
	"io"
	"strings"

	"csvput/importer/crm"
	"csvput/importer/rows"
)

// exportHeader are the columns of an export: those that an import reads.
func exportHeader() []string {
	return []string{"id", "type", "name", "value", "country", "account_uuids", "primary_account_uuids"}
}

// clientColumns say in an export whose contact detail a line is. An import holds them against the record.
func clientColumns() []string {
	return []string{rows.FieldClientName, rows.FieldClientEmail, rows.FieldClientUUID}
}

// clientCells are the owners of a record in the columns of clientColumns: the first of each is the first owner's.
func clientCells(owners []crm.Owner) []string {
	var lists [3][]string
	for _, o := range owners {
		for i, s := range []string{o.Name, o.Email, o.UUID} {
			lists[i] = append(lists[i], strings.ReplaceAll(s, clientSeparator, ","))
		}
	}
	cells := make([]string, len(lists))
	for i, list := range lists {
		if strings.Join(list, "") != "" {
			cells[i] = strings.Join(list, clientSeparator)
		}
	}
	return cells
}

// Export writes contact details as a file that an import takes back: exported, left as it is and planned, nothing would
// change. It is a workbook or CSV, as its name says, see [rows.NewTable]. Only records of the given type are written;
// "" is all. It returns how many were.
func (r Run) Export(ctx context.Context, w io.Writer, name string, filter crm.Filter, kind string) (n int, err error) {
	r.Progress.Stage(StageLookup, -1)
	out, err := rows.NewTable(w, name, append(exportHeader(), clientColumns()...))
	if err != nil {
		return 0, err
	}
	for rec, err := range r.Client.Each(ctx, filter) {
		if err != nil {
			return n, err
		}
		if kind != "" && rec.Type != kind {
			continue
		}
		country := rec.Country
		if country == noCountry {
			country = "" // such a number is read by its + alone
		}
		cells := []string{rec.UUID, rec.Type, rec.Name, rec.Value, country,
			strings.Join(rec.AccountUUIDs, listSeparator), strings.Join(rec.PrimaryAccountUUIDs, listSeparator)}
		if err := out.Write(append(cells, clientCells(rec.Owners)...)); err != nil {
			return n, err
		}
		n++
		r.Progress.Advance(int64(n))
	}
	return n, out.Close()
}

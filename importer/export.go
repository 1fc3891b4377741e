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

// NewExport begins a file for Export, as [rows.NewTable] does.
func NewExport(w io.Writer, name string) (rows.Table, error) {
	return rows.NewTable(w, name, exportHeader())
}

// Export writes contact details as a file that an import takes back: exported, left as it is and
// planned, nothing would change. Only records of the given type are written; "" is all. It returns
// how many were.
func Export(ctx context.Context, out rows.Table, client *crm.Client, filter crm.Filter, kind string, progress func(n int)) (int, error) {
	n := 0
	for rec, err := range client.Each(ctx, filter) {
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
		cells := []string{rec.UUID, rec.Type, rec.Name, rec.Value, country, strings.Join(rec.AccountUUIDs, listSeparator), strings.Join(rec.PrimaryAccountUUIDs, listSeparator)}
		if err := out.Write(cells); err != nil {
			return n, err
		}
		n++
		progress(n)
	}
	return n, out.Close()
}

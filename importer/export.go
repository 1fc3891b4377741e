package importer

import (
	"context"
	"io"
	"strings"

	"csvput/importer/crm"
	"csvput/importer/rows"
	"csvput/report/formula"
)

// exportHeader are the columns of an export: those that an import reads.
func exportHeader() []string {
	return []string{"id", "type", "name", "value", "country", "account_uuids", "primary_account_uuids"}
}

// Export writes contact details as a CSV that an import takes back: exported, left as it is and
// planned, nothing would change. Only records of the given type are written; "" is all. It returns
// how many were.
//
// A name that a spreadsheet could run as a formula gets an apostrophe in front, which an import takes
// off again.
func Export(ctx context.Context, w io.Writer, client *crm.Client, filter crm.Filter, kind string, progress func(n int)) (int, error) {
	out := rows.NewWriter(w, ',', false)
	if err := out.Write(exportHeader()); err != nil {
		return 0, err
	}
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
		cells := []string{rec.UUID, rec.Type, formula.Guard(rec.Name), formula.Guard(rec.Value), country, strings.Join(rec.AccountUUIDs, listSeparator), strings.Join(rec.PrimaryAccountUUIDs, listSeparator)}
		if err := out.Write(cells); err != nil {
			return n, err
		}
		n++
		progress(n)
	}
	out.Flush()
	return n, out.Error()
}

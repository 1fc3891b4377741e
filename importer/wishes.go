package importer

import (
	"errors"
	"io"

	"csvput/importer/rows"
	"csvput/report"
)

// Wish is what one row of a file asks for.
type Wish struct {
	ID, Type, Name, Value, Country    string
	AccountUUIDs, PrimaryAccountUUIDs []string
}

// Wishes calls do for every row of the file that names a record, good or not: what was refused of a
// row is blank.
func Wishes(in *rows.Reader, o CheckOptions, do func(Wish) error) error {
	c, err := newChecker(o.Phone, goodRow{report.Planned, report.Planned})
	if err != nil {
		return err
	}
	for {
		r, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		row := c.check(r)
		if !isID(row.ID) {
			continue
		}
		owners, _ := report.SplitList(row.AccountUUIDs)
		primary, _ := report.SplitList(row.PrimaryAccountUUIDs)
		if err := do(Wish{row.ID, row.Type, row.Name, row.Value, row.Country, owners, primary}); err != nil {
			return err
		}
	}
}

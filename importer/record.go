package importer

import (
	"fmt"
	"slices"
	"strings"

	"csvput/importer/crm"
	"csvput/importer/rows"
	"csvput/report"
)

// noCountry is libphonenumber's region of numbers that belong to no country, such as +800.
const noCountry = "001"

// splitList reads the uuids of a report's cell; #CLEAR is the empty list.
func splitList(cell string) []string {
	if cell == "" || cell == clearWord {
		return []string{}
	}
	return strings.Split(cell, listSeparator)
}

func joinList(uuids []string) string { return strings.Join(uuids, listSeparator) }

// sameSet compares two cells as sets: the server keeps owners in an order of its own.
func sameSet(a, b string) bool {
	if a == b {
		return true
	}
	x, y := splitList(a), splitList(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

// before writes the record as it is into the row's columns for the record as it was.
func before(row *report.Row, rec crm.Record) {
	row.Type = rec.Type
	row.NameBefore, row.ValueBefore = rec.Name, rec.Value
	row.AccountUUIDsBefore, row.PrimaryAccountUUIDsBefore = "", ""
	if rec.HasAccounts {
		row.AccountUUIDsBefore = joinList(rec.AccountUUIDs)
	}
	if rec.HasPrimary {
		row.PrimaryAccountUUIDsBefore = joinList(rec.PrimaryAccountUUIDs)
	}
}

// adopt takes over from a line of the report how the record was and is to be: with Overwrite, that is
// not what the plan says.
func adopt(row *report.Row, from report.Row) {
	row.Type, row.Country, row.National = from.Type, from.Country, from.National
	row.NameBefore, row.Name = from.NameBefore, from.Name
	row.ValueBefore, row.Value = from.ValueBefore, from.Value
	row.AccountUUIDsBefore, row.AccountUUIDs = from.AccountUUIDsBefore, from.AccountUUIDs
	row.PrimaryAccountUUIDsBefore, row.PrimaryAccountUUIDs = from.PrimaryAccountUUIDsBefore, from.PrimaryAccountUUIDs
}

// merge lays the row's wishes over the record, so that the row holds the whole record as it is to
// be: what a request must carry under both published revisions of the endpoint. A blank cell takes
// what the record holds.
func merge(row *report.Row, rec crm.Record) {
	before(row, rec)
	if row.Name == "" || sameName(row.Name, rec.Name) {
		row.Name = rec.Name // also where it differs in nothing that a file keeps: that is no wish
	}
	if row.Value == "" {
		row.Value = rec.Value
		if rec.Type == typePhone {
			row.Country, row.National = rec.Country, rec.National
		}
	}
	if row.AccountUUIDs == "" {
		row.AccountUUIDs = row.AccountUUIDsBefore
	}
	if row.PrimaryAccountUUIDs == "" {
		row.PrimaryAccountUUIDs = row.PrimaryAccountUUIDsBefore
	}
}

// already tells whether there is nothing to send: the record holds what the row asks for, to the letter.
func already(row report.Row, rec crm.Record) bool {
	return asWished(row, rec) && (row.Value == "" || row.Value == rec.Value)
}

// asWished tells whether the record holds everything that the row asks for. E-mail addresses are
// compared without case, unless case is all that the row changes: a server may store them in lower
// case, and then a confirmation would never come.
func asWished(row report.Row, rec crm.Record) bool {
	return (row.Name == "" || sameName(row.Name, rec.Name)) &&
		(row.Value == "" || sameValue(row, rec)) &&
		(row.AccountUUIDs == "" || rec.HasAccounts && sameSet(row.AccountUUIDs, joinList(rec.AccountUUIDs))) &&
		(row.PrimaryAccountUUIDs == "" || rec.HasPrimary && sameSet(row.PrimaryAccountUUIDs, joinList(rec.PrimaryAccountUUIDs)))
}

// sameName tells whether two names are one, but for what a file does not keep of a name.
func sameName(a, b string) bool { return a == b || rows.FoldName(a) == rows.FoldName(b) }

// asBefore tells whether the record still is as the plan found it.
func asBefore(row report.Row, rec crm.Record) bool {
	return row.NameBefore == rec.Name && row.ValueBefore == rec.Value &&
		(!rec.HasAccounts || sameSet(row.AccountUUIDsBefore, joinList(rec.AccountUUIDs))) &&
		(!rec.HasPrimary || sameSet(row.PrimaryAccountUUIDsBefore, joinList(rec.PrimaryAccountUUIDs)))
}

func sameValue(row report.Row, rec crm.Record) bool {
	if rec.Type == typeEmail && !strings.EqualFold(row.Value, row.ValueBefore) {
		return strings.EqualFold(row.Value, rec.Value)
	}
	return row.Value == rec.Value
}

// differences names what the record holds beside what the row knew or wished, for a person.
func differences(row report.Row, rec crm.Record) string {
	var out []string
	add := func(column, was, is string) {
		if !sameSet(was, is) {
			out = append(out, fmt.Sprintf("%s was %q and is now %q", column, was, is))
		}
	}
	if row.NameBefore != rec.Name {
		out = append(out, fmt.Sprintf("the name was %q and is now %q", row.NameBefore, rec.Name))
	}
	if row.ValueBefore != rec.Value {
		out = append(out, fmt.Sprintf("the value was %q and is now %q", row.ValueBefore, rec.Value))
	}
	if rec.HasAccounts {
		add("account_uuids", row.AccountUUIDsBefore, joinList(rec.AccountUUIDs))
	}
	if rec.HasPrimary {
		add("primary_account_uuids", row.PrimaryAccountUUIDsBefore, joinList(rec.PrimaryAccountUUIDs))
	}
	return strings.Join(out, "; ")
}

// body is the request for a row: every column that is not blank.
func body(row *report.Row) crm.Update {
	var u crm.Update
	if row.Name != "" {
		u.Name = &row.Name
	}
	if row.Value != "" {
		u.Value = &crm.Value{Text: row.Value}
		if row.Type == typePhone {
			u.Value.Country = row.Country
		}
	}
	if row.AccountUUIDs != "" {
		owners := splitList(row.AccountUUIDs)
		u.AccountUUIDs = &owners
	}
	if row.PrimaryAccountUUIDs != "" {
		primary := splitList(row.PrimaryAccountUUIDs)
		u.PrimaryAccountUUIDs = &primary
	}
	return u
}

package importer

import (
	"fmt"
	"strings"

	"csvput/importer/crm"
	"csvput/importer/rows"
	"csvput/report"
	"csvput/report/code"
)

// noCountry is libphonenumber's region of numbers that belong to no country, such as +800.
const noCountry = "001"

// look compares a record, as a reading found it, with what its row wishes for and with how the plan found it.
func look(row *report.Row, rec crm.Record, found bool) seen {
	if !found {
		return seenGone
	}
	lists := listsOf(row, rec)
	owners, primary := lists[0], lists[1]
	wished := (row.Name == "" || sameName(row.Name, rec.Name)) && (row.Value == "" || asWished(row, rec)) &&
		owners.asWished() && primary.asWished()
	before := crm.SameName(row.NameBefore, rec.Name) && sameText(row.ValueBefore, rec.Value) && owners.asBefore() &&
		primary.asBefore()
	switch {
	case wished && !hides(row, rec):
		return seenWished
	case before && wished:
		return seenHidden
	case before:
		return seenBefore
	case wished:
		return seenPart
	}
	return seenOther
}

// list is a list of uuids in its row and in the record. What is not shown can't be compared.
type list struct {
	name         string // of its column
	before, wish string // cells
	now          []string
	shown        bool
}

// listsOf are the owners and the primary owners.
func listsOf(row *report.Row, rec crm.Record) [2]list {
	return [2]list{
		{"account_uuids", row.AccountUUIDsBefore, row.AccountUUIDs, rec.AccountUUIDs, rec.HasAccounts},
		{"primary_account_uuids", row.PrimaryAccountUUIDsBefore, row.PrimaryAccountUUIDs, rec.PrimaryAccountUUIDs,
			rec.HasPrimary},
	}
}

// wished reports whether the row wants the list to be another one than it was. A list that was not shown may be any,
// and an empty one is never there because the record has it: see mergeList.
func (l list) wished() bool {
	return l.wish != "" && (l.wish == report.EmptyList || !sameList(l.wish, l.before))
}

func (l list) hidden() bool { return !l.shown && l.wished() }

func (l list) asWished() bool {
	return !l.shown || l.wish == "" || sameList(l.wish, report.JoinList(l.now))
}

func (l list) asBefore() bool {
	return !l.shown || l.before == "" || sameList(l.before, report.JoinList(l.now))
}

// sameList compares two cells as sets: the server keeps owners in an order of its own. A list that is not known is no
// other's like.
func sameList(a, b string) bool {
	x, known := report.SplitList(a)
	y, also := report.SplitList(b)
	return known == also && (a == b || crm.SameIDs(x, y))
}

// sameName reports whether two names are one, but for what a file does not keep of a name.
func sameName(wish, now string) bool {
	return crm.SameName(wish, now) || rows.FoldName(wish) == rows.FoldName(now)
}

// sameText compares values to the letter. Blanks at their ends are the server's business.
func sameText(a, b string) bool { return a == b || strings.TrimSpace(a) == strings.TrimSpace(b) }

// asWished compares a value as the server compares them. Where nothing but capitals is to change in an e-mail address,
// these count: else there would be nothing to do.
func asWished(row *report.Row, rec crm.Record) bool {
	if rec.Type == typeEmail && strings.EqualFold(row.Value, strings.TrimSpace(row.ValueBefore)) {
		return sameText(row.Value, rec.Value)
	}
	return crm.SameValue(row.Value, rec.Value)
}

// before writes the record as it is into the row's columns for the record as it was. What the record does not show now
// stays as an earlier reading showed it.
func before(row *report.Row, rec crm.Record) {
	row.Type = rec.Type
	row.NameBefore, row.ValueBefore = rows.FoldBreaks(rec.Name), rec.Value
	if rec.HasAccounts {
		row.AccountUUIDsBefore = report.JoinList(rec.AccountUUIDs)
	}
	if rec.HasPrimary {
		row.PrimaryAccountUUIDsBefore = report.JoinList(rec.PrimaryAccountUUIDs)
	}
}

// merge lays the row's wishes over the record, so that the row holds the whole record as it is to be: what a request
// must carry under both published revisions of the endpoint. What the row does not wish for is taken as the record
// shows it, and left out where it does not: a list that is not shown, or shown in part, must not be sent back.
func merge(row *report.Row, rec crm.Record) {
	if row.Name == "" || sameName(row.Name, row.NameBefore) {
		row.Name = rows.FoldBreaks(rec.Name)
	}
	if row.Value == "" || sameText(row.Value, row.ValueBefore) {
		row.Value = rec.Value
		if rec.Type == typePhone {
			row.Country, row.National = rec.Country, rec.National
		}
	}
	lists := listsOf(row, rec)
	row.AccountUUIDs, row.PrimaryAccountUUIDs = mergeList(lists[0]), mergeList(lists[1])
	before(row, rec)
}

func mergeList(l list) string {
	switch {
	case l.wished():
		return l.wish
	case l.shown:
		return strings.Join(l.now, listSeparator)
	}
	return ""
}

// adopt takes over from a line of the report how the record was and is to be: that may be newer than what the plan
// says.
func adopt(row *report.Row, from report.Row) {
	row.Type, row.Country, row.National = from.Type, from.Country, from.National
	row.NameBefore, row.Name = from.NameBefore, from.Name
	row.ValueBefore, row.Value = from.ValueBefore, from.Value
	row.AccountUUIDsBefore, row.AccountUUIDs = from.AccountUUIDsBefore, from.AccountUUIDs
	row.PrimaryAccountUUIDsBefore, row.PrimaryAccountUUIDs = from.PrimaryAccountUUIDsBefore, from.PrimaryAccountUUIDs
}

// differences names what the record holds beside what the row knew, for a person.
func differences(row *report.Row, rec crm.Record) string {
	var out []string
	add := func(what, was, is string) { out = append(out, fmt.Sprintf("%s was %q and is now %q", what, was, is)) }
	if !crm.SameName(row.NameBefore, rec.Name) {
		add("the name", row.NameBefore, rec.Name)
	}
	if !sameText(row.ValueBefore, rec.Value) {
		add("the value", row.ValueBefore, rec.Value)
	}
	for _, l := range listsOf(row, rec) {
		if !l.asBefore() {
			add(l.name, l.before, report.JoinList(l.now))
		}
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
	if owners, ok := report.SplitList(row.AccountUUIDs); ok {
		u.AccountUUIDs = &owners
	}
	if primary, ok := report.SplitList(row.PrimaryAccountUUIDs); ok {
		u.PrimaryAccountUUIDs = &primary
	}
	return u
}

// hides reports whether something that the row wishes for is not shown.
func hides(row *report.Row, rec crm.Record) bool {
	lists := listsOf(row, rec)
	return lists[0].hidden() || lists[1].hidden()
}

// compare judges one planned row by the record it names.
func compare(row *report.Row, rec crm.Record, found bool) {
	if found && row.Type != "" && row.Type != rec.Type {
		wish := *row
		*row = report.Row{Line: wish.Line, ID: wish.ID, Type: rec.Type, At: wish.At, ValueBefore: rec.Value,
			NameBefore: rec.Name}
		note(row, report.Invalid, code.TypeMismatch,
			fmt.Sprintf("The row is about %s, and the record in the CRM is %s.", typeWords(wish.Type),
				typeWords(rec.Type)))
		return
	}
	before(row, rec)
	v := decide(sentNothing, look(row, rec, found))
	if found {
		merge(row, rec)
	}
	if v.send {
		return // it stays planned
	}
	why := v.code
	if v.status == report.Unchanged && row.Code != "" {
		v.code, why = "", row.Code
	}
	v.note(row, why, "")
}

// notShown names what the row wishes for and the record does not show.
func notShown(row *report.Row, rec crm.Record) string {
	var columns []string
	for _, l := range listsOf(row, rec) {
		if l.hidden() {
			columns = append(columns, l.name)
		}
	}
	if len(columns) == 0 {
		return "The CRM's answer did not show the record."
	}
	return fmt.Sprintf("The CRM does not show %s, so nobody can tell whether it was taken: look at the record in "+
		"the CRM.", strings.Join(columns, " and "))
}

// held says what a record holds that ought to hold something else, or does not show what it holds.
func held(v verdict, row *report.Row, rec crm.Record) string {
	switch v.code {
	case code.NotShown:
		return notShown(row, rec)
	case code.Mismatch:
		says := fmt.Sprintf("The server confirmed the update, but read back, the record holds %q, name %q", rec.Value,
			rec.Name)
		for _, l := range listsOf(row, rec) {
			if !l.asWished() {
				says += fmt.Sprintf(", %s %s", l.name, report.JoinList(l.now))
			}
		}
		return says + "."
	}
	return ""
}

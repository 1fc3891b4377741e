package importer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"csvput/importer/crm"
	"csvput/importer/rows"
	"csvput/report"
	"csvput/report/code"
	"csvput/report/human"
)

// find returns the id of the one record that agrees with all that a row says, and which columns said so.
func (d *directory) find(w whose, row report.Row) (id, by string, p *code.Problem) {
	found := d.agreeing(w, row)
	by = w.columns()
	if len(found) == 0 && len(w.clients) > 0 { // the new value alone would not say whose it is
		changes := func(rec crm.Record) bool { return changesMore(row, rec) }
		found = slices.DeleteFunc(d.agreeing(w.after(row), row), changes)
		by = strings.Replace(by, rows.FieldCurrentValue, rows.FieldValue, 1)
	}
	if len(found) > 1 && row.Name != "" {
		other := func(rec crm.Record) bool { return fold(rec.Name) != fold(row.Name) }
		if labelled := slices.DeleteFunc(slices.Clone(found), other); len(labelled) > 0 {
			found, by = labelled, by+" + "+rows.FieldName
		}
	}
	switch len(found) {
	case 0:
		return "", "", code.Problemf(code.NoMatch,
			"No contact detail in the CRM agrees with what the row says. %s", d.nearest(w, row))
	case 1:
		if w.misnames(found[0], row) {
			return "", "", code.Problemf(code.NoMatch,
				"%s is the client's own name, and would become what the contact "+
					"detail is called: the column is to be read as %s, not as %s.", human.Quote(row.Name),
				rows.FieldClientName, rows.FieldName)
		}
		return found[0].UUID, by, nil
	}
	return "", "", code.Problemf(code.SeveralMatches,
		"%d contact details in the CRM agree with what the row says: %s.", len(found), listed(found))
}

// changesMore reports whether something may be left to send for a row whose record has the new value already. Then it
// is not certain enough that the record is the one that the row means.
func changesMore(row report.Row, rec crm.Record) bool {
	return row.Name != "" && !sameName(row.Name, rec.Name) || row.AccountUUIDs != "" || row.PrimaryAccountUUIDs != ""
}

// misnames reports whether the row would call a contact detail by its owner's name, which the row does not give
// otherwise: in other systems a column Name holds that of the person.
func (w whose) misnames(rec crm.Record, row report.Row) bool {
	named := slices.ContainsFunc(w.clients, func(c client) bool { return c.name().key != "" })
	name := fold(row.Name)
	owned := slices.ContainsFunc(rec.Owners, func(o crm.Owner) bool { return fold(o.Name) == name })
	return owned && !named && name != "" && name != fold(rec.Name)
}

// agreeing are the records of the row's kind that agree with all that it says.
func (d *directory) agreeing(w whose, row report.Row) []crm.Record {
	var at []uint32
	if w.value.key != "" {
		at = d.byValue.at(d.hash(w.value.key))
	} else {
		at = d.ofClient(w.clients[0])
	}
	var found []crm.Record
	for _, at := range at {
		if rec := d.record(at); ofKind(rec, row) && len(w.differences(rec)) == 0 {
			found = append(found, rec)
		}
	}
	return found
}

func ofKind(rec crm.Record, row report.Row) bool { return row.Type == "" || row.Type == rec.Type }

// ofClient are the places of the records whose owner may be the client.
func (d *directory) ofClient(c client) []uint32 {
	switch {
	case c[ofUUID].key != "":
		return d.ofPeople(d.byUUID.at(d.hash(c[ofUUID].key)))
	case c[ofEmail].key != "":
		return d.ofPeople(d.byEmail.at(d.hash(c[ofEmail].key)))
	}
	return d.ofPeople(d.byName.at(d.hash(c.name().key)))
}

// nearest says which record the row may mean, and what it has otherwise.
func (d *directory) nearest(w whose, row report.Row) string {
	const most = 200 // records that are looked at
	var at []uint32
	if w.value.key != "" {
		at = d.byValue.at(d.hash(w.value.key))
	}
	for _, c := range w.clients {
		for i, said := range c {
			var one client
			if one[i] = said; said.key != "" {
				at = append(at, d.ofClient(one)...)
			}
		}
	}
	var best crm.Record
	var why []string
	for _, at := range at[:min(len(at), most)] {
		rec := d.record(at)
		differ := w.differences(rec)
		if !ofKind(rec, row) {
			differ = append(differ, "the row is about "+typeWords(row.Type))
		}
		if why == nil || len(differ) < len(why) {
			best, why = rec, differ
		}
	}
	if why == nil {
		return "Nothing in it has " + w.said() + "."
	}
	return fmt.Sprintf("Nearest is %s, but %s.", described(best), strings.Join(why, ", and "))
}

// said is what a row says of its contact detail, in words. Where it names a client by uuid, it is that alone: nothing
// else may have been read.
func (w whose) said() string {
	var out []string
	add := func(field string, said claim) {
		if said.key != "" {
			out = append(out, fmt.Sprintf("the %s %s", field, human.Quote(said.text)))
		}
	}
	byUUID := slices.ContainsFunc(w.clients, func(c client) bool { return c[ofUUID].key != "" })
	if !byUUID {
		add(rows.FieldCurrentValue, w.value)
	}
	for _, c := range w.clients {
		for i, field := range clientFields() {
			if i == ofUUID || !byUUID {
				add(field, c[i])
			}
		}
	}
	return strings.Join(out, " or ")
}

// described names a record for a person: what it is, whose, and its id.
func described(rec crm.Record) string {
	var names []string
	for _, o := range rec.Owners {
		names = append(names, cmp.Or(o.Name, o.Email, o.UUID))
	}
	label, owners := human.OneLine(rec.Name, 100), human.OneLine(strings.Join(names, " and "), 200)
	return fmt.Sprintf("%s (%s) of %s, id %s", human.Quote(rec.Value), label, owners, rec.UUID)
}

// listed names the first of several records.
func listed(found []crm.Record) string {
	const most = 5
	var out []string
	for _, rec := range found[:min(len(found), most)] {
		out = append(out, described(rec))
	}
	if more := len(found) - most; more > 0 {
		out = append(out, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(out, "; ")
}

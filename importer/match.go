package importer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"csvput/importer/crm"
	"csvput/importer/rows"
	"csvput/report"
	"csvput/report/code"
	"csvput/report/formula"
	"csvput/report/human"
)

// ErrNeedsLookup says that the rows can't be planned without reading the CRM.
var ErrNeedsLookup = errors.New("rows without an id are looked up in the CRM by what they say of their contact detail")

// clientSeparator stands between the clients of one contact detail in a cell.
const clientSeparator = ";"

// whose is what a row says, beside an id, of the contact detail that it means.
type whose struct {
	value   claim    // the value as it is
	clients []client // each of them owns it
}

// claim is a cell and what it is compared by; blank where the row does not say.
type claim struct{ text, key string }

func newClaim(cell string) claim {
	text := strings.TrimSpace(formula.Unguard(cell))
	return claim{text, fold(text)}
}

// client is one owner. Both names are given where a row has a full name and its parts.
type client struct{ uuid, email, name, parts claim }

// keys are what a row says of an owner, with what the owner has for it.
func (c client) keys(o crm.Owner) [4]struct {
	column string
	claim
	has string
} {
	return [...]struct {
		column string
		claim
		has string
	}{
		{rows.FieldClientUUID, c.uuid, o.UUID}, {rows.FieldClientEmail, c.email, o.Email},
		{rows.FieldClientName, c.name, o.Name}, {rows.FieldFirstName + " and " + rows.FieldLastName, c.parts, o.Name},
	}
}

func (w whose) blank() bool { return w.value.key == "" && len(w.clients) == 0 }

// readWhose reads what a row says of its contact detail. A number is compared as it is stored, if it can be read.
func (c *checker) readWhose(r rows.Row) (w whose, p *code.Problem) {
	if r.CurrentValue+r.ClientUUID+r.ClientEmail+r.ClientName+r.FirstName+r.LastName == "" {
		return w, nil // as in most files, whose rows have ids
	}
	w.value = newClaim(r.CurrentValue)
	if w.value.text != "" && !strings.Contains(w.value.text, "@") {
		if n, p := c.phones.Parse(r.CurrentValue, r.Country); p == nil {
			w.value.key = n.E164
		}
	}
	ids, _, p := rows.ParseIDs(r.ClientUUID)
	if p != nil {
		return w, code.Problemf(p.Code, "%s in the column for %s is not a uuid.", human.Quote(r.ClientUUID), rows.FieldClientUUID)
	}
	w.clients = clients(ids, r)
	return w, nil
}

// clients are the owners that a row names. A cell can hold those of several: the first uuid, the first e-mail and the
// first name are then the first owner's, if there are as many of each.
func clients(ids []string, r rows.Row) []client {
	var lists [4][]claim
	for _, id := range ids {
		lists[0] = append(lists[0], claim{id, id})
	}
	most := len(ids)
	for i, cell := range []string{r.ClientEmail, r.ClientName, strings.TrimSpace(r.FirstName + " " + r.LastName)} {
		if cell == "" {
			continue // as in nearly every row that has an id
		}
		for part := range strings.SplitSeq(cell, clientSeparator) {
			lists[i+1] = append(lists[i+1], newClaim(part))
		}
		most = max(most, len(lists[i+1]))
	}
	var out []client
	for i, list := range lists {
		for j, said := range list {
			if said.key == "" {
				continue
			}
			if len(list) != most {
				j = len(out)
			}
			out = append(out, make([]client, max(0, j+1-len(out)))...)
			*[...]*claim{&out[j].uuid, &out[j].email, &out[j].name, &out[j].parts}[i] = said
		}
	}
	return slices.DeleteFunc(out, func(c client) bool { return c == client{} })
}

// columns names what the row says, for matched_by.
func (w whose) columns() string {
	var names []string
	if w.value.key != "" {
		names = append(names, rows.FieldCurrentValue)
	}
	for _, c := range w.clients {
		for _, k := range c.keys(crm.Owner{}) {
			if k.key != "" && !slices.Contains(names, k.column) {
				names = append(names, k.column)
			}
		}
	}
	return strings.Join(names, " + ")
}

// differences says in which points a record is another one than the row says.
func (w whose) differences(rec crm.Record) []string {
	var out []string
	if w.value.key != "" && w.value.key != fold(rec.Value) {
		out = append(out, fmt.Sprintf("%s is %s in the row", rows.FieldCurrentValue, human.Quote(w.value.text)))
	}
	for _, c := range w.clients {
		out = append(out, c.differences(rec.Owners)...)
	}
	return out
}

// differences says in which points the row's client is none of the owners.
func (c client) differences(owners []crm.Owner) []string {
	fits := map[string]bool{} // by column: one owner or another has it
	for _, o := range owners {
		all := true
		for _, k := range c.keys(o) {
			same := k.key == "" || k.key == fold(k.has)
			fits[k.column] = fits[k.column] || same
			all = all && same
		}
		if all {
			return nil
		}
	}
	var out []string
	for _, k := range c.keys(crm.Owner{}) {
		if k.key != "" && !fits[k.column] {
			out = append(out, fmt.Sprintf("%s is %s in the row", k.column, human.Quote(k.text)))
		}
	}
	if out == nil {
		out = append(out, "what the row says of its client is true of two different owners")
	}
	return out
}

// after is the same of a record that holds the row's new value already: a file that was carried out is true of it.
func (w whose) after(row report.Row) whose {
	if w.value.key != "" && row.Value != "" {
		w.value = newClaim(row.Value)
	}
	return w
}

// find returns the id of the one record that agrees with all that a row says, and which columns said so.
func (d *directory) find(w whose, row report.Row) (id, by string, p *code.Problem) {
	found := d.agreeing(w, row)
	by = w.columns()
	if len(found) == 0 && len(w.clients) > 0 { // the new value alone would not say whose it is
		found = d.agreeing(w.after(row), row)
		by = strings.Replace(by, rows.FieldCurrentValue, rows.FieldValue, 1)
	}
	if len(found) > 1 && row.Name != "" {
		labelled := slices.DeleteFunc(slices.Clone(found), func(rec crm.Record) bool { return fold(rec.Name) != fold(row.Name) })
		if len(labelled) > 0 {
			found, by = labelled, by+" + "+rows.FieldName
		}
	}
	switch len(found) {
	case 0:
		return "", "", code.Problemf(code.NoMatch, "No contact detail in the CRM agrees with what the row says. %s", d.nearest(w, row))
	case 1:
		if w.misnames(found[0], row) {
			return "", "", code.Problemf(code.NoMatch, "%s is the client's own name, and would become what the contact detail is called: the column is to be read as %s, not as %s.",
				human.Quote(row.Name), rows.FieldClientName, rows.FieldName)
		}
		return found[0].UUID, by, nil
	}
	return "", "", code.Problemf(code.SeveralMatches, "%d contact details in the CRM agree with what the row says: %s.", len(found), listed(found))
}

// misnames reports whether the row would call a contact detail by its owner's name, which the row does not give
// otherwise: in other systems a column Name holds that of the person.
func (w whose) misnames(rec crm.Record, row report.Row) bool {
	named := slices.ContainsFunc(w.clients, func(c client) bool { return c.name.key+c.parts.key != "" })
	name := fold(row.Name)
	return !named && name != "" && name != fold(rec.Name) && slices.ContainsFunc(rec.Owners, func(o crm.Owner) bool { return fold(o.Name) == name })
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
	case c.uuid.key != "":
		return d.ofPeople(d.byUUID.at(d.hash(c.uuid.key)))
	case c.email.key != "":
		return d.ofPeople(d.byEmail.at(d.hash(c.email.key)))
	}
	return d.ofPeople(d.byName.at(d.hash(cmp.Or(c.name.key, c.parts.key))))
}

// nearest says which record the row may mean, and what it has otherwise.
func (d *directory) nearest(w whose, row report.Row) string {
	const most = 200 // records that are looked at
	at := d.byValue.at(d.hash(w.value.key))
	for _, c := range w.clients {
		for _, one := range []client{{uuid: c.uuid}, {email: c.email}, {name: c.name}, {parts: c.parts}} {
			if one != (client{}) {
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

// said is what a row says of its contact detail, in words.
func (w whose) said() string {
	var out []string
	add := func(column string, said claim) {
		if said.key != "" {
			out = append(out, fmt.Sprintf("the %s %s", column, human.Quote(said.text)))
		}
	}
	add(rows.FieldCurrentValue, w.value)
	for _, c := range w.clients {
		for _, k := range c.keys(crm.Owner{}) {
			add(k.column, k.claim)
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
	return fmt.Sprintf("%s (%s) of %s, id %s", human.Quote(rec.Value), human.OneLine(rec.Name, 100), human.OneLine(strings.Join(names, " and "), 200), rec.UUID)
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

// wanted is what must be read of the CRM to find the records of rows without an id.
type wanted struct {
	any, all bool
	owners   map[string]bool // all that is wanted, where every row names its client by uuid
}

func (n *wanted) add(b batch) {
	for _, row := range b.rows {
		if row.ID != "" || row.Status == report.Invalid {
			continue
		}
		n.any = true
		if n.owners == nil {
			n.owners = map[string]bool{}
		}
		clients := b.whose[row.Line].clients
		named := slices.IndexFunc(clients, func(c client) bool { return c.uuid.key != "" })
		if named < 0 {
			n.all = true
		} else {
			n.owners[clients[named].uuid.key] = true
		}
	}
}

// match reads the records that are wanted, and the input once more: now the ids of its rows are known.
func (s *scan) match(ctx context.Context, client *crm.Client, n wanted, progress Progress) (*Tally, *idIndex, error) {
	if client == nil {
		return nil, nil, ErrNeedsLookup
	}
	var err error
	if s.crm, err = n.read(ctx, client, progress); err != nil {
		return nil, nil, err
	}
	return s.again(ctx, func(batch) error { return nil })
}

func (n *wanted) read(ctx context.Context, client *crm.Client, progress Progress) (*directory, error) {
	var filter crm.Filter
	if !n.all {
		filter.AccountUUIDs = slices.Sorted(maps.Keys(n.owners))
	}
	return readDirectory(ctx, client, filter, progress)
}

// claims are what rows on their way into the plan say of their contact details.
type claims struct {
	mu     sync.Mutex
	byLine map[int]whose
}

// put keeps what a row says until the row is judged, if it will be.
func (c *claims) put(row report.Row, w whose) {
	if !w.blank() && toSend(row.Status, row.Code) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.byLine[row.Line] = w
	}
}

// judge is compare for a row whose record, as it is now, may be another one than the row says.
func (c *claims) judge(row *report.Row, rec crm.Record, found bool) {
	c.mu.Lock()
	w := c.byLine[row.Line]
	delete(c.byLine, row.Line)
	c.mu.Unlock()
	if !rec.HasAccounts {
		w.clients = nil // nobody can say whether they are among the owners
	}
	differ := w.differences(rec)
	if !found || len(differ) == 0 || len(w.after(*row).differences(rec)) == 0 {
		compare(row, rec, found)
		return
	}
	*row = report.Row{Line: row.Line, ID: row.ID, Type: rec.Type, At: row.At, ValueBefore: rec.Value, NameBefore: rec.Name, MatchedBy: row.MatchedBy}
	note(row, report.Invalid, code.OtherRecord, fmt.Sprintf("The id is that of %s, but %s", described(rec), strings.Join(differ, ", and ")))
}

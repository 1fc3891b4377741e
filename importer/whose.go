package importer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"csvput/importer/crm"
	"csvput/importer/rows"
	"csvput/report"
	"csvput/report/formula"
	"csvput/report/human"
)

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

// client is what a row says of one owner.
type client [4]claim

// The places of a client's claims. A row may give both a full name and its parts.
const (
	ofUUID = iota
	ofEmail
	ofName
	ofParts
)

// clientFields are the columns of a client's claims.
func clientFields() [4]string {
	parts := rows.FieldFirstName + " + " + rows.FieldLastName
	return [...]string{rows.FieldClientUUID, rows.FieldClientEmail, rows.FieldClientName, parts}
}

// name is the client's name, if the row gives one.
func (c client) name() claim { return cmp.Or(c[ofName], c[ofParts]) }

// fits reports of each claim whether it is true of an owner. One that is not made is.
func (c client) fits(o crm.Owner) (fits [4]bool) {
	for i, has := range [...]string{o.UUID, o.Email, o.Name, o.Name} {
		fits[i] = c[i].key == "" || c[i].key == fold(has)
	}
	return fits
}

func (w whose) blank() bool { return w.value.key == "" && len(w.clients) == 0 }

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
			out[j][i] = said
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
		for i, field := range clientFields() {
			if c[i].key != "" && !slices.Contains(names, field) {
				names = append(names, field)
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
	var one [4]bool // of each claim: it is true of one owner or another
	for _, o := range owners {
		fits := c.fits(o)
		if fits == [4]bool{true, true, true, true} {
			return nil
		}
		for i := range one {
			one[i] = one[i] || fits[i]
		}
	}
	var out []string
	for i, field := range clientFields() {
		if c[i].key != "" && !one[i] {
			out = append(out, fmt.Sprintf("%s is %s in the row", field, human.Quote(c[i].text)))
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

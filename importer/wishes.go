package importer

import (
	"cmp"
	"errors"
	"fmt"
	"io"

	"github.com/google/uuid"

	"csvput/importer/crm"
	"csvput/importer/rows"
	"csvput/report"
)

// Wish is what one row of a file asks for, and what it says of the record that it means.
type Wish struct {
	ID, Type, Name, Value, Country    string
	AccountUUIDs, PrimaryAccountUUIDs []string
	Matched                           bool // the row has no id: ID is made up from what it says
	CurrentValue                      string
	Clients                           []crm.Owner // those that the row names, with a uuid made up where it gives none
}

// Wishes calls do for every row of the file that names a record, good or not: what was refused of a
// row is blank.
func Wishes(in *rows.Reader, o CheckOptions, do func(Wish) error) error {
	c, err := newChecker(o.Phone, goodRow{report.Planned, report.Planned})
	if err != nil {
		return err
	}
	clients := cast{ids: map[[2]string]string{}, owners: map[string]crm.Owner{}}
	for {
		r, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		row := c.check(r)
		w := Wish{ID: row.ID, Type: row.Type, Name: row.Name, Value: row.Value, Country: row.Country,
			CurrentValue: c.whose.value.key}
		w.AccountUUIDs, _ = report.SplitList(row.AccountUUIDs)
		w.PrimaryAccountUUIDs, _ = report.SplitList(row.PrimaryAccountUUIDs)
		for _, client := range c.whose.clients {
			w.Clients = append(w.Clients, clients.owner(client))
		}
		if w.Matched = row.ID == "" && !c.whose.blank(); w.Matched {
			w.ID = c.whose.madeUp(row)
		}
		if !isID(w.ID) {
			continue
		}
		if err := do(w); err != nil {
			return err
		}
	}
}

// cast is the clients that rows name, each of whom rows can name in several ways.
type cast struct {
	ids    map[[2]string]string // by e-mail and name, and by each of them alone
	owners map[string]crm.Owner // by id
}

// owner is the account of a client: the one that earlier rows have named so, or a new one.
func (c *cast) owner(named client) crm.Owner {
	name, email := named.name(), named[ofEmail]
	keys := [...][2]string{{email.key, name.key}, {"", name.key}, {email.key, ""}}
	id := cmp.Or(named[ofUUID].key, c.ids[keys[0]])
	if byName := c.ids[keys[1]]; id == "" && byName != "" && c.owners[byName].Email == "" {
		id = byName // the first to give the client's address
	}
	id = cmp.Or(id, uuid.NewSHA1(uuid.Nil, fmt.Appendf(nil, "%q", keys[0])).String())
	for _, key := range keys {
		if key != [2]string{} && c.ids[key] == "" {
			c.ids[key] = id
		}
	}
	o := c.owners[id]
	o = crm.Owner{UUID: id, Name: cmp.Or(o.Name, name.text), Email: cmp.Or(o.Email, email.text)}
	c.owners[id] = o
	return o
}

// madeUp is an id for the record that a row without one means: the same for rows that mean the same. Where the row does
// not say what the record holds, its label decides.
func (w whose) madeUp(row report.Row) string {
	label := row.Name
	if w.value.key != "" {
		label = ""
	}
	said := fmt.Appendf(nil, "%q %q %q", row.Type, w.value.key, fold(label))
	for _, c := range w.clients {
		said = fmt.Appendf(said, " %q %q %q", c[ofUUID].key, c[ofEmail].key, c.name().key)
	}
	return uuid.NewSHA1(uuid.Nil, said).String()
}

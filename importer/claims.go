package importer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"csvput/importer/crm"
	"csvput/report"
	"csvput/report/code"
)

// ErrNeedsLookup says that the rows can't be planned without reading the CRM.
var ErrNeedsLookup = errors.New("rows without an id are looked up in the CRM by what they say of their contact detail")

// wanted is what must be read of the CRM to find the records of rows without an id.
type wanted struct {
	any, all bool
	owners   map[string]bool // all that is wanted, where every row names its client by uuid
}

func (n *wanted) add(b batch) {
	for _, row := range b.rows {
		if row.ID != "" || row.Status != report.Planned {
			continue
		}
		n.any = true
		if n.owners == nil {
			n.owners = map[string]bool{}
		}
		clients := b.whose[row.Line].clients
		named := slices.IndexFunc(clients, func(c client) bool { return c[ofUUID].key != "" })
		if named < 0 {
			n.all = true
		} else {
			n.owners[strings.Clone(clients[named][ofUUID].key)] = true // the key itself keeps its whole chunk
		}
	}
}

// match reads the records that are wanted, and the input once more: now the ids of its rows are known.
func (r Run) match(ctx context.Context, n wanted, s *scan) (*Tally, *idIndex, error) {
	if r.Client == nil {
		return nil, nil, ErrNeedsLookup
	}
	var filter crm.Filter
	if !n.all {
		filter.AccountUUIDs = slices.Sorted(maps.Keys(n.owners))
	}
	var err error
	if s.crm, err = r.directory(ctx, filter); err != nil {
		return nil, nil, err
	}
	return s.again(ctx, func(batch) error { return nil })
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
	*row = report.Row{
		Line: row.Line, ID: row.ID, Type: rec.Type, At: row.At, ValueBefore: rec.Value, NameBefore: rec.Name,
		MatchedBy: row.MatchedBy,
	}
	why := fmt.Sprintf("The id is that of %s, but %s", described(rec), strings.Join(differ, ", and "))
	note(row, report.Invalid, code.OtherRecord, why)
}

package crm

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/google/uuid"

	"csvput/importer/rescue"
	"csvput/report/code"
)

const (
	maxBatch = 200 // ids a request: nginx takes 208 in its shortest default
	maxPage  = 500 // records a page: the most that the API gives
	lookups  = 4   // list requests at once
	// smallBatch is the size from which a lost connection is no longer put down to the length of the request.
	smallBatch = 25
)

// Filter chooses contact details. Empty lists do not restrict.
type Filter struct {
	IDs          []string // of contact details
	AccountUUIDs []string // of their owners
}

// Lookup reads the records of any number of ids. Ids that the server does not know are absent from the map, whose keys
// are the ids as they were given (the first spelling, if they differ in case). The error is an *Error.
func (c *Client) Lookup(ctx context.Context, ids []string) (map[string]Record, error) {
	ids = unique(ids)
	asked := make(map[string]string, len(ids))
	for _, id := range ids {
		asked[strings.ToLower(id)] = id
	}
	var mu sync.Mutex
	records := make(map[string]Record, len(ids))
	group, ctx := rescue.WithContext(ctx)
	group.SetLimit(lookups)
	for len(ids) > 0 {
		n := min(len(ids), int(c.batch.Load()))
		part := Filter{IDs: ids[:n]}
		ids = ids[n:]
		group.Go(func() error {
			l := c.lister(func(r Record) bool {
				mu.Lock()
				defer mu.Unlock()
				if id, ok := asked[strings.ToLower(r.UUID)]; ok {
					records[id] = r
				}
				return true
			})
			if e := l.part(ctx, part); e != nil {
				return e
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return records, nil
}

// Each yields the contact details of the account that the filter chooses, each once. Records that move between pages
// while they are read are caught by reading once more; if some are missing even then, an *Error with
// code.IncompleteList follows. An error is an *Error, and the last thing yielded.
func (c *Client) Each(ctx context.Context, f Filter) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		wanted := make(map[string]bool, len(f.IDs))
		for _, id := range f.IDs {
			wanted[strings.ToLower(id)] = true
		}
		l := c.lister(func(r Record) bool {
			return len(wanted) > 0 && !wanted[strings.ToLower(r.UUID)] || yield(r, nil)
		})
		for _, part := range f.parts(int(c.batch.Load())) {
			if e := l.part(ctx, part); e != nil {
				yield(Record{}, e)
				return
			}
			if l.enough {
				return
			}
		}
	}
}

// parts cuts a filter into such as fit into one request each.
func (f Filter) parts(size int) []Filter {
	ids, owners := unique(f.IDs), unique(f.AccountUUIDs)
	if len(ids) == 0 && len(f.IDs) > 0 || len(owners) == 0 && len(f.AccountUUIDs) > 0 {
		return nil // nothing that could exist
	}
	if len(ids) > 0 && len(owners) > 0 {
		size = max(1, size/2)
	}
	var parts []Filter
	for _, some := range chunks(ids, size) {
		for _, of := range chunks(owners, size) {
			parts = append(parts, Filter{IDs: some, AccountUUIDs: of})
		}
	}
	return parts
}

// halve cuts the longer list of a filter into two.
func (f Filter) halve() [2]Filter {
	a, b := f, f
	if n := len(f.IDs) / 2; len(f.IDs) >= len(f.AccountUUIDs) {
		a.IDs, b.IDs = f.IDs[:n], f.IDs[n:]
	} else {
		n = len(f.AccountUUIDs) / 2
		a.AccountUUIDs, b.AccountUUIDs = f.AccountUUIDs[:n], f.AccountUUIDs[n:]
	}
	return [2]Filter{a, b}
}

func (f Filter) size() int { return max(len(f.IDs), len(f.AccountUUIDs)) }

// unique drops what is no id, and what comes again.
func unique(ids []string) []string {
	var kept []string
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		if key := strings.ToLower(id); plausible(id) && !seen[key] {
			seen[key] = true
			kept = append(kept, id)
		}
	}
	return kept
}

// chunks cuts a list; an empty list is one empty chunk.
func chunks(list []string, size int) [][]string {
	if len(list) == 0 {
		return [][]string{nil}
	}
	return slices.Collect(slices.Chunk(list, size))
}

// lister reads lists page by page and passes each record on once.
type lister struct {
	c      *Client
	use    func(Record) bool // false: enough
	enough bool
	seen   map[uuid.UUID]int32 // number of the part in which a record was last seen
	number int32               // of the present part
	count  int                 // records of the present part
	total  int                 // of them, as the server counts
}

func (c *Client) lister(use func(Record) bool) *lister {
	return &lister{c: c, use: use, seen: make(map[uuid.UUID]int32)}
}

// part reads all records of a filter, and once more if the server counts more than were found.
func (l *lister) part(ctx context.Context, f Filter) *Error {
	l.number++
	l.count = 0
	for range 2 {
		l.total = 0
		if e := l.batch(ctx, f); e != nil || l.enough {
			return e
		}
		if l.count >= l.total {
			return nil
		}
	}
	return &Error{Code: code.IncompleteList, Message: fmt.Sprintf(
		"the server counts %d records, but only %d could be read: they change while the list is read", l.total,
		l.count)}
}

// batch reads all pages of a filter, and of its halves if the request proves too long.
func (l *lister) batch(ctx context.Context, f Filter) *Error {
	e := l.pages(ctx, f)
	if e == nil || f.size() < 2 {
		return e
	}
	long := e.tooLong()
	if !long && !(e.broken && f.size() > smallBatch) {
		return e
	}
	for _, half := range f.halve() {
		if e := l.batch(ctx, half); e != nil || l.enough {
			return e
		}
		if size := int32(half.size()); long && size < l.c.batch.Load() {
			l.c.batch.Store(size)
		}
	}
	return nil
}

// pages reads all pages of a filter.
func (l *lister) pages(ctx context.Context, f Filter) *Error {
	size := int(l.c.perPage.Load())
	for number := 1; ; number++ {
		p, e := l.c.page(ctx, f, number, size)
		for e != nil && e.Code == code.Oversized && f.size() < 2 && size > 1 {
			number = (number-1)*size/(size/2) + 1 // where the page began that was too long
			size /= 2
			l.c.perPage.Store(min(l.c.perPage.Load(), int32(size)))
			p, e = l.c.page(ctx, f, number, size)
		}
		if e != nil {
			return e
		}
		for _, r := range p.records {
			key, err := uuid.Parse(r.UUID)
			if err != nil {
				key = uuid.NewSHA1(uuid.Nil, []byte(r.UUID)) // no uuid, and still an id
			}
			before := l.seen[key]
			if before != l.number {
				l.seen[key] = l.number
				l.count++
			}
			if before == 0 && !l.use(r) {
				l.enough = true
				return nil
			}
		}
		if number >= p.last {
			l.total += p.total
			return nil
		}
	}
}

// tooLong reports whether the request was too long for the server, or for a reverse proxy, or the answer for us.
func (e *Error) tooLong() bool {
	return e != nil && (e.Code == code.TooLarge || e.Code == code.Oversized || e.Code == code.BadRequest && e.page)
}

// unknownInclude reports whether the error response may be that of an older revision, which does not know
// primary_accounts.
func (e *Error) unknownInclude() bool {
	return e != nil && e.Code == code.BadRequest && !e.page
}

// page reads one page.
func (c *Client) page(ctx context.Context, f Filter, number, size int) (page, *Error) {
	noPrimary := c.noPrimary.Load()
	p, e := c.readPage(ctx, f, number, size, noPrimary)
	if !noPrimary && e.unknownInclude() {
		q, f := c.readPage(ctx, f, number, size, true)
		if !f.unknownInclude() {
			p, e = q, f
		}
		if f == nil || f.tooLong() {
			c.noPrimary.Store(true)
		}
	}
	switch {
	case e == nil:
		c.listed.Store(true)
	case c.listed.Load() || e.page:
	case e.Code == code.BadRequest, e.Code == code.Forbidden:
		e.Code, e.Stop = code.WrongAccount, StopPermanent
		e.Message = "the account may not read contact details, or is not one of yours: " + e.Message
		c.halt(*e)
	}
	return p, e
}

func (c *Client) readPage(ctx context.Context, f Filter, number, size int, noPrimary bool) (page, *Error) {
	var p page
	q := &call{kind: kindList, method: http.MethodGet, url: c.url(pathList, f.query(number, size, noPrimary)),
		long: f.size() > smallBatch}
	q.read = func(body []byte, redact func(string) string) *Error {
		var ok bool
		if p, ok = parsePage(body, redact); !ok {
			return &Error{Code: code.NotJSON}
		}
		return nil
	}
	var t Tries
	e := c.do(ctx, q, &t)
	for i := range p.records {
		p.records[i].Asked = t.sent
	}
	return p, e
}

// query writes the filter with plain commas: uuids hold nothing that needs escaping, and a comma counts once.
func (f Filter) query(number, size int, noPrimary bool) string {
	include := "accounts,primary_accounts"
	if noPrimary {
		include = "accounts"
	}
	var b strings.Builder
	b.WriteString("per_page=" + strconv.Itoa(size) + "&page=" + strconv.Itoa(number) + "&sort=created_at&include=" +
		include)
	if len(f.IDs) > 0 {
		b.WriteString("&filter%5Buuid%5D=" + strings.Join(f.IDs, ","))
	}
	if len(f.AccountUUIDs) > 0 {
		b.WriteString("&filter%5Baccount_uuids%5D=" + strings.Join(f.AccountUUIDs, ","))
	}
	return b.String()
}

// page is one page of a list.
type page struct {
	records []Record
	last    int // number of the last page; 0 when the list is not paged
	total   int // records on all pages
}

// parsePage reads {"data": [record, ...], "meta": {"last_page": ..., "total": ...}}.
func parsePage(body []byte, redact func(string) string) (p page, ok bool) {
	var answer struct {
		Data list[element] `json:"data"`
		Meta struct {
			LastPage scalar `json:"last_page"`
			Total    scalar `json:"total"`
		} `json:"meta"`
	}
	if !decode(body, &answer) {
		return page{}, false
	}
	for _, r := range answer.Data {
		r.redact(redact)
		p.records = append(p.records, r.Record)
	}
	p.last, _ = strconv.Atoi(string(answer.Meta.LastPage))
	p.total, _ = strconv.Atoi(string(answer.Meta.Total))
	return p, answer.Data != nil
}

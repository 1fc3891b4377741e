package sandbox

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// query is a query string in the order in which it came, each name once.
type query []param

type param struct{ name, value string }

// parseQuery reads a query as PHP does: of a repeated name the last value counts, at the first one's place. Escapes
// that are none stay as they are.
func parseQuery(raw string) query {
	decode := func(s string) string {
		if t, err := url.QueryUnescape(s); err == nil {
			return t
		}
		return s
	}
	var q query
	for part := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(part, "=")
		if name == "" {
			continue
		}
		p := param{decode(name), decode(value)}
		if i := slices.IndexFunc(q, func(o param) bool { return o.name == p.name }); i >= 0 {
			q[i] = p
		} else {
			q = append(q, p)
		}
	}
	return q
}

func (q query) get(name string) string {
	for _, p := range q {
		if p.name == name {
			return p.value
		}
	}
	return ""
}

// list is a comma-separated parameter; nil if it is blank.
func (q query) list(name string) []string {
	if v := q.get(name); v != "" {
		return strings.Split(v, ",")
	}
	return nil
}

// filters are the names within filter[...].
func (q query) filters() (names []string) {
	for _, p := range q {
		if name, ok := strings.CutPrefix(p.name, "filter["); ok {
			names = append(names, strings.TrimSuffix(name, "]"))
		}
	}
	return names
}

// encode writes the query as Laravel's paginator does (http_build_query with RFC 3986), with the page at the end.
func (q query) encode(page int) string {
	escape := func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
	var b strings.Builder
	for _, p := range q {
		if p.name != "page" {
			b.WriteString(escape(p.name) + "=" + escape(p.value) + "&")
		}
	}
	return b.String() + "page=" + strconv.Itoa(page)
}

// page is a page of a list (Illuminate\Pagination\LengthAwarePaginator).
type page struct {
	number, size, total int
	url                 string // without the query
	query               query
}

type linksJSON struct {
	First *string `json:"first"`
	Last  *string `json:"last"`
	Prev  *string `json:"prev"`
	Next  *string `json:"next"`
}

type metaPageJSON struct {
	CurrentPage int        `json:"current_page"`
	From        *int       `json:"from"`
	LastPage    int        `json:"last_page"`
	Links       []linkJSON `json:"links"`
	Path        string     `json:"path"`
	PerPage     int        `json:"per_page"`
	To          *int       `json:"to"`
	Total       int        `json:"total"`
}

type linkJSON struct {
	URL    *string `json:"url"`
	Label  string  `json:"label"`
	Active bool    `json:"active"`
}

func (p page) last() int { return max(1, (p.total+p.size-1)/p.size) }

// link is the address of a page; nil below the first one.
func (p page) link(number int) *string {
	if number < 1 {
		return nil
	}
	return new(p.url + "?" + p.query.encode(number))
}

func (p page) json() (linksJSON, metaPageJSON) {
	last := p.last()
	links := linksJSON{First: p.link(1), Last: p.link(last), Prev: p.link(p.number - 1)}
	if p.number < last {
		links.Next = p.link(p.number + 1)
	}
	meta := metaPageJSON{
		CurrentPage: p.number, LastPage: last, Path: p.url, PerPage: p.size, Total: p.total,
		Links: []linkJSON{{URL: links.Prev, Label: "&laquo; Previous"}},
	}
	if from := (p.number-1)*p.size + 1; from <= p.total {
		meta.From, meta.To = &from, new(min(from+p.size-1, p.total))
	}
	for _, n := range p.window() {
		l := linkJSON{Label: "..."}
		if n > 0 {
			l = linkJSON{URL: p.link(n), Label: strconv.Itoa(n), Active: n == p.number}
		}
		meta.Links = append(meta.Links, l)
	}
	meta.Links = append(meta.Links, linkJSON{URL: links.Next, Label: "Next &raquo;"})
	return links, meta
}

// window lists the pages that are linked, with 0 for a gap (Illuminate\Pagination\UrlWindow, three on each side).
func (p page) window() (pages []int) {
	const side = 3
	last := p.last()
	from, to := p.number-side, p.number+side
	switch {
	case last < 2*side+8:
		from, to = 1, last
	case p.number <= side+4:
		from, to = 1, 2*side+4
	case p.number > last-side-4:
		from, to = last-2*side-3, last
	}
	for n := 1; n <= last; n++ {
		switch {
		case n <= 2 || n >= last-1 || n >= from && n <= to:
			pages = append(pages, n)
		case pages[len(pages)-1] != 0:
			pages = append(pages, 0)
		}
	}
	return pages
}

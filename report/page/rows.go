package page

import (
	"bufio"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"csvput/report"
)

const (
	blockRows = 5_000  // rows in one script element, which a browser parses at once
	maxShared = 20_000 // texts that later rows may refer to
)

// packer writes rows as JSON arrays for page.js, which has the same order of columns. Trailing blanks are left out.
// Texts that come again are written as numbers: each distinct text of a shared column gets the next number when it is
// first written, and 0 is the blank.
type packer struct {
	out    *bufio.Writer
	json   *json.Encoder // escapes <, >, &, U+2028 and U+2029, so nothing in a row ends the script element
	shared map[string]int
	base   int64 // Unix seconds that times are relative to
	cells  []any
	n      int // rows so far
}

func newPacker(out *bufio.Writer, start time.Time) *packer {
	return &packer{out: out, json: json.NewEncoder(out), shared: map[string]int{"": 0}, base: clockBase(start)}
}

// clockBase is one second before the run, so that a time of 0 means none.
func clockBase(start time.Time) int64 {
	if start.IsZero() {
		return 0
	}
	return start.Unix() - 1
}

// write writes a row, and begins a script element with the first of each block.
func (p *packer) write(row report.Row) error {
	if p.n%blockRows > 0 {
		p.out.WriteString(",")
	} else {
		p.end()
		p.out.WriteString(`<script type="application/json" class="rows">[`)
	}
	p.n++
	return p.json.Encode(p.pack(row))
}

// end ends the last script element. The bufio.Writer keeps the first error for Flush.
func (p *packer) end() {
	if p.n > 0 {
		p.out.WriteString("]</script>\n")
	}
}

// pack returns the row's cells, valid until the next call. A new value or name that is the old one is blank, and the
// owners are there only if they change: the page shows nothing else of them.
func (p *packer) pack(r report.Row) []any {
	p.cells = append(p.cells[:0],
		r.Line, p.share(string(r.Status)), p.share(string(r.Code)), packID(r.ID), p.share(r.Type), p.share(r.Country),
		p.share(r.NameBefore), p.share(changed(r.NameBefore, r.Name)),
		text(r.ValueBefore), text(changed(r.ValueBefore, r.Value)), text(r.National), p.share(r.Message),
		r.HTTPStatus, r.Attempts, r.MS, p.clock(r.At))
	for _, list := range [][2]string{{r.AccountUUIDsBefore, r.AccountUUIDs},
		{r.PrimaryAccountUUIDsBefore, r.PrimaryAccountUUIDs}} {
		if after := changedList(list[0], list[1]); after != "" {
			p.cells = append(p.cells, p.share(listText(list[0])), p.share(listText(after)))
		} else {
			p.cells = append(p.cells, 0, 0)
		}
	}
	p.cells = append(p.cells, p.share(r.MatchedBy))
	last := len(p.cells)
	for last > 0 && (p.cells[last-1] == 0 || p.cells[last-1] == int64(0)) {
		last--
	}
	return p.cells[:last]
}

// share returns the number of a text that was written before, and else the text.
func (p *packer) share(s string) any {
	if n, ok := p.shared[s]; ok {
		return n
	}
	if len(p.shared) < maxShared {
		p.shared[strings.Clone(s)] = len(p.shared) // else all of the row that it was cut from stays in memory
	}
	return s
}

func (p *packer) clock(at string) any {
	if at == "" || p.base == 0 {
		return 0
	}
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return 0
	}
	return t.Unix() - p.base
}

// changed is after if it says something else than before, and "" if not: a blank cell leaves the record as it is.
func changed(before, after string) string {
	if after == before {
		return ""
	}
	return after
}

// changedList is changed for lists of uuids, whose order means nothing.
func changedList(before, after string) string {
	sorted := func(list string) []string {
		return slices.Sorted(strings.FieldsFuncSeq(list, func(c rune) bool { return strings.ContainsRune(";,| ", c) }))
	}
	if before == after || slices.Equal(sorted(before), sorted(after)) {
		return ""
	}
	return after
}

func text(s string) any {
	if s == "" {
		return 0
	}
	return s
}

// packID leaves the hyphens out of a uuid; any other text has an = in front.
func packID(id string) any {
	if len(id) == 36 && uuid.Validate(id) == nil && strings.ToLower(id) == id {
		return strings.ReplaceAll(id, "-", "")
	}
	return "=" + id
}

// listText is a cell's list as the page shows it.
func listText(cell string) string {
	if cell == report.EmptyList {
		return "none"
	}
	return cell
}

package importer

import (
	"crypto/sha256"
	"fmt"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"

	"csvput/report"
	"csvput/report/code"
)

// idIndex finds out which rows may share an id. Of the id of each row it remembers 44 bits of a hash, 12 of them by the
// shard that the others stand in: little more than 4 bytes a row. Of a million ids, two are taken for one in a run of
// 35, and such rows are looked at again.
type idIndex struct {
	seed   maphash.Seed
	shards [1 << 12][][]uint32 // in blocks: what there is is never copied to make room
	twice  map[uint64]bool     // what stands there more than once, see anyShared
}

const (
	hashBits = 44
	blockIDs = 64 // in a block of a shard
)

func newIDIndex() *idIndex { return &idIndex{seed: maphash.MakeSeed()} }

// hash is what is remembered of a row, if anything: a refused row counts too if it has an id, see judgeGroup. It may be
// called from any goroutine.
func (x *idIndex) hash(row report.Row) (hash uint64, ok bool) {
	if row.ID == "" || row.Code == code.LeftOut || row.Status == report.Invalid && !isID(row.ID) {
		return 0, false
	}
	return maphash.String(x.seed, row.ID) >> (64 - hashBits), true
}

func (x *idIndex) add(ids []uint64) {
	for _, id := range ids {
		shard := &x.shards[id>>32]
		if n := len(*shard); n == 0 || len((*shard)[n-1]) == blockIDs {
			*shard = append(*shard, make([]uint32, 0, blockIDs))
		}
		last := &(*shard)[len(*shard)-1]
		*last = append(*last, uint32(id))
	}
}

// anyShared looks for hashes that are there twice, once all are there, and reports whether there are any.
func (x *idIndex) anyShared() bool {
	x.twice = map[uint64]bool{}
	var all []uint32
	for i, shard := range x.shards {
		all = all[:0]
		for _, block := range shard {
			all = append(all, block...)
		}
		slices.Sort(all)
		for k := 1; k < len(all); k++ {
			if all[k] == all[k-1] {
				x.twice[uint64(i)<<32|uint64(all[k])] = true
			}
		}
		x.shards[i] = nil
	}
	return len(x.twice) > 0
}

// mayShare reports whether the row's id may stand in other rows. Whether it does is for the caller to see, who has the
// rows.
func (x *idIndex) mayShare(row report.Row) bool {
	hash, ok := x.hash(row)
	return ok && x.twice[hash]
}

// rulings says what becomes of rows that share an id.
type rulings struct {
	lines  map[int]ruling
	shared leaders // the ids that several rows name with the same wishes
}

type ruling struct {
	status  report.Status // "" leaves the row's status
	code    code.Code
	message string
}

// judgeGroup settles the rows of one id, in the order of the file. Rows with the same wishes are served by
// one request, for the first of them; rows with different wishes are all refused, or give way to the last.
// A row that is refused already was meant to change the record too, nobody knows to what. So it refuses
// the others: sent, one of them could be what it was to correct. Where the last row is to be taken, that
// matters only if the last row is the one that is refused.
func judgeGroup(out rulings, id string, group []sharing, on OnDuplicate) {
	refused, good := partition(group)
	if len(group) == 1 || len(good) == 0 {
		return
	}
	last := group[len(group)-1]
	switch {
	case on == DuplicateLast && last.refused:
		for _, r := range good {
			out.lines[r.line] = ruling{report.Invalid, code.DuplicateID,
				fmt.Sprintf("Line %d names the same id and was to be taken instead, and is refused.", last.line)}
		}
	case len(refused) > 0 && on == DuplicateRefuse:
		where := lineList(refused, -1)
		for _, r := range good {
			out.lines[r.line] = ruling{report.Invalid, code.DuplicateID,
				fmt.Sprintf("The id stands in %s too, where it is refused.", where)}
		}
	case !slices.ContainsFunc(good, func(r sharing) bool { return r.wish != good[0].wish }):
		out.shared[id] = report.Row{}
		for _, r := range good[1:] {
			out.lines[r.line] = ruling{code: code.DuplicateRow,
				message: fmt.Sprintf("Says the same as line %d: one request serves both.", good[0].line)}
		}
	case on == DuplicateLast:
		for _, r := range good[:len(good)-1] {
			out.lines[r.line] = ruling{report.Unchanged, code.Superseded,
				fmt.Sprintf("Line %d names the same id and was taken instead; nothing was sent for this row.",
					last.line)}
		}
	default:
		for i, r := range good {
			out.lines[r.line] = ruling{report.Invalid, code.DuplicateID,
				fmt.Sprintf("The id stands in %s too, with other values.", lineList(good, i))}
		}
	}
}

// sharing is what is kept of a row that shares its id: a file may be full of them.
type sharing struct {
	line    int
	refused bool
	wish    [sha256.Size]byte
}

// wishOf stands for what a checked row asks for.
func wishOf(row report.Row) [sha256.Size]byte {
	set := func(cell string) []string {
		uuids, _ := report.SplitList(strings.ToLower(cell))
		return slices.Compact(slices.Sorted(slices.Values(uuids)))
	}
	return sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %t %q %t", row.Name, row.Value, row.Country,
		set(row.AccountUUIDs), row.AccountUUIDs == "", set(row.PrimaryAccountUUIDs), row.PrimaryAccountUUIDs == ""))
}

// partition parts the rows that are refused from the others.
func partition(group []sharing) (refused, good []sharing) {
	for _, r := range group {
		if r.refused {
			refused = append(refused, r)
		} else {
			good = append(good, r)
		}
	}
	return refused, good
}

// lineList writes "line 3", "lines 3 and 7", "lines 3, 4, 5, 6, 7 and 12 more": the lines of the group, but
// for the row at skip. It looks at the first few only, because a group may be a whole file.
func lineList(group []sharing, skip int) string {
	const most = 5
	total := len(group)
	if skip >= 0 {
		total--
	}
	var s []string
	for i := 0; len(s) < min(most, total); i++ {
		if i != skip {
			s = append(s, strconv.Itoa(group[i].line))
		}
	}
	switch {
	case total == 1:
		return "line " + s[0]
	case total > most:
		return fmt.Sprintf("lines %s and %d more", strings.Join(s, ", "), total-most)
	}
	return "lines " + strings.Join(s[:total-1], ", ") + " and " + s[total-1]
}

// apply changes a checked row as its ruling says, and reports whether there is one.
func (all rulings) apply(row *report.Row) bool {
	ruling, ok := all.lines[row.Line]
	if !ok {
		return false
	}
	if ruling.status != "" {
		row.Status = ruling.status
	}
	if ruling.status == report.Invalid {
		*row = report.Row{Line: row.Line, ID: row.ID, Type: row.Type, Status: report.Invalid, MatchedBy: row.MatchedBy}
	}
	row.Code = ruling.code
	row.Message = strings.TrimSpace(ruling.message + " " + row.Message)
	return true
}

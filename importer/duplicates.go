package importer

import (
	"cmp"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"slices"
	"strconv"
	"strings"

	"csvput/report"
)

// seenID is one row's id as duplicate detection remembers it: 16 bytes.
type seenID struct {
	hash uint64
	line uint32
}

// idIndex remembers which line named which id, in shards by hash, so that growing one copies little:
// about 20 bytes a row in all.
type idIndex struct {
	seed   maphash.Seed
	shards [256][]seenID
}

func newIDIndex() *idIndex { return &idIndex{seed: maphash.MakeSeed()} }

// seen makes what is remembered of one row. It may be called from any goroutine.
func (x *idIndex) seen(row report.Row) seenID {
	return seenID{maphash.String(x.seed, row.ID), uint32(row.Line)}
}

func (x *idIndex) add(ids []seenID) {
	for _, id := range ids {
		shard := &x.shards[id.hash>>56]
		*shard = append(*shard, id)
	}
}

// suspects returns the lines whose id has the same hash as another line's. Whether the ids really
// are the same is for the caller to see, who has the rows.
func (x *idIndex) suspects() map[int]bool {
	out := map[int]bool{}
	for _, shard := range x.shards {
		slices.SortFunc(shard, func(a, b seenID) int { return cmp.Compare(a.hash, b.hash) })
		for i := 1; i < len(shard); i++ {
			if shard[i].hash == shard[i-1].hash {
				out[int(shard[i].line)], out[int(shard[i-1].line)] = true, true
			}
		}
	}
	return out
}

// verdicts says what becomes of rows that share an id, by line.
type verdicts map[int]verdict

type verdict struct {
	status  report.Status // "" leaves the row's status
	code    report.Code
	message string
}

// judgeDuplicates reads the checked rows at the suspect lines and settles each group of rows with
// one id: rows with the same wishes are served by one request, for the first of them; rows with
// different wishes are all refused, or give way to the last.
func judgeDuplicates(checked io.Reader, suspects map[int]bool, on OnDuplicate) (verdicts, error) {
	groups := map[string][]report.Row{}
	rd, err := report.NewReader(checked)
	if err != nil {
		return nil, err
	}
	for {
		row, err := rd.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if suspects[row.Line] && row.Status != report.Invalid {
			groups[row.ID] = append(groups[row.ID], row)
		}
	}
	out := verdicts{}
	for _, group := range groups {
		if len(group) > 1 {
			judgeGroup(out, group, on)
		}
	}
	return out, nil
}

func judgeGroup(out verdicts, group []report.Row, on OnDuplicate) {
	first := group[0]
	same := !slices.ContainsFunc(group, func(r report.Row) bool { return !sameWish(r, first) })
	switch {
	case same:
		for _, r := range group[1:] {
			out[r.Line] = verdict{code: report.CodeDuplicateRow, message: fmt.Sprintf("Says the same as line %d: one request serves both.", first.Line)}
		}
	case on == DuplicateLast:
		last := group[len(group)-1]
		for _, r := range group[:len(group)-1] {
			out[r.Line] = verdict{report.Unchanged, report.CodeSuperseded, fmt.Sprintf("Line %d names the same id and was taken instead; nothing was sent for this row.", last.Line)}
		}
	default:
		for i, r := range group {
			others := slices.Delete(slices.Clone(group), i, i+1)
			out[r.Line] = verdict{report.Invalid, report.CodeDuplicateID, fmt.Sprintf("The id stands in %s too, with other values.", lineList(others))}
		}
	}
}

// sameWish tells whether two checked rows ask for the same.
func sameWish(a, b report.Row) bool {
	return a.Name == b.Name && a.Value == b.Value && a.Country == b.Country &&
		sameList(a.AccountUUIDs, b.AccountUUIDs) && sameList(a.PrimaryAccountUUIDs, b.PrimaryAccountUUIDs)
}

// lineList writes "line 3", "lines 3 and 7", "lines 3, 7 and 12 more".
func lineList(group []report.Row) string {
	const most = 5
	if len(group) == 1 {
		return "line " + strconv.Itoa(group[0].Line)
	}
	var s []string
	for _, r := range group[:min(len(group), most)] {
		s = append(s, strconv.Itoa(r.Line))
	}
	if more := len(group) - most; more > 0 {
		return fmt.Sprintf("lines %s and %d more", strings.Join(s, ", "), more)
	}
	return "lines " + strings.Join(s[:len(s)-1], ", ") + " and " + s[len(s)-1]
}

// apply changes a checked row as its verdict says.
func (v verdicts) apply(row *report.Row) {
	verdict, ok := v[row.Line]
	if !ok {
		return
	}
	if verdict.status != "" {
		row.Status = verdict.status
	}
	if verdict.status == report.Invalid {
		*row = report.Row{Line: row.Line, ID: row.ID, Type: row.Type, Status: report.Invalid}
	}
	row.Code = verdict.code
	row.Message = strings.TrimSpace(verdict.message + " " + row.Message)
}

package importer

import (
	"context"
	"encoding/binary"
	"hash/maphash"
	"slices"

	"github.com/google/uuid"

	"csvput/importer/crm"
)

// directory is the CRM's contact details by what rows can say of them. It is made for hundreds of thousands in little
// memory, less than 200 bytes each, and is not changed once it is sorted.
type directory struct {
	seed    maphash.Seed
	records []entry
	owners  []uint32 // of the records, one record's after the other's
	people  []person
	texts   texts
	byValue index // of records
	byOwner index // of records, by the place of their owner

	byUUID, byEmail, byName index // of people
}

type entry struct {
	id                 uuid.UUID
	kind, value, label uint32 // in texts
	first, n           uint32 // in owners
}

type person struct {
	uuid        uuid.UUID
	name, email uint32
}

// texts are texts one after the other, each behind its length. The blank one is at 0.
type texts []byte

func (t *texts) add(s string) uint32 {
	if len(*t) == 0 {
		*t = texts{0}
	}
	if s == "" {
		return 0
	}
	at := uint32(len(*t))
	*t = append(binary.AppendUvarint(*t, uint64(len(s))), s...)
	return at
}

func (t texts) at(at uint32) string {
	n, size := binary.Uvarint(t[at:])
	from := int(at) + size
	return string(t[from : from+int(n)])
}

// index finds places by a hash of 32 bits, which stands in front of the place, so that sorting is enough.
type index []uint64

func (x *index) add(hash, at uint32) { *x = append(*x, uint64(hash)<<32|uint64(at)) }

// at returns the places of a hash: perhaps some too many, since texts can share one.
func (x index) at(hash uint32) []uint32 {
	var found []uint32
	i, _ := slices.BinarySearch(x, uint64(hash)<<32)
	for ; i < len(x) && uint32(x[i]>>32) == hash; i++ {
		found = append(found, uint32(x[i]))
	}
	return found
}

func (d *directory) hash(s string) uint32 { return uint32(maphash.String(d.seed, s)) }

// directory reads the contact details that the filter chooses.
func (r Run) directory(ctx context.Context, filter crm.Filter) (*directory, error) {
	r.Progress.Stage(StageMatch, -1)
	b := newBuilder()
	for rec, err := range r.Client.Each(ctx, filter) {
		if err != nil {
			return nil, err
		}
		b.add(rec)
		r.Progress.Advance(int64(len(b.records)))
	}
	return b.sorted(), nil
}

// builder fills a directory.
type builder struct {
	directory
	known map[uuid.UUID]uint32 // people
	often map[string]uint32    // texts that come again: labels and kinds
}

func newBuilder() *builder {
	return &builder{
		directory: directory{seed: maphash.MakeSeed()}, known: map[uuid.UUID]uint32{}, often: map[string]uint32{},
	}
}

func (b *builder) add(rec crm.Record) {
	id, err := uuid.Parse(rec.UUID)
	if err != nil {
		return // nothing that a row could name
	}
	at := uint32(len(b.records))
	first := len(b.owners)
	for _, owner := range rec.Owners {
		p := b.person(owner)
		b.owners = append(b.owners, p)
		b.byOwner.add(p, at)
	}
	b.byValue.add(b.hash(fold(rec.Value)), at)
	b.records = append(b.records, entry{
		id:   id,
		kind: b.shared(rec.Type), value: b.texts.add(rec.Value), label: b.shared(rec.Name),
		first: uint32(first), n: uint32(len(rec.Owners)),
	})
}

// person is the place of an owner.
func (b *builder) person(owner crm.Owner) uint32 {
	id, err := uuid.Parse(owner.UUID)
	if p, ok := b.known[id]; ok && err == nil {
		return p
	}
	p := uint32(len(b.people))
	b.people = append(b.people, person{id, b.texts.add(owner.Name), b.texts.add(owner.Email)})
	b.known[id] = p
	b.byUUID.add(b.hash(id.String()), p)
	b.byName.add(b.hash(fold(owner.Name)), p)
	b.byEmail.add(b.hash(fold(owner.Email)), p)
	return p
}

// shared keeps a text that others have too once.
func (b *builder) shared(s string) uint32 {
	const most = 10_000
	at, ok := b.often[s]
	if !ok {
		at = b.texts.add(s)
		if len(b.often) < most {
			b.often[s] = at
		}
	}
	return at
}

// sorted is the directory, as small as it can be.
func (b *builder) sorted() *directory {
	d := b.directory
	for _, x := range []*index{&d.byValue, &d.byOwner, &d.byUUID, &d.byEmail, &d.byName} {
		*x = slices.Clone(*x)
		slices.Sort(*x)
	}
	d.records, d.owners = slices.Clone(d.records), slices.Clone(d.owners)
	d.people, d.texts = slices.Clone(d.people), slices.Clone(d.texts)
	return &d
}

// record is the contact detail at a place, as far as the directory knows it.
func (d *directory) record(at uint32) crm.Record {
	e := d.records[at]
	rec := crm.Record{
		UUID: e.id.String(), Type: d.texts.at(e.kind), Name: d.texts.at(e.label), Value: d.texts.at(e.value),
	}
	for _, p := range d.owners[e.first : e.first+e.n] {
		who := d.people[p]
		owner := crm.Owner{UUID: who.uuid.String(), Name: d.texts.at(who.name), Email: d.texts.at(who.email)}
		rec.Owners = append(rec.Owners, owner)
	}
	return rec
}

// ofPeople are the places of the records of the people at some places.
func (d *directory) ofPeople(people []uint32) []uint32 {
	var found []uint32
	for _, p := range people {
		found = append(found, d.byOwner.at(p)...)
	}
	slices.Sort(found)
	return slices.Compact(found) // people can own together
}

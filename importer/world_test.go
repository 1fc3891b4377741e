package importer_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"csvput/importer"
	"csvput/importer/sandbox"
	"csvput/report"
)

var (
	worldSeeds = flag.Int("seeds", 200, "how many simulated worlds TestWorld lives through")
	worldSeed  = flag.Uint64("seed", 0, "the one world that TestWorld lives through")
	worldStory = flag.String("story", "", "the id of a record whose story TestWorld tells in any case")
)

var errKilled = errors.New("killed")

// TestWorld lets colleagues, a server that faults, throttles, hides and applies late, kills and stops loose on runs and
// their undos, in fake time, and holds all that csvput says and does against the server's own history.
//
// A world is made by its seed: go test -run TestWorld -seed 17 tells the story of one, -seeds 10000 lives through as many.
func TestWorld(t *testing.T) {
	first, last := uint64(1), uint64(*worldSeeds)
	if *worldSeed > 0 {
		first, last = *worldSeed, *worldSeed
	}
	var lived, failed atomic.Int64
	t.Run("seeds", func(t *testing.T) {
		for seed := first; seed <= last; seed++ {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				defer func() {
					lived.Add(1)
					if t.Failed() {
						failed.Add(1)
					}
				}()
				dir := t.TempDir()
				synctest.Test(t, func(t *testing.T) { live(t, seed, dir, nil) })
			})
		}
	})
	if n := failed.Load(); n > 0 {
		t.Logf("%d of %d worlds are broken", n, lived.Load())
	}
}

// live is one world from beginning to end.
func live(t *testing.T, seed uint64, dir string, fill filling) {
	w := &world{seed: seed, dir: dir, born: time.Now(), records: map[string]*record{}, wishes: map[string]contact{}}
	r := w.dice("world")
	w.nature = nature{
		strict: r.IntN(2) == 0, quota: any1(r, -1, -1, 20, 60, 500), trims: r.IntN(2) == 0,
		listOwners: any1(r, "list", "list", "list", "list", "single", "none"), putOwners: any1(r, "list", "list", "list", "single", "none"),
		listPrimary: r.IntN(4) > 0, putPrimary: r.IntN(4) > 0, noPrimary: r.IntN(6) == 0,
		faults: any1(r, 0, 0.05, 0.2, 0.4), busy: any1(r, 0, 0.05, 0.2, 0.5), latency: between(r, time.Millisecond, 300*time.Millisecond),
	}
	if r.IntN(2) == 0 { // nothing is hidden
		w.nature.listOwners, w.nature.putOwners, w.nature.listPrimary, w.nature.putPrimary, w.nature.noPrimary = "list", "list", true, true, false
	}
	w.odds = w.nature.faults
	s := &saga{t: t, w: w, r: r, file: w.populate(r), fill: fill}
	file := table(append([][]string{{"id", "name", "value", "account_uuids", "primary_account_uuids"}}, s.file...)...)
	w.say("the server: %+v", w.nature)

	manner := manner{noLookup: r.IntN(8) == 0, overwrite: r.IntN(8) == 0, verify: r.IntN(3) == 0}
	run := &venture{name: "run", blind: manner.noLookup && r.IntN(2) == 0}
	last := r.IntN(3) == 0
	s.plan(run, func(ctx context.Context, folder *report.Folder, p *process) error {
		client, err := linkUp(p, ctx, p.manner)
		if err != nil || run.blind {
			client = nil
		}
		return errors.Join(err, planFile(ctx, file, folder, client, last))
	})
	s.pause()
	for range r.IntN(4) {
		s.apply(run, manner)
	}
	if r.IntN(3) == 0 && (run.told != nil || run.kills != nil) { // an undo in the middle of it all
		undo := s.undo(run, "first undo")
		for range r.IntN(3) {
			s.apply(undo, manner)
		}
		s.calm()
		s.complete(undo, manner)
	}
	s.calm()
	if run.told == nil || r.IntN(4) > 0 {
		s.complete(run, manner)
	}
	undo := s.undo(run, "last undo")
	manner.noLookup, manner.overwrite = false, false
	s.complete(undo, manner)

	findings := append(w.judge(s.ventures), w.judgeUndo(run, undo)...)
	s.report(findings)
}

// populate fills the server and writes the file of wishes.
func (w *world) populate(r *rand.Rand) [][]string {
	n := 5 + r.IntN(36)
	if r.IntN(12) == 0 {
		n = 210 + r.IntN(100)
	}
	for i := range n {
		rec := &record{id: detailID(i), phone: r.IntN(4) == 0}
		rec.first[label] = fmt.Sprintf("Name %d", i)
		if r.IntN(10) == 0 {
			rec.first[label] = any1(r, "Name with a blank ", " Blank before", "No\u00a0break", "Soft\u00adhyphen", "Tab\there")
		}
		rec.first[value] = fmt.Sprintf("old.%d@example.com", i)
		if rec.phone {
			rec.first[value] = fmt.Sprintf("+447400%06d", i)
		}
		ids := []string{sandbox.ClientUUID(1 + r.IntN(3)), sandbox.ClientUUID(4 + r.IntN(3))}[:1+r.IntN(2)]
		rec.first[owners] = list(ids)
		if !w.nature.noPrimary && r.IntN(2) == 0 {
			rec.first[primaries] = ids[0]
		}
		rec.now = rec.first
		w.records[rec.id] = rec
	}
	var cells, end [][]string
	odds := [fields]int{r.IntN(101), 50 + r.IntN(51), any1(r, 0, 10, 60), any1(r, 0, 10, 60)}
	for i := range n {
		rec := w.records[detailID(i)]
		row := []string{rec.id, "", "", "", ""}
		wish := rec.first
		want := func(f field, cell, is string) {
			if r.IntN(100) < odds[f] {
				row[1+f], wish[f] = cell, is
			}
		}
		want(label, fmt.Sprintf("New name %d", i), fmt.Sprintf("New name %d", i))
		if rec.phone {
			number := any1(r, fmt.Sprintf("+447401%06d", i), fmt.Sprintf("+4930%06d", 123400+i))
			want(value, number, number)
		} else {
			want(value, fmt.Sprintf("new.%d@example.com", i), fmt.Sprintf("new.%d@example.com", i))
		}
		ids := list([]string{sandbox.ClientUUID(7), sandbox.ClientUUID(8)}[:1+r.IntN(2)])
		want(owners, ids, ids)
		if r.IntN(3) == 0 {
			want(primaries, "#CLEAR", "")
		} else {
			want(primaries, sandbox.ClientUUID(9), sandbox.ClientUUID(9))
		}
		switch r.IntN(20) {
		case 0: // an untouched export
			row, wish = []string{rec.id, rec.first[label], rec.first[value], rec.first[owners], rec.first[primaries]}, rec.first
		case 1:
			row[0] = detailID(1000 + i) // never was
		}
		w.wishes[rec.id] = wish
		cells = append(cells, row)
		if r.IntN(15) == 0 { // the same again, or something else, here or at the end
			again := append([]string(nil), row...)
			if r.IntN(3) == 0 {
				again[1] = "Somewhat else"
			}
			if r.IntN(2) == 0 {
				cells = append(cells, again)
			} else {
				end = append(end, again)
			}
		}
	}
	return append(cells, end...)
}

// filling makes the disk too small for the report of a folder, until the function that it returns is called.
type filling func(t *testing.T, folder *report.Folder, r *rand.Rand) (enough func())

// saga is the course of one world.
type saga struct {
	t        *testing.T
	w        *world
	r        *rand.Rand
	ventures []*venture
	file     [][]string // without its header
	fill     filling    // makes the disk full at times; nil: never
	enough   func()     // makes room again
	broken   bool
}

func (s *saga) fail(format string, args ...any) {
	s.broken = true
	s.t.Errorf(format, args...)
}

// process starts a process.
func (s *saga) process(v *venture, m manner) *process {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	s.w.procs++
	return &process{w: s.w, venture: v, n: s.w.procs, manner: m}
}

// manner is how a process works, with its own pace and patience.
func (s *saga) manner(m manner) manner {
	m.workers, m.retries, m.breaker = any1(s.r, 1, 4, 16), s.r.IntN(5), any1(s.r, 0, 10, 20)
	m.timeout = any1(s.r, 2*time.Second, 10*time.Second, 30*time.Second)
	return m
}

// plan makes a venture's folder: as often as it takes.
func (s *saga) plan(v *venture, make func(ctx context.Context, folder *report.Folder, p *process) error) {
	s.ventures = append(s.ventures, v)
	odds := s.w.odds
	for try := 1; ; try++ {
		folder, err := report.Create(s.w.dir, fmt.Sprintf("%s-%d.csv", strings.ReplaceAll(v.name, " ", "-"), try), time.Now())
		if err != nil {
			s.t.Fatal(err)
		}
		p := s.process(v, s.manner(manner{}))
		s.w.say("process %d plans the %s: %+v", p.n, v.name, p.manner)
		err = make(s.t.Context(), folder, p)
		s.w.say("process %d ends: %v", p.n, err)
		if err == nil {
			v.folder, v.planer = folder, p
			break
		}
		if try > 20 {
			s.t.Fatalf("seed %d: no plan of the %s: %v", s.w.seed, v.name, err)
		}
		s.w.mu.Lock()
		s.w.odds /= 2
		s.w.mu.Unlock()
		after(time.Minute)
	}
	s.w.mu.Lock()
	s.w.odds = odds
	s.w.mu.Unlock()
	rows, err := rowsOf(v.folder, report.PlanName)
	if err != nil {
		s.t.Fatal(err)
	}
	v.wishes = map[int]wanting{}
	for _, row := range rows {
		to, named := changesOf(row)
		if v.undoes == nil { // the plan of a run names whole records
			cells := s.file[row.Line-2]
			to, named = cellsOf(report.Row{Name: cells[1], Value: cells[2], AccountUUIDs: cells[3], PrimaryAccountUUIDs: cells[4]})
		}
		v.wishes[row.Line] = wanting{row.ID, to, named}
	}
}

// pause lets the world go on without csvput.
func (s *saga) pause() {
	if s.r.IntN(2) == 0 {
		after(between(s.r, time.Second, 20*time.Minute))
	}
}

// eye kills or stops a process at an outcome.
type eye struct {
	quiet
	p    *process
	soft func()
	at   int // the outcome at which soft is called
}

func (c *eye) Outcome(report.Row) {
	c.p.w.mu.Lock()
	c.p.outcomes++
	n := c.p.outcomes
	c.p.w.mu.Unlock()
	if n == c.p.kill.outcome {
		c.p.die()
	}
	if n == c.at {
		c.soft()
	}
}

// apply lets one process work on a venture, to whatever end.
func (s *saga) apply(v *venture, m manner) {
	m = s.manner(m)
	if s.r.IntN(8) == 0 {
		m.noLookup = true
	}
	if s.r.IntN(8) == 0 {
		m.maxErrors = 1 + s.r.IntN(10)
	}
	p := s.process(v, m)
	watching := &eye{p: p}
	soft, hard, ease, abort := s.contexts(p)
	watching.soft = ease
	end := any1(s.r, "", "kill", "kill", "kill", "kill at outcome", "soft", "hard", "soft at outcome", "outage")
	if s.fill != nil && s.r.IntN(2) == 0 {
		end = "full disk"
	}
	switch end {
	case "full disk":
		s.enough = s.fill(s.t, v.folder, s.r)
	case "kill":
		p.kill = killing{request: 1 + s.r.IntN(20), phase: s.r.IntN(3)}
	case "kill at outcome":
		p.kill.outcome = 1 + s.r.IntN(20)
	case "soft":
		defer time.AfterFunc(any1(s.r, 0, between(s.r, time.Millisecond, 3*time.Minute)), ease).Stop()
	case "hard":
		defer time.AfterFunc(any1(s.r, 0, between(s.r, time.Millisecond, 3*time.Minute)), abort).Stop()
	case "soft at outcome":
		watching.at = 1 + s.r.IntN(20)
	case "outage":
		out := func(on bool) func() {
			return func() {
				s.w.mu.Lock()
				defer s.w.mu.Unlock()
				s.w.outage = on
			}
		}
		defer time.AfterFunc(any1(s.r, 0, between(s.r, time.Millisecond, time.Minute)), out(true)).Stop()
		defer out(false)()
	}
	s.carryOut(v, p, soft, hard, watching, end)
	s.pause()
}

// contexts are the contexts of a process.
func (s *saga) contexts(p *process) (soft, hard context.Context, ease, abort func()) {
	hard, kill := context.WithCancelCause(s.t.Context())
	soft, stop := context.WithCancelCause(hard)
	p.cancel = kill
	return soft, hard, func() { stop(errKeys) }, func() { kill(errKeys) }
}

// carryOut applies, and has the report put in order unless the process was killed.
func (s *saga) carryOut(v *venture, p *process, soft, hard context.Context, watching importer.Progress, end string) error {
	defer p.cancel(nil)
	p.resumed = v.told != nil || v.kills != nil
	s.w.say("process %d applies the %s (%s): %+v %+v", p.n, v.name, end, p.manner, p.kill)
	client, err := linkUp(p, soft, p.manner)
	if err != nil {
		s.t.Fatal(err)
	}
	defer client.Close()
	err = carryOut(soft, hard, v.folder, client, p.manner, watching)
	if s.enough != nil {
		s.enough()
		s.enough = nil
	}
	s.w.say("process %d ends: %v", p.n, err)
	if p.gone() {
		if p.trouble != nil {
			s.t.Fatal(p.trouble)
		}
		v.folder = p.heir
		return errKilled
	}
	if unrecorded(err) { // what was in flight is lost as by a kill
		v.kills = append(v.kills, p.n)
		return err
	}
	s.tell(v, end == calmly && !p.noLookup)
	return err
}

// tell puts the report in order.
func (s *saga) tell(v *venture, last bool) {
	rows, err := tellEnd(v.folder)
	if err != nil {
		s.fail("seed %d: the report of the %s can't be put in order: %v", s.w.seed, v.name, err)
		return
	}
	planned, err := rowsOf(v.folder, report.PlanName)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := range max(len(planned), len(rows)) {
		if i >= len(planned) || i >= len(rows) || planned[i].Line != rows[i].Line || planned[i].ID != rows[i].ID {
			s.fail("seed %d: the report of the %s has other rows than its plan", s.w.seed, v.name)
			break
		}
	}
	v.told = append(v.told, telling{at: time.Now(), procs: s.w.procs, last: last, rows: rows})
}

// calmly is how a process ends that nothing disturbs.
const calmly = "calm"

// calm ends all faults and edits, and waits for what is still under way.
func (s *saga) calm() {
	s.w.mu.Lock()
	s.w.calm = true
	late := s.w.late
	s.w.mu.Unlock()
	after(max(0, time.Until(late)) + 11*time.Minute) // until csvput, too, is sure that nothing is under way
	s.w.say("all is calm")
}

// complete applies until nothing is open.
func (s *saga) complete(v *venture, m manner) {
	var left []string
	for range 4 {
		p := s.process(v, s.manner(m))
		p.breaker, p.maxErrors = 0, 0
		soft, hard, _, _ := s.contexts(p)
		if err := s.carryOut(v, p, soft, hard, quiet{}, calmly); err != nil {
			s.fail("seed %d: in the calm, applying the %s ends with %v", s.w.seed, v.name, err)
			return
		}
		left = nil
		if v.told == nil {
			return
		}
		for _, row := range v.told[len(v.told)-1].rows {
			if row.Status == report.Failed || row.Status == report.NotAttempted {
				left = append(left, fmt.Sprintf("line %d is %s %s (%s)", row.Line, row.Status, row.Code, row.Message))
			}
		}
		if left == nil {
			return
		}
		after(11 * time.Minute) // what undo holds back until then
	}
	s.fail("seed %d: in the calm, the %s can't be completed: %s", s.w.seed, v.name, strings.Join(left[:min(3, len(left))], "; "))
}

// undo plans the undo of a venture.
func (s *saga) undo(of *venture, name string) *venture {
	v := &venture{name: name, undoes: of}
	s.plan(v, func(ctx context.Context, folder *report.Folder, p *process) error {
		client, err := linkUp(p, ctx, p.manner)
		if err != nil {
			return err
		}
		defer client.Close()
		return takeBack(ctx, of.folder, folder, client)
	})
	return v
}

// report fails the test for what was found, with the stories of the first few records.
func (s *saga) report(findings []finding) {
	told := map[string]bool{}
	for i, f := range findings {
		if i == 6 {
			s.t.Errorf("seed %d: and %d more", s.w.seed, len(findings)-i)
			break
		}
		s.t.Errorf("seed %d: %s (%s): %s", s.w.seed, filepath.Base(f.id), s.w.clock(time.Now()), f.says)
		if len(told) < 2 && !told[f.id] {
			told[f.id] = true
			s.t.Logf("the story of %s:\n%s", f.id, s.w.story(f.id, s.ventures))
		}
	}
	if *worldStory != "" {
		s.t.Logf("the story that was asked for of %s:\n%s", *worldStory, s.w.story(*worldStory, s.ventures))
	}
	if s.broken && len(told) == 0 {
		s.t.Logf("the story:\n%s", s.w.story("", s.ventures))
	}
}

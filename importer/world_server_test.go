package importer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"csvput/importer/sandbox"
	"csvput/report"
)

// field is one field of a contact detail.
type field int

const (
	label field = iota
	value
	owners
	primaries
	fields
)

// column is the field's name in a file and in a request.
func (f field) column() string {
	return [fields]string{"name", "value", "account_uuids", "primary_account_uuids"}[f]
}

// contact is what a record holds; lists are sorted and joined.
type contact [fields]string

// list is the cell of a list.
func list(ids []string) string {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == "" })
	slices.Sort(ids)
	return strings.Join(slices.Compact(ids), ";")
}

func split(cell string) []string {
	if cell == "" {
		return []string{}
	}
	return strings.Split(cell, ";")
}

// same compares a field as a person would: blanks around a name, and of which kind a blank is, don't count.
func same(f field, a, b string) bool {
	if f != label {
		return a == b
	}
	plain := func(s string) string {
		s = strings.NewReplacer("\u00a0", " ", "\u00ad", "", "\t", " ").Replace(s)
		return strings.Join(strings.Fields(s), " ")
	}
	return plain(a) == plain(b)
}

// differ are the fields in which two contacts are not the same.
func differ(a, b contact) (out []field) {
	for f := range fields {
		if !same(f, a[f], b[f]) {
			out = append(out, f)
		}
	}
	return out
}

// shown is what an answer shows of a record; nil is not shown.
type shown [fields]*string

// set is one change of a record, in the order in which they came.
type set struct {
	at      time.Time
	by      *try // nil: a colleague
	was, is contact
	deleted bool
}

// try is one PUT on its way.
type try struct {
	proc     *process
	nth      int // of all for this record
	left     time.Time
	sent     map[string]any
	fault    string
	applied  time.Time // zero: not
	status   int
	answered time.Time // when the process had the answer; zero: never
	shown    *shown    // by the answer
}

// refused tells whether the process knows that this try was not applied.
func (t *try) refused() bool {
	return !t.answered.IsZero() && t.status >= 400 && t.status < 500
}

// reading is what one list request showed of a record.
type reading struct {
	proc     *process
	at       time.Time // when the server looked
	found    bool
	was      contact // what it was, shown or not
	shown    *shown
	answered time.Time // when the process had it; zero: never
}

// record is a contact detail and its history.
type record struct {
	id       string
	phone    bool
	first    contact
	now      contact
	gone     bool
	sets     []set
	tries    []*try
	readings []*reading
}

// nature is what the server is like.
type nature struct {
	strict      bool // the newest revision: name, value and owners are required
	quota       int  // requests a minute; below 0: none
	trims       bool
	listOwners  string  // how lists show owners: "list", "single", "none"
	putOwners   string  // how answers to a PUT do
	listPrimary bool    // lists show primary owners
	putPrimary  bool    // answers to a PUT do
	noPrimary   bool    // an older revision: ignores primary owners and shows none
	faults      float64 // odds that a PUT meets a fault
	busy        float64 // odds that a colleague touches a record after we have read it
	latency     time.Duration
}

// world is a server, the colleagues who work on it, and the processes of csvput.
type world struct {
	seed   uint64
	dir    string
	born   time.Time
	nature nature
	script func(id string, nth int) string // in place of the dice: what goes wrong with a PUT
	listed func(nth int)                   // is called when the nth list was answered, with mu held

	mu      sync.Mutex
	calm    bool    // no faults, no colleagues
	outage  bool    // no connection at all
	odds    float64 // of a fault, now
	records map[string]*record
	wishes  map[string]contact // by id: what the file wants, for colleagues who do the same
	window  time.Time
	count   int
	late    time.Time // when the last late PUT will have been applied
	gets    int
	procs   int
	tale    []line
}

// line is one line of the story.
type line struct {
	at time.Time
	s  string
}

// dice makes a decision depend on what it is about and on nothing else.
func (w *world) dice(about ...any) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprintln(h, about...)
	return rand.New(rand.NewPCG(w.seed, h.Sum64()))
}

// any chooses one.
func any1[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// between is a time between two, short ones as likely as long ones.
func between(r *rand.Rand, from, to time.Duration) time.Duration {
	a, b := math.Log(float64(from)), math.Log(float64(to))
	return time.Duration(math.Exp(a + r.Float64()*(b-a)))
}

func (w *world) say(format string, args ...any) {
	w.tale = append(w.tale, line{time.Now(), fmt.Sprintf(format, args...)})
}

// change is made with w.mu held.
func (w *world) change(rec *record, by *try, to contact, deleted bool) {
	rec.sets = append(rec.sets, set{at: time.Now(), by: by, was: rec.now, is: to, deleted: deleted})
	rec.now, rec.gone = to, deleted
}

// meddle is what a colleague does to a record.
func (w *world) meddle(rec *record, r *rand.Rand) {
	if rec.gone {
		return
	}
	to := rec.now
	switch n := r.IntN(100); {
	case n < 25:
		to[label] = fmt.Sprintf("Colleague's %d", r.IntN(1000))
	case n < 45:
		to[value] = fmt.Sprintf("colleague.%d@example.com", r.IntN(1000))
		if rec.phone {
			to[value] = fmt.Sprintf("+447700%06d", r.IntN(1000000))
		}
	case n < 60:
		to[owners] = list([]string{sandbox.ClientUUID(20 + r.IntN(5)), sandbox.ClientUUID(30)})
	case n < 65:
		if w.nature.noPrimary {
			return
		}
		to[primaries] = sandbox.ClientUUID(40 + r.IntN(5))
	case n < 88:
		wish, ok := w.wishes[rec.id]
		if !ok {
			return
		}
		to = wish
	case n < 96:
		to = rec.first
	default:
		w.change(rec, nil, to, true)
		return
	}
	if to != rec.now {
		w.change(rec, nil, to, false)
	}
}

// afterwards lets a colleague touch a record some time later.
func (w *world) afterwards(rec *record, delay time.Duration, r *rand.Rand) {
	time.AfterFunc(delay, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if !w.calm {
			w.meddle(rec, r)
		}
	})
}

// venture is a run: a folder, and the processes that worked on it one after the other.
type venture struct {
	name   string
	folder *report.Folder
	undoes *venture // nil: a run of a file
	planer *process
	blind  bool  // planned without reading
	kills  []int // numbers of the processes
	told   []telling
	wishes map[int]wanting // by line
}

// wanting is what a row wants.
type wanting struct {
	id    string
	to    contact
	named [fields]bool
}

// telling is a report as it stood at a time.
type telling struct {
	at    time.Time
	procs int // that had been started by then: what comes later may come at the same instant
	last  bool
	rows  []report.Row
}

// killed tells whether a process of the venture had been killed by then.
func (v *venture) killed(by telling) bool {
	return len(v.kills) > 0 && v.kills[0] <= by.procs
}

// process is one process of csvput; it is the transport of its own client.
type process struct {
	manner
	w       *world
	venture *venture
	n       int
	kill    killing
	cancel  context.CancelCauseFunc

	// guarded by w.mu
	requests, outcomes int
	dead               bool
	heir               *report.Folder
	trouble            error
}

// killing says when a process is killed: at its nth request (before it leaves, after, or when its answer is there), or
// at its nth outcome. Zero is never.
type killing struct {
	request, outcome int
	phase            int
}

const (
	beforeLeaving = iota
	afterLeaving
	afterAnswer
)

// die kills the process: what its folder holds now is all that is left of it.
func (p *process) die() {
	p.w.mu.Lock()
	if p.dead {
		p.w.mu.Unlock()
		return
	}
	p.dead = true
	p.venture.kills = append(p.venture.kills, p.n)
	p.w.say("process %d is killed", p.n)
	p.w.mu.Unlock()
	dir := filepath.Join(p.w.dir, fmt.Sprintf("heir-%d", p.n))
	p.trouble = os.CopyFS(dir, os.DirFS(p.venture.folder.Dir()))
	if p.trouble == nil {
		p.heir, p.trouble = report.Open(dir)
	}
	p.cancel(errKilled)
}

// answer is what the server answers.
type answer struct {
	status int
	header http.Header
	body   []byte
	err    error
	cut    bool          // the connection breaks in the body
	after  time.Duration // takes so long
	never  bool
	try    *try
	shown  *shown
	seen   []*reading
}

// RoundTrip implements http.RoundTripper.
func (p *process) RoundTrip(req *http.Request) (*http.Response, error) {
	w := p.w
	ctx := req.Context()
	var body []byte
	if req.Body != nil {
		defer req.Body.Close()
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	w.mu.Lock()
	p.requests++
	mine, outage := p.requests == p.kill.request, w.outage
	w.mu.Unlock()
	if mine && p.kill.phase == beforeLeaving {
		p.die()
	}
	if p.gone() {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	if outage {
		return nil, refused
	}
	answers := make(chan answer, 1)
	if req.Method == http.MethodPut {
		t := w.leave(p, req.URL.Path[strings.LastIndexByte(req.URL.Path, '/')+1:], body)
		if t.fault == "dial" {
			return nil, refused
		}
		go w.serve(answers, w.dice("way", req.URL.Path, t.nth), func() answer { return w.put(t, req.URL.Path[strings.LastIndexByte(req.URL.Path, '/')+1:]) })
	} else {
		w.mu.Lock()
		w.gets++
		n := w.gets
		w.mu.Unlock()
		ids := strings.Split(req.URL.Query().Get("filter[uuid]"), ",")
		go w.serve(answers, w.dice("way", n), func() answer { return w.list(p, ids, n) })
	}
	if mine && p.kill.phase == afterLeaving {
		p.die()
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case a := <-answers:
		if p.gone() {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		w.arrive(a)
		if mine && p.kill.phase == afterAnswer {
			p.die()
			<-ctx.Done()
			return nil, ctx.Err()
		}
		if a.err != nil {
			return nil, a.err
		}
		var stream io.Reader = bytes.NewReader(a.body)
		if a.cut {
			stream = io.MultiReader(bytes.NewReader(a.body[:len(a.body)/2]), broken{})
		}
		return &http.Response{
			StatusCode: a.status, Status: fmt.Sprint(a.status, " ", http.StatusText(a.status)), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: a.header, Body: io.NopCloser(stream), ContentLength: -1, Request: req,
		}, nil
	}
}

// broken is the rest of an answer that is cut.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func (p *process) gone() bool {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return p.dead
}

// leave notes that a PUT leaves, and what will become of it.
func (w *world) leave(p *process, id string, body []byte) *try {
	w.mu.Lock()
	defer w.mu.Unlock()
	rec := w.record(id)
	t := &try{proc: p, nth: len(rec.tries) + 1, left: time.Now()}
	_ = json.Unmarshal(body, &t.sent) // what is no JSON asks for nothing
	doubtful := slices.ContainsFunc(rec.tries, func(t *try) bool { return t.answered.IsZero() || t.status >= 500 })
	if w.script != nil {
		t.fault = w.script(id, t.nth)
	} else {
		t.fault = w.fault(w.dice("fault", id, t.nth), doubtful)
	}
	if t.fault != "dial" {
		rec.tries = append(rec.tries, t)
	}
	return t
}

// record is the record of an id, also of one that never was.
func (w *world) record(id string) *record {
	rec := w.records[id]
	if rec == nil {
		rec = &record{id: id, gone: true}
		w.records[id] = rec
	}
	return rec
}

// fault decides what goes wrong with a PUT.
func (w *world) fault(r *rand.Rand, doubtful bool) string {
	if w.calm || r.Float64() >= w.odds {
		return ""
	}
	if doubtful && r.IntN(4) == 0 {
		return "refused"
	}
	return any1(r, "reset before", "reset after", "hang before", "hang after", "late", "late", "500 before", "500 after", "502 before", "502 after",
		"504 late", "503 before", "503 after", "busy", "429", "refused", "other record before", "other record after", "garbage before", "garbage after",
		"redirect before", "redirect after", "cut", "dial", "slow", "slow", "discard")
}

// serve takes a request to the server, and its answer back. No two take equally long, so that it is no matter of
// scheduling who comes first.
func (w *world) serve(answers chan<- answer, way *rand.Rand, do func() answer) {
	after(w.nature.latency + time.Duration(way.Int64N(int64(w.nature.latency/4))))
	w.mu.Lock()
	a := do()
	w.mu.Unlock()
	if a.never {
		return
	}
	after(w.nature.latency + a.after)
	answers <- a
}

// arrive notes that a process has an answer.
func (w *world) arrive(a answer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if a.err != nil || a.cut {
		return
	}
	if a.try != nil {
		a.try.answered, a.try.status, a.try.shown = time.Now(), a.status, a.shown
	}
	for _, r := range a.seen {
		r.answered = time.Now()
	}
}

// throttled is the answer when the quota is spent.
func (w *world) throttled() (answer, bool) {
	if w.nature.quota < 0 {
		return answer{}, false
	}
	now := time.Now()
	if now.Sub(w.window) >= time.Minute {
		w.window, w.count = now, 0
	}
	if w.count < w.nature.quota {
		w.count++
		return answer{}, false
	}
	left := w.window.Add(time.Minute).Sub(now)
	a := words(http.StatusTooManyRequests, "Too Many Attempts.")
	a.header.Set("Retry-After", strconv.Itoa(int(left/time.Second)))
	a.header.Set("X-RateLimit-Reset", strconv.FormatInt(now.Add(left).Unix(), 10))
	a.header.Set("X-RateLimit-Limit", strconv.Itoa(w.nature.quota))
	a.header.Set("X-RateLimit-Remaining", "0")
	return a, true
}

// counted puts the quota's headers on an answer.
func (w *world) counted(a answer) answer {
	if w.nature.quota >= 0 {
		a.header.Set("X-RateLimit-Limit", strconv.Itoa(w.nature.quota))
		a.header.Set("X-RateLimit-Remaining", strconv.Itoa(max(0, w.nature.quota-w.count)))
	}
	return a
}

func encoded(status int, v any) answer {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return answer{status: status, header: http.Header{"Content-Type": {"application/json"}}, body: body}
}

func words(status int, message string) answer {
	return encoded(status, map[string]string{"message": message})
}

func page(status int) answer {
	return answer{status: status, header: http.Header{"Content-Type": {"text/html"}}, body: []byte("<html><h1>" + http.StatusText(status) + "</h1></html>")}
}

// put is what becomes of a PUT at the server. w.mu is held.
func (w *world) put(t *try, id string) answer {
	rec := w.record(id)
	r := w.dice("put", id, t.nth)
	reset := &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	kind, detail, _ := strings.Cut(t.fault, ": ")
	switch kind { // before the application has it
	case "reset before":
		return answer{err: reset}
	case "hang before":
		return answer{never: true}
	case "502 before":
		return page(any1(r, 502, 504))
	case "503 before":
		return page(503)
	case "redirect before":
		a := page(302)
		a.header.Set("Location", "/login")
		return a
	case "late", "504 late":
		delay, err := time.ParseDuration(detail)
		if err != nil {
			delay = between(r, time.Second, 10*time.Minute)
		}
		if at := time.Now().Add(delay); at.After(w.late) {
			w.late = at
		}
		time.AfterFunc(delay, func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.apply(t, rec)
		})
		if kind == "late" {
			return answer{never: true}
		}
		return page(504)
	}
	if a, ok := w.throttled(); ok {
		a.try = t
		return a
	}
	if w.nature.busy > 0 && r.Float64() < w.nature.busy/2 {
		w.afterwards(rec, between(r, 10*time.Millisecond, 20*time.Second), w.dice("after put", id, t.nth))
	}
	a := w.counted(w.application(t, rec, r))
	a.try = t
	switch t.fault {
	case "reset after":
		return answer{err: reset}
	case "hang after":
		return answer{never: true}
	case "cut":
		a.cut = true
	case "slow":
		a.after = between(r, time.Second, 20*time.Second)
	}
	return a
}

// application is what the application makes of a PUT.
func (w *world) application(t *try, rec *record, r *rand.Rand) answer {
	switch t.fault {
	case "500 before":
		return words(500, "Server Error")
	case "busy", "429":
		a := words(503, "Maintenance")
		if t.fault == "429" {
			a = words(429, "Too Many Attempts.")
		}
		a.header.Set("Retry-After", strconv.Itoa(r.IntN(30)))
		return a
	case "refused":
		return words(any1(r, 400, 404, 422), "Refused at random.")
	case "refused: 400", "refused: 404", "refused: 422":
		status, _ := strconv.Atoi(strings.TrimPrefix(t.fault, "refused: "))
		return words(status, "Refused by the script.")
	case "other record before", "garbage before":
	case "discard":
		if rec.gone {
			return words(404, "No query results.")
		}
		to, errs := w.wanted(t, rec)
		if errs != nil {
			return encoded(422, errs)
		}
		return w.showing(rec, to)
	default:
		if a := w.apply(t, rec); a.status != 200 {
			return a
		}
	}
	switch t.fault {
	case "500 after":
		return words(500, "Server Error")
	case "502 after":
		return page(any1(r, 502, 504))
	case "503 after":
		return page(503)
	case "redirect after":
		a := page(302)
		a.header.Set("Location", "/login")
		return a
	case "other record before", "other record after":
		return encoded(200, map[string]any{"uuid": detailID(999999), "type": "email", "name": "Other", "value": "other@example.com", "accounts": []any{}, "primary_accounts": []any{}})
	case "garbage before", "garbage after":
		return answer{status: 200, header: http.Header{"Content-Type": {"application/json"}}, body: []byte(`{"uuid": "9a00`)}
	}
	return w.showing(rec, rec.now)
}

// wanted is what a PUT makes of a record, or what is wrong with it.
func (w *world) wanted(t *try, rec *record) (contact, any) {
	to, errs := rec.now, map[string][]string{}
	text := func(f field, v any) {
		s, ok := v.(string)
		if o, isObject := v.(map[string]any); isObject && f == value {
			s, ok = o["number"].(string)
		}
		if w.nature.trims {
			s = strings.TrimSpace(s)
		}
		if !ok || strings.TrimSpace(s) == "" {
			errs[f.column()] = []string{"The field is required."}
			return
		}
		to[f] = s
	}
	ids := func(f field, v any, required bool) {
		items, ok := v.([]any)
		if !ok || required && len(items) == 0 {
			errs[f.column()] = []string{"The field is required."}
			return
		}
		var out []string
		for _, v := range items {
			s, _ := v.(string)
			out = append(out, s)
		}
		to[f] = list(out)
	}
	for f := range fields {
		v, ok := t.sent[f.column()]
		switch {
		case !ok && (!w.nature.strict || f == primaries):
		case f == label || f == value:
			text(f, v)
		case f == owners:
			ids(f, v, w.nature.strict)
		case !w.nature.noPrimary:
			ids(f, v, false)
		}
	}
	if len(errs) > 0 {
		return to, map[string]any{"message": "The given data was invalid.", "errors": errs}
	}
	return to, nil
}

// apply does what a PUT asks for.
func (w *world) apply(t *try, rec *record) answer {
	if rec.gone {
		return words(404, "No query results.")
	}
	to, errs := w.wanted(t, rec)
	if errs != nil {
		return encoded(422, errs)
	}
	t.applied = time.Now()
	w.change(rec, t, to, false)
	return answer{status: 200}
}

// showing is the answer to a PUT that was done.
func (w *world) showing(rec *record, c contact) answer {
	primary := w.nature.putPrimary && !w.nature.noPrimary
	a := encoded(200, view(rec, c, w.nature.putOwners, primary))
	a.shown = shows(c, w.nature.putOwners, primary)
	return a
}

// shows is what one can know from an answer.
func shows(c contact, accounts string, primary bool) *shown {
	s := &shown{label: &c[label], value: &c[value]}
	if accounts == "list" {
		s[owners] = &c[owners]
	}
	if primary {
		s[primaries] = &c[primaries]
	}
	return s
}

// view is a record as an answer has it.
func view(rec *record, c contact, accounts string, primary bool) map[string]any {
	v := map[string]any{"uuid": rec.id, "type": "email", "name": c[label], "value": c[value], "created_at": "2020-01-02T03:04:05+00:00", "updated_at": "2020-01-02T03:04:05+00:00"}
	if rec.phone {
		country := "GB"
		if strings.HasPrefix(c[value], "+49") {
			country = "DE"
		}
		v["type"], v["phone_number_meta"] = "phone_number", map[string]string{"country": country, "formatted": c[value]}
	}
	people := func(ids string) []any {
		out := []any{}
		for _, id := range split(ids) {
			out = append(out, map[string]string{"uuid": id, "type": "client"})
		}
		return out
	}
	switch all := people(c[owners]); {
	case accounts == "list":
		v["accounts"] = all
	case accounts == "single" && len(all) > 0:
		v["accounts"] = all[0]
	}
	if primary {
		v["primary_accounts"] = people(c[primaries])
	}
	return v
}

// list answers a reading. w.mu is held.
func (w *world) list(p *process, ids []string, n int) answer {
	if a, ok := w.throttled(); ok {
		return a
	}
	r := w.dice("list", n)
	var after time.Duration
	if !w.calm && r.Float64() < w.odds/3 {
		switch any1(r, "reset", "hang", "500", "502", "busy", "garbage", "slow", "slow") {
		case "reset":
			return answer{err: &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}}
		case "hang":
			return answer{never: true}
		case "500":
			return words(500, "Server Error")
		case "502":
			return page(502)
		case "busy":
			a := page(503)
			a.header.Set("Retry-After", strconv.Itoa(r.IntN(20)))
			return a
		case "garbage":
			return answer{status: 200, header: http.Header{}, body: []byte("<html>")}
		case "slow":
			after = between(r, time.Second, 20*time.Second)
		}
	}
	primary := w.nature.listPrimary && !w.nature.noPrimary
	data := []any{}
	var seen []*reading
	for _, id := range ids {
		rec := w.record(id)
		is := &reading{proc: p, at: time.Now(), found: !rec.gone, was: rec.now}
		rec.readings = append(rec.readings, is)
		seen = append(seen, is)
		if rec.gone {
			continue
		}
		is.shown = shows(rec.now, w.nature.listOwners, primary)
		data = append(data, view(rec, rec.now, w.nature.listOwners, primary))
		if r := w.dice("busy", id, len(rec.readings)); r.Float64() < w.nature.busy {
			w.afterwards(rec, between(r, 10*time.Millisecond, 5*time.Minute), r)
		}
	}
	a := w.counted(encoded(200, map[string]any{"data": data, "meta": map[string]int{"current_page": 1, "last_page": 1, "total": len(data)}}))
	a.seen, a.after = seen, after
	if w.listed != nil {
		w.listed(n)
	}
	return a
}

package importer

import (
	"slices"

	"csvput/report"
	"csvput/report/code"
)

// firstRows is how many good rows a Tally keeps to show.
const firstRows = 5

// firstChanges is the same for the changes of a plan.
const firstChanges = 10

// Tally counts what a check found.
type Tally struct {
	Rows      int // rows with something in them
	Blank     int // blank lines and rows of empty cells, skipped
	Statuses  map[report.Status]int
	Codes     map[code.Code]*Found
	Followers int               // planned rows that another row's request serves
	Countries map[string]int    // phone numbers by region
	Files     map[string]string // of a check: the names that its files got, by "report" and "failed"
	First     []report.Row      // the first good rows, in file order; of a plan, the first that would change
}

// Found counts one code and keeps its first row as the example.
type Found struct {
	Count   int
	Line    int
	Message string
}

func newTally() *Tally {
	return &Tally{Statuses: map[report.Status]int{}, Codes: map[code.Code]*Found{}, Countries: map[string]int{}}
}

// count adds one row with all its codes.
func (t *Tally) count(row report.Row, codes []code.Code) {
	t.Rows++
	t.Statuses[row.Status]++
	for i, code := range codes {
		if !slices.Contains(codes[:i], code) {
			t.found(code, 1, row.Line, row.Message)
		}
	}
	if follows(row) {
		t.Followers++
	}
	if row.Status == report.Invalid {
		return
	}
	if row.Type == typePhone && row.Value != "" {
		t.Countries[row.Country]++
	}
	if len(t.First) < firstRows {
		t.First = append(t.First, row)
	}
}

func (t *Tally) found(why code.Code, n, line int, message string) {
	f := t.Codes[why]
	if f == nil {
		f = &Found{Line: line, Message: message}
		t.Codes[why] = f
	}
	f.Count += n
}

// add takes over the counts of rows that come later in the file.
func (t *Tally) add(later *Tally) {
	t.Rows += later.Rows
	t.Followers += later.Followers
	for s, n := range later.Statuses {
		t.Statuses[s] += n
	}
	for code, f := range later.Codes {
		t.found(code, f.Count, f.Line, f.Message)
	}
	for c, n := range later.Countries {
		t.Countries[c] += n
	}
	room := min(len(later.First), firstRows-len(t.First))
	t.First = append(t.First, later.First[:room]...)
}

// SortedCodes returns the codes found, in the order of the documented list.
func (t *Tally) SortedCodes() []code.Code {
	var out []code.Code
	for _, info := range code.All() {
		if f := t.Codes[info.Code]; f != nil && f.Count > 0 {
			out = append(out, info.Code)
		}
	}
	return out
}

// become takes over what the plan counted of the rows that were checked: the server's records have decided about them.
func (t *Tally) become(plan *Tally) {
	t.Statuses, t.Followers, t.First = plan.Statuses, plan.Followers, plan.First
	for code, f := range plan.Codes {
		t.found(code, f.Count, f.Line, f.Message)
	}
}

// plan counts rows as the plan has them.
func (t *Tally) plan(rows []report.Row) {
	t.Rows += len(rows)
	for _, row := range rows {
		t.Statuses[row.Status]++
		switch row.Code {
		case code.NotFound, code.TypeMismatch, code.AlreadySo, code.ChangedSince, code.UndoNotPossible:
			t.found(row.Code, 1, row.Line, row.Message)
		}
		if follows(row) {
			t.Followers++
		}
		if row.Status == report.Planned && len(t.First) < firstChanges {
			t.First = append(t.First, row)
		}
	}
}

// Problems is how many rows did not get through.
func (t *Tally) Problems() int {
	n := 0
	for status, count := range t.Statuses {
		if status.Problem() {
			n += count
		}
	}
	return n
}

// Requests is how many updates a plan asks for: rows that say the same share one.
func (t *Tally) Requests() int {
	return t.Statuses[report.Planned] - t.Followers
}

// Counts are the codes with how often each was found.
func (t *Tally) Counts() map[code.Code]int {
	out := map[code.Code]int{}
	for code, f := range t.Codes {
		if f.Count > 0 {
			out[code] = f.Count
		}
	}
	return out
}

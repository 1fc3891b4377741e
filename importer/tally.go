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

// Tally counts what a check or a plan found. A check counts every code of a row, repairs too; a report, the first.
type Tally struct {
	report.Counts
	Blank     int // blank lines and rows of empty cells, skipped
	Followers int // planned rows that another row's request serves
	Examples  map[code.Code]Example
	Matched   map[string]int    // rows without an id whose record was found, by what found it
	Files     map[string]string // of a check: the names that its files got, by "report" and "failed"
	First     []report.Row      // the first good rows, in file order; of a plan, the first that would change
}

// Example is the first row with a code.
type Example struct {
	Line    int
	Message string
}

func newTally() *Tally {
	return &Tally{
		Counts: report.Counts{Statuses: map[report.Status]int{}, Codes: map[code.Code]int{},
			Countries: map[string]int{}},
		Examples: map[code.Code]Example{},
		Matched:  map[string]int{},
	}
}

// count adds one row with all its codes.
func (t *Tally) count(row report.Row, codes []code.Code) {
	t.Rows++
	t.Statuses[row.Status]++
	for i, code := range codes {
		if !slices.Contains(codes[:i], code) {
			t.found(code, 1, Example{row.Line, row.Message})
		}
	}
	if follows(row) {
		t.Followers++
	}
	if row.MatchedBy != "" {
		t.Matched[row.MatchedBy]++
	}
	if row.Status == report.Invalid || row.Status == report.NotAttempted {
		return
	}
	if row.Type == typePhone && row.Value != "" {
		t.Countries[row.Country]++
	}
	if len(t.First) < firstRows {
		t.First = append(t.First, row)
	}
}

func (t *Tally) found(why code.Code, n int, example Example) {
	if t.Codes[why] += n; t.Codes[why] == n {
		t.Examples[why] = example
	}
}

// add takes over the counts of rows that come later in the file.
func (t *Tally) add(later *Tally) {
	t.Rows += later.Rows
	t.Followers += later.Followers
	for s, n := range later.Statuses {
		t.Statuses[s] += n
	}
	t.addCodes(later)
	for by, n := range later.Matched {
		t.Matched[by] += n
	}
	for c, n := range later.Countries {
		t.Countries[c] += n
	}
	room := min(len(later.First), firstRows-len(t.First))
	t.First = append(t.First, later.First[:room]...)
}

func (t *Tally) addCodes(later *Tally) {
	for code, n := range later.Codes {
		t.found(code, n, later.Examples[code])
	}
}

// become takes over what the plan counted of the rows that were checked: the server's records have decided about them.
func (t *Tally) become(plan *Tally) {
	t.Statuses, t.Followers, t.First = plan.Statuses, plan.Followers, plan.First
	t.addCodes(plan)
}

// plan counts rows as the plan has them.
func (t *Tally) plan(rows []report.Row) {
	t.Rows += len(rows)
	for _, row := range rows {
		t.Statuses[row.Status]++
		switch row.Code {
		case code.NotFound, code.OtherRecord, code.TypeMismatch, code.AlreadySo, code.ChangedSince,
			code.UndoNotPossible:
			t.found(row.Code, 1, Example{row.Line, row.Message})
		}
		if follows(row) {
			t.Followers++
		}
		if row.Status == report.Planned && len(t.First) < firstChanges {
			t.First = append(t.First, row)
		}
	}
}

// Requests is how many updates a plan asks for: rows that say the same share one.
func (t *Tally) Requests() int {
	return t.Statuses[report.Planned] - t.Followers
}

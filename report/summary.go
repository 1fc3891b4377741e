package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"time"

	"csvput/report/code"
)

// SummaryVersion is the version of the schema of summary.json. It grows when a field changes its meaning or goes away;
// a new field alone does not change it.
const SummaryVersion = 1

// State is how far a run got.
type State string

// The states of a run.
const (
	StateDraft    State = "draft"    // the input is there, and is to be checked or planned
	StateChecked  State = "checked"  // check: the report is complete
	StatePlanned  State = "planned"  // plan: the plan is complete and nothing was sent
	StateFinished State = "finished" // every row was dealt with, well or not
	StateStopped  State = "stopped"  // ended early: Stop says why
)

// Summary is summary.json: one run in figures, for scripts, for the page and for the end of a run on the terminal.
// Times are RFC 3339 in UTC. Every field is always there unless it says otherwise.
type Summary struct {
	Schema     int               `json:"schema"` // SummaryVersion
	RunID      string            `json:"run_id"` // name of the run folder
	Folder     string            `json:"folder"` // the run folder, as an absolute path
	Command    string            `json:"command"`
	State      State             `json:"state"`
	Stop       *Stop             `json:"stop"`      // null when the run came to its end
	ExitCode   int               `json:"exit_code"` // of the process
	Input      Input             `json:"input"`
	Account    Account           `json:"account"` // empty for a check
	Firm       Firm              `json:"firm"`
	BaseURL    string            `json:"base_url"` // of the API
	Sandbox    string            `json:"sandbox"`  // file with the state of the rehearsal's sandbox; "" in earnest
	Counts                       // every status is there, and the codes and countries that occurred
	Requests   Requests          `json:"requests"`
	StartedAt  time.Time         `json:"started_at,omitzero"`  // absent when unknown
	FinishedAt time.Time         `json:"finished_at,omitzero"` // absent when unknown
	DurationMS int64             `json:"duration_ms"`
	Versions   Versions          `json:"versions"`
	Settings   map[string]string `json:"settings"` // flags as they held, by name, as text; no secrets
	UndoOf     string            `json:"undo_of"`  // for an undo, the folder whose run it takes back
	Next       []string          `json:"next"`     // commands that make sense now, ready to paste
	Timeline   Timeline          `json:"timeline"`
	// that were written: plan, report, failed, page, input, summary or damaged, and the name that each got
	Files map[string]string `json:"files"`
}

// Stop says why a run ended before its last row.
type Stop struct {
	Code      code.Code `json:"code"`      // see Codes, or a word of the command's own such as max_errors
	Message   string    `json:"message"`   // one sentence for a person
	Resumable bool      `json:"resumable"` // csvput apply can carry on

	// Of a file that was refused: why, in one word, and the place, as far as there is one.
	Detail string `json:"detail,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column string `json:"column,omitempty"`
}

// Input is the file that the run read.
type Input struct {
	Name      string `json:"name"`            // last element of the path, or "stdin"
	Path      string `json:"path"`            // absolute, or "-"
	SHA256    string `json:"sha256"`          // of the bytes as they were read, in hexadecimal
	Bytes     int64  `json:"bytes"`           // length of the file
	Kind      string `json:"kind"`            // csv or xlsx
	Sheet     string `json:"sheet,omitempty"` // of a workbook
	Encoding  string `json:"encoding"`        // such as UTF-8 or Windows-1252; "" of a workbook
	Delimiter string `json:"delimiter"`       // one character; "" of a workbook
	Rows      int    `json:"rows"`            // data rows that were read, blank ones not counted
	Blank     int    `json:"blank"`           // blank rows that were skipped

	Corrections   int      `json:"corrections,omitempty"`    // lines of corrections.csv that were laid over it
	UnusedColumns []string `json:"unused_columns,omitempty"` // that are neither used nor left out on purpose
}

// Account is the account that the run acted as.
type Account struct {
	UUID string `json:"uuid"`
	Name string `json:"name"`
}

// Firm is the firm that the account belongs to.
type Firm struct {
	Name string `json:"name"`
}

// Requests counts what went over the wire, retries included.
type Requests struct {
	Logins    int `json:"logins"`
	List      int `json:"list"`
	Put       int `json:"put"`
	Attempts  int `json:"attempts"`  // every request that was sent, first tries and retries
	Retries   int `json:"retries"`   // of which retries
	Throttled int `json:"throttled"` // answers 429

	WaitedMS int64 `json:"waited_ms"` // milliseconds spent waiting for quota, retries not included

	ListPlanned int `json:"list_planned"` // requests that a plan announces for its lookup
	PutPlanned  int `json:"put_planned"`  // requests that applying the plan takes

	QuotaLimit     int `json:"quota_limit"`     // as last seen in the server's headers; 0 when never seen
	QuotaRemaining int `json:"quota_remaining"` // as last seen; 0 when never seen
}

// Versions says which programs made the run.
type Versions struct {
	Csvput       string `json:"csvput"`
	Go           string `json:"go"`
	Phonenumbers string `json:"phonenumbers"` // decides which phone numbers are valid
}

// Timeline is what happened when, in equal slices of time.
type Timeline struct {
	From     time.Time `json:"from,omitzero"` // when the first bucket begins; absent when nothing was sent
	BucketMS int64     `json:"bucket_ms"`     // length of a bucket
	Buckets  []Bucket  `json:"buckets"`       // at most 600
	Waits    []Wait    `json:"waits"`
}

// Bucket counts the requests of one slice of time.
type Bucket struct {
	Sent      int `json:"sent"`
	Failed    int `json:"failed"`    // of which without success, 429 not counted
	Throttled int `json:"throttled"` // of which answered 429
}

// Wait is a pause during which no request was sent.
type Wait struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Reason string    `json:"reason"`
}

// Name notes under which name a file of the folder was written: "plan", "report", "failed", "page", "input" or
// "summary".
func (s *Summary) Name(file, name string) {
	if s.Files == nil {
		s.Files = map[string]string{}
	}
	s.Files[file] = name
}

// Failed is the name of the file with the rows that are to be corrected, "" when there is none.
func (s Summary) Failed() string { return cmp.Or(s.Files[FailedWorkbookName], s.Files["failed"]) }

// Encode writes the summary as summary.json holds it: indented, keys in a fixed order, every status present, times in
// UTC.
func (s Summary) Encode(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(s.normal())
}

// DecodeSummary reads what Encode wrote. A summary of another schema is an error.
func DecodeSummary(r io.Reader) (Summary, error) {
	var s Summary
	if err := json.NewDecoder(r).Decode(&s); err != nil {
		return Summary{}, fmt.Errorf("not a summary of csvput: %w", err)
	}
	if s.Schema != SummaryVersion {
		return Summary{}, fmt.Errorf("a summary of schema %d, and this csvput reads schema %d", s.Schema,
			SummaryVersion)
	}
	return s.normal(), nil
}

// normal is s with its schema, with every status, and with empty instead of absent lists and maps.
func (s Summary) normal() Summary {
	s.Schema = SummaryVersion
	statuses := make(map[Status]int, len(s.Statuses))
	for _, status := range Statuses() {
		statuses[status] = 0
	}
	maps.Copy(statuses, s.Statuses)
	s.Statuses = statuses
	s.Codes = maps.Collect(maps.All(s.Codes)) // never nil
	s.Countries = maps.Collect(maps.All(s.Countries))
	s.Settings = maps.Collect(maps.All(s.Settings))
	s.Files = maps.Collect(maps.All(s.Files))
	s.Next = append([]string{}, s.Next...)
	s.StartedAt, s.FinishedAt = s.StartedAt.UTC(), s.FinishedAt.UTC()
	s.Timeline = s.Timeline.normal()
	return s
}

func (t Timeline) normal() Timeline {
	t.From = t.From.UTC()
	t.Buckets = append([]Bucket{}, t.Buckets...)
	waits := make([]Wait, len(t.Waits))
	for i, w := range t.Waits {
		waits[i] = Wait{w.From.UTC(), w.To.UTC(), w.Reason}
	}
	t.Waits = waits
	return t
}

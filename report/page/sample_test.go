package page

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"time"

	"csvput/report"
	"csvput/report/code"
)

// hostile are names that must stay text on the page.
func hostile() []string {
	return []string{
		`<script>alert(1)</script>`, `</script><img src=x onerror=alert(1)>`, "line\u2028separator\u2029",
		`"><b>&amp;`, "{{.}}", "]]>-->", "\u202Eright to left", "عربي", "'; DROP", "tab\there", "\xff is not UTF-8",
	}
}

// sampleOutcome is one way in which a row of the sample run can end.
type sampleOutcome struct {
	weight  int
	status  report.Status
	code    code.Code
	message string // %s is the value as the file had it
	http    int
}

func sampleOutcomes() []sampleOutcome {
	return []sampleOutcome{
		{8200, report.Updated, "", "", 200},
		{310, report.Updated, code.RepairedLeadingZero, "The number “%s” had lost its leading 0.", 200},
		{90, report.Updated, code.RepairedInvisible, "Invisible characters were taken out of “%s”.", 200},
		{860, report.Unchanged, code.AlreadySo, "", 0},
		{120, report.Invalid, code.TooShort, "“%s” has too few digits for the United Kingdom, where a number has 9 or 10 after the 0.", 0},
		{60, report.Invalid, code.MultipleNumbers, "“%s” holds more than one number.", 0},
		{42, report.Invalid, code.ExcelScientific, "“%s” is a number that Excel shortened; its last digits are lost.", 0},
		{25, report.Invalid, code.InvalidID, "The id is 35 characters long, and a contact detail's id has 36.", 0},
		{70, report.Rejected, code.NotFound, "The CRM knows no contact detail with this id.", 404},
		{33, report.Rejected, code.Unprocessable, "The CRM refused the row: value: The value field must be a valid phone number (%s).", 422},
		{9, report.Failed, code.ServerError, "The CRM answered 500 (internal server error) five times in a row.", 500},
		{4, report.Unknown, code.Timeout, "No answer came within 30 s, so nobody knows whether it was applied.", 0},
		{2, report.Mismatch, code.Mismatch, "The CRM answered with another value than “%s”.", 200},
	}
}

// sampleRows returns n made-up rows, the same ones each time. Numbers are from ranges kept for drama.
func sampleRows(n int) func() iter.Seq2[report.Row, error] {
	outcomes := sampleOutcomes()
	total := 0
	for _, o := range outcomes {
		total += o.weight
	}
	return func() iter.Seq2[report.Row, error] {
		return func(yield func(report.Row, error) bool) {
			random := rand.New(rand.NewPCG(1, 2))
			for i := range n {
				pick := random.IntN(total)
				k := 0
				for pick >= outcomes[k].weight {
					pick -= outcomes[k].weight
					k++
				}
				if !yield(sampleRow(random, i, outcomes[k]), nil) {
					return
				}
			}
		}
	}
}

func sampleRow(random *rand.Rand, i int, o sampleOutcome) report.Row {
	bad := hostile()
	isBad := i < 5*len(bad) && i%5 == 0
	if isBad {
		o = sampleOutcomes()[0]
	}
	names := []string{"Mobile", "Home", "Work phone number", "Office", "Ada Lovelace (mobile)", "Reception", "Old mobile"}
	r := report.Row{
		Line:       i + 2,
		ID:         fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", random.Uint32(), random.IntN(1<<16), random.IntN(1<<12), random.IntN(1<<12), random.Int64N(1<<48)),
		Status:     o.status,
		Code:       o.code,
		HTTPStatus: o.http,
		NameBefore: names[random.IntN(len(names))],
	}
	if isBad {
		r.NameBefore, r.Name = "Home", bad[i/5]
	} else if random.IntN(9) == 0 {
		r.Name = names[random.IntN(len(names))]
	}
	written := sampleValue(random, &r, o.status == report.Updated && i%7 == 3)
	if o.status == report.Unchanged {
		r.ValueBefore, r.Name = r.Value, ""
	}
	if o.code == code.TooShort && len(written) > 3 {
		written = written[:len(written)-3]
	}
	if r.Status == report.Invalid {
		r.Value, r.National, r.Country, r.Type, r.NameBefore = written, "", "", "", ""
		if o.code != code.InvalidID {
			r.Type = "phone_number"
		}
	}
	r.Message = strings.ReplaceAll(o.message, "%s", written)
	if o.http > 0 || o.status == report.Unknown {
		r.Attempts, r.MS = 1, 80+int64(random.IntN(400))
		r.At = sampleStart().Add(time.Duration(i) * 123 * time.Millisecond).Format(time.RFC3339)
	}
	if o.status == report.Failed || o.status == report.Unknown {
		r.Attempts, r.MS = 5, 31_000
	}
	if random.IntN(200) == 0 && r.Status == report.Updated {
		r.AccountUUIDsBefore, r.AccountUUIDs = "9b2c9a1b-9713-5c77-90e9-fdd59e305ea2", "0d1fbe4e-2606-5520-a05d-df088786c6ea"
	}
	return r
}

// sampleValue fills in a number or an address and returns it as somebody might have typed it.
func sampleValue(random *rand.Rand, r *report.Row, email bool) string {
	last := random.IntN(1000)
	if email {
		r.Type = "email"
		r.ValueBefore = fmt.Sprintf("client%d@old.example.com", r.Line)
		r.Value = fmt.Sprintf("client.%d@example.com", r.Line)
		return r.Value
	}
	r.Type = "phone_number"
	old := random.IntN(1000)
	switch random.IntN(40) {
	case 0:
		r.Country, r.National = "AU", fmt.Sprintf("(02) 5550 %04d", last)
		r.ValueBefore, r.Value = fmt.Sprintf("+6125550%04d", old), fmt.Sprintf("+6125550%04d", last)
	case 1:
		r.Country, r.National = "IE", fmt.Sprintf("020 91%d %04d", random.IntN(10), last)
		r.ValueBefore, r.Value = fmt.Sprintf("+353209100%03d", old), fmt.Sprintf("+353209100%03d", last)
	case 2:
		r.Country, r.National = "DE", fmt.Sprintf("030 23125 %03d", last)
		r.ValueBefore, r.Value = fmt.Sprintf("+493023125%03d", old), fmt.Sprintf("+493023125%03d", last)
	default:
		r.Country, r.National = "GB", fmt.Sprintf("020 7946 0%03d", last)
		r.ValueBefore, r.Value = fmt.Sprintf("+442079460%03d", old), fmt.Sprintf("+442079460%03d", last)
	}
	return r.National
}

func sampleStart() time.Time { return time.Date(2026, 11, 23, 14, 5, 10, 0, time.UTC) }

// sampleSummary is the summary of sampleRows.
func sampleSummary(rows iter.Seq2[report.Row, error]) report.Summary {
	s := report.Summary{
		RunID:      "contacts-20261123T140510Z",
		Command:    "run",
		State:      report.StateFinished,
		ExitCode:   3,
		Input:      report.Input{Name: "contacts.csv", Path: "/home/ada/contacts.csv", Encoding: "Windows-1252", Delimiter: ";", Blank: 3},
		Account:    report.Account{UUID: "9fddf204-6ed4-5596-8b8a-257554a08e41", Name: "Alice Admin"},
		Firm:       report.Firm{Name: "Acme Advice Ltd"},
		BaseURL:    "https://api.plannrcrm.com",
		StartedAt:  sampleStart(),
		FinishedAt: sampleStart().Add(21 * time.Minute),
		DurationMS: (21*time.Minute + 4*time.Second).Milliseconds(),
		Versions:   report.Versions{Csvput: "1.0.0", Go: "go1.26.8", Phonenumbers: "v2.0.7"},
		Settings:   map[string]string{"country": "GB", "rate": "500/m", "workers": "8", "reserve": "5%"},
		Next: []string{
			"csvput run contacts-20261123T140510Z/failed.csv",
			"csvput undo contacts-20261123T140510Z",
		},
		Files: map[string]string{report.PlanName: report.PlanName, report.ReportName: report.ReportName, report.FailedName: report.FailedName, report.SummaryName: report.SummaryName},
	}
	for row, err := range rows {
		if err == nil {
			s.Add(row)
		}
	}
	s.Input.Rows = s.Rows
	s.Requests = report.Requests{Logins: 1, List: s.Rows/200 + 1, Put: s.Rows, Attempts: s.Rows + 76, Retries: 25, Throttled: 9, WaitedMS: 133_000}
	s.Timeline = sampleTimeline()
	return s
}

func sampleTimeline() report.Timeline {
	random := rand.New(rand.NewPCG(3, 4))
	start := sampleStart()
	t := report.Timeline{From: start, BucketMS: 4000}
	t.Waits = []report.Wait{
		{From: start.Add(372 * time.Second), To: start.Add(435 * time.Second), Reason: "The CRM said to wait 61 s (429)."},
		{From: start.Add(840 * time.Second), To: start.Add(910 * time.Second), Reason: "Another program used up the quota; the window ends in 70 s."},
	}
	for second := range 21 * 60 {
		at := start.Add(time.Duration(second) * time.Second)
		b := report.Bucket{Sent: 7 + random.IntN(3)}
		for _, w := range t.Waits {
			if !at.Before(w.From) && at.Before(w.To) {
				b.Sent = 0
			}
			if at.Add(time.Second).Equal(w.From) {
				b.Throttled = 7
			}
		}
		if second > 1100 && second < 1140 {
			b.Failed = b.Sent / 2
		}
		if second%4 == 0 {
			t.Buckets = append(t.Buckets, report.Bucket{})
		}
		last := &t.Buckets[len(t.Buckets)-1]
		last.Sent, last.Failed, last.Throttled = last.Sent+b.Sent, last.Failed+b.Failed, last.Throttled+b.Throttled
	}
	return t
}

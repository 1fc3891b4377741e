package importer

import (
	"context"
	"fmt"
	"strings"
	"time"

	"csvput/importer/crm"
	"csvput/importer/rows"
	"csvput/report"
	"csvput/report/code"
)

// Plan checks every row of in, reads the records they name, and writes the folder's plan.csv: each
// row with what is to be done about it, and the record as it was. Nothing is changed on the server.
// Without a client it plans without reading: the file's words are taken as they are.
//
// The tally counts the rows as the plan has them. An error means that there is no plan.
func (r Run) Plan(ctx context.Context, in *rows.Reader, o CheckOptions) (*Tally, error) {
	s := scan{CheckOptions: o, good: goodRow{report.Planned, report.Planned}}
	if r.Client == nil {
		s.good.idle = report.Unchanged
	}
	survey, err := r.survey(ctx, in, &s)
	if err != nil {
		return nil, err
	}
	var checked *Tally
	said := claims{byLine: map[int]whose{}}
	p := planner{Run: r, judge: said.judge, shared: s.rulings.shared}
	planned, err := p.write(ctx, survey.Rows, func(ctx context.Context, give func(report.Row) error) (err error) {
		checked, _, err = s.again(ctx, func(b batch) error {
			for _, row := range b.rows {
				if r.Client != nil {
					said.put(row, b.whose[row.Line])
				}
				if err := give(row); err != nil {
					return err
				}
			}
			return nil
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	checked.become(planned)
	return checked, nil
}

// survey reads the input to find out what must be known of all rows before any is planned: the ids of those without one,
// and which of them share an id. It counts the rows.
func (r Run) survey(ctx context.Context, in *rows.Reader, s *scan) (*Tally, error) {
	r.Progress.Stage(StageCheck, sizeOf(s.CheckOptions))
	var missing wanted
	tally, index, err := s.run(ctx, in, func(b batch) error {
		r.Progress.Advance(b.read)
		missing.add(b)
		return nil
	})
	if err == nil && missing.any {
		tally, index, err = r.match(ctx, missing, s)
	}
	if err == nil && index.anyShared() {
		s.rulings, err = s.judge(ctx, index)
	}
	return tally, err
}

// compare judges one planned row by the record it names.
func compare(row *report.Row, rec crm.Record, found bool) {
	if found && row.Type != "" && row.Type != rec.Type {
		wish := *row
		*row = report.Row{Line: wish.Line, ID: wish.ID, Type: rec.Type, At: wish.At, ValueBefore: rec.Value, NameBefore: rec.Name}
		note(row, report.Invalid, code.TypeMismatch, fmt.Sprintf("The row is about %s, and the record in the CRM is %s.", typeWords(wish.Type), typeWords(rec.Type)))
		return
	}
	before(row, rec)
	v := decide(sentNothing, look(row, rec, found))
	if found {
		merge(row, rec)
	}
	if v.send {
		return // it stays planned
	}
	why := v.code
	if v.status == report.Unchanged && row.Code != "" {
		v.code, why = "", row.Code
	}
	v.note(row, why, "")
}

// note sets a row's status and code, and puts a sentence before what its message says already.
func note(row *report.Row, status report.Status, why code.Code, text string) {
	row.Status, row.Code = status, why
	row.Message = strings.TrimSpace(sentence(text) + " " + row.Message)
}

func typeWords(t string) string {
	switch t {
	case typePhone:
		return "a phone number"
	case typeEmail:
		return "an e-mail address"
	}
	return fmt.Sprintf("a contact detail of type %q", t)
}

// stamp is a time as a report has it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

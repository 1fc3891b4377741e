package importer

import (
	"strings"

	"csvput/importer/email"
	"csvput/importer/phone"
	"csvput/importer/rows"
	"csvput/report"
	"csvput/report/code"
	"csvput/report/formula"
	"csvput/report/human"
)

// checker turns rows of the input into rows of a report. It reuses memory: one for each goroutine.
type checker struct {
	phones *phone.Parser
	good   goodRow
	failed *failedLayout // nil where failed.csv is not made on the way
	crm    *directory    // finds the records of rows without an id; nil before it is read
	whose  whose         // what the row at hand says of its record beside an id
	texts  []string      // sentences of the row at hand
	codes  []code.Code   // their codes
}

// goodRow says which status a row gets that nothing speaks against: one that wishes for something,
// and one that names a record and nothing else.
type goodRow struct {
	wish, idle report.Status
}

func newChecker(o phone.Options, good goodRow) (*checker, error) {
	p, err := phone.NewParser(o)
	if err != nil {
		return nil, err
	}
	return &checker{phones: p, good: good}, nil
}

// check reads one row as a wish. The codes of everything that was found are left in c.codes, the
// problem first, so that repairs can be counted too.
func (c *checker) check(r rows.Row) report.Row {
	c.texts, c.codes, c.whose = c.texts[:0], c.codes[:0], whose{}
	out := report.Row{Line: r.Line}
	if r.LeftOut {
		out.ID, out.Status = strings.TrimSpace(r.ID), report.NotAttempted
		c.note(code.LeftOut, textLeftOut)
		c.finish(&out)
		return out
	}
	bad := r.Problems
	id, p := rows.ParseID(r.ID)
	out.ID = id
	if p != nil {
		out.ID = strings.TrimSpace(r.ID)
	}
	if len(bad) > 0 {
		// The cells of a broken row may stand in the wrong columns: nothing of it is believed.
		return c.refuse(out, bad)
	}
	said, wrong := c.readWhose(r)
	c.whose = said
	if isBlank(r.ID) && (!said.blank() || wrong != nil) {
		p = nil
	}
	bad = appendProblem(appendProblem(bad, p), wrong)
	for _, n := range r.Notes {
		c.note(n.Code, n.Message)
	}
	bad = c.checkDetails(r, &out, bad)
	bad = c.checkValue(r, &out, bad)
	if out.ID == "" && !said.blank() && wrong == nil {
		// A row that is refused anyway is looked up too: it may share its record with others, see judgeGroup.
		if p := c.findID(&out); len(bad) == 0 {
			bad = appendProblem(bad, p)
		}
	}
	if len(bad) > 0 {
		return c.refuse(out, bad)
	}
	out.Status = c.good.wish
	if out.Name == "" && out.Value == "" && out.AccountUUIDs == "" && out.PrimaryAccountUUIDs == "" {
		c.note(code.NothingToDo, "The row has an id and nothing else, so there is nothing to change.")
		out.Status = c.good.idle
	}
	c.finish(&out)
	return out
}

// findID gives a row without an id that of the record which it means, or says that it will be looked up.
func (c *checker) findID(out *report.Row) (p *code.Problem) {
	if c.crm == nil {
		c.note(code.IDLookedUp, "The row has no id: it is looked up in the CRM by "+c.whose.columns()+".")
		return nil
	}
	out.ID, out.MatchedBy, p = c.crm.find(c.whose, *out)
	return p
}

// checkDetails reads the columns beside the value.
func (c *checker) checkDetails(r rows.Row, out *report.Row, bad []code.Problem) []code.Problem {
	name, notes, p := rows.ParseName(r.Name)
	out.Name = name
	for _, n := range notes {
		c.note(n.Code, n.Message)
	}
	bad = appendProblem(bad, p)

	owners, clear, p := rows.ParseIDs(r.AccountUUIDs)
	bad = appendProblem(bad, p)
	if clear {
		bad = append(bad, code.Problem{Code: code.InvalidAccountUUIDs, Message: "account_uuids can't be emptied with " +
			clearWord + ": a contact detail needs an owner."})
	}
	out.AccountUUIDs = strings.Join(owners, listSeparator)

	primary, clear, p := rows.ParseIDs(r.PrimaryAccountUUIDs)
	bad = appendProblem(bad, p)
	out.PrimaryAccountUUIDs = strings.Join(primary, listSeparator)
	if clear {
		out.PrimaryAccountUUIDs = clearWord
	}

	out.Type, p = rows.ParseType(r.Type)
	return appendProblem(bad, p)
}

// checkValue reads the value as an e-mail address when the row says so or when it holds an @, else
// as a phone number.
func (c *checker) checkValue(r rows.Row, out *report.Row, bad []code.Problem) []code.Problem {
	if isBlank(r.Value) {
		return bad
	}
	at := strings.Contains(r.Value, "@") || strings.Contains(r.Value, "＠")
	switch {
	case at && out.Type == typePhone:
		return append(bad, code.Problem{Code: code.TypeMismatch, Message: human.Quote(r.Value) +
			" is an e-mail address, and the type column says phone number."})
	case at || out.Type == typeEmail:
		// An export guards an address that begins with + or -.
		addr, notes, p := email.Parse(formula.Unguard(r.Value))
		if p != nil {
			return append(bad, *p)
		}
		for _, n := range notes {
			c.note(n.Code, n.Message)
		}
		out.Type, out.Value = typeEmail, addr
	default:
		n, p := c.phones.Parse(r.Value, r.Country)
		if p != nil {
			return append(bad, *p)
		}
		for _, note := range n.Notes {
			c.note(note.Code, note.Message)
		}
		out.Type, out.Value, out.Country, out.National = typePhone, n.E164, n.Region, n.National()
	}
	return bad
}

func appendProblem(bad []code.Problem, p *code.Problem) []code.Problem {
	if p == nil {
		return bad
	}
	return append(bad, *p)
}

func (c *checker) note(found code.Code, text string) {
	c.codes = append(c.codes, found)
	c.texts = append(c.texts, sentence(text))
}

// refuse makes the row invalid. What it wished for is not kept: a value that was refused must not
// look like one that could be sent.
func (c *checker) refuse(row report.Row, bad []code.Problem) report.Row {
	out := report.Row{Line: row.Line, ID: row.ID, Type: row.Type, Status: report.Invalid, MatchedBy: row.MatchedBy}
	c.texts, c.codes = c.texts[:0], c.codes[:0]
	for _, p := range bad {
		c.note(p.Code, p.Message)
	}
	c.finish(&out)
	return out
}

// finish puts the first code and all sentences into the row.
func (c *checker) finish(row *report.Row) {
	if len(c.codes) == 0 {
		return
	}
	row.Code = c.codes[0]
	row.Message = strings.Join(c.texts, " ")
}

// readWhose reads what a row says of its contact detail. A number is compared as it is stored, if it can be read.
func (c *checker) readWhose(r rows.Row) (w whose, p *code.Problem) {
	if r.CurrentValue+r.ClientUUID+r.ClientEmail+r.ClientName+r.FirstName+r.LastName == "" {
		return w, nil // as in most files, whose rows have ids
	}
	w.value = newClaim(r.CurrentValue)
	if w.value.text != "" && !strings.Contains(w.value.text, "@") {
		if n, p := c.phones.Parse(r.CurrentValue, r.Country); p == nil {
			w.value.key = n.E164
		}
	}
	ids, _, p := rows.ParseIDs(r.ClientUUID)
	if p != nil {
		return w, code.Problemf(p.Code,
			"%s in the column for %s is not a uuid.", human.Quote(r.ClientUUID), rows.FieldClientUUID)
	}
	w.clients = clients(ids, r)
	return w, nil
}

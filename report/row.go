package report

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"csvput/report/code"
	"csvput/report/formula"
)

// columns is how many cells a row has.
const columns = 21

// Row is one line of plan.csv or report.csv: what was wished for one row of the input, what the record was before, and
// what became of it. Its tags are the one place where the columns are named and ordered.
type Row struct {
	Line    int       `csv:"line"` // physical line of the input on which the row begins; the first line is 1
	ID      string    `csv:"id"`   // the contact detail's uuid, or the cell's text when it is none
	Status  Status    `csv:"status"`
	Code    code.Code `csv:"code"`    // why, or what is worth knowing; "" when there is nothing to say
	Message string    `csv:"message"` // the same as a sentence for a person
	Type    string    `csv:"type"`    // "phone_number", "email" or "" when unknown

	NameBefore  string `csv:"name_before"` // as the record was
	Name        string `csv:"name"`        // as it is wished to be
	ValueBefore string `csv:"value_before"`
	Value       string `csv:"value"`    // E.164 or e-mail address
	Country     string `csv:"country"`  // of a phone number: ISO 3166-1 alpha-2
	National    string `csv:"national"` // of a phone number: the national format

	// Lists of uuids: see SplitList. Blank as they were is "the server did not show it", not empty.
	AccountUUIDsBefore        string `csv:"account_uuids_before"`
	AccountUUIDs              string `csv:"account_uuids"`
	PrimaryAccountUUIDsBefore string `csv:"primary_account_uuids_before"`
	PrimaryAccountUUIDs       string `csv:"primary_account_uuids"`

	HTTPStatus int `csv:"http_status"` // of the last answer; 0, a blank cell, when there was none
	Attempts   int `csv:"attempts"`    // requests that were sent for the row; 0 is a blank cell
	// from the first request to the last answer, in milliseconds; 0 is a blank cell
	MS        int64  `csv:"ms"`
	At        string `csv:"at"`         // when the outcome was known, RFC 3339 UTC
	MatchedBy string `csv:"matched_by"` // what of the row found its record; "" where the file names the id
}

// fields points at the row's fields in the order of the columns: strings, or numbers of two kinds.
func (r *Row) fields() [columns]any {
	return [...]any{
		&r.Line, &r.ID, (*string)(&r.Status), (*string)(&r.Code), &r.Message, &r.Type,
		&r.NameBefore, &r.Name, &r.ValueBefore, &r.Value,
		&r.Country, &r.National, &r.AccountUUIDsBefore, &r.AccountUUIDs, &r.PrimaryAccountUUIDsBefore,
		&r.PrimaryAccountUUIDs,
		&r.HTTPStatus, &r.Attempts, &r.MS, &r.At, &r.MatchedBy,
	}
}

// Problem reports whether the row did not get through. One that somebody has left out was not to.
func (r Row) Problem() bool { return r.Status.Problem() && r.Code != code.LeftOut }

// Append appends the row as one CSV line that ends in LF and returns the longer slice. It writes what gocsv would,
// several times as fast (BenchmarkWrite): check writes a million of these.
func (r Row) Append(dst []byte) []byte {
	for i, cell := range r.fields() {
		if i > 0 {
			dst = append(dst, ',')
		}
		switch v := cell.(type) {
		case *string:
			dst = appendCell(dst, *v)
		case *int:
			dst = appendNumber(dst, int64(*v), i == 0)
		case *int64:
			dst = appendNumber(dst, *v, false)
		}
	}
	return append(dst, '\n')
}

// appendNumber appends n; 0 is a blank cell unless it is to be shown.
func appendNumber(dst []byte, n int64, zero bool) []byte {
	if n == 0 && !zero {
		return dst
	}
	return strconv.AppendInt(dst, n, 10)
}

// asIs reports of nearly every text that neither guards nor quotes change it: it begins with a letter or digit, and has
// none of the characters that any of them looks for. One look at each byte is what makes a report fast to write.
func asIs(s string) bool {
	if c := s[0] | 0x20; (c < 'a' || c > 'z') && (c < '0' || c > '9') {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c <= ';' && (c < ' ' || c == '"' || c == ',' || c == ';') {
			return false
		}
	}
	return true
}

// plain reports whether the cell needs no quotes, by the rules of encoding/csv.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		// Nearly every byte is above the comma: one comparison each.
		if c := s[i]; c <= ',' && (c == ',' || c == '"' || c == '\n' || c == '\r') {
			return false
		}
	}
	if s == `\.` { // the end-of-data mark of PostgreSQL's COPY
		return false
	}
	if c := s[0]; c < utf8.RuneSelf {
		return c > ' ' || c < '\t' || c > '\r' && c < ' '
	}
	first, _ := utf8.DecodeRuneInString(s)
	return !unicode.IsSpace(first)
}

// noZero stands for the zero byte in a file, as in Java's modified UTF-8: it is no UTF-8, so no text holds it. A zero
// byte in a file always says that a file system has lost what stood there.
const noZero = "\xc0\x80"

// diskText is the text as the file holds it, before quoting: guarded, without zero bytes, and with one CR more in front
// of every line break that has any, because a CSV reader takes one away.
func diskText(s string) string {
	s = strings.ReplaceAll(formula.Guard(s), "\x00", noZero)
	if strings.Contains(s, "\r\n") {
		s = strings.ReplaceAll(s, "\r\n", "\r\r\n")
	}
	return s
}

// cellText is the inverse of diskText, but for the CR that a CSV reader has taken away.
func cellText(s string) string {
	return formula.Unguard(strings.ReplaceAll(s, noZero, "\x00"))
}

// appendCell appends a text, guarded, as encoding/csv writes it: in quotes where it needs them.
func appendCell(dst []byte, s string) []byte {
	if s == "" {
		return dst
	}
	if asIs(s) {
		return append(dst, s...)
	}
	if s = diskText(s); plain(s) {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	dst = append(dst, strings.ReplaceAll(s, `"`, `""`)...)
	return append(dst, '"')
}

// EmptyList is the word for an empty list of uuids, in a row's columns as in a user's file. A blank cell is no empty
// list. Among the wishes it leaves the record as it is; in a column that says how the record was, it means that the
// server did not show the list, so that nobody knows what it held. Reports of csvput before this word was written there
// left both blank: they are read as not shown.
const EmptyList = "#CLEAR"

// listSeparator stands between the uuids of a list.
const listSeparator = ";"

// JoinList is the cell for a list that is known; without uuids it is EmptyList.
func JoinList(uuids []string) string {
	if len(uuids) == 0 {
		return EmptyList
	}
	return strings.Join(uuids, listSeparator)
}

// SplitList is the inverse of JoinList. A blank cell is not known, and has no uuids; an empty list that is known is not
// nil.
func SplitList(cell string) (uuids []string, known bool) {
	switch cell {
	case "":
		return nil, false
	case EmptyList:
		return []string{}, true
	}
	return strings.Split(cell, listSeparator), true
}

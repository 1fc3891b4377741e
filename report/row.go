package report

import (
	"strconv"

	"csvput/report/code"
)

// Row is one line of plan.csv or report.csv: what was wished for one row of the input, what the
// record was before, and what became of it. The columns, in this order:
//
//	line, id, status, code, message, type, name_before, name, value_before, value, country, national,
//	account_uuids_before, account_uuids, primary_account_uuids_before, primary_account_uuids,
//	http_status, attempts, ms, at
type Row struct {
	Line    int    // physical line of the input on which the row begins; the first line is 1
	ID      string // the contact detail's uuid, or the cell's text when it is none
	Status  Status
	Code    code.Code // why, or what is worth knowing; "" when there is nothing to say
	Message string    // the same as a sentence for a person
	Type    string    // "phone_number", "email" or "" when unknown

	NameBefore, Name   string // as the record was, and as it is wished to be
	ValueBefore, Value string // E.164 or e-mail address
	Country, National  string // of Value when it is a phone number: ISO 3166-1 alpha-2 region, national format

	// Lists of uuids: see SplitList. Blank as they were is "the server did not show it", not empty.
	AccountUUIDsBefore, AccountUUIDs               string
	PrimaryAccountUUIDsBefore, PrimaryAccountUUIDs string

	HTTPStatus int    // of the last answer; 0, a blank cell, when there was none
	Attempts   int    // requests that were sent for the row; 0 is a blank cell
	MS         int64  // from the first request to the last answer, in milliseconds; 0 is a blank cell
	At         string // when the outcome was known, RFC 3339 UTC
}

// columns is how many cells a row has.
const columns = 20

// cells is a Row as it is on disk. Its tags are the one place where the columns are named and
// ordered. Every cell is text: gocsv would read "010" into an int as 8.
type cells struct {
	Line                      string `csv:"line"`
	ID                        string `csv:"id"`
	Status                    string `csv:"status"`
	Code                      string `csv:"code"`
	Message                   string `csv:"message"`
	Type                      string `csv:"type"`
	NameBefore                string `csv:"name_before"`
	Name                      string `csv:"name"`
	ValueBefore               string `csv:"value_before"`
	Value                     string `csv:"value"`
	Country                   string `csv:"country"`
	National                  string `csv:"national"`
	AccountUUIDsBefore        string `csv:"account_uuids_before"`
	AccountUUIDs              string `csv:"account_uuids"`
	PrimaryAccountUUIDsBefore string `csv:"primary_account_uuids_before"`
	PrimaryAccountUUIDs       string `csv:"primary_account_uuids"`
	HTTPStatus                string `csv:"http_status"`
	Attempts                  string `csv:"attempts"`
	MS                        string `csv:"ms"`
	At                        string `csv:"at"`
}

// Append appends the row as one CSV line that ends in LF and returns the longer slice. It writes
// what gocsv would, several times as fast: check writes a million of these.
func (r Row) Append(dst []byte) []byte {
	dst = strconv.AppendInt(dst, int64(r.Line), 10)
	dst = appendText(dst, r.ID)
	dst = appendText(dst, string(r.Status))
	dst = appendText(dst, string(r.Code))
	dst = appendText(dst, r.Message)
	dst = appendText(dst, r.Type)
	dst = appendText(dst, r.NameBefore)
	dst = appendText(dst, r.Name)
	dst = appendText(dst, r.ValueBefore)
	dst = appendText(dst, r.Value)
	dst = appendText(dst, r.Country)
	dst = appendText(dst, r.National)
	dst = appendText(dst, r.AccountUUIDsBefore)
	dst = appendText(dst, r.AccountUUIDs)
	dst = appendText(dst, r.PrimaryAccountUUIDsBefore)
	dst = appendText(dst, r.PrimaryAccountUUIDs)
	dst = appendCount(dst, int64(r.HTTPStatus))
	dst = appendCount(dst, int64(r.Attempts))
	dst = appendCount(dst, r.MS)
	dst = appendText(dst, r.At)
	return append(dst, '\n')
}

// appendCount appends a comma and n, or nothing after the comma when n is 0.
func appendCount(dst []byte, n int64) []byte {
	dst = append(dst, ',')
	if n == 0 {
		return dst
	}
	return strconv.AppendInt(dst, n, 10)
}

// appendText appends a comma and the cell: guarded, and in quotes where encoding/csv would quote it.
func appendText(dst []byte, s string) []byte {
	dst = append(dst, ',')
	if s == "" {
		return dst
	}
	return appendCell(dst, diskText(s))
}

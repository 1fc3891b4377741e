package importer

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"csvput/importer/rows"
	"csvput/report"
	"csvput/report/code"
)

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

// toSend reports whether a row of the plan asks for a request of its own.
func toSend(status report.Status, why code.Code) bool {
	return status == report.Planned && why != code.DuplicateRow
}

// follows reports whether the row is served by an earlier row's request.
func follows(row report.Row) bool {
	return row.Status == report.Planned && row.Code == code.DuplicateRow
}

// sentence makes a sentence of a leaf's words.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(text)
	text = string(unicode.ToUpper(first)) + text[size:]
	if !strings.ContainsRune(".!?…", rune(text[len(text)-1])) {
		text += "."
	}
	return text
}

// isID reports whether a row's id is one; a refused row has its cell's text otherwise.
func isID(id string) bool {
	_, p := rows.ParseID(id)
	return p == nil
}

// isBlank reports whether a cell has nothing in it but white space.
func isBlank(s string) bool {
	return strings.TrimSpace(s) == ""
}

// Package code holds the words in which csvput says what is the matter with a row: the codes, what they mean, and what
// to do about them. Whoever judges a row, from the reader of the file to the client of the CRM, takes its words from
// here, and so do the report, the page and report/README.md.
package code

import (
	_ "embed"
	"fmt"
	"strings"
)

// Code is the reason or remark that goes with a row: a stable word for scripts.
type Code string

// Kind says how much a code matters, in the documentation's word.
type Kind string

// The kinds of codes.
const (
	KindProblem Kind = "problem" // the row did not get through
	KindRepair  Kind = "repair"  // the value was mended; there was one way to read it
	KindWarning Kind = "warning" // worth a look, and the row goes on
	KindNote    Kind = "note"    // worth knowing
)

// Info explains a code.
type Info struct {
	Code  Code
	Kind  Kind
	Means string // what is the matter, in one sentence
	Hint  string // what to do about it, in one sentence for somebody who is no programmer
}

// Problem is why a row or a value is refused.
type Problem struct {
	Code    Code
	Message string // one sentence for a person, without line breaks
	Column  string // as the file names it; "" where none is meant, or where whoever judged the value does not know it
}

// Problemf makes a Problem.
func Problemf(c Code, format string, args ...any) *Problem {
	return &Problem{Code: c, Message: fmt.Sprintf(format, args...)}
}

// Error is the sentence for a person.
func (p *Problem) Error() string { return p.Message }

// Note is a repair or a warning that goes with a good value.
type Note struct {
	Code    Code
	Message string // one sentence for a person, without line breaks
}

// Notef makes a Note.
func Notef(c Code, format string, args ...any) Note {
	return Note{Code: c, Message: fmt.Sprintf(format, args...)}
}

// The codes.
const (
	// the file
	RaggedRow   Code = "ragged_row"
	StrayQuote  Code = "stray_quote"
	BadEncoding Code = "bad_encoding"

	// the id
	MissingID   Code = "missing_id"
	InvalidID   Code = "invalid_id"
	DuplicateID Code = "duplicate_id"

	// whose contact detail it is, where there is no id
	NoMatch        Code = "no_match"
	SeveralMatches Code = "several_matches"
	OtherRecord    Code = "other_record"

	// the country
	InvalidCountry Code = "invalid_country"

	// the phone number
	NotANumber        Code = "not_a_number"
	Ambiguous         Code = "ambiguous"
	TooShort          Code = "too_short"
	TooLong           Code = "too_long"
	InvalidLength     Code = "invalid_length"
	InvalidForCountry Code = "invalid_for_country"
	LocalOnly         Code = "local_only"
	LettersInNumber   Code = "letters_in_number"
	MultipleNumbers   Code = "multiple_numbers"
	MaskedDigits      Code = "masked_digits"
	Extension         Code = "extension"
	ExcelScientific   Code = "excel_scientific"
	Placeholder       Code = "placeholder"
	Formula           Code = "formula"

	// the e-mail address and the type
	InvalidEmail     Code = "invalid_email"
	MultipleEmails   Code = "multiple_emails"
	EmailDisplayName Code = "email_display_name"
	TypeMismatch     Code = "type_mismatch"
	InvalidType      Code = "invalid_type"

	// the name
	InvalidName Code = "invalid_name"
	NameTooLong Code = "name_too_long"

	// the owners
	InvalidAccountUUIDs Code = "invalid_account_uuids"

	// the server's answer
	NotFound        Code = "not_found"
	Unprocessable   Code = "unprocessable"
	Forbidden       Code = "forbidden"
	Unauthenticated Code = "unauthenticated"
	WrongAccount    Code = "wrong_account"
	TokenMissing    Code = "token_unavailable"
	Throttled       Code = "throttled"
	BadRequest      Code = "bad_request"
	TooLarge        Code = "too_large"
	Redirected      Code = "redirected"
	NotJSON         Code = "not_json"
	Oversized       Code = "oversized_answer"
	IncompleteList  Code = "incomplete_list"
	Unexpected      Code = "unexpected_status"
	WrongRecord     Code = "wrong_record"
	Mismatch        Code = "mismatch"
	NotShown        Code = "not_shown"
	Rejected        Code = "rejected"
	ServerError     Code = "server_error"

	// the network
	Network Code = "network"
	Timeout Code = "timeout"
	TLS     Code = "tls"
	DNS     Code = "dns"
	Proxy   Code = "proxy"

	// the run
	ChangedSince    Code = "changed_since"
	Interrupted     Code = "interrupted"
	Stopped         Code = "stopped"
	UndoNotPossible Code = "undo_not_possible"

	// repairs
	RepairedInvisible   Code = "repaired_invisible"
	RepairedTextMarker  Code = "repaired_text_marker"
	RepairedScientific  Code = "repaired_scientific"
	RepairedFloat       Code = "repaired_float"
	RepairedLabel       Code = "repaired_label"
	RepairedLeadingZero Code = "repaired_leading_zero"
	RepairedFormat      Code = "repaired_number_format"
	RepairedAreaCode    Code = "repaired_area_code"
	RepairedPrefix      Code = "repaired_prefix"
	RepairedPlus        Code = "repaired_plus"
	RepairedSpaces      Code = "repaired_spaces"

	// warnings
	NothingToDo      Code = "nothing_to_do"
	CountryDiffers   Code = "country_differs"
	ExtensionDropped Code = "extension_dropped"
	VanityConverted  Code = "vanity_converted"

	// notes
	LeftOut            Code = "left_out"
	AlreadySo          Code = "already_so"
	ConfirmedByReading Code = "confirmed_by_reading"
	IDLookedUp         Code = "id_looked_up"
	DuplicateRow       Code = "duplicate_row"
	Superseded         Code = "superseded"
)

// table has a line for each code, in the order of the documentation: the fields of Info, with tabs between them.
//
//go:embed codes.tsv
var table string

// All returns every code that a row can carry, in the order of the documentation. The list is closed.
func All() (all []Info) {
	for line := range strings.Lines(table) {
		all = append(all, parse(line))
	}
	return all
}

func parse(line string) Info {
	cells := strings.Split(strings.TrimSpace(line), "\t")
	return Info{Code(cells[0]), Kind(cells[1]), cells[2], cells[3]}
}

// Info explains the code; ok is false for a word that is no code of this version.
func (c Code) Info() (info Info, ok bool) {
	for line := range strings.Lines(table) {
		if strings.HasPrefix(line, string(c)+"\t") {
			return parse(line), true
		}
	}
	return Info{}, false
}

// Hint says what to do about the code; "" for a word that is no code.
func (c Code) Hint() string {
	info, _ := c.Info()
	return info.Hint
}

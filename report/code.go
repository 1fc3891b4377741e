package report

import "strings"

// Code is the reason or remark that goes with a row: a stable word for scripts.
type Code string

// Kind says how much a code matters.
type Kind int

// The kinds of codes.
const (
	KindProblem Kind = iota // the row did not get through
	KindRepair              // the value was mended; there was one way to read it
	KindWarning             // worth a look, and the row goes on
	KindNote                // worth knowing
)

// String returns the kind as the documentation names it.
func (k Kind) String() string {
	switch k {
	case KindProblem:
		return "problem"
	case KindRepair:
		return "repair"
	case KindWarning:
		return "warning"
	case KindNote:
		return "note"
	}
	return ""
}

// CodeInfo explains a code.
type CodeInfo struct {
	Code  Code
	Kind  Kind
	Means string // what is the matter, in one sentence
	Hint  string // what to do about it, in one sentence for somebody who is no programmer
}

// Codes: the file.
const (
	CodeRaggedRow   Code = "ragged_row"
	CodeStrayQuote  Code = "stray_quote"
	CodeBadEncoding Code = "bad_encoding"
)

// Codes: the id.
const (
	CodeMissingID   Code = "missing_id"
	CodeInvalidID   Code = "invalid_id"
	CodeDuplicateID Code = "duplicate_id"
)

// Codes: the country.
const (
	CodeInvalidCountry Code = "invalid_country"
)

// Codes: the phone number.
const (
	CodeNotANumber        Code = "not_a_number"
	CodeAmbiguous         Code = "ambiguous"
	CodeTooShort          Code = "too_short"
	CodeTooLong           Code = "too_long"
	CodeInvalidLength     Code = "invalid_length"
	CodeInvalidForCountry Code = "invalid_for_country"
	CodeLocalOnly         Code = "local_only"
	CodeLettersInNumber   Code = "letters_in_number"
	CodeMultipleNumbers   Code = "multiple_numbers"
	CodeMaskedDigits      Code = "masked_digits"
	CodeExtension         Code = "extension"
	CodeExcelScientific   Code = "excel_scientific"
	CodePlaceholder       Code = "placeholder"
	CodeFormula           Code = "formula"
)

// Codes: the e-mail address and the type.
const (
	CodeInvalidEmail     Code = "invalid_email"
	CodeMultipleEmails   Code = "multiple_emails"
	CodeEmailDisplayName Code = "email_display_name"
	CodeTypeMismatch     Code = "type_mismatch"
	CodeInvalidType      Code = "invalid_type"
)

// Codes: the name.
const (
	CodeInvalidName Code = "invalid_name"
	CodeNameTooLong Code = "name_too_long"
)

// Codes: the owners.
const (
	CodeInvalidAccountUUIDs Code = "invalid_account_uuids"
)

// Codes: the server's answer.
const (
	CodeNotFound        Code = "not_found"
	CodeUnprocessable   Code = "unprocessable"
	CodeForbidden       Code = "forbidden"
	CodeUnauthenticated Code = "unauthenticated"
	CodeWrongAccount    Code = "wrong_account"
	CodeTokenMissing    Code = "token_unavailable"
	CodeThrottled       Code = "throttled"
	CodeBadRequest      Code = "bad_request"
	CodeTooLarge        Code = "too_large"
	CodeRedirected      Code = "redirected"
	CodeNotJSON         Code = "not_json"
	CodeOversized       Code = "oversized_answer"
	CodeIncompleteList  Code = "incomplete_list"
	CodeUnexpected      Code = "unexpected_status"
	CodeWrongRecord     Code = "wrong_record"
	CodeMismatch        Code = "mismatch"
	CodeNotShown        Code = "not_shown"
	CodeRejected        Code = "rejected"
	CodeServerError     Code = "server_error"
)

// Codes: the network.
const (
	CodeNetwork Code = "network"
	CodeTimeout Code = "timeout"
	CodeTLS     Code = "tls"
	CodeDNS     Code = "dns"
	CodeProxy   Code = "proxy"
)

// Codes: the run.
const (
	CodeChangedSince    Code = "changed_since"
	CodeInterrupted     Code = "interrupted"
	CodeStopped         Code = "stopped"
	CodeUndoNotPossible Code = "undo_not_possible"
)

// Codes: repairs.
const (
	CodeRepairedInvisible   Code = "repaired_invisible"
	CodeRepairedTextMarker  Code = "repaired_text_marker"
	CodeRepairedScientific  Code = "repaired_scientific"
	CodeRepairedFloat       Code = "repaired_float"
	CodeRepairedLabel       Code = "repaired_label"
	CodeRepairedLeadingZero Code = "repaired_leading_zero"
	CodeRepairedAreaCode    Code = "repaired_area_code"
	CodeRepairedPrefix      Code = "repaired_prefix"
	CodeRepairedPlus        Code = "repaired_plus"
	CodeRepairedSpaces      Code = "repaired_spaces"
)

// Codes: warnings.
const (
	CodeNothingToDo      Code = "nothing_to_do"
	CodeCountryDiffers   Code = "country_differs"
	CodeExtensionDropped Code = "extension_dropped"
	CodeVanityConverted  Code = "vanity_converted"
)

// Codes: notes.
const (
	CodeAlreadySo          Code = "already_so"
	CodeConfirmedByReading Code = "confirmed_by_reading"
	CodeDuplicateRow       Code = "duplicate_row"
	CodeSuperseded         Code = "superseded"
)

// Info explains the code; ok is false for a word that is no code of this version.
func (c Code) Info() (info CodeInfo, ok bool) {
	for _, info := range Codes() {
		if info.Code == c {
			return info, true
		}
	}
	return CodeInfo{}, false
}

// Hint says what to do about the code; "" for a word that is no code.
func (c Code) Hint() string {
	info, _ := c.Info()
	return info.Hint
}

// CodesMarkdown is the table of codes for the README.
func CodesMarkdown() string {
	var b strings.Builder
	b.WriteString("| code | kind | meaning | what to do |\n| --- | --- | --- | --- |\n")
	cell := strings.NewReplacer("|", `\|`, "<", "&lt;", ">", "&gt;", "*", `\*`)
	for _, info := range Codes() {
		b.WriteString("| `" + string(info.Code) + "` | " + info.Kind.String() + " | " + cell.Replace(info.Means) + " | " + cell.Replace(info.Hint) + " |\n")
	}
	return b.String()
}

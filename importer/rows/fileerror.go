package rows

import (
	"fmt"

	"csvput/report/code"
)

// Codes of the reasons why a whole file is refused; those of package xlsx too.
const (
	CodeEmptyFile code.Code = "empty_file" // no bytes, or blank lines only
	CodeNoRows    code.Code = "no_rows"    // a header and nothing below it
	// another spreadsheet, archive, document, picture or web page
	CodeNotCSV           code.Code = "not_csv"
	CodeBinaryFile       code.Code = "binary_file"       // bytes that text never has
	CodeDamagedGzip      code.Code = "damaged_gzip"      // gzip that ends too early or fails its checksum
	CodeUnclearEncoding  code.Code = "unclear_encoding"  // not UTF-8, and none of the encodings that are guessed
	CodeUnknownEncoding  code.Code = "unknown_encoding"  // settings: no such encoding
	CodeEncodingConflict code.Code = "encoding_conflict" // settings: the byte order mark says otherwise
	CodeInvalidDelimiter code.Code = "invalid_delimiter" // settings: a character that cannot separate cells
	// settings: a mapping to no field of ours or from no column of the file
	CodeInvalidMap        code.Code = "invalid_map"
	CodeNoHeader          code.Code = "no_header"          // the first line holds data
	CodeMissingColumns    code.Code = "missing_columns"    // no id column, or nothing to update
	CodeDuplicateColumns  code.Code = "duplicate_columns"  // two columns for one field
	CodeUnusedCountries   code.Code = "unused_countries"   // a column of countries that is neither used nor ignored
	CodeTooManyColumns    code.Code = "too_many_columns"   // more columns than a spreadsheet has
	CodeUnclosedQuote     code.Code = "unclosed_quote"     // a quote swallows the rows below it
	CodeRecordTooLong     code.Code = "record_too_long"    // a record of more than 1 MiB
	CodeInvalidCorrection code.Code = "invalid_correction" // a correction of no field of ours
	CodeUnknownSheet      code.Code = "unknown_sheet"      // settings: no such sheet, or none that can be seen
	CodeSeveralSheets     code.Code = "several_sheets"     // more than one sheet holds contacts
)

// FileError says why a file is refused. Nothing of the file may be sent then, also when the error comes after some
// chunks have been read.
type FileError struct {
	Code    code.Code
	Message string       // what is wrong, for a person: one sentence without its capital and full stop
	Hint    string       // what to do about it, written likewise; see Advice
	Columns []Suggestion // what the hint advises to do with columns: %s stands for each in it
	Line    int          // physical line that the message is about; 0 when it is about no line
	Column  string       // column that the message is about, as the file names it; often ""

	HeaderLine int // below Line, and looks like the one with the names of the columns; 0 is none
}

// refusal is a FileError about a line, or about none.
func refusal(c code.Code, line int, message, hint string) *FileError {
	return &FileError{Code: c, Line: line, Message: message, Hint: hint}
}

// Error returns the message with the line in front.
func (e *FileError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("line %d: %s", e.Line, e.Message)
	}
	return e.Message
}

// Advice is the hint, with what it advises to do with columns as say puts it: as options of a command, quoted for the
// shell, or otherwise.
func (e *FileError) Advice(say func(Suggestion) string) string {
	if e.Columns == nil {
		return e.Hint
	}
	var said []any
	for _, c := range e.Columns {
		said = append(said, say(c))
	}
	return fmt.Sprintf(e.Hint, said...)
}

// Package rows reads contacts from CSV files and workbooks as people have them, and writes CSV.
//
// A CSV file may be UTF-8, UTF-16, Windows-1252 or ISO-8859-15, separated by comma, semicolon, tab or pipe, with any
// line ends, plain or gzipped. [Open] finds out which from the first bytes, matches the header, and refuses what holds
// no contacts with a [FileError]. Reading goes on in chunks: [Reader.Chunk] cuts the file at record boundaries, which
// is cheap and sequential, and [Chunk.Rows] does the work, in as many goroutines as the caller likes. Memory does not
// grow with the file. Of a workbook (.xlsx) it is the sheet's XML that is read sequentially, and only its shared texts
// are kept.
//
// What is wrong with one row is a [code.Problem] of that row, and reading goes on. What makes the rest of the file
// doubtful (a quote that never closes) is a *FileError: the file is refused rather than half read.
package rows

import "csvput/report/code"

// Names of the columns that csvput understands, as Info.Fields, Options.Map and mapping files spell them.
const (
	FieldID                  = "id"
	FieldName                = "name"
	FieldValue               = "value"
	FieldCountry             = "country"
	FieldAccountUUIDs        = "account_uuids"
	FieldPrimaryAccountUUIDs = "primary_account_uuids"
	FieldType                = "type"

	// What says whose contact detail a row is, where it has no id.
	FieldCurrentValue = "current_value"
	FieldClientUUID   = "client_uuid"
	FieldClientEmail  = "client_email"
	FieldClientName   = "client_name"
	FieldFirstName    = "first_name" // used only together with last_name
	FieldLastName     = "last_name"
)

// Row is one record of the file. Its strings share the memory of the whole record, its Raw that of the whole chunk:
// what is kept for long should be cloned.
type Row struct {
	// Line is the physical line on which the record begins. The first line of the file is 1; a line break inside a
	// quoted cell counts as a line. In a workbook it is the row's number.
	Line int
	// Cells are the cells of the columns that csvput understands, decoded by gocsv.
	Cells
	// Raw holds every cell of the record as it was, or as it was corrected, decoded to UTF-8 and without the quoting of
	// CSV. Bytes of a UTF-8 file that are not UTF-8 are still in it. In a row with the problem ragged_row it is longer
	// or shorter than the header. Of a workbook it holds the cells of the header's columns, as text.
	Raw []string
	// LeftOut says that somebody does not want the row to be used.
	LeftOut bool
	// Problems says why the row must not be used; nil for a good row.
	Problems []code.Problem
	// Notes are repairs that a workbook's cells needed.
	Notes []code.Note
}

// Cells is the untrimmed text of the cells by column; "" also where the file has no such column.
type Cells struct {
	ID                  string
	Name                string
	Value               string
	Country             string
	AccountUUIDs        string
	PrimaryAccountUUIDs string
	Type                string
	CurrentValue        string
	ClientUUID          string
	ClientEmail         string
	ClientName          string
	FirstName           string
	LastName            string
}

// Options say how to read a file. The zero value finds out everything by itself.
type Options struct {
	// Delimiter separates the cells: an ASCII character. 0 means to find out.
	Delimiter rune
	// Encoding is a usual name of a character encoding, such as "windows-1252" or "utf-16". "" means to find out.
	Encoding string
	// Sheet is the sheet of a workbook that is meant; "" is the only one that can be seen and holds contacts.
	Sheet string
	// Map gives columns a meaning that their header does not: the header in the file, matched like all headers, to
	// the name of our field. "" as the field means to ignore the column.
	Map map[string]string
	// IsCountry reports whether a cell names a country. With it, a column that is not used and holds countries in the
	// first rows makes Open refuse the file: nil is for a file that was read before.
	IsCountry func(cell string) bool
	// Corrections are laid over the cells.
	Corrections Corrections
	// HeaderLine is the physical line with the names of the columns: what stands above it is passed over. 0 is the
	// first that is not blank.
	HeaderLine int
	// FromLine skips the rows that begin before this physical line.
	FromLine int
	// Limit is the largest number of rows to read; 0 means all.
	Limit int
}

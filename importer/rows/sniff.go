package rows

import (
	"fmt"
	"strings"
)

const (
	gzipMagic = "\x1f\x8b\x08" // RFC 1952, with the only compression method there is

	hintExcel = "open it in Excel, choose File > Save As (Save a Copy), pick the type Excel Workbook (.xlsx) " +
		"without a password, or CSV UTF-8, and use the file that this makes"
	hintCalc = "open it in LibreOffice, choose File > Save As, pick the type Excel 2007-365 (.xlsx), or Text CSV " +
		"with the character set UTF-8 (CSV UTF-8), and use the file that this makes"
	hintNumbers = "open it in Numbers, choose File > Export To > Excel (.xlsx), or CSV with the text encoding " +
		"Unicode (CSV UTF-8), and use the file that this makes"
	hintSheet  = "open it in a spreadsheet program, save it as .xlsx or CSV UTF-8, and use the file that this makes"
	hintUnpack = "unpack it, and use the CSV file or workbook inside; of compressed files csvput reads gzip " +
		"(.csv.gz) only"
	hintExport = "export the contacts as CSV UTF-8, and use that file"
)

// magic lists files that are taken for CSV by mistake, by their first strings.
var magic = [...]struct{ prefix, what, hint string }{
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel file of the old kind (.xls) or one with a password", hintExcel},
	{"%PDF-", "a PDF document", hintExport},
	{"{\\rtf", "a rich text document", hintSheet},
	{"\x89PNG\r\n", "a picture (PNG)", hintExport},
	{"\xff\xd8\xff", "a picture (JPEG)", hintExport},
	{"GIF87a", "a picture (GIF)", hintExport},
	{"GIF89a", "a picture (GIF)", hintExport},
	{"II*\x00", "a picture (TIFF)", hintExport},
	{"MM\x00*", "a picture (TIFF)", hintExport},
	{"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", hintUnpack},
	{"Rar!\x1a\x07", "a RAR archive", hintUnpack},
	{"BZh9", "compressed with bzip2", hintUnpack},
	{"\xfd7zXZ\x00", "compressed with xz", hintUnpack},
	{"\x28\xb5\x2f\xfd", "compressed with zstd", hintUnpack},
	{"SQLite format 3\x00", "an SQLite database", hintExport},
	{"\xff\xfe\x00\x00", "UTF-32 text", "save it as CSV UTF-8"},
	{"\x00\x00\xfe\xff", "UTF-32 text", "save it as CSV UTF-8"},
}

// markup lists texts that are no CSV, by how they begin after white space, in lower case.
var markup = [...]struct{ prefix, what, hint string }{
	{"<?xml", "an XML file, perhaps an Excel 2003 workbook", hintExcel},
	{"<!doctype html", "a web page (HTML), whatever its name says", hintSheet},
	{"<html", "a web page (HTML), whatever its name says", hintSheet},
	{"<table", "a web page (HTML), whatever its name says", hintSheet},
	{"<meta", "a web page (HTML), whatever its name says", hintSheet},
	{"{\"", "a JSON file", hintExport},
	{"[{", "a JSON file", hintExport},
}

// refuseByMagic recognises by its first bytes what is no CSV.
func refuseByMagic(head string) *FileError {
	if strings.HasPrefix(head, "PK\x05\x06") {
		return notCSV("an empty ZIP archive", hintExport)
	}
	if IsWorkbook(head) {
		return refuseByMember(head)
	}
	for _, m := range magic {
		if strings.HasPrefix(head, m.prefix) {
			return notCSV(m.what, m.hint)
		}
	}
	return nil
}

// refuseByMember recognises other formats that are ZIP archives, by the names of their first members.
func refuseByMember(head string) *FileError {
	has := func(s string) bool { return strings.Contains(head, s) }
	switch {
	case has("vnd.oasis.opendocument"):
		return notCSV("a LibreOffice or OpenOffice file (.ods)", hintCalc)
	case has(".iwa"), has("Index.zip"), has("buildVersionHistory.plist"):
		return notCSV("a Numbers file (.numbers)", hintNumbers)
	}
	return nil
}

// refuseByText recognises decoded text that is no CSV.
func refuseByText(head string) *FileError {
	t := strings.ToLower(strings.TrimLeft(head[:min(len(head), 1024)], " \t\r\n"))
	for _, m := range markup {
		if strings.HasPrefix(t, m.prefix) {
			return notCSV(m.what, m.hint)
		}
	}
	if i := strings.IndexByte(head[:min(len(head), binaryHead)], 0); i >= 0 {
		return refusal(CodeBinaryFile, 0, fmt.Sprintf("this is no text file: byte %d is zero", i+1),
			hintSheet)
	}
	return nil
}

// binaryHead is how far into the text a zero byte condemns the whole file; later it is a problem of its row.
const binaryHead = 4 << 10

func notCSV(what, hint string) *FileError {
	return refusal(CodeNotCSV, 0, "this is "+what+", not a CSV file or an .xlsx workbook", hint)
}

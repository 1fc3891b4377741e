// Package report is what a run of csvput leaves behind: a folder with a plan, a report, a summary and a page for
// people.
//
// # The files of a run folder
//
//	plan.csv         a Row for every row of the input: what is wished, and the record as it was
//	report.csv       a Row for every row of the input: what became of it
//	failed.csv       the user's own rows that did not get through, with the reason
//	failed.xlsx      the same, if they were a workbook
//	corrections.csv  what somebody has made of cells of the input: a Correction a line
//	summary.json     a Summary
//	report.html      the same for people
//	.lock            held by the process that works on the folder
//
// A file that ends in .part is one that was never finished.
//
// # What is promised if the process dies at any instant
//
// Every file but report.csv and corrections.csv appears whole or not at all: it is written as .part, synced, and
// renamed. So is the report.csv of a check, and that of a finished run, which is in input order.
//
// While a run lasts, report.csv is a Journal: one line is appended, in one write, for each outcome. After a kill every
// line that was written is there. A last line that is not whole is passed over by Reader and Outcomes and cut off by
// the next Journal. Several lines for one row may stand in a report.csv that runs were resumed on: the last one counts.
//
// What is damaged in report.csv says nothing: a hole of zeros, half a line, a line with the id of another row. Its row
// is open, like that of a line that was never written, and a resumed run reads the record before it touches it. The
// next Journal writes the file again with the lines that are intact, and keeps the damaged one as report-damaged.csv.
// Damage in any other file is an error that names the line.
//
// A disk without room gives an error that wraps safefile.ErrDiskFull and names the file. A Journal then still ends with
// a whole line.
//
// # The cells
//
// Reports are UTF-8 without a byte order mark, separated by commas, quoted as in RFC 4180, lines end in LF. What a
// spreadsheet could run as a formula has an apostrophe in front: see the package formula. A line break in a cell that
// has a CR is written with one CR more, because CSV readers (Go's among them) take one away. A zero byte is written as
// C0 80. So every text that is UTF-8 comes back byte for byte.
//
// A list of uuids is separated by semicolons; #CLEAR is the empty list. A blank cell of account_uuids_before or
// primary_account_uuids_before says that the server did not show the list, and a blank one of account_uuids or
// primary_account_uuids that it stays as it is. Reports of older versions left a list that was empty before blank too:
// they are read as not shown, because nothing may be emptied on a guess. See SplitList.
package report

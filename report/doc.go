// Package report is what a run of csvput leaves behind: a folder with a plan, a report, a summary and a
// page for people.
//
// # The files of a run folder
//
//	plan.csv      a Row for every row of the input: what is wished, and the record as it was
//	report.csv    a Row for every row of the input: what became of it
//	failed.csv    the user's own rows that did not get through, with the reason
//	summary.json  a Summary
//	report.html   the same for people
//	.lock         held by the process that works on the folder
//
// A file that ends in .part is one that was never finished.
//
// # What is promised if the process dies at any instant
//
// Every file but report.csv appears whole or not at all: it is written as .part, synced, and renamed. So
// is the report.csv of a check, and that of a finished run, which is in input order.
//
// While a run lasts, report.csv is a Journal: one line is appended, in one write, for each outcome. After a
// kill every line that was written is there. A last line that is not whole is passed over by Reader and
// Outcomes and cut off by the next Journal. Several lines for one row may stand in a report.csv that runs were
// resumed on: the last one counts.
//
// What is damaged in report.csv says nothing: a hole of zeros, half a line, a line with the id of another row. Its
// row is open, like that of a line that was never written, and a resumed run reads the record before it touches
// it. The next Journal writes the file again with the lines that are intact, and keeps the damaged one as
// report-damaged.csv. Damage in any other file is an error that names the line.
//
// A disk without room gives an error that wraps ErrDiskFull and names the file. A Journal then still ends
// with a whole line.
//
// # The cells
//
// Reports are UTF-8 without a byte order mark, separated by commas, quoted as in RFC 4180, lines end in LF. What
// a spreadsheet could run as a formula has an apostrophe in front: see the package formula. A line break
// in a cell that has a CR is written with one CR more, because CSV readers (Go's among them) take one away. A
// zero byte is written as C0 80. So every text that is UTF-8 comes back byte for byte.
//
// A list of uuids is separated by semicolons; #CLEAR is the empty list. A blank cell of account_uuids_before or
// primary_account_uuids_before says that the server did not show the list, and a blank one of account_uuids or
// primary_account_uuids that it stays as it is. Reports of older versions left a list that was empty before
// blank too: they are read as not shown, because nothing may be emptied on a guess. See SplitList.
//
// # summary.json, schema 1
//
// Times are RFC 3339 in UTC, lengths of time are milliseconds. Every field is always there unless it says
// otherwise. New fields may be added within a schema.
//
//	schema                    number  1
//	run_id                    string  name of the run folder
//	folder                    string  the run folder, as an absolute path
//	command                   string  check, plan, run, apply, undo
//	state                     string  checked, planned, finished, stopped
//	stop                      object  why the run ended early; null when it did not
//	  code                    string  a code of the report, or max_errors, max_duration and the like
//	  message                 string  a sentence for a person
//	  resumable               bool    csvput apply can carry on
//	  detail                  string  of a file that was refused: why, in one word, such as unused_countries
//	  line                    number  the line of it that this is about, as far as there is one
//	  column                  string  the column of it that this is about, as the file names it
//	exit_code                 number  of the process
//	input                     object  the file that was read
//	  name                    string  its name without folders, or stdin
//	  path                    string  absolute, or -
//	  sha256                  string  of its bytes, in hexadecimal
//	  bytes                   number  its length
//	  encoding                string  such as UTF-8 or Windows-1252
//	  delimiter               string  one character
//	  rows                    number  data rows, blank ones not counted
//	  blank                   number  blank rows that were skipped
//	  unused_columns          list    columns that are neither used nor left out on purpose, as the file names them
//	account                   object  the account that the run acted as; empty strings for check
//	  uuid                    string
//	  name                    string
//	firm                      object  the account's firm
//	  name                    string
//	base_url                  string  of the API
//	sandbox                   string  file with the state of the rehearsal's sandbox; "" in earnest
//	rows                      number  rows that have a status: the sum over statuses
//	statuses                  object  rows by status; every status is there
//	codes                     object  rows by code, for the codes that occurred
//	countries                 object  rows by region of the phone number (ISO 3166-1 alpha-2)
//	requests                  object  what went over the wire
//	  logins, list, put       number  requests by kind, retries included
//	  attempts                number  requests that were sent: the sum of these
//	  retries                 number  of which retries
//	  throttled               number  answers 429
//	  waited_ms               number  time spent waiting for quota
//	  list_planned            number  list requests that the lookup takes
//	  put_planned             number  updates that the plan takes
//	  quota_limit             number  as the server last said; 0 when it never did
//	  quota_remaining         number  as the server last said; 0 when it never did
//	started_at                string  time; absent when unknown
//	finished_at               string  time; absent when unknown
//	duration_ms               number
//	versions                  object
//	  csvput                  string
//	  go                      string
//	  phonenumbers            string  decides which phone numbers are valid
//	settings                  object  flags as they held, by name, as text; no secrets
//	undo_of                   string  for an undo, the folder whose run it takes back
//	next                      list    commands that make sense now, ready to paste
//	timeline                  object  what happened when
//	  from                    string  time at which the first bucket begins; absent when nothing was sent
//	  bucket_ms               number  length of a bucket; 0 when nothing was sent
//	  buckets                 list    at most 600
//	    sent                  number  requests
//	    failed                number  of which without success, 429 not counted
//	    throttled             number  of which answered 429
//	  waits                   list    pauses during which nothing was sent
//	    from, to              string  times
//	    reason                string
//	files                     object  files that were written: plan, report, failed, page, input, summary or damaged, and the name that each got
package report

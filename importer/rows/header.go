package rows

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"csvput/report/human"
)

// layout says what the columns of a file are.
type layout struct {
	delim  byte
	header []string // as in the file, decoded, and behind them the columns of corrections
	width  int      // how many of them are the file's
	names  []string // the same, normalised
	fields []string // our field by column, "" for ignored columns
	report bool     // a report of ours: its cells carry guards against formulas

	mapped, ignored []bool // by column: given its field, or left out, by who runs csvput
	sample          [][]string
	lines           []int // on which the rows of the sample begin
	isCountry       func(string) bool
}

// known counts the headers that would be understood, for the choice of the delimiter.
func known(header []string, mapping map[string]string) int {
	mapped := make(map[string]bool, len(mapping))
	for h := range mapping {
		mapped[normalise(h)] = true
	}
	n := 0
	for _, h := range header {
		if name := normalise(h); mapped[name] || fieldOf(name) != "" || isOurs(name) {
			n++
		}
	}
	return n
}

// resolve gives each column its field. line is the header's line.
func (l *layout) resolve(mapping map[string]string, line int) *FileError {
	l.names = make([]string, len(l.header))
	for i, h := range l.header {
		l.names[i] = normalise(h)
	}
	if err := l.refuseData(line); err != nil {
		return err
	}
	l.fields = make([]string, len(l.header))
	l.report = isReport(l.names)
	if err := l.applyMap(mapping); err != nil {
		return err
	}
	taken := slices.DeleteFunc(slices.Clone(l.fields), func(f string) bool { return f == "" })
	for i, name := range l.names {
		if f := fieldOf(name); f != "" && l.fields[i] == "" && !l.ignored[i] && !slices.Contains(taken, f) {
			l.fields[i] = f
		}
	}
	l.useNames()
	l.useClientEmail()
	for _, refuse := range []func(line int) *FileError{l.refuseDuplicates, l.refuseSecondValue, l.refuseMissing,
		l.refuseCountries} {
		if err := refuse(line); err != nil {
			return err
		}
	}
	return nil
}

// key is a column in which every row should have data that can't be mistaken for text, or -1.
func (l *layout) key() int {
	key := -1
	for _, field := range []string{FieldValue, FieldClientEmail, FieldCurrentValue, FieldClientUUID, FieldID} {
		if at := slices.Index(l.fields, field); at >= 0 {
			key = at
		}
	}
	return key
}

// useNames takes first and last names together only: one of them alone names nobody.
func (l *layout) useNames() {
	first, last := slices.Index(l.fields, FieldFirstName), slices.Index(l.fields, FieldLastName)
	if (first < 0) != (last < 0) {
		l.fields[max(first, last)] = ""
	}
}

// useClientEmail takes a column of e-mail addresses for the clients', in a file that says whose its rows are and whose
// value is in a column that says so: value, New number. Beside a column that is called phone, such a column may be
// meant as a value too.
func (l *layout) useClientEmail() {
	email := l.emailColumn()
	if email < 0 {
		return
	}
	for i, f := range l.fields {
		if i != email && f == FieldValue && (l.names[i] == FieldValue || aged(l.names[i]) != "") {
			l.fields[email] = FieldClientEmail
		}
	}
}

// emailColumn is the column that may hold the clients' e-mail addresses, or -1: in a file without ids, or one that has
// got its ids later.
func (l *layout) emailColumn() int {
	if slices.Contains(l.fields, FieldID) && !slices.ContainsFunc(l.fields, isKey) ||
		slices.Contains(l.fields, FieldClientEmail) {
		return -1
	}
	return slices.IndexFunc(l.columns(), func(i int) bool {
		return isEmail(l.names[i]) && !l.mapped[i] && (l.fields[i] == FieldValue || l.unused(i))
	})
}

// applyMap gives the mapped columns their fields. A mapping outranks the names: it takes its field away from a column
// that only has the right name. A column mapped to "" is left out.
func (l *layout) applyMap(mapping map[string]string) *FileError {
	l.mapped, l.ignored = make([]bool, len(l.header)), make([]bool, len(l.header))
	var wrong []string
	for _, header := range slices.Sorted(maps.Keys(mapping)) {
		field := fieldOf(normalise(mapping[header]))
		if field == "" && trim(mapping[header]) != "" {
			wrong = append(wrong, fmt.Sprintf("%s is mapped to %s, which is no field of csvput", human.Quote(header),
				human.Quote(mapping[header])))
			continue
		}
		at := l.find(header)
		switch {
		case field == "":
			for _, i := range at {
				l.ignored[i] = true
			}
		case len(at) == 1 && l.fields[at[0]] != "" && l.fields[at[0]] != field:
			wrong = append(wrong, fmt.Sprintf("the column %s is mapped twice", human.Quote(header)))
		case len(at) == 1:
			l.fields[at[0]], l.mapped[at[0]] = field, true
		case len(at) > 1:
			wrong = append(wrong, fmt.Sprintf("the file has %d columns named %s", len(at), human.Quote(header)))
		default:
			wrong = append(wrong, fmt.Sprintf("the file has no column %s", human.Quote(header)))
		}
	}
	if wrong == nil {
		return nil
	}
	return refusal(CodeInvalidMap, 0, "the mapping of columns does not fit: "+strings.Join(wrong, "; "),
		"the fields are "+fieldList()+"; the columns of the file are "+quoteAll(l.header))
}

// find returns the columns with that header: those spelled exactly so or else those that match.
func (l *layout) find(header string) []int {
	var exact, alike []int
	for i, h := range l.header {
		if trim(h) == trim(header) {
			exact = append(exact, i)
		}
		if l.names[i] == normalise(header) {
			alike = append(alike, i)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return alike
}

// refuseData recognises a first line that holds data instead of column names.
func (l *layout) refuseData(line int) *FileError {
	for _, cell := range l.header {
		if !looksLikeData(cell) {
			continue
		}
		return refusal(CodeNoHeader, line,
			"the first line holds data such as "+human.Quote(cell)+" where the names of the columns should be",
			"put a line with the names of the columns at the top, for example id,name,value,country")
	}
	return nil
}

func (l *layout) refuseDuplicates(line int) *FileError {
	for _, c := range columns {
		if one := slices.Index(l.fields, c.field); one >= 0 {
			if two := slices.Index(l.fields[one+1:], c.field); two >= 0 {
				return l.twoColumns(line, one, one+1+two, c.field)
			}
		}
	}
	return nil
}

// Keys are the fields that say whose contact detail a row is; last names come with first names.
func Keys() []string {
	return []string{FieldCurrentValue, FieldClientUUID, FieldClientEmail, FieldClientName, FieldFirstName}
}

func isKey(field string) bool { return slices.Contains(Keys(), field) }

// refuseMissing names everything that is missing at once: the id, or what a record can be found by, and a column with
// something to change in it. A country or a type only says how to read the value.
func (l *layout) refuseMissing(line int) *FileError {
	wishes := []string{FieldValue, FieldName, FieldAccountUUIDs, FieldPrimaryAccountUUIDs}
	wish := slices.ContainsFunc(l.fields, func(f string) bool { return slices.Contains(wishes, f) })
	found := slices.Contains(l.fields, FieldID) || slices.ContainsFunc(l.fields, isKey)
	var missing []string
	if !found {
		missing = append(missing, "no id column")
	}
	if !wish {
		missing = append(missing, "no column with something to update ("+strings.Join(wishes, ", ")+")")
	}
	if missing == nil {
		return nil
	}
	err := &FileError{
		Code:    CodeMissingColumns,
		Line:    line,
		Message: "the file has " + strings.Join(missing, " and ") + "; its columns are " + quoteAll(l.header),
		Hint:    "rename the columns, or say what they are: %s",
		Columns: []Suggestion{{"Their Header", FieldValue}},
	}
	if len(l.header) == 1 {
		err.Hint,
			err.Columns = "if the columns are not separated by comma, semicolon, tab or pipe, save the file as CSV "+
			"UTF-8", nil
	} else if s := l.suggestions(true); len(s) > 0 {
		err.Hint, err.Columns = "did you mean"+strings.Repeat(" %s", len(s))+"?", s
	}
	if !found && len(l.header) > 1 && !slices.ContainsFunc(err.Columns,
		func(s Suggestion) bool { return s.Field == FieldID }) {
		err.Hint += fmt.Sprintf(" (without ids, csvput finds the contact details by %s, %s, %s or %s)",
			FieldCurrentValue, FieldClientName, FieldClientEmail, FieldClientUUID)
	}
	return err
}

// Suggestion is what a column may be meant to be.
type Suggestion struct {
	Header string // as in the file, on one line
	Field  string // "" to leave the column out
}

func (l *layout) as(column int, field string) Suggestion {
	return Suggestion{human.OneLine(l.header[column], 200), field}
}

// suggestions looks for unused columns that may be meant to be a field no other column is. With loose set, one word
// of the header is enough ("Phone No"), or cells that are countries; otherwise it must be a typing error.
func (l *layout) suggestions(loose bool) []Suggestion {
	var found []Suggestion
	taken := slices.Clone(l.fields)
	for i, name := range l.names {
		if !l.unused(i) || fieldOf(name) != "" || blank(l.header[i]) {
			continue
		}
		field := ""
		if loose {
			field = l.meant(i)
			if field == FieldValue && l.says(i, FieldCurrentValue) {
				field = FieldCurrentValue // to call it the value would send the old numbers
			}
		} else {
			field = nearest(name)
		}
		if field != "" && !slices.Contains(taken, field) {
			found = append(found, l.as(i, field))
			taken = append(taken, field)
		}
	}
	return found
}

// meant returns what an unused column may be meant to be.
func (l *layout) meant(i int) string {
	if l.holdsCountries(i) {
		return FieldCountry
	}
	return cmp.Or(otherField(l.names[i]), nearest(l.names[i]), fieldByWord(l.header[i]))
}

// readOnly reports the columns that csvput writes into its files and that say nothing on reading.
func (l *layout) readOnly(i int) bool {
	name := l.names[i]
	return l.report || isOurs(name) || slices.Contains([]string{"namebefore", "valuebefore", "accountuuidsbefore",
		"primaryaccountuuidsbefore", "national", "httpstatus"}, name)
}

// unused reports the columns that nobody has said anything about: neither used, nor ours and known not to be needed,
// nor left out on purpose.
func (l *layout) unused(i int) bool {
	return l.fields[i] == "" && !l.ignored[i] && !l.readOnly(i)
}

// columns numbers the columns.
func (l *layout) columns() []int {
	all := make([]int, len(l.header))
	for i := range all {
		all[i] = i
	}
	return all
}

// cellsOf are the cells of a column in the first rows, blank ones left out.
func (l *layout) cellsOf(i int) []string {
	var cells []string
	for _, row := range l.sample {
		if i < len(row) && !blank(row[i]) {
			cells = append(cells, trim(row[i]))
		}
	}
	return cells
}

// holdsCountries reports whether the cells of a column are countries: most of them where the header says so, else
// half of them, and then written so that it can hardly be something else. To stop for a column of something else costs
// an option; to pass over countries stores wrong numbers.
func (l *layout) holdsCountries(i int) bool {
	cells := l.cellsOf(i)
	if l.isCountry == nil || len(cells) == 0 {
		return false
	}
	words := append(headerWords(l.header[i]), l.names[i])
	if slices.ContainsFunc(words, func(w string) bool {
		return fieldOf(w) == FieldCountry ||
			otherField(w) == FieldCountry
	}) {
		return 2*l.count(cells, l.isCountry) > len(cells)
	}
	if slices.ContainsFunc(words, func(w string) bool { return slices.Contains(noCountries, w) }) {
		return false
	}
	return 2*l.count(cells, func(cell string) bool { return surelyCountry(cell) && l.isCountry(cell) }) >= len(cells)
}

// count is how many cells are so.
func (l *layout) count(cells []string, so func(string) bool) (n int) {
	for _, cell := range cells {
		if so(cell) {
			n++
		}
	}
	return n
}

// holdsValues reports whether most cells of a column look like phone numbers or e-mail addresses.
func (l *layout) holdsValues(i int) bool {
	cells, n := l.cellsOf(i), 0
	for _, cell := range cells {
		if likeValue(cell) {
			n++
		}
	}
	return 2*n > len(cells)
}

// namesOf are the columns that are so, as the file names them. One without a name and without cells is no column.
func (l *layout) namesOf(so func(column int) bool) []string {
	var names []string
	for i, header := range l.header {
		switch {
		case !so(i):
		case !blank(header):
			names = append(names, human.OneLine(header, len(header)))
		case len(l.cellsOf(i)) > 0:
			names = append(names, fmt.Sprintf("column %d (without a name)", i+1))
		}
	}
	return names
}

// unusedValue finds an unused column that is meant to be the value by its name and by its cells, or -1.
func (l *layout) unusedValue() int {
	return slices.IndexFunc(l.columns(), func(i int) bool {
		return l.unused(i) && l.meant(i) == FieldValue &&
			l.holdsValues(i)
	})
}

// refuseSecondValue stops where two columns hold values and only one of them has a name of ours. Who has mapped a
// column to the value has chosen.
func (l *layout) refuseSecondValue(line int) *FileError {
	value, second := slices.Index(l.fields, FieldValue), l.unusedValue()
	if value < 0 || l.mapped[value] || second < 0 {
		return nil
	}
	return l.twoColumns(line, min(value, second), max(value, second), FieldValue)
}

// twoColumns refuses two columns for one field.
func (l *layout) twoColumns(line, one, two int, field string) *FileError {
	err := &FileError{
		Code:   CodeDuplicateColumns,
		Line:   line,
		Column: l.header[two],
		Message: fmt.Sprintf("the columns %s and %s would both be the %s", human.Quote(l.header[one]),
			human.Quote(l.header[two]), field),
		Hint:    "say which one it is, for example %s",
		Columns: []Suggestion{l.as(one, field)},
	}
	if field == FieldValue {
		err.Hint = "a row changes one contact detail: say which column it is with %s or %s, or put both into one " +
			"column of the file"
		err.Columns = append(err.Columns, l.as(two, field))
		if old := l.older(one, two); old >= 0 {
			err.Hint = "if one of them only says what the CRM has now, say so with %s: csvput finds the record by it, " +
				"and sends the other; else put both into one column of the file"
			err.Columns = []Suggestion{l.as(old, FieldCurrentValue)}
		}
		if email := l.emailColumn(); email >= 0 {
			err.Hint += "; if the e-mail address only says who the client is: %s"
			err.Columns = append(err.Columns, l.as(email, FieldClientEmail))
		}
	}
	// Whoever follows the hint should not be stopped once more, let alone have numbers read for the wrong country.
	if found := l.country(); found >= 0 && !blank(l.header[found]) && !slices.Contains(l.fields, FieldCountry) {
		err.Hint += "; the countries are in " + strings.ReplaceAll(human.Quote(l.header[found]), "%", "%%") + ": %s"
		err.Columns = append(err.Columns, l.as(found, FieldCountry))
	}
	return err
}

// older is the one of two columns of values that is what the record has, as their headers have it, or -1.
func (l *layout) older(one, two int) int {
	switch {
	case l.says(one, FieldCurrentValue), l.says(two, FieldValue):
		return one
	case l.says(two, FieldCurrentValue), l.says(one, FieldValue):
		return two
	}
	return -1
}

// says reports whether a word of a column's header calls it the value that the record has, or the one that it is to
// have.
func (l *layout) says(i int, field string) bool {
	return slices.ContainsFunc(headerWords(l.header[i]), func(word string) bool { return ageOf(word) == field })
}

// country is the first unused column that holds countries, or -1.
func (l *layout) country() int {
	return slices.IndexFunc(l.columns(), func(i int) bool { return l.unused(i) && l.holdsCountries(i) })
}

// refuseCountries stops where a column of countries is not used: the numbers would be read as those of the default
// country, and pass.
func (l *layout) refuseCountries(line int) *FileError {
	found := l.country()
	if found < 0 {
		return nil
	}
	header, cells := l.header[found], l.cellsOf(found)
	cell := human.Quote(cells[max(0, slices.IndexFunc(cells, l.isCountry))])
	err := &FileError{
		Code:   CodeUnusedCountries,
		Line:   line,
		Column: header,
		Message: fmt.Sprintf("the column %s holds countries, such as %s, and is not used: numbers could be read as "+
			"those of another country", human.Quote(header), cell),
		Hint:    "use it with %s, or leave it out with %s",
		Columns: []Suggestion{l.as(found, FieldCountry), l.as(found, "")},
	}
	if value := l.unusedValue(); value >= 0 && !slices.Contains(l.fields, FieldValue) {
		err.Hint, err.Columns = "use it with %s %s, or leave it out with %s",
			slices.Insert(err.Columns, 0, l.as(value, FieldValue))
	}
	if blank(header) {
		err.Message = fmt.Sprintf("column %d has no name and holds countries, such as %s, and is not used: numbers "+
			"could be read as those of another country", found+1, cell)
		err.Hint, err.Columns = "write country above it in the file, or delete it there", nil
	}
	return err
}

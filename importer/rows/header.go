package rows

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"csvput/report/human"
)

// columns lists what the columns may be called: first the field, then its other names. All are
// spelled as normalise leaves them, but for the field.
var columns = [...]struct {
	field string
	names []string
}{
	{FieldID, []string{"id", "uuid", "contactdetailid", "contactdetailuuid"}},
	{FieldName, []string{"name", "label", "description"}},
	{FieldValue, []string{"value", "phone", "phonenumber", "number", "telephone", "mobile", "email"}},
	{FieldCountry, []string{"country", "region", "countrycode"}},
	{FieldAccountUUIDs, []string{"accountuuids", "accounts", "owners"}},
	{FieldPrimaryAccountUUIDs, []string{"primaryaccountuuids"}},
	{FieldType, []string{"type"}},
}

// normalise is how headers are compared: without case, spaces, underscores, hyphens and
// invisible characters.
func normalise(header string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, header)
}

// fieldOf returns our field for a normalised header or field name, or "".
func fieldOf(name string) string {
	for _, c := range columns {
		if slices.Contains(c.names, name) {
			return c.field
		}
	}
	return ""
}

// isOurs reports the columns that csvput adds to failed.csv.
func isOurs(name string) bool { return strings.HasPrefix(name, "csvput") }

// isReport reports whether the normalised headers are those of a report.csv or plan.csv of ours.
func isReport(names []string) bool {
	for _, must := range []string{"line", "id", "status", "code", "message", "namebefore", "name", "valuebefore", "value", "accountuuidsbefore", "national"} {
		if !slices.Contains(names, must) {
			return false
		}
	}
	return true
}

// layout says what the columns of a file are.
type layout struct {
	delim  byte
	header []string // as in the file, decoded
	names  []string // the same, normalised
	fields []string // our field by column, "" for ignored columns
	report bool     // a report of ours: its cells carry guards against formulas

	mapped, ignored []bool // by column: given its field, or left out, by who runs csvput
	sample          [][]string
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
		if f := fieldOf(name); f != "" && !l.ignored[i] && !slices.Contains(taken, f) {
			l.fields[i] = f
		}
	}
	for _, refuse := range []func(line int) *FileError{l.refuseDuplicates, l.refuseSecondValue, l.refuseMissing, l.refuseCountries} {
		if err := refuse(line); err != nil {
			return err
		}
	}
	return nil
}

// applyMap gives the mapped columns their fields. A mapping outranks the names: it takes its
// field away from a column that only has the right name. A column mapped to "" is left out.
func (l *layout) applyMap(mapping map[string]string) *FileError {
	l.mapped, l.ignored = make([]bool, len(l.header)), make([]bool, len(l.header))
	var wrong []string
	for _, header := range slices.Sorted(maps.Keys(mapping)) {
		field := fieldOf(normalise(mapping[header]))
		if field == "" && trim(mapping[header]) != "" {
			wrong = append(wrong, fmt.Sprintf("%s is mapped to %s, which is no field of csvput", human.Quote(header), human.Quote(mapping[header])))
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
	return &FileError{
		Code:    CodeInvalidMap,
		Message: "the mapping of columns does not fit: " + strings.Join(wrong, "; "),
		Hint:    "the fields are " + fieldList() + "; the columns of the file are " + quoteAll(l.header),
	}
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
		return &FileError{
			Code:    CodeNoHeader,
			Line:    line,
			Message: "the first line holds data such as " + human.Quote(cell) + " where the names of the columns should be",
			Hint:    "put a line with the names of the columns at the top, for example id,name,value,country",
		}
	}
	return nil
}

// looksLikeData reports cells that are a uuid, an e-mail address or a phone number.
func looksLikeData(cell string) bool {
	c := trim(cell)
	if _, ok := parseUUID(c); ok {
		return true
	}
	if local, domain, ok := strings.Cut(c, "@"); ok {
		return local != "" && strings.Contains(domain, ".") && !strings.ContainsAny(c, " \t")
	}
	digits := 0
	for _, r := range c {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !strings.ContainsRune("+-()./ '\u00a0", r):
			return false
		}
	}
	return digits >= 7
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

// refuseMissing names everything that is missing at once: the id, and a column with something to
// change in it. A country or a type only says how to read the value.
func (l *layout) refuseMissing(line int) *FileError {
	wishes := []string{FieldValue, FieldName, FieldAccountUUIDs, FieldPrimaryAccountUUIDs}
	wish := slices.ContainsFunc(l.fields, func(f string) bool { return slices.Contains(wishes, f) })
	var missing []string
	if !slices.Contains(l.fields, FieldID) {
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
		err.Hint, err.Columns = "if the columns are not separated by comma, semicolon, tab or pipe, save the file as CSV UTF-8", nil
	} else if s := l.suggestions(true); len(s) > 0 {
		err.Hint, err.Columns = "did you mean"+strings.Repeat(" %s", len(s))+"?", s
	}
	return err
}

func fieldList() string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.field
	}
	return strings.Join(names, ", ")
}

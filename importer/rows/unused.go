package rows

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"csvput/report/human"
)

// Names that other languages and other programs have for our columns, spelled as normalise leaves them.
// A column is not used for such a name alone, it is asked about.
var otherNames = [...]struct {
	field string
	names []string
}{
	{FieldValue, []string{
		"tel", "telno", "phoneno", "mobileno", "mobilephone", "cell", "cellphone", "cellular", "landline", "landlineno", "fax", "msisdn", "whatsapp",
		"telefon", "telefonnr", "telefonnummer", "rufnummer", "handy", "handynummer", "mobil", "mobilnummer", "mobiltelefon", "festnetz", "mobilfunk",
		"téléphone", "portable", "telefono", "teléfono", "telefone", "móvil", "movil", "celular", "cellulare", "telefoon", "telefoonnummer", "puhelin",
		"mail", "emailaddress", "emailadresse", "mailadresse", "courriel", "adresseemail", "correo", "correoelectrónico", "correoelectronico", "epost",
	}},
	{FieldCountry, []string{
		"nation", "land", "staat", "länderkennzeichen", "länderkennung", "ländercode", "länderkürzel", "landeskennung",
		"pays", "país", "pais", "paese", "nazione", "maa", "kraj", "země", "ország", "ülke", "isocode", "iso2", "iso3",
	}},
	{FieldName, []string{"bezeichnung", "beschreibung", "nom", "nombre", "nome", "naam", "namn", "navn"}},
}

// otherField returns our field for a normalised header in another program's words, or "".
func otherField(name string) string {
	for _, c := range otherNames {
		if slices.Contains(c.names, name) {
			return c.field
		}
	}
	return ""
}

// noCountries are words of headers whose cells may look like countries and are none: English is written
// en and German de, Georgia is a first name, and CA is a state.
var noCountries = []string{
	"name", "vorname", "nachname", "prénom", "initials", "title", "type", "status",
	"language", "lang", "locale", "sprache", "langue", "idioma", "lingua", "taal",
	"state", "province", "county", "currency", "city", "town", "ort", "stadt", "ville",
}

// headerWords are the words of a header, in lower case.
func headerWords(header string) []string {
	return strings.FieldsFunc(strings.ToLower(header), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// readOnly reports the columns that csvput writes into its files and that say nothing on reading.
func (l *layout) readOnly(i int) bool {
	name := l.names[i]
	return l.report || isOurs(name) || slices.Contains([]string{"namebefore", "valuebefore", "accountuuidsbefore", "primaryaccountuuidsbefore", "national", "httpstatus"}, name)
}

// unused reports the columns that nobody has said anything about: neither used, nor ours and known not to
// be needed, nor left out on purpose.
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

// holdsCountries reports whether the cells of a column are countries: most of them where the header says
// so, else every one, and then written so that it can hardly be something else.
func (l *layout) holdsCountries(i int) bool {
	cells := l.cellsOf(i)
	if l.isCountry == nil || len(cells) == 0 {
		return false
	}
	words := append(headerWords(l.header[i]), l.names[i])
	if slices.ContainsFunc(words, func(w string) bool { return fieldOf(w) == FieldCountry || otherField(w) == FieldCountry }) {
		n := 0
		for _, cell := range cells {
			if l.isCountry(cell) {
				n++
			}
		}
		return 2*n > len(cells)
	}
	return !slices.ContainsFunc(words, func(w string) bool { return slices.Contains(noCountries, w) }) &&
		!slices.ContainsFunc(cells, func(cell string) bool { return !surelyCountry(cell) || !l.isCountry(cell) })
}

// surelyCountry reports cells that, if they are a country, are hardly a word or a mark as well: not the A
// of a grade, not the no of yes and no, no +49 that is a part of a number.
func surelyCountry(cell string) bool {
	switch {
	case strings.ContainsAny(cell, "+0123456789"), len(cell) == 1:
		return false
	case len(cell) <= 3:
		return strings.ToUpper(cell) == cell && !slices.Contains([]string{"NO", "IN", "IT", "IS", "ME", "MY"}, cell)
	}
	return true
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

// likeValue reports what may be meant as a phone number or an e-mail address.
func likeValue(cell string) bool {
	const fewest = 5 // digits of a number
	digits := 0
	for _, r := range cell {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	return digits >= fewest || strings.ContainsAny(cell, "@＠")
}

// unusedNames are the unused columns as the file names them. One without a name and without cells is no
// column.
func (l *layout) unusedNames() []string {
	var names []string
	for i, header := range l.header {
		switch {
		case !l.unused(i):
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
	return slices.IndexFunc(l.columns(), func(i int) bool { return l.unused(i) && l.meant(i) == FieldValue && l.holdsValues(i) })
}

// refuseSecondValue stops where two columns hold values and only one of them has a name of ours. Who has
// mapped a column to the value has chosen.
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
		Code:    CodeDuplicateColumns,
		Line:    line,
		Column:  l.header[two],
		Message: fmt.Sprintf("the columns %s and %s would both be the %s", human.Quote(l.header[one]), human.Quote(l.header[two]), field),
		Hint:    "say which one it is, for example %s",
		Columns: []Suggestion{l.as(one, field)},
	}
	if field == FieldValue {
		err.Hint = "a row changes one contact detail: say which column it is with %s or %s, or put both into one column of the file"
		err.Columns = append(err.Columns, l.as(two, field))
	}
	// Whoever follows the hint should not be stopped once more, let alone have numbers read for the wrong country.
	if found := l.countries(); len(found) > 0 && !blank(l.header[found[0]]) && !slices.Contains(l.fields, FieldCountry) {
		err.Hint += "; the countries are in " + strings.ReplaceAll(human.Quote(l.header[found[0]]), "%", "%%") + ": %s"
		err.Columns = append(err.Columns, l.as(found[0], FieldCountry))
	}
	return err
}

// countries are the unused columns that hold countries.
func (l *layout) countries() []int {
	return slices.DeleteFunc(l.columns(), func(i int) bool { return !l.unused(i) || !l.holdsCountries(i) })
}

// refuseCountries stops where a column of countries is not used: the numbers would be read as those of
// the default country, and pass.
func (l *layout) refuseCountries(line int) *FileError {
	found := l.countries()
	if len(found) == 0 {
		return nil
	}
	header, cell := l.header[found[0]], human.Quote(l.cellsOf(found[0])[0])
	err := &FileError{
		Code:    CodeUnusedCountries,
		Line:    line,
		Column:  header,
		Message: fmt.Sprintf("the column %s holds countries, such as %s, and is not used: numbers could be read as those of another country", human.Quote(header), cell),
		Hint:    "use it with %s, or leave it out with %s",
		Columns: []Suggestion{l.as(found[0], FieldCountry), l.as(found[0], "")},
	}
	if value := l.unusedValue(); value >= 0 && !slices.Contains(l.fields, FieldValue) {
		err.Hint, err.Columns = "use it with %s %s, or leave it out with %s", slices.Insert(err.Columns, 0, l.as(value, FieldValue))
	}
	if blank(header) {
		err.Message = fmt.Sprintf("column %d has no name and holds countries, such as %s, and is not used: numbers could be read as those of another country", found[0]+1, cell)
		err.Hint, err.Columns = "write country above it in the file, or delete it there", nil
	}
	return err
}

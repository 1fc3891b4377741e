package rows

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// columns lists what the columns may be called, spelled as normalise leaves it: by names of ours, and by the names
// that other languages and programs have for them. A column is not used for such a name alone, it is asked about.
var columns = [...]struct {
	field         string
	names, others []string
}{
	{FieldID, []string{"id", "uuid", "contactdetailid", "contactdetailuuid"}, nil},
	{FieldName, []string{"name", "label", "description"},
		[]string{"bezeichnung", "beschreibung", "nom", "nombre", "nome", "naam", "namn", "navn"}},
	{FieldValue, []string{"value", "phone", "phonenumber", "number", "telephone", "mobile", "email"}, []string{
		"tel", "telno", "phoneno", "mobileno", "mobilephone", "cell", "cellphone", "cellular", "landline", "landlineno",
		"fax", "msisdn", "whatsapp",
		"telefon", "telefonnr", "telefonnummer", "rufnummer", "handy", "handynummer", "mobil", "mobilnummer",
		"mobiltelefon", "festnetz", "mobilfunk",
		"téléphone", "portable", "telefono", "teléfono", "telefone", "móvil", "movil", "celular", "cellulare",
		"telefoon", "telefoonnummer", "puhelin",
		"mail", "emailaddress", "emailadresse", "mailadresse", "courriel", "adresseemail", "adressemail", "correo",
		"correoelectrónico", "correoelectronico", "epost",
		"emailneu", "emailnuevo",
	}},
	{FieldCountry, []string{"country", "region", "countrycode"}, []string{
		"nation", "land", "staat", "länderkennzeichen", "länderkennung", "ländercode", "länderkürzel",
		"landeskennung",
		"pays", "país", "pais", "paese", "nazione", "maa", "kraj", "země", "ország", "ülke", "isocode", "iso2",
		"iso3",
	}},
	{FieldAccountUUIDs, []string{"accountuuids", "accounts", "owners"}, nil},
	{FieldPrimaryAccountUUIDs, []string{"primaryaccountuuids"}, nil},
	{FieldType, []string{"type"}, nil},
	{FieldCurrentValue, []string{"currentvalue", "bisher", "bisherig"}, []string{"emailalt", "emailactual"}},
	{FieldClientUUID, []string{"clientuuid", "customeruuid", "uuidofclient"}, []string{"clientid", "customerid"}},
	{FieldClientEmail, []string{
		"clientemail", "clientemailaddress", "clientsemail", "emailofclient", "customeremail", "customeremailaddress",
		"emailofcustomer",
		"kundenemail", "kundenmail", "kundenemailadresse", "kundeemail", "emailkunde", "emaildeskunden", "emailclient",
		"emailduclient",
		"courrielduclient", "courrielclient", "emailcliente", "emaildelcliente", "correocliente", "correodelcliente",
	}, nil},
	{FieldClientName, []string{
		"client", "clientname", "clientfullname", "nameofclient", "customer", "customername", "nameofcustomer",
		"fullname",
		"kunde", "kundin", "kundenname", "namedeskunden", "mandant", "nomclient", "nomduclient", "cliente",
		"nombrecliente", "nombredelcliente",
	}, nil},
	{FieldFirstName, []string{"firstname", "forename", "givenname", "vorname", "prénom", "prenom", "nombredepila"},
		nil},
	{FieldLastName, []string{"lastname", "surname", "familyname", "nachname", "familienname", "nomdefamille",
		"apellido", "apellidos"}, nil},
}

// ages are the words that say of a value whether it is the one that the record has or the one that it is to have: in
// front of its name, or behind it in languages that do so.
var ages = [...]struct {
	field          string
	before, behind []string
}{
	{
		FieldCurrentValue,
		[]string{
			"old", "current", "previous", "existing", "former",
			"alte", "alter", "bisherige", "bisheriger", "aktuelle", "ancien", "ancienne", "actuel",
		},
		[]string{"alt", "bisher", "actuel", "actuelle", "anterior", "actual", "antiguo"},
	},
	{
		FieldValue,
		[]string{"new", "neue", "neuer", "neues", "nouveau", "nouvelle", "nuevo", "nueva"},
		[]string{"neu", "nouveau", "nuevo"},
	},
}

// aged returns the field for a name of the value with one of the words of ages, or "". Behind an English name such a
// word means something else: an alt phone is another phone.
func aged(name string) string {
	numbers := []string{"nummer", "numéro", "numero", "número", "valeur", "wert", "valor"}
	foreign := func(s string) bool { return otherField(s) == FieldValue || slices.Contains(numbers, s) }
	for _, age := range ages {
		for _, word := range age.before {
			if rest, ok := strings.CutPrefix(name, word); ok && (foreign(rest) || fieldOf(rest) == FieldValue) {
				return age.field
			}
		}
		for _, word := range age.behind {
			if rest, ok := strings.CutSuffix(name, word); ok && foreign(rest) {
				return age.field
			}
		}
	}
	return ""
}

// ageOf is the field that a word alone tells of, or "". It is for hints: what follows from it is for a person to say.
func ageOf(word string) string {
	switch word {
	case "before", "prior", "vorher", "avant", "antes":
		return FieldCurrentValue
	case "after", "nachher", "après", "después":
		return FieldValue
	case "alt": // alternative, too
		return ""
	}
	for _, age := range ages {
		if slices.Contains(age.before, word) || slices.Contains(age.behind, word) {
			return age.field
		}
	}
	return ""
}

// isEmail reports the names of the value that mean an e-mail address, and do not say that it is the new one.
func isEmail(name string) bool {
	mail := func(word string) bool { return strings.Contains(name, word) }
	return (fieldOf(name) == FieldValue || otherField(name) == FieldValue) && aged(name) == "" &&
		slices.ContainsFunc([]string{"mail", "courriel", "correo", "epost"}, mail)
}

// normalise is how headers are compared: without case, spaces, underscores, hyphens and invisible characters.
func normalise(header string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, header)
}

// HasHeader reports whether a header is among those of a file, as Options.Map matches it.
func HasHeader(headers []string, header string) bool {
	return slices.ContainsFunc(headers, func(h string) bool { return normalise(h) == normalise(header) })
}

// fieldOf returns our field for a normalised header or field name, or "".
func fieldOf(name string) string {
	for _, c := range columns {
		if slices.Contains(c.names, name) {
			return c.field
		}
	}
	return aged(name)
}

// otherField returns our field for a normalised header in another program's words, or "".
func otherField(name string) string {
	for _, c := range columns {
		if slices.Contains(c.others, name) {
			return c.field
		}
	}
	return ""
}

// isOurs reports the columns that csvput adds to failed.csv.
func isOurs(name string) bool { return strings.HasPrefix(name, "csvput") }

// isReport reports whether the normalised headers are those of a report.csv or plan.csv of ours.
func isReport(names []string) bool {
	for _, must := range []string{"line", "id", "status", "code", "message", "namebefore", "name", "valuebefore",
		"value", "accountuuidsbefore", "national"} {
		if !slices.Contains(names, must) {
			return false
		}
	}
	return true
}

func fieldList() string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.field
	}
	return strings.Join(names, ", ")
}

// nearest returns the field whose name or other name is one or two slips away, or "".
func nearest(name string) string {
	if len(name) > 64 {
		return ""
	}
	field, least := "", 3
	for _, c := range columns {
		for _, n := range c.names {
			allowed := 0
			switch {
			case len(n) >= 7:
				allowed = 2
			case len(n) >= 4:
				allowed = 1
			}
			if d := slips(name, n); d <= allowed && d < least {
				field, least = c.field, d
			}
		}
	}
	return field
}

// slips counts the letters that must be added, dropped, replaced or swapped with their neighbour to turn a into b
// (optimal string alignment distance).
func slips(a, b string) int {
	above, row := make([]int, len(b)+1), make([]int, len(b)+1)
	var above2 []int
	for j := range above {
		above[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(above[j+1]+1, row[j]+1, above[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], above2[j-1]+1)
			}
		}
		above2, above, row = above, row, make([]int, len(b)+1)
	}
	return above[len(b)]
}

// headerWords are the words of a header, in lower case.
func headerWords(header string) []string {
	return strings.FieldsFunc(strings.ToLower(header), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// fieldByWord returns the field that one of the header's words names. Accounts come first: an account id is not the
// id.
func fieldByWord(header string) string {
	words := headerWords(header)
	for _, w := range words {
		if w == "account" || w == "accounts" || w == "owner" || w == "owners" {
			return FieldAccountUUIDs
		}
	}
	for _, w := range words {
		if f := cmp.Or(fieldOf(w), otherField(w)); f != "" {
			return f
		}
	}
	return ""
}

// noCountries are words of headers whose cells may look like countries and are none: English is written en and German
// de, Georgia is a first name, and CA is a state.
var noCountries = []string{
	"name", "vorname", "nachname", "prénom", "initials", "title", "type", "status",
	"language", "lang", "locale", "sprache", "langue", "idioma", "lingua", "taal",
	"state", "province", "county", "currency", "city", "town", "ort", "stadt", "ville",
}

// surelyCountry reports cells that, if they are a country, are hardly a word or a mark as well: not the A of a grade,
// not the no of yes and no. A calling code alone in its cell is one too, if there is nothing else in the cell.
func surelyCountry(cell string) bool {
	switch {
	case strings.HasPrefix(cell, "+"):
		return len(cell) <= len("+999")
	case strings.ContainsAny(cell, "0123456789"), len(cell) == 1:
		return false
	case len(cell) <= 3:
		return strings.ToUpper(cell) == cell && !slices.Contains([]string{"NO", "IN", "IT", "IS", "ME", "MY"}, cell)
	}
	return true
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

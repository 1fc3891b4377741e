package rows

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"csvput/report/code"
)

// isCountry knows a few countries, and words that are countries too.
func isCountry(cell string) bool {
	return slices.Contains([]string{"de", "fr", "it", "no", "d", "a", "ca", "deutschland", "frankreich", "germany", "georgia", "chad", "+49"}, strings.ToLower(cell))
}

// TestUnusedColumns holds what becomes of a file with columns that are not used: cells are the cells of the
// columns behind the id in the first rows.
func TestUnusedColumns(t *testing.T) {
	const none = ""
	for _, tt := range []struct {
		name, header string
		cells        []string
		ignore       string
		code         code.Code
		says         []string
		unused       string
	}{
		{"named as not used", "uuid;phone;Notes;Fax machine;", []string{"1;a;;", "2;b;;"}, "", none, nil, "Notes|Fax machine"},
		{"ignored", "uuid;phone;Notes", []string{"1;a"}, "notes", none, nil, ""},
		{"ours", "uuid;phone;csvput_code;value_before;National", []string{"1;a;020 7946 0123;c"}, "", none, nil, ""},
		{"without a name", "uuid;phone;;", []string{"1;a;"}, "", none, nil, "column 3 (without a name)"},

		{"countries", "uuid;phone;Land", []string{"1;Deutschland", "2;Frankreich"}, "", CodeUnusedCountries, []string{`"Land"`, "Deutschland", "--map 'Land=country'", "--ignore 'Land'"}, ""},
		{"countries, ignored", "uuid;phone;Land", []string{"1;Deutschland"}, "Land", none, nil, ""},
		{"countries by signs", "uuid;phone;Land", []string{"1;D", "2;+49", "3;A"}, "", CodeUnusedCountries, nil, ""},
		{"most are countries", "uuid;phone;Land", []string{"1;Deutschland", "2;", "3;DE", "4;unbekannt"}, "", CodeUnusedCountries, nil, ""},
		{"few are countries", "uuid;phone;Land", []string{"1;Bayern", "2;Hessen", "3;DE"}, "", none, nil, "Land"},
		{"under a strange name", "uuid;phone;Herkunft", []string{"1;DE", "2;", "3;Frankreich"}, "", CodeUnusedCountries, []string{"--map 'Herkunft=country'"}, ""},
		{"under a strange name, most", "uuid;phone;Wo", []string{"1;unbekannt", "2;DE", "3;Frankreich"}, "", CodeUnusedCountries, []string{`"Wo"`, `"DE"`}, ""},
		{"under a strange name, some", "uuid;phone;Herkunft", []string{"1;DE", "2;Web", "3;Messe"}, "", none, nil, "Herkunft"},
		{"without a name, countries", "uuid;phone;", []string{"1;Germany"}, "", CodeUnusedCountries, []string{"column 3", "write country above it"}, ""},
		{"beside a country", "uuid;phone;country;Nationality", []string{"1;DE;FR"}, "", CodeUnusedCountries, []string{`"Nationality"`}, ""},
		{"far down", "uuid;phone;Land", append(slices.Repeat([]string{"1;"}, 900), "2;Deutschland"), "", CodeUnusedCountries, nil, ""},
		{"with the value", "uuid;name;Telefon;Land", []string{"x;030 901820;DE"}, "", CodeUnusedCountries, []string{"--map 'Telefon=value' --map 'Land=country'"}, ""},

		{"no is not Norway", "uuid;phone;opt in", []string{"1;no", "2;No", "3;NO"}, "", none, nil, "opt in"},
		{"languages", "uuid;phone;Sprache;l", []string{"1;DE;de", "2;FR;fr"}, "", none, nil, "Sprache|l"},
		{"grades", "uuid;phone;grade", []string{"1;A", "2;D"}, "", none, nil, "grade"},
		{"first names", "uuid;phone;First Name", []string{"1;Georgia", "2;Chad"}, "", none, nil, "First Name"},
		{"states", "uuid;phone;State", []string{"1;CA"}, "", none, nil, "State"},
		{"calling codes", "uuid;phone;prefix", []string{"1;+49"}, "", CodeUnusedCountries, []string{`"prefix"`}, ""},
		{"land lines", "uuid;name;Land line", []string{"x;030 901820"}, "", none, nil, "Land line"},

		{"phone and e-mail", "uuid;Telefon;E-Mail;Land", []string{"030 901820;;Deutschland", ";x@example.com;Deutschland"}, "", CodeDuplicateColumns, []string{`"Telefon" and "E-Mail"`, "--map 'Telefon=value' or --map 'E-Mail=value'", "--map 'Land=country'"}, ""},
		{"e-mail beside a value, with ids", "uuid;value;E-Mail", []string{"030 901820;x@example.com"}, "", CodeDuplicateColumns, nil, ""},
		{"two by our names", "uuid;phone;e-mail", []string{"1;2"}, "", CodeDuplicateColumns, nil, ""},
		{"two phones", "uuid;Mobile;Phone No", []string{"030 901820;030 901821"}, "", CodeDuplicateColumns, []string{`"Mobile" and "Phone No"`}, ""},
		{"two phones, one ignored", "uuid;Mobile;Phone No", []string{"030 901820;030 901821"}, "Phone No", none, nil, ""},
		{"about the phone", "uuid;phone;Phone type;Email verified", []string{"030 901820;work;yes"}, "", none, nil, "Phone type|Email verified"},
		{"an empty one", "uuid;phone;Telefon", []string{"030 901820;"}, "", none, nil, "Telefon"},
		{"an account's", "uuid;phone;Owner email", []string{"030 901820;x@example.com"}, "", none, nil, "Owner email"},

		{"percent", "uuid;Telefon;E-Mail;Land %d", []string{"030 901820;;Deutschland", ";x@example.com;Deutschland"}, "", CodeDuplicateColumns, []string{`"Land %d": --map 'Land %d=country'`}, ""},
		{"nothing to update", "uuid;Telefon;Land", []string{"030 901820;DE"}, "", CodeMissingColumns, []string{"--map 'Telefon=value' --map 'Land=country'"}, ""},
		{"no id, strange names", "Nr;Rufnummer;Herkunft", []string{"030 901820;DE"}, "", CodeMissingColumns, []string{"--map 'Rufnummer=value' --map 'Herkunft=country'"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := Options{Delimiter: ';', IsCountry: isCountry, Map: map[string]string{}}
			if tt.ignore != "" {
				o.Map[tt.ignore] = ""
			}
			file := tt.header + "\n" + id1 + ";" + strings.Join(tt.cells, "\n"+id1+";") + "\n"
			r, err := Open(strings.NewReader(file), o)
			if tt.code != none {
				var refusal *FileError
				if !errors.As(err, &refusal) || refusal.Code != tt.code || refusal.Line != 1 {
					t.Fatalf("got %v, want %s", err, tt.code)
				}
				for _, s := range tt.says {
					if !strings.Contains(refusal.Message+" "+advice(refusal), s) {
						t.Errorf("%q is not in %q, %q", s, refusal.Message, advice(refusal))
					}
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(r.Info().Unused, "|"); got != tt.unused {
				t.Errorf("not used are %s, want %s", got, tt.unused)
			}
		})
	}
}

// Who follows the hint is not stopped again, and no column has been lost on the way.
func TestUnusedColumnsHint(t *testing.T) {
	file := "uuid;Telefon;E-Mail;Land\n" + id1 + ";030 901820;;Deutschland\n"
	o := Options{IsCountry: isCountry, Map: map[string]string{"Telefon": "value", "Land": "country"}}
	r, err := Open(strings.NewReader(file), o)
	if err != nil {
		t.Fatal(err)
	}
	if info := r.Info(); !slices.Equal(info.Fields, []string{"id", "value", "", "country"}) || !slices.Equal(info.Unused, []string{"E-Mail"}) {
		t.Errorf("got %q, not used %q", info.Fields, info.Unused)
	}
}

// A file that was read before is read again as it was then, whatever its columns hold.
func TestUnusedColumnsReadAgain(t *testing.T) {
	if _, err := Open(strings.NewReader("uuid;phone;Land\n"+id1+";1;Deutschland\n"), Options{}); err != nil {
		t.Error(err)
	}
}

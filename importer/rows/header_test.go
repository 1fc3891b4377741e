package rows

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"csvput/report/code"
)

func TestFields(t *testing.T) {
	const data = "\n" + id1 + ",b,c,d\n"
	for _, tt := range []struct {
		name, header string
		mapping      map[string]string
		fields       []string
	}{
		{"all ignored but two", "ID,foo,Phone Number,bar", nil, []string{"id", "", "value", ""}},
		{"e-mail", "uuid,name,E-Mail,x", nil, []string{"id", "name", "value", ""}},
		{"csvput columns", "id,name,csvput_line,CSVPUT Code", nil, []string{"id", "name", "", ""}},
		{"names only", "id,accounts,Primary Account UUIDs,region", nil, []string{"id", "account_uuids", "primary_account_uuids", "country"}},
		{"byte order mark and spaces", "\ufeff \u200bid ,na me,x,y", nil, []string{"id", "name", "", ""}},
		{"mapped", "id,b,Phone No,d", map[string]string{"phone_no": "value"}, []string{"id", "", "value", ""}},
		{"mapped by another name of the field", "id,b,Phone No,d", map[string]string{"Phone No": "telephone"}, []string{"id", "", "value", ""}},
		{"no ids", "Kunde,E-Mail,Alte Nummer,Neue Nummer", nil, []string{"client_name", "client_email", "current_value", "value"}},
		{"no ids, English", "Client name,E-mail of client,Old phone number,new phone", nil, []string{"client_name", "client_email", "current_value", "value"}},
		{"no ids, French", "Nom du client,Ancien numéro,Nouveau numéro,Courriel", nil, []string{"client_name", "current_value", "value", "client_email"}},
		{"no ids, Spanish", "Cliente,Número antiguo,Número nuevo", nil, []string{"client_name", "current_value", "value"}},
		{"no ids, first and last name", "Vorname,Nachname,Telefon alt,Telefon neu,Bezeichnung", nil, []string{"first_name", "last_name", "current_value", "value", ""}},
		{"one of the names alone", "Surname,Old e-mail,New e-mail", nil, []string{"", "current_value", "value"}},
		{"an e-mail beside a value, with ids", "id,Client UUID,value,mail", nil, []string{"id", "client_uuid", "value", "client_email"}},
		{"an other phone is not the old one", "id,value,alt phone,phone alt", nil, []string{"id", "value", "", ""}},
		{"a mapped e-mail", "Client,Phone,E-mail", map[string]string{"E-mail": "client_email"}, []string{"client_name", "value", "client_email"}},
		{"a mapping outranks a name", "id,phone,email,d", map[string]string{"email": "value"}, []string{"id", "", "value", ""}},
		{"a mapping to nothing", "id,phone,email,d", map[string]string{"phone": ""}, []string{"id", "", "value", ""}},
		{"a mapping to nothing of no column", "id,b,email,d", map[string]string{"gone": ""}, []string{"id", "", "value", ""}},
		{"exact spelling decides", "id,Phone No,phone_no,d", map[string]string{"phone_no": "value"}, []string{"id", "", "value", ""}},
		{"unnamed columns", "id,,value,", nil, []string{"id", "", "value", ""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := Open(strings.NewReader(tt.header+data), Options{Map: tt.mapping})
			if err != nil {
				t.Fatal(err)
			}
			if info := r.Info(); !slices.Equal(info.Fields, tt.fields) {
				t.Errorf("fields %q, want %q", info.Fields, tt.fields)
			}
		})
	}
}

func TestHeaderRefused(t *testing.T) {
	data := "\n" + id1 + ",b,c\n"
	for _, tt := range []struct {
		name, in string
		options  Options
		code     code.Code
		says     []string // parts of message and hint
	}{
		{"no id", "key,phone,c" + data, Options{}, CodeMissingColumns, []string{"no id column", `"key", "phone", "c"`}},
		{"nothing to update", "id,country,type" + data, Options{}, CodeMissingColumns, []string{"no column with something to update", "value, name"}},
		{"an e-mail beside a phone", "Client,Phone,E-mail" + data, Options{}, CodeDuplicateColumns, []string{"--map 'Phone=value' or --map 'E-mail=value'", "only says who the client is: --map 'E-mail=client_email'"}},
		{"a way without ids", "key,phone,c" + data, Options{}, CodeMissingColumns, []string{"without ids, csvput finds the contact details by current_value, client_name"}},
		{"both missing", "a,b,c" + data, Options{}, CodeMissingColumns, []string{"no id column and no column with something", "--map"}},
		{"the old and the new", "Client,number_before,number_after" + data, Options{}, CodeMissingColumns,
			[]string{"did you mean --map 'number_before=current_value' --map 'number_after=value'?"}},
		{"an old one", "First name,Phone,New phone" + data, Options{}, CodeDuplicateColumns,
			[]string{"only says what the CRM has now", "--map 'Phone=current_value'"}},
		{"an old one in our words", "id,Phone,Phone before\n" + id1 + ",020 7946 0001,020 7946 0002\n", Options{}, CodeDuplicateColumns,
			[]string{"--map 'Phone before=current_value'"}},
		{"suggestions", "Contact ID,Phone No,c" + data, Options{}, CodeMissingColumns, []string{"did you mean --map 'Contact ID=id' --map 'Phone No=value'?"}},
		{"typing errors", "uid,telefone,c" + data, Options{}, CodeMissingColumns, []string{"'uid=id'", "'telefone=value'"}},
		{"an account id is not the id", "Account ID,phone,c" + data, Options{}, CodeMissingColumns, []string{"'Account ID=account_uuids'"}},
		{"lines above the header", "Contacts of 2026\n\nid,phone,c" + data, Options{}, CodeMissingColumns, []string{"line 3 looks like"}},
		{"unusual delimiter", "id^phone^c\n1^2^3\n", Options{}, CodeMissingColumns, []string{"not separated by comma"}},
		{"two columns", "id,Phone,Mobile" + data, Options{}, CodeDuplicateColumns, []string{`"Phone" and "Mobile"`, "value", "--map 'Phone=value'"}},
		{"the same twice", "id,id,name" + data, Options{}, CodeDuplicateColumns, []string{`"id" and "id"`}},
		{"two mapped to one", "id,a,b" + data, Options{Map: map[string]string{"a": "value", "b": "value"}}, CodeDuplicateColumns, []string{`"a" and "b"`}},
		{"uuid first", id1 + ",Mobile,x" + data, Options{}, CodeNoHeader, []string{"holds data", "names of the columns"}},
		{"phone in the header", "1,020 7946 0123,x" + data, Options{}, CodeNoHeader, []string{"020 7946 0123"}},
		{"e-mail in the header", "1,x,ann@example.com" + data, Options{}, CodeNoHeader, []string{"ann@example.com"}},
		{"unknown field", "id,a,b" + data, Options{Map: map[string]string{"a": "valeu"}}, CodeInvalidMap, []string{`"valeu"`, "account_uuids", `"id", "a", "b"`}},
		{"unknown header", "id,a,b" + data, Options{Map: map[string]string{"c": "value"}}, CodeInvalidMap, []string{`no column "c"`, `"id", "a", "b"`}},
		{"ambiguous header", "id,a_a,a-a" + data, Options{Map: map[string]string{"aa": "value"}}, CodeInvalidMap, []string{`2 columns named "aa"`}},
		{"mapped twice", "id,a a,b" + data, Options{Map: map[string]string{"a a": "value", "a_a": "name"}}, CodeInvalidMap, []string{"mapped twice"}},
		{"stray quote", "id, \"name\",b" + data, Options{}, code.StrayQuote, []string{"out of place"}},
		{"too many columns", "id,name" + strings.Repeat(",x", 20_000) + data, Options{}, CodeTooManyColumns, []string{"20002 columns"}},
		{"bad delimiter", "id,a,b" + data, Options{Delimiter: '"'}, CodeInvalidDelimiter, []string{"cannot separate"}},
		{"delimiter outside ASCII", "id,a,b" + data, Options{Delimiter: '§'}, CodeInvalidDelimiter, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Open(strings.NewReader(tt.in), tt.options)
			var refusal *FileError
			if !errors.As(err, &refusal) || refusal.Code != tt.code {
				t.Fatalf("got %v, want %s", err, tt.code)
			}
			for _, s := range tt.says {
				if !strings.Contains(refusal.Message+" "+advice(refusal), s) {
					t.Errorf("%q is not in %q, %q", s, refusal.Message, advice(refusal))
				}
			}
		})
	}
}

func TestDelimiter(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     rune
	}{
		{"two commas do not outvote twenty semicolons", "id;value;name\n" + id1 + ";1;a, b, c, d, e, f\n" + id2 + ";2;g, h, i, j, k\n", ';'},
		{"commas in every name", "id;name\n" + id1 + ";a, b\n" + id2 + ";c, d\n", ';'},
		{"decimal commas", "id;value;price\n" + id1 + ";1;2,50\n" + id2 + ";1;3,50\n", ';'},
		{"tabs", "id\tname\n" + id1 + "\ta,b;c\n", '\t'},
		{"pipes in a comma file", "id,name,accounts\n" + id1 + ",a,1|2|3|4\n", ','},
		{"one known column", "foo;bar;id;name\n1;2;3;4\n", ';'},
	} {
		r, err := Open(strings.NewReader(tt.in), Options{})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if info := r.Info(); info.Delimiter != tt.want || info.Guessed != (tt.want != ',') {
			t.Errorf("%s: %q, want %q", tt.name, info.Delimiter, tt.want)
		}
	}
	// All headers mapped: the rows decide.
	r, err := Open(strings.NewReader("a;b, c\n1;2, 3\n4;5, 6\n7;8\n"), Options{Map: map[string]string{"a": "id", "b, c": "value"}})
	if err != nil || r.Info().Delimiter != ';' {
		t.Errorf("mapped: %v", err)
	}
}

func TestSeparatorLineCounts(t *testing.T) {
	rows, info, err := readAll(strings.NewReader("\"sep=;\"\r\nid;name\r\n"+id1+";a\r\n"), Options{})
	if err != nil || len(rows) != 1 || rows[0].Line != 3 || info.HeaderLine != 2 || info.Delimiter != ';' {
		t.Errorf("got %+v, %+v, %v", rows, info, err)
	}
}

func TestReportFedBack(t *testing.T) {
	in := "line,id,status,code,message,type,name_before,name,value_before,value,country,national,account_uuids_before,account_uuids,primary_account_uuids_before,primary_account_uuids,http_status,attempts,ms,at\n" +
		"2," + id1 + ",rejected,unprocessable,'=bad,phone_number,'=old,'=SUM(A1),+442079460000,+442079460123,GB,020 7946 0123,," + id2 + ",,#CLEAR,422,1,12,2026-01-02T15:04:05Z\n" +
		"3," + id2 + ",failed,network,x,phone_number,,''-odd,,,,,,,,,,,,\n" +
		"4," + id3 + ",failed,network,x,phone_number,,'quoted,,,,,,,,,,,,\n"
	rows, info, err := readAll(strings.NewReader(in), Options{})
	if err != nil || len(info.Suggestions) != 0 {
		t.Fatalf("%+v %v", info, err)
	}
	want := Cells{ID: id1, Name: "'=SUM(A1)", Value: "+442079460123", Country: "GB", AccountUUIDs: id2, PrimaryAccountUUIDs: "#CLEAR", Type: "phone_number"}
	if rows[0].Cells != want {
		t.Errorf("got %+v", rows[0].Cells)
	}
	if rows[1].Name != "''-odd" || rows[2].Name != "'quoted" || rows[0].Raw[7] != "'=SUM(A1)" {
		t.Errorf("guards: %q %q %q", rows[1].Name, rows[2].Name, rows[0].Raw[7])
	}
}

func TestSuggestions(t *testing.T) {
	r, err := Open(strings.NewReader("id,value,contry,account_uuid,nmae,notes,mobil\n"+id1+",1,2,3,4,5,6\n"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []Suggestion{{"contry", "country"}, {"account_uuid", "account_uuids"}, {"nmae", "name"}}
	if got := r.Info().Suggestions; !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestSlips(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"phone", "phone", 0}, {"phone", "phnoe", 1}, {"phone", "phoe", 1}, {"phone", "phones", 1}, {"phone", "fone", 2}, {"", "abc", 3}, {"abc", "", 3}} {
		if got := slips(tt.a, tt.b); got != tt.want {
			t.Errorf("%q %q: %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestMapFile(t *testing.T) {
	r, err := Open(strings.NewReader("UUID,\"Phone\nNo\",a=b,,csvput_line,Land\n"+id1+",1,2,3,4,GB\n"), Options{Map: map[string]string{"Phone No": "value", "Land": "country"}})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := WriteMap(&b, r.Info()); err != nil {
		t.Fatal(err)
	}
	if want := "UUID=id\nPhone No=value\na=b=\nLand=country\n"; b.String() != want {
		t.Errorf("wrote %q, want %q", b.String(), want)
	}
	mapping, err := ReadMap(&b)
	if err != nil || !maps.Equal(mapping, map[string]string{"UUID": "id", "Phone No": "value", "a=b": "", "Land": "country"}) {
		t.Errorf("read %v, %v", mapping, err)
	}
	again, err := Open(strings.NewReader("Land,a=b,Phone_No,UUID\nGB,x,1,"+id1+"\n"), Options{Map: mapping})
	if err != nil || !slices.Equal(again.Info().Fields, []string{"country", "", "value", "id"}) {
		t.Errorf("got %v", err)
	}
}

func TestReadMapRefused(t *testing.T) {
	for in, line := range map[string]int{
		"a=id\nnothing\n":         2,
		"=id\n":                   1,
		"\ufeffa=id\r\n\r\nb=x":   3,
		"a=id\nb=name\na=value\n": 3,
	} {
		_, err := ReadMap(strings.NewReader(in))
		var refusal *FileError
		if !errors.As(err, &refusal) || refusal.Code != CodeInvalidMap || refusal.Line != line {
			t.Errorf("%q: got %v, want line %d", in, err, line)
		}
	}
}

// advice is the hint as a shell takes it.
func advice(e *FileError) string {
	return e.Advice(func(s Suggestion) string {
		if s.Field == "" {
			return "--ignore '" + s.Header + "'"
		}
		return "--map '" + s.Header + "=" + s.Field + "'"
	})
}

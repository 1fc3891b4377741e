package importer

import (
	"testing"

	"csvput/importer/rows"
	"csvput/report/code"
)

// TestRefusedCell finds the cell that is coloured in failed.xlsx: the one that is to be corrected.
func TestRefusedCell(t *testing.T) {
	l := newFailedLayout(rows.Info{
		Header: []string{"Notes", "Owners", "Client", "Old number", "Client UUID", "New number", "Country"},
		Fields: []string{"", "account_uuids", "client_name", "current_value", "client_uuid", "value", "country"},
	})
	for _, tt := range []struct {
		problem code.Code
		message string
		want    int
	}{
		{code.TooShort, `"1" has too few digits for a phone number.`, 5},
		{code.InvalidCountry, `"Narnia" is no country.`, 6},
		{code.NoMatch, `Nearest is "+447400100001" (Mobile) of Ann, but client_name is "Bob" in the row.`, 2},
		{code.NoMatch, `Nothing in it has the current_value "1" or the client_name "Bob".`, 3},
		{code.OtherRecord, `The id is that of "+447400100001" (Mobile) of Ann, but current_value is "1" in the row.`, 3},
		{code.InvalidAccountUUIDs, `"17" in the column for client_uuid is not a uuid.`, 4},
		{code.InvalidAccountUUIDs, `"17" in the list of accounts is not a uuid.`, 1},
		{code.SeveralMatches, "2 contact details in the CRM agree with what the row says.", -1},
		{code.NothingToDo, "The row has an id and nothing else.", -1},
	} {
		if got := l.column(tt.problem, tt.message); got != tt.want {
			t.Errorf("%s, %s: column %d, want %d", tt.problem, tt.message, got, tt.want)
		}
	}
}

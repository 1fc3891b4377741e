package sandbox

import (
	"net/url"
	"time"
)

// timestamp is how Laravel writes times: whole seconds, with the offset in digits.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05-07:00") }

// detailJSON is a contact detail in an answer. The lists of accounts are there only when asked for.
type detailJSON struct {
	UUID      string         `json:"uuid"`
	CreatedAt string         `json:"created_at"`
	UpdatedAt string         `json:"updated_at"`
	Type      string         `json:"type"`
	Name      string         `json:"name"`
	Value     string         `json:"value"`
	Meta      *metaJSON      `json:"phone_number_meta,omitempty"`
	Accounts  *[]accountJSON `json:"accounts,omitempty"`
	Primary   *[]accountJSON `json:"primary_accounts,omitempty"`
}

type metaJSON struct {
	Country   *string `json:"country"` // null for a number that has none
	Formatted string  `json:"formatted"`
}

type accountJSON struct {
	UUID      string `json:"uuid"`
	CreatedAt string `json:"created_at"`
	UpdatedAt string `json:"updated_at"`
	Type      string `json:"type"`
	Role      string `json:"role"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Name      string `json:"name"`
	Email     string `json:"email"`
	PhotoURL  string `json:"photo_url"`
}

func (v view) json(owners, primaries bool) detailJSON {
	d := detailJSON{
		UUID: v.UUID, CreatedAt: timestamp(v.CreatedAt), UpdatedAt: timestamp(v.UpdatedAt),
		Type: v.Type, Name: v.Name, Value: v.Value,
	}
	if v.Type == TypePhone {
		d.Meta = &metaJSON{Formatted: national(v.Value)}
		if v.Country != "" {
			d.Meta.Country = &v.Country
		}
	}
	if owners {
		d.Accounts = accountsJSON(v.owners)
	}
	if primaries {
		d.Primary = accountsJSON(v.primaries)
	}
	return d
}

func accountsJSON(accounts []Account) *[]accountJSON {
	list := make([]accountJSON, len(accounts))
	for i, a := range accounts {
		list[i] = accountJSON{
			UUID: a.UUID, CreatedAt: timestamp(a.CreatedAt), UpdatedAt: timestamp(a.CreatedAt),
			Type: a.Type, Role: a.Role, FirstName: a.FirstName, LastName: a.LastName, Name: a.Name(), Email: a.Email,
			PhotoURL: "https://eu.ui-avatars.com/api/?name=" + url.QueryEscape(a.Name()),
		}
	}
	return &list
}

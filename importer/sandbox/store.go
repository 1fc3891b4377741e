package sandbox

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// The types of a contact detail.
const (
	TypePhone = "phone_number"
	TypeEmail = "email"
)

// UnknownPrefix begins the uuids that this server never knows: such records and accounts are not seeded.
const UnknownPrefix = "00000000-0000-4000-8000-"

// Firm is one of the firms on the server. A token of one firm does not see the records of another.
type Firm struct {
	UUID string `json:"uuid"`
	Name string `json:"name"`
}

// Account is a client of a firm, or somebody who works there.
type Account struct {
	UUID        string    `json:"uuid"`
	Type        string    `json:"type"` // client, employee or external; blank means client
	Role        string    `json:"role"` // blank means the type
	FirstName   string    `json:"first_name"`
	LastName    string    `json:"last_name"`
	Email       string    `json:"email"`
	Firm        Firm      `json:"firm"`                // the zero value is DefaultFirm
	CircleUUIDs []string  `json:"circle_uuids"`        // the circles that a client belongs to
	CreatedAt   time.Time `json:"created_at,omitzero"` // also its updated_at
}

// Name is the first and the last name.
func (a Account) Name() string { return strings.TrimSpace(a.FirstName + " " + a.LastName) }

func (a Account) firm() Firm { return cmp.Or(a.Firm, DefaultFirm()) }

// Record is one contact detail as the server holds it.
type Record struct {
	UUID     string `json:"uuid"`
	FirmUUID string `json:"firm_uuid"` // blank means DefaultFirm
	Type     string `json:"type"`      // TypePhone or TypeEmail
	Name     string `json:"name"`
	Value    string `json:"value"`   // E.164 for a phone number
	Country  string `json:"country"` // of a phone number, ISO 3166-1 alpha-2; blank when seeding means: work it out
	// The owners and those of whom it is the primary contact detail, in the order in which the accounts were created.
	AccountUUIDs        []string  `json:"account_uuids"`
	PrimaryAccountUUIDs []string  `json:"primary_account_uuids"`
	CreatedAt           time.Time `json:"created_at"` // zero when seeding means 1 March 2025, as UpdatedAt
	UpdatedAt           time.Time `json:"updated_at"`
}

// same reports whether a PUT that made b of a changed nothing.
func same(a, b Record) bool {
	return a.Name == b.Name && a.Value == b.Value && slices.Equal(a.AccountUUIDs, b.AccountUUIDs) &&
		slices.Equal(a.PrimaryAccountUUIDs, b.PrimaryAccountUUIDs)
}

// store is the database. The slices of what it holds are never changed in place.
type store struct {
	accounts table[Account]
	records  table[Record]
}

// table keeps rows in the order in which they were created.
type table[T any] struct {
	rows []T
	at   map[string]int // by uuid
}

func (t *table[T]) get(uuid string) (row T, ok bool) {
	i, ok := t.at[uuid]
	if ok {
		row = t.rows[i]
	}
	return row, ok
}

// put adds or replaces.
func (t *table[T]) put(uuid string, row T) {
	if i, ok := t.at[uuid]; ok {
		t.rows[i] = row
		return
	}
	if t.at == nil {
		t.at = map[string]int{}
	}
	t.at[uuid] = len(t.rows)
	t.rows = append(t.rows, row)
}

func (st *store) addAccount(a Account) {
	a.Type = cmp.Or(a.Type, "client")
	a.Role = cmp.Or(a.Role, a.Type)
	a.Firm = a.firm()
	if a.CreatedAt.IsZero() {
		a.CreatedAt = time.Date(2024, 1, 15, 9, 30, 0, 0, time.UTC)
	}
	st.accounts.put(a.UUID, a)
}

// complete fills in what a record to be seeded left blank, and leaves out the owners that do not exist.
func (st *store) complete(r Record) Record {
	r.FirmUUID = cmp.Or(r.FirmUUID, DefaultFirm().UUID)
	if r.Type == "" {
		r.Type = TypePhone
		if strings.Contains(r.Value, "@") {
			r.Type = TypeEmail
		}
	}
	if r.Type == TypePhone && r.Country == "" {
		_, r.Country, _ = checkPhone(r.Value, defaultRegion)
	}
	if r.CreatedAt.IsZero() {
		r.CreatedAt = time.Date(2025, 3, 1, 8, 0, 0, 0, time.UTC)
	}
	if r.UpdatedAt.IsZero() {
		r.UpdatedAt = r.CreatedAt
	}
	r.AccountUUIDs = st.owners(r.AccountUUIDs)
	r.PrimaryAccountUUIDs = st.owners(r.PrimaryAccountUUIDs)
	return r
}

// owners returns the accounts of ids that exist, each once, in the order of creation.
func (st *store) owners(ids []string) []string {
	known := []string{}
	for _, id := range ids {
		if _, ok := st.accounts.at[id]; ok {
			known = append(known, id)
		}
	}
	slices.SortFunc(known, func(a, b string) int { return st.accounts.at[a] - st.accounts.at[b] })
	return slices.Compact(known)
}

// isClient reports whether the account may own records of the firm.
func (st *store) isClient(id, firm string) bool {
	a, ok := st.accounts.get(id)
	return ok && a.Type == "client" && a.Firm.UUID == firm
}

// Records returns every record in the order in which they were seeded.
func (s *Server) Records() []Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := slices.Clone(s.store.records.rows)
	for i, r := range list {
		list[i] = r.clone()
	}
	return list
}

// Record returns one record, and whether there is one.
func (s *Server) Record(uuid string) (Record, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.store.records.get(uuid)
	return r.clone(), ok
}

func (r Record) clone() Record {
	r.AccountUUIDs = slices.Clone(r.AccountUUIDs)
	r.PrimaryAccountUUIDs = slices.Clone(r.PrimaryAccountUUIDs)
	return r
}

// Seed adds records, or replaces those with the same uuid; uuids that begin with UnknownPrefix are left out. Owners
// that do not exist are dropped: add them before, with EnsureClients. An error can only come from the file of Persist.
func (s *Server) Seed(records ...Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := make([]line, 0, len(records))
	for _, r := range records {
		if !strings.HasPrefix(r.UUID, UnknownPrefix) {
			r = s.store.complete(r.clone())
			lines = append(lines, line{Record: &r})
		}
	}
	return s.commit(lines...)
}

// AddClients adds accounts, or replaces those with the same uuid; uuids that begin with UnknownPrefix are left out. An
// error can only come from the file of Persist.
func (s *Server) AddClients(accounts ...Account) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []line
	for _, a := range accounts {
		if !strings.HasPrefix(a.UUID, UnknownPrefix) {
			lines = append(lines, line{Account: &a})
		}
	}
	return s.commit(lines...)
}

// EnsureClients adds a client with a made-up name for each uuid that is not an account yet; uuids that begin with
// UnknownPrefix are left out. An error can only come from the file of Persist.
func (s *Server) EnsureClients(uuids ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []line
	for _, id := range uuids {
		if _, ok := s.store.accounts.at[id]; !ok && !strings.HasPrefix(id, UnknownPrefix) {
			lines = append(lines, line{Account: new(madeUp(id))})
		}
	}
	return s.commit(lines...)
}

package run

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Settings decide a run. Each has a name, by which a face asks for it and the summary keeps it.
type Settings struct {
	// How the file is read.
	Country     string   `setting:"country"`      // of numbers for which the file names none
	Map         []string `setting:"map"`          // HEADER=field: which column is which
	MapFile     string   `setting:"map-file"`     // a file with more of them, one a line
	Ignore      []string `setting:"ignore"`       // headers of columns that are left out on purpose
	Sheet       string   `setting:"sheet"`        // of a workbook; "" is the only one that can be meant
	Extension   string   `setting:"extension"`    // refuse or drop
	Vanity      bool     `setting:"vanity"`       // letters in numbers are digits
	OnDuplicate string   `setting:"on-duplicate"` // refuse or last
	HeaderLine  int      `setting:"header-line"`  // with the names of the columns; 0 is found out
	FromLine    int      `setting:"from-line"`
	Limit       int      `setting:"limit"`     // of rows; 0 is none
	Delimiter   string   `setting:"delimiter"` // "" is found out
	Encoding    string   `setting:"encoding"`  // "" is found out

	// Which server, as whom, and how fast.
	Sandbox bool          `setting:"sandbox"`
	Account string        `setting:"account"`
	BaseURL string        `setting:"base-url"`
	CACert  string        `setting:"ca-cert"` // a file of certificates
	Rate    string        `setting:"rate"`
	Reserve string        `setting:"reserve"`
	Workers int           `setting:"workers"`
	Timeout time.Duration `setting:"timeout"` // of a request
	Retries int           `setting:"retries"`
	MaxWait time.Duration `setting:"max-wait"`
	Breaker int           `setting:"breaker"` // 0 is none

	// What is done, and when it is enough.
	DryRun        bool          `setting:"dry-run"` // end with the plan
	Fresh         bool          `setting:"fresh"`   // make a new plan where the last run was interrupted
	NoLookup      bool          `setting:"no-lookup"`
	Overwrite     bool          `setting:"overwrite"`
	Verify        bool          `setting:"verify"`
	NoChangeFails bool          `setting:"error-on-no-change"`
	ChangesTell   bool          `setting:"detailed-exit-code"`
	First         int           `setting:"first"` // of the rows that are to be sent; 0 is all
	LockTimeout   time.Duration `setting:"lock-timeout"`
	MaxErrors     string        `setting:"max-errors"`   // a number or a percentage; "" is no limit
	MaxDuration   time.Duration `setting:"max-duration"` // 0 is no limit
	Out           string        `setting:"out"`          // where the run's folder is made; "" is beside the file
	ReportXLSX    bool          `setting:"report-xlsx"`  // the report as a workbook too
	SaveMap       string        `setting:"save-map"`     // where a check writes which column is which
	SaveIDs       string        `setting:"save-ids"`     // where a plan writes the file with the ids that were found
}

// DefaultHost is the CRM's usual server.
const DefaultHost = "api.plannrcrm.com"

// Defaults are the settings of a person who sets none.
func Defaults() Settings {
	return Settings{
		Country: "GB", Extension: "refuse", OnDuplicate: "refuse", BaseURL: "https://" + DefaultHost,
		Rate: "500/m", Reserve: "5%", Workers: 8, Timeout: 30 * time.Second, Retries: 5, MaxWait: 15 * time.Minute,
		Breaker: 20,
	}
}

// fields are the settings by their names.
func (s *Settings) fields() map[string]any {
	out := map[string]any{}
	v := reflect.ValueOf(s).Elem()
	for i := range v.NumField() {
		out[v.Type().Field(i).Tag.Get("setting")] = v.Field(i).Addr().Interface()
	}
	return out
}

// Set sets the setting of a name to what a text says. A name that no setting has is left alone: a face has others of
// its own.
func (s *Settings) Set(name, text string) error {
	var err error
	switch p := s.fields()[name].(type) {
	case *string:
		*p = text
	case *[]string:
		*p = strings.Split(text, "\n")
	case *int:
		*p, err = strconv.Atoi(text)
	case *bool:
		*p, err = strconv.ParseBool(text)
	case *time.Duration:
		*p, err = time.ParseDuration(text)
	}
	return err
}

// Text is the setting of a name as Set takes it.
func (s *Settings) Text(name string) string {
	if list, ok := s.fields()[name].(*[]string); ok {
		return strings.Join(*list, "\n")
	}
	return fmt.Sprint(reflect.ValueOf(s.fields()[name]).Elem())
}

// Texts are all settings as Set takes them, by their names.
func (s *Settings) Texts() map[string]string {
	out := map[string]string{}
	for name := range s.fields() {
		out[name] = s.Text(name)
	}
	return out
}

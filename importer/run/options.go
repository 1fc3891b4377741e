package run

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/phone"
	"csvput/importer/quota"
	"csvput/importer/rows"
)

// reading is how the file is read, and how its rows are.
func (j *Job) reading() (rows.Options, importer.CheckOptions, error) {
	s := &j.Settings
	var (
		r = rows.Options{
			Encoding: s.Encoding, HeaderLine: s.HeaderLine, FromLine: s.FromLine, Limit: s.Limit, Sheet: s.Sheet,
			Map: map[string]string{}, IsCountry: phone.IsCountry,
		}
		o = importer.CheckOptions{Phone: phone.Options{Country: s.Country, Vanity: s.Vanity}}
	)
	if _, p := phone.Region(s.Country); p != nil {
		return r, o, Usagef("%s: %s", j.word("country"), p.Message)
	}
	var err error
	if r.Delimiter, err = j.delimiter(); err != nil {
		return r, o, err
	}
	if err := errors.Join(j.oneOf("extension", "refuse", "drop"),
		j.oneOf("on-duplicate", "refuse", "last")); err != nil {
		return r, o, err
	}
	if s.Extension == "drop" {
		o.Phone.Extension = phone.ExtensionDrop
	}
	if s.OnDuplicate == "last" {
		o.OnDuplicate = importer.DuplicateLast
	}
	if s.MapFile != "" {
		f, err := os.Open(s.MapFile)
		if err != nil {
			return r, o, Usagef("%s: %v", j.word("map-file"), err)
		}
		defer f.Close()
		if r.Map, err = rows.ReadMap(f); err != nil {
			return r, o, Usagef("%s %s: %v", j.word("map-file"), s.MapFile, err)
		}
	}
	if err := j.readMap(r.Map, s.Map); err != nil {
		return r, o, err
	}
	for _, header := range lines(s.Ignore) {
		r.Map[header] = ""
	}
	return r, o, nil
}

// lines are the lines of several texts, without blanks around them: in an environment variable and in a settings file,
// several values stand on lines of their own.
func lines(texts []string) []string {
	var out []string
	for line := range strings.Lines(strings.Join(texts, "\n")) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// readMap adds mappings, each HEADER=field. A header may hold a =, a field never does.
func (j *Job) readMap(into map[string]string, mappings []string) error {
	for _, m := range lines(mappings) {
		at := strings.LastIndex(m, "=")
		if at < 0 {
			return Usagef("%s %q has no =", j.word("map"), m).Hint("write it as " + j.word("map") + " 'Phone No=value'")
		}
		into[strings.TrimSpace(m[:at])] = strings.TrimSpace(m[at+1:])
	}
	return nil
}

// mapLines writes mappings as readMap reads them.
func mapLines(m map[string]string) string {
	var lines []string
	for _, header := range slices.Sorted(maps.Keys(m)) {
		lines = append(lines, header+"="+m[header])
	}
	return strings.Join(lines, "\n")
}

func (j *Job) delimiter() (rune, error) {
	named := map[string]rune{
		"": 0, "comma": ',', "semicolon": ';', "tab": '\t', `\t`: '\t', "pipe": '|', ",": ',', ";": ';', "\t": '\t',
		"|": '|',
	}
	r, ok := named[strings.ToLower(j.Settings.Delimiter)]
	if !ok {
		return 0, Usagef("%s %q is none of comma, semicolon, tab and pipe", j.word("delimiter"), j.Settings.Delimiter)
	}
	return r, nil
}

// oneOf checks a setting that takes words.
func (j *Job) oneOf(name string, words ...string) error {
	if value := j.Settings.Text(name); !slices.Contains(words, value) {
		return Usagef("%s %q is none of %s", j.word(name), value, strings.Join(words, ", "))
	}
	return nil
}

// clientConfig is the part of the API client's configuration that settings decide.
func (j *Job) clientConfig() (crm.Config, error) {
	s := &j.Settings
	cfg := crm.Config{
		BaseURL: s.BaseURL, Account: s.Account, Workers: max(1, s.Workers),
		Timeout: s.Timeout, Retries: s.Retries, MaxWait: s.MaxWait, Breaker: s.Breaker,
		UserAgent: fmt.Sprintf("csvput/%s (%s/%s)", j.Versions.Csvput, runtime.GOOS, runtime.GOARCH),
	}
	if cfg.Timeout == 0 {
		return cfg, Usagef("%s 0 would give the server no time at all", j.word("timeout"))
	}
	var err error
	if cfg.Rate, err = quota.ParseRate(s.Rate); err != nil {
		return cfg, Usagef("%s: %v", j.word("rate"), err)
	}
	if cfg.Reserve, err = quota.ParseReserve(s.Reserve); err != nil {
		return cfg, Usagef("%s: %v", j.word("reserve"), err)
	}
	if cfg.Account != "" {
		id, p := rows.ParseID(cfg.Account)
		if p != nil {
			return cfg, Usagef("%s %q is no uuid", j.word("account"), cfg.Account).
				Hint("csvput logins lists the accounts you may act as")
		}
		cfg.Account = id
	}
	if s.CACert != "" {
		if cfg.CACert, err = os.ReadFile(s.CACert); err != nil {
			return cfg, Usagef("%s: %v", j.word("ca-cert"), err)
		}
	}
	return cfg, nil
}

// maxErrors is the number of problems at which a run of so many rows stops; 0 is no limit.
func (j *Job) maxErrors() (func(rows int) int, error) {
	value := j.Settings.MaxErrors
	if value == "" {
		return func(int) int { return 0 }, nil
	}
	if percent, ok := strings.CutSuffix(value, "%"); ok {
		p, err := strconv.ParseFloat(strings.TrimSpace(percent), 64)
		if err != nil || !(p >= 0 && p <= 100) { // NaN is neither
			return nil, Usagef("%s %q is no percentage", j.word("max-errors"), value)
		}
		// More than the percentage is too many; never 0, which would be no limit.
		return func(rows int) int { return int(float64(rows)*p/100) + 1 }, nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		return nil, Usagef("%s %q is neither a number nor a percentage", j.word("max-errors"), value)
	}
	return func(int) int { return n }, nil
}

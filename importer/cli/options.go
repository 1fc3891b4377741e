package cli

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/urfave/cli/v3"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/phone"
	"csvput/importer/quota"
	"csvput/importer/rows"
)

// The library's words for a value that can't be read, on the command line and elsewhere.
var (
	badArgument = regexp.MustCompile(`^invalid value "(.*)" for (?:argument|flag) -*([\w-]+): (.*)$`)
	badSource   = regexp.MustCompile(`^could not parse "(.*)" as \w+ value from (.*) for flag ([\w-]+): (.*)$`)
	noArgument  = regexp.MustCompile(`^flag needs an argument: -*([\w-]+)`)
	noFlag      = regexp.MustCompile(`^flag provided but not defined: -*([\w-]+)`)
)

// valueProblem says in plain words what the library found wrong with an option.
func valueProblem(c *cli.Command, err error) *ending {
	text := strings.TrimSpace(err.Error())
	more := "csvput config shows where each setting comes from"
	if c != c.Root() {
		more = fmt.Sprintf("csvput %s --help explains the options", c.Name)
	}
	if m := badArgument.FindStringSubmatch(text); m != nil {
		return usagef("%s %q is %s", dashed(m[2]), m[1], wantedValue(c, m[2], m[3])).hint(more)
	}
	if m := badSource.FindStringSubmatch(text); m != nil {
		return usagef("the %s says %s: %q, which is %s", m[2], m[3], m[1], wantedValue(c, m[3], m[4])).hint(more)
	}
	if m := noArgument.FindStringSubmatch(text); m != nil {
		return usagef("%s needs a value after it", dashed(m[1])).hint(more)
	}
	if m := noFlag.FindStringSubmatch(text); m != nil {
		end := usagef("csvput %s has no option %s", c.Name, dashed(m[1]))
		if near := cli.SuggestFlag(c.Flags, m[1], false); near != "" {
			end.hint("did you mean " + near + "?")
		}
		return end.hint(more)
	}
	return usagef("%s", text).hint(more)
}

// wantedValue says what a flag's value should have been; reason is the library's own.
func wantedValue(c *cli.Command, flag, reason string) string {
	flags := c.Flags
	for _, sub := range c.Commands {
		flags = append(flags, sub.Flags...)
	}
	for _, f := range flags {
		if !slices.Contains(f.Names(), flag) {
			continue
		}
		switch {
		case strings.HasSuffix(reason, "is below 0"):
			return "below 0"
		case isType[*cli.BoolFlag](f):
			return "neither true nor false"
		case isType[*cli.IntFlag](f):
			return "not a whole number"
		case isType[*cli.DurationFlag](f):
			return "not a time such as 30s, 5m or 2h"
		}
	}
	return "not understood: " + reason
}

func isType[T any](v any) bool {
	_, ok := v.(T)
	return ok
}

// readOptions are the options for reading the file.
func readOptions(c *cli.Command) (rows.Options, importer.CheckOptions, error) {
	var (
		r = rows.Options{Encoding: c.String("encoding"), FromLine: c.Int("from-line"), Limit: c.Int("limit"), Map: map[string]string{}}
		o = importer.CheckOptions{Phone: phone.Options{Country: c.String("country"), Vanity: c.Bool("vanity")}}
	)
	if _, p := phone.Region(c.String("country")); p != nil {
		return r, o, usagef("--country: %s", p.Message)
	}
	var err error
	if r.Delimiter, err = delimiter(c.String("delimiter")); err != nil {
		return r, o, err
	}
	if err := oneOf(c, "extension", "refuse", "drop"); err != nil {
		return r, o, err
	}
	if c.String("extension") == "drop" {
		o.Phone.Extension = phone.ExtensionDrop
	}
	if err := oneOf(c, "on-duplicate", "refuse", "last"); err != nil {
		return r, o, err
	}
	if c.String("on-duplicate") == "last" {
		o.OnDuplicate = importer.DuplicateLast
	}
	if file := c.String("map-file"); file != "" {
		f, err := os.Open(file)
		if err != nil {
			return r, o, usagef("--map-file: %v", err)
		}
		defer f.Close()
		if r.Map, err = rows.ReadMap(f); err != nil {
			return r, o, usagef("--map-file %s: %v", file, err)
		}
	}
	r.IsCountry = phone.IsCountry
	// In the environment and in a settings file, several stand on lines of their own.
	if err := readMapLines(r.Map, strings.Join(c.StringSlice("map"), "\n")); err != nil {
		return r, o, err
	}
	for header := range strings.Lines(strings.Join(c.StringSlice("ignore"), "\n")) {
		r.Map[strings.TrimSpace(header)] = ""
	}
	return r, o, nil
}

// readMapLines adds mappings, one HEADER=field a line.
func readMapLines(into map[string]string, lines string) error {
	for m := range strings.Lines(lines) {
		header, field, ok := cutLast(strings.TrimSpace(m), "=")
		if !ok {
			return usagef("--map %q has no =", strings.TrimSpace(m)).hint("write it as " + columnFlag(rows.Suggestion{Header: "Phone No", Field: rows.FieldValue}))
		}
		into[strings.TrimSpace(header)] = strings.TrimSpace(field)
	}
	return nil
}

// mapLines writes mappings as readMapLines reads them.
func mapLines(m map[string]string) string {
	var lines []string
	for header, field := range m {
		lines = append(lines, header+"="+field)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// cutLast cuts at the last separator: a header may hold a =, a field never does.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

func delimiter(s string) (rune, error) {
	switch strings.ToLower(s) {
	case "":
		return 0, nil
	case "comma":
		return ',', nil
	case "semicolon":
		return ';', nil
	case "tab", `\t`:
		return '\t', nil
	case "pipe":
		return '|', nil
	}
	r, size := utf8.DecodeRuneInString(s)
	if size != len(s) || !strings.ContainsRune(",;\t|", r) {
		return 0, usagef("--delimiter %q is none of comma, semicolon, tab and pipe", s)
	}
	return r, nil
}

// oneOf checks the value of a flag that takes words.
func oneOf(c *cli.Command, flag string, words ...string) error {
	if !slices.Contains(words, c.String(flag)) {
		return usagef("--%s %q is none of %s", flag, c.String(flag), strings.Join(words, ", "))
	}
	return nil
}

// clientConfig is the part of the API client's configuration that flags decide.
func clientConfig(c *cli.Command) (crm.Config, error) {
	cfg := crm.Config{
		BaseURL: c.String("base-url"),
		Account: c.String("account"),
		Workers: max(1, c.Int("workers")),
		Timeout: c.Duration("timeout"),
		Retries: c.Int("retries"),
		MaxWait: c.Duration("max-wait"),
		Breaker: c.Int("breaker"),
	}
	if cfg.Timeout == 0 {
		return cfg, usagef("--timeout 0 would give the server no time at all")
	}
	var err error
	if cfg.Rate, err = quota.ParseRate(c.String("rate")); err != nil {
		return cfg, usagef("--rate: %v", err)
	}
	if cfg.Reserve, err = quota.ParseReserve(c.String("reserve")); err != nil {
		return cfg, usagef("--reserve: %v", err)
	}
	if cfg.Account != "" {
		id, p := rows.ParseID(cfg.Account)
		if p != nil {
			return cfg, usagef("--account %q is no uuid", cfg.Account).hint("csvput logins lists the accounts you may act as")
		}
		cfg.Account = id
	}
	if file := c.String("ca-cert"); file != "" {
		if cfg.CACert, err = os.ReadFile(file); err != nil {
			return cfg, usagef("--ca-cert: %v", err)
		}
	}
	cfg.UserAgent = fmt.Sprintf("csvput/%s (%s/%s)", version().Csvput, runtime.GOOS, runtime.GOARCH)
	return cfg, nil
}

// maxErrors reads --max-errors, a number or a percentage of the rows; 0 is no limit.
func maxErrors(value string) (func(rows int) int, error) {
	if value == "" {
		return func(int) int { return 0 }, nil
	}
	if percent, ok := strings.CutSuffix(value, "%"); ok {
		p, err := strconv.ParseFloat(strings.TrimSpace(percent), 64)
		if err != nil || !(p >= 0 && p <= 100) { // NaN is neither
			return nil, usagef("--max-errors %q is no percentage", value)
		}
		// More than the percentage is too many; never 0, which would be no limit.
		return func(rows int) int { return int(float64(rows)*p/100) + 1 }, nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		return nil, usagef("--max-errors %q is neither a number nor a percentage", value)
	}
	return func(int) int { return n }, nil
}

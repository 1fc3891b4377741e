package cli

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/urfave/cli/v3"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/phone"
	"csvput/importer/rows"
)

// Categories of flags, in the order of the help pages.
const (
	forReading    = "Reading the file"
	forConnecting = "Connecting to the CRM"
	forPacing     = "Pace and stopping"
	forRunning    = "This run"
	forOutput     = "Output"
)

const defaultBaseURL = "https://api.plannrcrm.com"

// sources is where a flag's value is looked for beside the command line: the environment, then the
// settings file.
func (a *app) sources(name string) cli.ValueSourceChain {
	return cli.NewValueSourceChain(
		&envSource{key: envName(name), lookup: a.Env},
		&fileSource{key: name, file: &a.settings},
	)
}

// envName is the environment variable of a flag: CSVPUT_ and its name in capitals with _ for -.
func envName(flag string) string {
	return "CSVPUT_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

func (a *app) text(name, value, category, usage string) *cli.StringFlag {
	return &cli.StringFlag{Name: name, Value: value, Category: category, Usage: usage, Sources: a.sources(name), HideDefault: value == ""}
}

func (a *app) number(name string, value int, category, usage string) *cli.IntFlag {
	return &cli.IntFlag{Name: name, Value: value, Category: category, Usage: usage, Sources: a.sources(name), HideDefault: value == 0, Validator: func(n int) error {
		if n < 0 {
			return fmt.Errorf("%d is below 0", n)
		}
		return nil
	}}
}

func (a *app) duration(name string, value time.Duration, category, usage string) *cli.DurationFlag {
	return &cli.DurationFlag{Name: name, Value: value, Category: category, Usage: usage, Sources: a.sources(name), HideDefault: value == 0, Validator: func(d time.Duration) error {
		if d < 0 {
			return fmt.Errorf("%s is below 0", d)
		}
		return nil
	}}
}

func (a *app) yes(name, category, usage string) *cli.BoolFlag {
	return &cli.BoolFlag{Name: name, Category: category, Usage: usage, Sources: a.sources(name), HideDefault: true}
}

// readingFlags say how the CSV file is read.
func (a *app) readingFlags() []cli.Flag {
	return []cli.Flag{
		a.text("country", "GB", forReading, "read phone numbers without a country as `COUNTRY`'s: a code or an English name"),
		a.text("extension", "refuse", forReading, "what to do with \"ext 12\" after a number: refuse the row, or drop the extension and say so (`refuse|drop`)"),
		a.yes("vanity", forReading, "accept letters in numbers, such as 0800 FLOWERS"),
		&cli.StringSliceFlag{Name: "map", Category: forReading, Usage: "`'HEADER=field'`: which column of yours is which of ours; may be repeated", Sources: a.sources("map")},
		a.text("map-file", "", forReading, "read such a mapping from `FILE`, one HEADER=field a line"),
		a.text("delimiter", "", forReading, "what separates the columns: comma, semicolon, tab, pipe or the `CHARACTER` itself (default: found out)"),
		a.text("encoding", "", forReading, "how the file's letters are stored, such as utf-8 or windows-1252 (`NAME`, default: found out)"),
		a.number("from-line", 0, forReading, "begin at `LINE` of the file"),
		a.number("limit", 0, forReading, "read at most so many `ROWS`"),
		a.text("on-duplicate", "refuse", forReading, "rows that name one id with different values: refuse them all, or take the last (`refuse|last`)"),
	}
}

// connectFlags say which server, as whom, and how.
func (a *app) connectFlags() []cli.Flag {
	return []cli.Flag{
		a.text("base-url", defaultBaseURL, forConnecting, "the CRM's `URL`"),
		a.text("account", "", forConnecting, "the `UUID` of the account to act as; csvput logins lists them (default: the only sensible one)"),
		a.text("token-file", "", forConnecting, "read the access token from `FILE`"),
		a.text("token-command", "", forConnecting, "run `COMMAND` and take what it prints as the access token"),
		a.text("ca-cert", "", forConnecting, "trust the certificates in `FILE` (PEM) too"),
		a.yes("sandbox", forConnecting, "use a pretend CRM inside this program, filled from the file: nothing real is touched"),
		a.text("rate", "500/m", forPacing, "never more requests than `N/TIME`, such as 500/m, 8/s, 50/6s"),
		a.text("reserve", "5%", forPacing, "how much of the server's quota to leave to your other programs: a `NUMBER` or a percentage"),
		a.number("workers", 8, forPacing, "how many requests at the same `TIME`"),
		a.duration("timeout", 30*time.Second, forPacing, "how long one request may take (`TIME`)"),
		a.number("retries", 5, forPacing, "how often a request that failed for a passing cause is made again (`N`)"),
		a.duration("max-wait", 15*time.Minute, forPacing, "stop when the server asks for a longer wait than `TIME`"),
		a.number("breaker", 20, forPacing, "stop after so many failures of the server's in a row (`N`, 0: never)"),
	}
}

// sendFlags are for commands that update.
func (a *app) sendFlags() []cli.Flag {
	return []cli.Flag{
		a.duration("max-duration", 0, forPacing, "stop cleanly after `TIME`, such as 2h; go on with csvput apply"),
		a.text("max-errors", "", forPacing, "stop when so many rows have problems: a `NUMBER`, or a percentage of the rows"),
		a.yes("verify", forRunning, "read every updated record back at the end"),
		a.duration("lock-timeout", 0, forRunning, "when another run works on the same folder, wait so long (`TIME`)"),
		a.yes("error-on-no-change", forRunning, "end with exit code 9 when nothing was changed"),
		a.text("on-finish", "", forOutput, "run `COMMAND` at the end, with the summary (JSON) as its input"),
		a.text("metrics-file", "", forOutput, "write the figures of the run to `FILE` for Prometheus' textfile collector"),
	}
}

// askFlags are for commands that ask before they update.
func (a *app) askFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "yes", Aliases: []string{"y"}, Category: forRunning, Usage: "do not ask; just do it", Sources: a.sources("yes"), HideDefault: true},
		a.yes("no-input", forRunning, "never ask anything: stop instead"),
	}
}

// outputFlags say what is shown and kept.
func (a *app) outputFlags() []cli.Flag {
	return []cli.Flag{
		a.yes("json", forOutput, "print the summary as JSON on standard output"),
		a.text("progress", "auto", forOutput, "a bar on a terminal, or plain lines, or nothing (`auto|plain|none`)"),
		a.duration("progress-interval", 30*time.Second, forOutput, "how often a plain line of progress is written (`TIME`)"),
		&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Category: forOutput, Usage: "say nothing but errors", Sources: a.sources("quiet"), HideDefault: true},
		&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Category: forOutput, Usage: "say what is done, request by request", Sources: a.sources("verbose"), HideDefault: true},
		a.text("log-format", "text", forOutput, "how log lines are written (`text|json`); with json, messages are log lines too"),
		a.text("log-file", "", forOutput, "write log lines to `FILE`"),
		a.yes("log-values", forOutput, "do not mask phone numbers and e-mail addresses in log lines"),
		a.configFlag(),
	}
}

// outFlag is for commands that leave a run folder.
func (a *app) outFlag() cli.Flag {
	return a.text("out", "", forOutput, "make the run's folder in `DIR` (default: beside the file)")
}

func (a *app) configFlag() cli.Flag {
	// Read before the command line is parsed, see loadSettings.
	return &cli.StringFlag{Name: "config", Category: forOutput, Usage: "read settings from `FILE`", DefaultText: settingsName, Sources: cli.NewValueSourceChain(&envSource{key: envName("config"), lookup: a.Env})}
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
	// In the environment and in a settings file, several stand on lines of their own.
	return r, o, readMapLines(r.Map, strings.Join(c.StringSlice("map"), "\n"))
}

// readMapLines adds mappings, one HEADER=field a line.
func readMapLines(into map[string]string, lines string) error {
	for m := range strings.Lines(lines) {
		header, field, ok := cutLast(strings.TrimSpace(m), "=")
		if !ok {
			return usagef("--map %q has no =", strings.TrimSpace(m)).hint("write it as --map 'Phone No=value'")
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
	if cfg.Rate, err = crm.ParseRate(c.String("rate")); err != nil {
		return cfg, usagef("--rate: %v", err)
	}
	if cfg.Reserve, err = crm.ParseReserve(c.String("reserve")); err != nil {
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
		if err != nil || p < 0 || p > 100 {
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

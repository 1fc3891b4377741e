package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"csvput/importer/run"
)

// Categories of flags, in the order of the help pages.
const (
	forRunning    = "This run"
	forReading    = "Reading the file"
	forConnecting = "Connecting to the CRM"
	forPacing     = "Pace and stopping"
	forOutput     = "Output"
)

// sources is where a flag's value is looked for beside the command line: the environment, then the settings files.
// wrong says what is wrong with a value, "" when nothing is.
func (a *app) sources(name string, wrong func(string) string) cli.ValueSourceChain {
	return cli.NewValueSourceChain(&source{a, name, true, wrong}, &source{a, name, false, wrong})
}

func (a *app) text(name, value, category, usage string) *cli.StringFlag {
	return &cli.StringFlag{Name: name, Value: value, Category: category, Usage: usage, Sources: a.sources(name, noText),
		HideDefault: value == "", DefaultText: value}
}

func (a *app) texts(name, category, usage string) *cli.StringSliceFlag {
	return &cli.StringSliceFlag{Name: name, Category: category, Usage: usage, Sources: a.sources(name, noText),
		HideDefault: true}
}

func (a *app) number(name string, value int, category, usage string) *cli.IntFlag {
	return &cli.IntFlag{Name: name, Value: value, Category: category, Usage: usage, Sources: a.sources(name, notNumber),
		HideDefault: value == 0, DefaultText: strconv.Itoa(value), Validator: notBelow[int]}
}

func (a *app) duration(name string, value time.Duration, category, usage string) *cli.DurationFlag {
	return &cli.DurationFlag{Name: name, Value: value, Category: category, Usage: usage,
		Sources: a.sources(name, notTime), HideDefault: value == 0,
		DefaultText: strings.Replace(value.String(), "m0s", "m", 1),
		Validator:   notBelow[time.Duration]}
}

func notBelow[N int | time.Duration](n N) error {
	if n < 0 {
		return fmt.Errorf("%v is below 0", n)
	}
	return nil
}

func (a *app) yes(name, category, usage string, aliases ...string) *cli.BoolFlag {
	return &cli.BoolFlag{Name: name, Aliases: aliases, Category: category, Usage: usage,
		Sources: a.sources(name, notSwitch), HideDefault: true}
}

// readingFlags say how the CSV file is read.
func (a *app) readingFlags() []cli.Flag {
	usual := run.Defaults()
	return []cli.Flag{
		a.text("country", usual.Country, forReading,
			"`COUNTRY`: the country of numbers for which the file names none, by its code or English name"),
		a.texts("map", forReading,
			"`HEADER=field`: which of your columns is which of ours, such as 'Phone No=value'; may be given several "+
				"times"),
		a.text("map-file", "", forReading, "read such a mapping from `FILE`, one HEADER=field a line"),
		a.texts("ignore", forReading, "`HEADER`: leave this column out on purpose; may be given several times"),
		a.text("sheet", "", forReading,
			"`NAME`: which sheet of a workbook is meant (default: the only one with contacts that is not hidden)"),
		a.text("extension", usual.Extension, forReading,
			"`refuse|drop`: what to do with \"ext 12\" after a number: refuse the row, or leave the extension out "+
				"and say so"),
		a.yes("vanity", forReading, "accept letters in numbers, such as 0800 FLOWERS"),
		a.text("on-duplicate", usual.OnDuplicate, forReading,
			"`refuse|last`: what to do with rows that name one id with different values: refuse them all, or take "+
				"the last"),
		a.number("from-line", 0, forReading, "begin at this `LINE` of the file"),
		a.number("limit", 0, forReading, "read at most so many `ROWS`"),
		a.text("delimiter", "", forReading,
			"`CHARACTER`: what separates the columns: comma, semicolon, tab or pipe (default: found out)"),
		a.text("encoding", "", forReading,
			"`NAME`: how the file's letters are stored: utf-8, windows-1252, ... (default: found out)"),
	}
}

// connectFlags say which server, as whom, and how fast.
func (a *app) connectFlags() []cli.Flag {
	usual := run.Defaults()
	return []cli.Flag{
		a.yes("sandbox", forConnecting,
			"use a pretend CRM inside this program, filled from the file: nothing real is touched"),
		a.text("account", "", forConnecting,
			"`UUID`: the account to act as; csvput logins lists them (default: the only sensible one)"),
		a.text("token-file", "", forConnecting, "read the access token from `FILE`, which only you may read"),
		a.text("token-command", "", forConnecting, "run `COMMAND` and take what it prints as the access token"),
		a.text("base-url", usual.BaseURL, forConnecting, "`URL`: the address of the CRM"),
		a.text("ca-cert", "", forConnecting, "trust the certificates in `FILE` (PEM) too"),
		a.text("rate", usual.Rate, forPacing,
			"never more requests than `N/TIME`, such as 500/m, 8/s, 50/6s; unlimited for a server that has no quota"),
		a.text("reserve", usual.Reserve, forPacing,
			"`NUMBER`: leave so much of the CRM's quota to your other programs; also a percentage"),
		a.number("workers", usual.Workers, forPacing, "make `N` requests at the same time"),
		a.duration("timeout", usual.Timeout, forPacing, "give up a request that takes longer than `TIME`"),
		a.number("retries", usual.Retries, forPacing,
			"make a request that failed for a passing cause again, up to `N` times"),
		a.duration("max-wait", usual.MaxWait, forPacing, "stop when the CRM asks for a longer wait than `TIME`"),
		a.number("breaker", usual.Breaker, forPacing, "stop after `N` failures of the CRM's in a row; 0 is never"),
	}
}

// stopFlags are for commands that update.
func (a *app) stopFlags() []cli.Flag {
	return []cli.Flag{
		a.yes("verify", forRunning, "read every updated record back at the end"),
		a.yes("error-on-no-change", forRunning, "end with exit code 9 when nothing was changed"),
		a.duration("lock-timeout", 0, forRunning,
			"when another csvput works on the same folder, wait up to `TIME` for it"),
		a.text("max-errors", "", forPacing,
			"`NUMBER`: stop when so many rows have problems; also a percentage of the rows, such as 5%"),
		a.duration("max-duration", 0, forPacing, "stop cleanly after `TIME`, such as 2h; go on with csvput apply"),
		a.text("on-finish", "", forOutput, "run `COMMAND` at the end, with the summary (JSON) as its input"),
		a.text("metrics-file", "", forOutput, "write the run's figures to `FILE` for Prometheus' textfile collector"),
	}
}

// askFlags are for commands that ask before they update.
func (a *app) askFlags() []cli.Flag {
	return []cli.Flag{
		a.yes("yes", forRunning, "do not ask; just do it", "y"),
		a.yes("no-input", forRunning, "never ask anything: stop instead"),
	}
}

// without leaves out the flag of a name.
func without(flags []cli.Flag, name string) []cli.Flag {
	return slices.DeleteFunc(flags, func(f cli.Flag) bool { return f.Names()[0] == name })
}

// accepted are flags of which a command takes those of the names, or all, without showing them: those that scripts and
// the environment give to all commands alike, though this one never asks, or sends nothing.
func accepted(flags []cli.Flag, names ...string) []cli.Flag {
	for _, f := range flags {
		if len(names) > 0 && !slices.Contains(names, f.Names()[0]) {
			continue
		}
		switch f := f.(type) {
		case *cli.BoolFlag:
			f.Hidden = true
		case *cli.StringFlag:
			f.Hidden = true
		case *cli.DurationFlag:
			f.Hidden = true
		}
	}
	return flags
}

func (a *app) noLookupFlag() cli.Flag {
	return a.yes("no-lookup", forRunning,
		"send what the file says without reading the records first; undo is not possible then")
}

func (a *app) saveIDsFlag() cli.Flag {
	return a.text("save-ids", "", forOutput,
		"write your file to `FILE`, which must not be there yet, with the ids of its rows filled in; a workbook if "+
			"it ends in .xlsx")
}

// outFlag is for commands that leave a run folder.
func (a *app) outFlag() cli.Flag {
	return a.text("out", "", forOutput, "make the run's own folder in `FOLDER` (default: beside the file)")
}

func (a *app) jsonFlag(what string) cli.Flag {
	return a.yes("json", forOutput, "print "+what+" as JSON on standard output")
}

// messageFlags say what is shown and kept while a command works.
func (a *app) messageFlags() []cli.Flag {
	return []cli.Flag{
		a.yes("quiet", forOutput, "say nothing but errors", "q"),
		a.yes("verbose", forOutput, "log every request too", "v"),
		a.text("progress", "auto", forOutput,
			"`auto|plain|none`: how to show progress; auto is a bar on a terminal, else a line now and then"),
		a.duration("progress-interval", 30*time.Second, forOutput, "write a plain line of progress every `TIME`"),
		a.text("log-file", "", forOutput, "write log lines to `FILE`"),
		a.text("log-format", "text", forOutput,
			"`text|json`: how log lines are written; json without --log-file makes all messages log lines"),
		a.yes("log-values", forOutput, "do not mask phone numbers and e-mail addresses in log lines"),
		a.configFlag(),
	}
}

// runFlags are what every command has that leaves a run folder.
func (a *app) runFlags() []cli.Flag {
	return slices.Concat([]cli.Flag{a.outFlag(),
		a.yes("report-xlsx", forOutput, "write the report as a workbook too, report.xlsx"), a.jsonFlag("the summary")},
		a.messageFlags())
}

// configFlag names the settings file. It is looked for before the command line is parsed, see readSettings.
func (a *app) configFlag() cli.Flag {
	return &cli.StringFlag{Name: "config", Category: forOutput, Usage: "read settings from `FILE` and from no other",
		DefaultText: "your own and this folder's " + settingsName,
		Sources:     cli.NewValueSourceChain(&source{a, "config", true, noText})}
}

// flagOf is the flag of a name, nil when the command has none.
func flagOf(c *cli.Command, name string) cli.Flag {
	i := slices.IndexFunc(c.Flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), name) })
	if i < 0 {
		return nil
	}
	return c.Flags[i]
}

// wrongValue says what is wrong with a flag's value, "" when nothing is.
func wrongValue(f cli.Flag, value string) string {
	switch f.(type) {
	case *cli.BoolFlag:
		return notSwitch(value)
	case *cli.IntFlag:
		return notNumber(value)
	case *cli.DurationFlag:
		return notTime(value)
	}
	return ""
}

func notSwitch(value string) string {
	if _, err := strconv.ParseBool(value); err != nil && value != "" {
		return "neither true nor false"
	}
	return ""
}

func notNumber(value string) string {
	switch n, err := strconv.ParseInt(value, 0, strconv.IntSize); {
	case err != nil:
		return "not a whole number"
	case n < 0:
		return "below 0"
	}
	return ""
}

func notTime(value string) string {
	switch d, err := time.ParseDuration(value); {
	case err != nil:
		return "not a time such as 30s, 5m or 2h"
	case d < 0:
		return "below 0"
	}
	return ""
}

func noText(string) string { return "" }

// settingOf is a flag's value as it would stand in a settings file.
func settingOf(c *cli.Command, name string) string {
	if list, ok := c.Value(name).([]string); ok {
		return strings.ReplaceAll(strings.Join(list, ", "), "\n", ", ")
	}
	return fmt.Sprint(c.Value(name))
}

// hidden keeps secrets that a value may hold off the screen and out of files.
func hidden(name, value string) string {
	if value != "" && (name == "token-command" || name == "on-finish") {
		return "(set, not shown)"
	}
	return value
}

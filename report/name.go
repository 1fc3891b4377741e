package report

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// stampLayout is the time in a run folder's name. It sorts, and has no character that a file system refuses.
const stampLayout = "20060102T150405Z"

// maxStem is how many bytes of the input's name a run folder's name keeps: file systems allow 255 in all.
const maxStem = 100

// stem is the part of a run folder's name that comes from the input: its last element without .csv, .csv.gz or .xlsx,
// and with every character that a shell or a file system may take amiss replaced by _.
func stem(input string) string {
	if input == "-" {
		return "stdin"
	}
	s := regexp.MustCompile(`(?is)^(.+?)(\.csv|\.xlsx)?(\.gz)?$`).ReplaceAllString(filepath.Base(input), "$1")
	s = regexp.MustCompile(`[^\pL\pM\pN_.-]`).ReplaceAllString(s, "_")
	for len(s) > maxStem {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	// No hidden folder, and no name that a command takes for an option.
	s = strings.TrimRight(strings.TrimLeft(s, ".-"), ".")
	if s == "" {
		return "run"
	}
	// Windows takes a file of such a name, with any extension, for a device.
	if regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)`).MatchString(s) {
		return "_" + s
	}
	return s
}

// stamped is a run folder and when it was made.
type stamped struct {
	dir   string
	stem  string // what its name says of the input
	stamp string // stampLayout sorts as text
	n     int    // among those of the same second
}

// parseName reads the name of a run folder: something, a stamp, and perhaps a number from 2.
func parseName(name string) (stamped, bool) {
	m := regexp.MustCompile(`(?s)^(.+)-([0-9]{8}T[0-9]{6}Z)(?:-([0-9]+))?$`).FindStringSubmatch(name)
	if m == nil {
		return stamped{}, false
	}
	n := 1
	if m[3] != "" {
		n, _ = strconv.Atoi(m[3])
	}
	_, err := time.Parse(stampLayout, m[2])
	return stamped{stem: m[1], stamp: m[2], n: n}, err == nil
}

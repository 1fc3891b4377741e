package report

import (
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// stampLayout is the time in a run folder's name. It sorts, and has no character that a file system refuses.
const stampLayout = "20060102T150405Z"

// maxStem is how many bytes of the input's name a run folder's name keeps: file systems allow 255 in all.
const maxStem = 100

// stem is the part of a run folder's name that comes from the input: its last element without .csv, .csv.gz or .xlsx, and with
// every character that a shell or a file system may take amiss replaced by _.
func stem(input string) string {
	if input == "-" {
		return "stdin"
	}
	s := filepath.Base(input)
	s = cutSuffixFold(s, ".gz")
	s = cutSuffixFold(cutSuffixFold(s, ".csv"), ".xlsx")
	s = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.L, unicode.M, unicode.N) && r != utf8.RuneError || strings.ContainsRune("-_.", r) {
			return r
		}
		return '_'
	}, s)
	for len(s) > maxStem {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	// No hidden folder, and no name that a command takes for an option.
	s = strings.TrimLeft(s, ".-")
	s = strings.TrimRight(s, ".")
	if device, _, _ := strings.Cut(s, "."); windowsDevice(device) {
		s = "_" + s
	}
	if s == "" {
		return "run"
	}
	return s
}

func cutSuffixFold(s, suffix string) string {
	if n := len(s) - len(suffix); n > 0 && strings.EqualFold(s[n:], suffix) {
		return s[:n]
	}
	return s
}

// windowsDevice reports whether Windows takes a file of that name, with any extension, for a device.
func windowsDevice(s string) bool {
	s = strings.ToUpper(s)
	switch s {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(s) == 4 && (strings.HasPrefix(s, "COM") || strings.HasPrefix(s, "LPT")) && s[3] >= '0' && s[3] <= '9'
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
	n := 1
	if i := strings.LastIndexByte(name, '-'); i >= 0 {
		if k, err := strconv.Atoi(name[i+1:]); err == nil && k > 1 {
			name, n = name[:i], k
		}
	}
	i := strings.LastIndexByte(name, '-')
	if i < 1 {
		return stamped{}, false
	}
	stamp := name[i+1:]
	if _, err := time.Parse(stampLayout, stamp); err != nil {
		return stamped{}, false
	}
	return stamped{stem: name[:i], stamp: stamp, n: n}, true
}

package rows

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"csvput/report/human"
)

// WriteMap writes the columns of the file as a mapping file: one line Header=field for each named column in the
// file's order, with nothing behind the = for an ignored one.
func WriteMap(w io.Writer, i Info) error {
	var b strings.Builder
	for n, header := range i.Header {
		if h := human.OneLine(header, len(header)); h != "" && !isOurs(normalise(h)) {
			fmt.Fprintf(&b, "%s=%s\n", h, i.Fields[n])
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// ReadMap reads a mapping file for Options.Map: one line Header=field for each column; a header may hold =, the last
// one counts. Blank lines are skipped. The error is a *FileError with the line, or an I/O error.
func ReadMap(r io.Reader) (map[string]string, error) {
	mapping := make(map[string]string)
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := trim(lines.Text())
		if line == "" {
			continue
		}
		wrong := func(message string) error {
			return refusal(CodeInvalidMap, n, message,
				"a line of a mapping file is Header=field; the fields are "+fieldList())
		}
		at := strings.LastIndexByte(line, '=')
		if at <= 0 {
			return nil, wrong(human.Quote(line) + " is not of the form Header=field")
		}
		header, field := trim(line[:at]), trim(line[at+1:])
		if field != "" && fieldOf(normalise(field)) == "" {
			return nil, wrong(human.Quote(field) + " is no field of csvput")
		}
		if _, twice := mapping[header]; twice {
			return nil, wrong("the column " + human.Quote(header) + " is mapped twice")
		}
		mapping[header] = field
	}
	return mapping, lines.Err()
}

package rows

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"csvput/report/code"
	"csvput/report/formula"
	"csvput/report/human"
)

const (
	clearWord     = "#CLEAR"
	maxNameLength = 255 // code points: Laravel's rule max:255 counts with mb_strlen
)

// ParseID reads the uuid of a contact detail in any usual spelling (RFC 9562 text in either case, in braces, as
// urn:uuid:, or 32 digits without dashes) and returns it in lower case with dashes. The nil uuid is refused. The
// problem is missing_id or invalid_id.
func ParseID(s string) (string, *code.Problem) {
	t := trim(s)
	if t == "" {
		return "", &code.Problem{Code: code.MissingID, Message: "The id is blank."}
	}
	id, ok := parseUUID(t)
	if !ok {
		return "", &code.Problem{Code: code.InvalidID, Message: human.Quote(s) +
			" is not an id: an id is a uuid such as 123e4567-e89b-12d3-a456-426614174000."}
	}
	return id, nil
}

// parseUUID normalises a trimmed uuid.
func parseUUID(s string) (string, bool) {
	// uuid.Parse skips the first and the last character of 38 without looking at them.
	if len(s) == 38 && (s[0] != '{' || s[37] != '}') {
		return "", false
	}
	id, err := uuid.Parse(s)
	if err != nil || id == uuid.Nil {
		return "", false
	}
	if len(s) == 36 && strings.IndexFunc(s, unicode.IsUpper) < 0 {
		return s, true
	}
	return id.String(), true
}

// ParseIDs reads a list of account uuids, separated by semicolon, comma, pipe or space, each spelled as [ParseID]
// allows; repetitions are dropped. A blank cell is no list: nil. The word #CLEAR, alone in the cell, asks for an
// empty list. The problem is invalid_account_uuids.
func ParseIDs(s string) (ids []string, clear bool, p *code.Problem) {
	t := trim(s)
	if t == "" {
		return nil, false, nil
	}
	if strings.EqualFold(t, clearWord) {
		return nil, true, nil
	}
	for part := range strings.FieldsFuncSeq(t, listSeparator) {
		id, ok := parseUUID(trim(part))
		if !ok {
			if strings.EqualFold(part, clearWord) {
				return nil, false, &code.Problem{Code: code.InvalidAccountUUIDs,
					Message: "#CLEAR must stand alone in its cell, not beside uuids."}
			}
			return nil, false, &code.Problem{Code: code.InvalidAccountUUIDs, Message: human.Quote(part) +
				" in the list of accounts is not a uuid."}
		}
		ids = append(ids, id)
	}
	if ids == nil {
		return nil, false, &code.Problem{Code: code.InvalidAccountUUIDs, Message: human.Quote(s) +
			" holds separators but no uuid."}
	}
	return unique(ids), false, nil
}

// unique drops repetitions and keeps the order.
func unique(ids []string) []string {
	if len(ids) == 1 {
		return ids
	}
	seen := make(map[string]bool, len(ids))
	return slices.DeleteFunc(ids, func(id string) bool {
		was := seen[id]
		seen[id] = true
		return was
	})
}

func listSeparator(r rune) bool {
	return r == ';' || r == ',' || r == '|' || unicode.IsSpace(r)
}

// ParseName reads the description of a contact detail and returns it as [FoldName] has it, with a note when something
// inside it was changed that people don't see: invisible characters and tabs. An apostrophe in front of what a
// spreadsheet would run as a formula is taken off, with a note: reports and exports put it there. It may have 255
// characters, counted as the server counts, in code points, and line breaks, but no control characters. A blank cell
// is no wish: "". The problem is name_too_long or invalid_name.
func ParseName(s string) (string, []code.Note, *code.Problem) {
	bare := formula.Unguard(s)
	guarded := bare != s
	s = bare
	name := FoldName(s)
	var notes []code.Note
	inner := trim(s)
	if strings.IndexFunc(inner, invisible) >= 0 {
		notes = append(notes, code.Note{Code: code.RepairedInvisible,
			Message: "Invisible characters were dropped from the name " + human.Quote(name) + "."})
	} else if strings.IndexByte(inner, '\t') >= 0 {
		notes = append(notes, code.Note{Code: code.RepairedInvisible, Message: "A tab inside the name " +
			human.Quote(name) + " became a blank."})
	}
	if guarded {
		notes = append(notes, code.Note{Code: code.RepairedTextMarker, Message: "The apostrophe in front of the name " +
			human.Quote(name) + ", which keeps it from being run as a formula, was taken off."})
	}
	if strings.EqualFold(name, clearWord) {
		return "", nil, &code.Problem{Code: code.InvalidName,
			Message: "A name cannot be cleared: the CRM wants one on every contact detail."}
	}
	for _, r := range name {
		if unicode.IsControl(r) && r != '\n' || r == '\u2028' || r == '\u2029' {
			return "", nil, &code.Problem{Code: code.InvalidName,
				Message: fmt.Sprintf("The name %s holds %s.", human.Quote(name), controlName(r))}
		}
	}
	if n := utf8.RuneCountInString(name); n > maxNameLength {
		return "", nil, &code.Problem{Code: code.NameTooLong,
			Message: fmt.Sprintf("The name %s has %d characters, more than the %d that the CRM takes.",
				human.Quote(name), n, maxNameLength)}
	}
	return name, notes, nil
}

// FoldName is a name as csvput writes it: without Unicode space around it and without invisible characters (direction
// marks, zero-width spaces, soft hyphens), tabs as blanks, line breaks as LF. Two names that fold to the same differ
// in nothing that a person sees or that a file keeps; a record whose name folds to what a row wishes is as the row
// wishes. Folding twice changes nothing more.
func FoldName(s string) string {
	if strings.IndexFunc(s, invisible) >= 0 {
		s = strings.Map(func(r rune) rune {
			if invisible(r) {
				return -1
			}
			return r
		}, s)
	}
	s = trim(s)
	if strings.ContainsAny(s, "\t\r") {
		s = strings.ReplaceAll(FoldBreaks(s), "\t", " ")
	}
	return s
}

// FoldBreaks makes every line break LF. Several CRs before a LF are one break that a program has written twice, as
// Windows' text mode and CSV writers do.
func FoldBreaks(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		text, broken := strings.CutSuffix(line, "\n")
		if broken {
			text = strings.TrimRight(text, "\r")
		}
		b.WriteString(strings.ReplaceAll(text, "\r", "\n"))
		if broken {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func controlName(r rune) string {
	switch r {
	case '\u0085', '\u2028', '\u2029':
		return "an unusual line break"
	}
	return fmt.Sprintf("the control character U+%04X", r)
}

// ParseType reads the type of a contact detail in the usual spellings and returns "phone_number", "email", or "" for
// a blank cell. The problem is invalid_type.
func ParseType(s string) (string, *code.Problem) {
	switch normalise(s) {
	case "":
		return "", nil
	case "phonenumber", "phone", "telephone", "telephonenumber", "tel", "mobile", "mobilenumber", "mobilephone",
		"landline":
		return "phone_number", nil
	case "email", "mail", "emailaddress":
		return "email", nil
	}
	return "", &code.Problem{Code: code.InvalidType, Message: human.Quote(s) +
		" is not a type: phone_number and email are."}
}

package rows

import (
	"slices"

	"csvput/report/human"
)

// FieldSkip is no column of a file: a correction with this field leaves its row out, or takes it in again when it
// says "".
const FieldSkip = "csvput_skip"

// FieldApproved is no column either: such a correction says that somebody has seen and approved what csvput makes of
// the row, by the code of the repair. It changes nothing.
const FieldApproved = "csvput_approved"

// FieldWhole is no column either: such a correction says that the cells of a broken row stand where they should, once
// they were corrected. Those that it lacks are empty, and those that it has too many are nothing.
const FieldWhole = "csvput_whole"

// Corrections are the cells that somebody has corrected since the file was made, by line and field. A file that lacks
// a column for a corrected field is read as if it had one, empty, behind its own.
type Corrections map[int]map[string]Correction

// Correction replaces the text of a cell. It counts only where the cell holds what it held then: another encoding or
// another mapping of the columns makes it another cell.
type Correction struct{ Before, After string }

// addColumns gives the corrected fields that have no column one behind those of the file.
func (l *layout) addColumns(corrections Corrections) *FileError {
	l.width = len(l.header)
	lines := map[string]int{}
	for line, cells := range corrections {
		for field := range cells {
			lines[field] = line
		}
	}
	delete(lines, FieldSkip)
	delete(lines, FieldApproved)
	delete(lines, FieldWhole)
	for _, c := range columns {
		if lines[c.field] > 0 && !slices.Contains(l.fields, c.field) {
			l.header, l.fields = append(slices.Clone(l.header), c.field), append(l.fields, c.field)
		}
		delete(lines, c.field)
	}
	for field, line := range lines {
		return refusal(CodeInvalidCorrection, line,
			"a correction is about the column "+human.Quote(field)+", which csvput does not know",
			"the columns are "+fieldList()+" and "+FieldSkip)
	}
	return nil
}

// correct replaces the cells of a whole row that were corrected.
func (l *layout) correct(cells []string, corrections map[string]Correction) {
	for field, c := range corrections {
		if i := slices.Index(l.fields, field); i >= 0 && cells[i] == c.Before {
			cells[i] = c.After
		}
	}
}

// fit makes as many cells of a row's as there are columns.
func fit(cells []string, width int) []string {
	return append(slices.Clone(cells[:min(len(cells), width)]), make([]string, max(0, width-len(cells)))...)
}

// Row is a row of the file by its raw cells, with corrections laid over it: what a Reader would return. The row is not
// a broken one, or was made whole.
func (i Info) Row(line int, raw []string, corrections map[string]Correction) Row {
	row := Row{Line: line, Raw: fit(raw, len(i.Fields)), LeftOut: corrections[FieldSkip].After != ""}
	l := &layout{fields: i.Fields}
	l.correct(row.Raw, corrections)
	for field, c := range corrections {
		row.set(field, c.After) // of a column that the file has not
	}
	for n, field := range i.Fields {
		row.set(field, row.Raw[n])
	}
	if i.report {
		row.unguard()
	}
	return row
}

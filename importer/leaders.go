package importer

import "csvput/report"

// leaders are the rows whose requests serve others that say the same, by id.
type leaders map[string]report.Row

// findLeaders finds the ids of the folder's file that several rows share with the same wishes.
func findLeaders(folder *report.Folder, name string) (leaders, error) {
	l := leaders{}
	return l, eachRow(folder, name, func(row report.Row) error {
		if follows(row) {
			l[row.ID] = report.Row{}
		}
		return nil
	})
}

// lead keeps a row that others follow, and gives a row that follows what became of its leader, which stands before it.
func (l leaders) lead(row *report.Row) {
	leader, shared := l[row.ID]
	switch {
	case !shared:
	case follows(*row):
		*row = follow(*row, leader)
	case row.Status != report.Invalid || leader.Line == 0:
		l[row.ID] = *row
	}
}

// follow gives a row the outcome of the row whose request serves it.
func follow(row, leader report.Row) report.Row {
	adopt(&row, leader)
	row.Status, row.HTTPStatus, row.MS, row.At = leader.Status, leader.HTTPStatus, leader.MS, leader.At
	if leader.Status.Problem() {
		row.Code = leader.Code
		row.Message = leader.Message + " " + row.Message
	}
	return row
}

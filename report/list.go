package report

import "strings"

// EmptyList is the word for an empty list of uuids, in a row's columns as in a user's file. A blank cell is
// no empty list. Among the wishes it leaves the record as it is; in a column that says how the record was, it
// means that the server did not show the list, so that nobody knows what it held. Reports of csvput before
// this word was written there left both blank: they are read as not shown.
const EmptyList = "#CLEAR"

// listSeparator stands between the uuids of a list.
const listSeparator = ";"

// JoinList is the cell for a list that is known; without uuids it is EmptyList.
func JoinList(uuids []string) string {
	if len(uuids) == 0 {
		return EmptyList
	}
	return strings.Join(uuids, listSeparator)
}

// SplitList is the inverse of JoinList. A blank cell is not known, and has no uuids; an empty list that is
// known is not nil.
func SplitList(cell string) (uuids []string, known bool) {
	switch cell {
	case "":
		return nil, false
	case EmptyList:
		return []string{}, true
	}
	return strings.Split(cell, listSeparator), true
}

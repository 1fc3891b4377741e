package phone

import (
	"sync"

	"github.com/nyaruka/phonenumbers/v2"

	"csvput/importer/phone/numbering"
)

// plans are the numbering plans of all countries. All parsers share them, because each is compiled when it is first
// used.
var plans = sync.OnceValue(numbering.New)

// valid tells valid numbers. Numbers that can be dialled only within their area are not valid here, though a few are to
// the library (310 1234 in Canada).
func valid(n *numbering.Number) bool {
	return n.Valid && n.Possible == phonenumbers.IS_POSSIBLE
}

// validDigits reads digits as a valid number.
func validDigits(digits []byte, plus bool, home *numbering.Plan) (n numbering.Number, ok bool) {
	const longest = 30 // an international prefix, a calling code and a national number, with room to spare
	if len(digits) > longest {
		return numbering.Number{}, false
	}
	n, err := home.Parse(digits, plus)
	if err != nil || !valid(&n) {
		return numbering.Number{}, false
	}
	return n, !plus || hasCode(digits, n.Plan) // else the library has dropped the plus
}

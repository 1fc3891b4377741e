package crm

import "testing"

// TestSame: what counts as the same, in both directions.
func TestSame(t *testing.T) {
	ids := func(a, b string) bool {
		list := func(s string) (l []string) {
			for _, r := range s {
				l = append(l, string(r))
			}
			return l
		}
		return SameIDs(list(a), list(b))
	}
	for _, test := range []struct {
		name string
		same func(a, b string) bool
		a, b string
		want bool
	}{
		{"name", SameName, "Work", "Work", true},
		{"blanks around a name", SameName, "\t Work\u00a0\n", "Work", true},
		{"marks that Laravel cuts", SameName, "\ufeffWork\u200b\u200e", "Work", true},
		{"line breaks", SameName, "a\r\nb\rc\n\nd", "a\nb\nc\n\nd", true},
		{"two line breaks for one", SameName, "a\r\n\r\nb", "a\nb", false},
		{"blanks within", SameName, "a  b", "a b", false},
		{"a no-break space within", SameName, "a\u00a0b", "a b", false},
		{"a soft hyphen", SameName, "a\u00adb", "ab", false},
		{"case of a name", SameName, "Work", "work", false},
		{"no name", SameName, " ", "", true},
		{"case of an e-mail address", SameValue, "A@Example.com", "a@example.com ", true},
		{"another e-mail address", SameValue, "a@example.com", "b@example.com", false},
		{"digits of a number", SameValue, "+44 20 7946-0123", "+442079460123", true},
		{"another number", SameValue, "+442079460123", "+442079460124", false},
		{"a number that is none", SameValue, "442079460123", "+442079460123", false},
		{"order and case of ids", ids, "abC", "cBa", true},
		{"an id twice", ids, "aab", "ab", true},
		{"an id more", ids, "abc", "ab", false},
		{"no ids", ids, "", "", true},
		{"some ids", ids, "a", "", false},
	} {
		if test.same(test.a, test.b) != test.want || test.same(test.b, test.a) != test.want {
			t.Errorf("%s: want %v", test.name, test.want)
		}
	}
}

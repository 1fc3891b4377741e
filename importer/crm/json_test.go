package crm

import (
	"encoding/json"
	"strings"
	"testing"
)

// FuzzScanner compares the scanner with encoding/json: what is JSON, and what its texts say.
func FuzzScanner(f *testing.F) {
	for _, s := range []string{
		wireAnswer, goodBody, "", " ", "{}", "[]", "null", "nul", "tru e", `{"a":1,}`, `[1,2,]`, `[,]`, `{"a"}`, `{"a":}`, `{,}`, `[1 2]`, `{"a":1 "b":2}`,
		"0", "-0", "01", "1.", ".5", "1e", "1e+5", "-", "--1", "1E-9", "+1", "1{", "truefalse", `"`, `"\`, `"\u`, `"\u12`, `"\ud83d\ude00"`, `"\ud83d"`, `"\ude00\ud83d"`,
		`"\ud83dx"`, `"\x"`, "\"\t\"", "\"\xff\"", "[\"\xc3\\u0041\"]", `{"a":{"b":[{"c":"d"}]},"uuid":"x"}`, `{"data":{"uuid":"y"},"uuid":"x"}`, "\ufeff{}", "{}{}", "[[[[]]]]", "{\"a\":1}\x00",
		strings.Repeat("[", 500) + strings.Repeat("]", 500),
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if strings.Count(string(data), "[")+strings.Count(string(data), "{") >= maxDepth {
			return // encoding/json goes deeper
		}
		s := scanner{data: data}
		s.skip()
		if got, want := s.valid(), json.Valid(data); got != want {
			t.Fatalf("%q: JSON %v, encoding/json says %v", data, got, want)
		}
		var want map[string]any
		isObject := json.Unmarshal(data, &want) == nil && want != nil
		got := map[string]any{}
		s = scanner{data: data}
		ok := s.object(func(key []byte) { got[string(key)] = s.text() }) && s.valid()
		if ok != isObject {
			t.Fatalf("%q: object %v, encoding/json says %v", data, ok, isObject)
		}
		for key, value := range want {
			// Keys that are not UTF-8 stay as they are: they are none of ours.
			if text, isText := value.(string); ok && isText && got[key] != text && !strings.Contains(key, "\ufffd") {
				t.Fatalf("%q: %q is %q, encoding/json says %q", data, key, got[key], text)
			}
		}
		parseRecord(data)
		parsePage(data)
		parseLogins(data)
		readWords(data, strings.ToUpper)
	})
}

func TestScannerDepth(t *testing.T) {
	for _, deep := range []string{strings.Repeat("[", 1e6), strings.Repeat(`{"a":`, 1e6), `{"accounts":` + strings.Repeat("[", 1e6)} {
		if _, ok := parseRecord([]byte(deep)); ok {
			t.Error("endless nesting is taken for a record")
		}
		s := scanner{data: []byte(deep)}
		if s.skip(); s.valid() {
			t.Error("endless nesting is JSON")
		}
	}
}

package code

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// constants are the values of a file's string constants of the given type.
func constants(t *testing.T, file, typ string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, decl := range parsed.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.CONST {
			continue
		}
		for _, spec := range gen.Specs {
			v := spec.(*ast.ValueSpec)
			if id, ok := v.Type.(*ast.Ident); !ok || id.Name != typ {
				continue
			}
			s, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, s)
		}
	}
	return out
}

func TestCodesAreComplete(t *testing.T) {
	var listed []string
	for _, info := range All() {
		listed = append(listed, string(info.Code))
	}
	if declared := constants(t, "code.go", "Code"); !slices.Equal(declared, listed) {
		t.Errorf("declared, in order:\n%q\nin the list:\n%q", declared, listed)
	}
	slices.Sort(listed)
	if n := len(slices.Compact(slices.Clone(listed))); n != len(listed) {
		t.Error("a code is in the list twice")
	}
}

func TestCodesAreExplained(t *testing.T) {
	word := regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)
	for _, info := range All() {
		if !word.MatchString(string(info.Code)) {
			t.Errorf("%s is no snake_case word", info.Code)
		}
		for what, s := range map[string]string{"meaning": info.Means, "hint": info.Hint} {
			if len(s) < 8 || !strings.HasSuffix(s, ".") || strings.ToUpper(s[:1]) != s[:1] || strings.Contains(strings.TrimSuffix(s, "."), ". ") || strings.ContainsAny(s, "\n\r\t") {
				t.Errorf("%s: its %s is not one sentence: %q", info.Code, what, s)
			}
		}
		if strings.HasPrefix(string(info.Code), "repaired_") != (info.Kind == KindRepair) || !slices.Contains([]Kind{KindProblem, KindRepair, KindWarning, KindNote}, info.Kind) {
			t.Errorf("%s is of kind %q", info.Code, info.Kind)
		}
		if got, ok := info.Code.Info(); !ok || got != info || info.Code.Hint() != info.Hint {
			t.Errorf("%s is found as %v", info.Code, got)
		}
	}
	if info, ok := Code("no_such_code").Info(); ok || info != (Info{}) || Code("no_such_code").Hint() != "" {
		t.Errorf("found %v", info)
	}
}

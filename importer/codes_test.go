package importer_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"csvput/report"
)

// TestCodes holds that every code that a package can give a row is in the documented list with a hint.
// Codes of files that are refused, and of the client's own settings, stand in no report.
func TestCodes(t *testing.T) {
	noRow := map[string]bool{"fileerror.go": true}
	known := map[string]bool{"settings": true, "cancelled": true, "outdated": true} // cancelled is reported as interrupted
	for _, info := range report.Codes() {
		known[string(info.Code)] = true
		if info.Means == "" || info.Hint == "" {
			t.Errorf("%s has no explanation or no hint", info.Code)
		}
	}
	found := 0
	for _, dir := range []string{"rows", "phone", "email", "crm"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") || noRow[filepath.Base(name)] {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				spec, ok := n.(*ast.ValueSpec)
				if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Code") {
					return true
				}
				lit, ok := spec.Values[0].(*ast.BasicLit)
				if !ok {
					return true
				}
				code, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				found++
				if !known[code] {
					t.Errorf("%s: the code %s is not in report's list", name, code)
				}
				return true
			})
		}
	}
	if found < 40 {
		t.Errorf("only %d codes found: the test looks in the wrong place", found)
	}
}

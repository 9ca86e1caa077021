package syntax

import (
	"fmt"
	"strings"
	"testing"

	"gatehouse/lang/diag"
)

// A block of locals may have any number of attributes: what each costs doesn't hang on how many there are.
func TestManyLocals(t *testing.T) {
	const many = 40_000
	var native, json strings.Builder
	for i := range many {
		fmt.Fprintf(&native, "  a%d = %d\n", i, i)
		fmt.Fprintf(&json, "%q: %d, ", fmt.Sprintf("a%d", i), i)
	}
	for name, text := range map[string]string{
		"a.gate.hcl":  "locals {\n" + native.String() + "  a7 = 1\n}\n",
		"a.gate.json": `{"locals": {` + json.String() + `"a7": 1}}`,
	} {
		tree, _, diags := LoadFiles(map[string]string{"root.gate.hcl": "gatehouse {\n  policy = \"t\"\n}\n", name: text})
		if len(diags) != 1 || diags[0].Code != diag.DuplicateAttribute || len(diags[0].Related) != 1 {
			t.Errorf("%s: %v", name, diags)
		}
		if len(tree.Blocks) != 1 || len(tree.Blocks[0].Attrs) != many {
			t.Errorf("%s: not every local is there", name)
		}
	}
}

package schema

import (
	"fmt"
	"testing"
)

func walk(path string, blocks []Block, visit func(path string, b Block)) {
	for _, b := range blocks {
		visit(path+b.Type, b)
		walk(path+b.Type+" > ", b.Blocks, visit)
	}
}

func TestTableIsComplete(t *testing.T) {
	walk("", File(), func(path string, b Block) {
		if b.Doc == "" {
			t.Errorf("%s: no documentation", path)
		}
		if b.Repeat && b.Label == "" {
			t.Errorf("%s: repeats without a label", path)
		}
		if b.Many && (b.Label != "" || b.Repeat) { // several without a label are told apart by nothing, so that all of them have to count
			t.Errorf("%s: many and with a label", path)
		}
		seen := map[string]bool{}
		for _, a := range b.Attrs {
			at := path + "." + a.Name
			if seen[a.Name] {
				t.Errorf("%s: twice", at)
			}
			seen[a.Name] = true
			if _, isBlock := b.Block(a.Name); isBlock {
				t.Errorf("%s: both an attribute and a block, which JSON can't tell apart", at)
			}
			if other, _ := b.Attr(a.Instead); a.Instead != "" && (other == nil || other.Instead != a.Name) {
				t.Errorf("%s: %s doesn't stand instead of it", at, a.Instead)
			}
			if a.Refused != "" {
				continue
			}
			if a.Type == 0 || a.Doc == "" || a.Example == "" {
				t.Errorf("%s: type, documentation or example is missing", at)
			}
			if (a.Type == Enum || a.Type == Words) != (len(a.Values) > 0) {
				t.Errorf("%s: values belong to enums and words", at)
			}
			if (a.Type == References || a.Type == Reference) != (len(a.Kinds) > 0) {
				t.Errorf("%s: kinds belong to references", at)
			}
		}
	})
}

func ExampleFile() {
	for _, b := range File() {
		fmt.Printf("%s (%s)\n", b.Type, b.Label)
	}
	// Output:
	// gatehouse ()
	// variable (name)
	// locals ()
	// environment (name)
	// identity_provider (name)
	// workload (name)
	// group (name)
	// feature_store (name)
	// secret (name)
	// allow (name)
	// deny (name)
	// exception (name)
	// test (sentence)
}

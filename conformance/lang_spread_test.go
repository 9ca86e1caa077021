package conformance

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"pgregory.net/rapid"
)

// TestSpreadDoesNotMatter takes the policies without errors apart into blocks and spreads them over files and folders in any order, each file in
// one of the syntaxes: the model and the warnings stay the same.
func TestSpreadDoesNotMatter(t *testing.T) {
	for _, path := range corpus(t) {
		c := readCase(t, path)
		if !allNative(c.files) {
			continue
		}
		sound := c.compile(t, c.files)
		if sound.Diagnostics.HasErrors() {
			continue
		}
		want := printModel(sound.Policy)
		root, blocks := takeApart(t, c.files)
		rapid.Check(t, func(r *rapid.T) {
			files := spread(r, root, blocks)
			if c.json == "same" {
				files = mixed(t, r, files)
			}
			result := c.compile(t, files)
			if diff := cmp.Diff(codes(sound.Diagnostics), codes(result.Diagnostics)); diff != "" {
				r.Fatalf("%s (-want +got):\n%s%s", path, diff, messages(result.Diagnostics))
			}
			if diff := cmp.Diff(want, printModel(result.Policy)); diff != "" {
				r.Fatalf("%s (-want +got):\n%s", path, diff)
			}
		})
	}
}

// mixed says some files in JSON.
func mixed(t *testing.T, r *rapid.T, files map[string]string) map[string]string {
	out := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		one := map[string]string{name: files[name]}
		if rapid.Bool().Draw(r, "json") {
			one = toJSON(t, one)
		}
		maps.Copy(out, one)
	}
	return out
}

func allNative(files map[string]string) bool {
	for name := range files {
		if !strings.HasSuffix(name, ".gate.hcl") {
			return false
		}
	}
	return true
}

// takeApart returns the gatehouse block, which has to stay in the root, and all others.
func takeApart(t *testing.T, files map[string]string) (root string, blocks []string) {
	t.Helper()
	for name, text := range files {
		src := []byte(strings.TrimPrefix(text, "\ufeff"))
		parsed, diags := hclsyntax.ParseConfig(src, name, hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		for _, b := range parsed.Body.(*hclsyntax.Body).Blocks {
			block := string(b.Range().SliceBytes(src))
			switch b.Type {
			case "gatehouse":
				root = block
			case "locals": // any block may hold any of them
				for _, a := range b.Body.Attributes {
					blocks = append(blocks, "locals {\n"+string(a.Range().SliceBytes(src))+"\n}")
				}
			default:
				blocks = append(blocks, block)
			}
		}
	}
	slices.Sort(blocks)
	return root, blocks
}

func spread(r *rapid.T, root string, blocks []string) map[string]string {
	folders := []string{"", "teams/a/", "teams/b/", "z/y/x/"}
	files := map[string]string{}
	for _, block := range rapid.Permutation(blocks).Draw(r, "order") {
		folder := rapid.SampledFrom(folders).Draw(r, "folder")
		name := fmt.Sprintf("%s%d.gate.hcl", folder, rapid.IntRange(0, 2).Draw(r, "file"))
		if rapid.Bool().Draw(r, "parsed") {
			block = "/* what only the parser reads */ " + block
		}
		files[name] += block + "\n\n"
	}
	name := fmt.Sprintf("%d.gate.hcl", rapid.IntRange(0, 3).Draw(r, "root"))
	if rapid.Bool().Draw(r, "root first") {
		files[name] = root + "\n" + files[name]
	} else {
		files[name] += root + "\n"
	}
	return files
}

package syntax

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// allows writes n allows as teams do, spread over files of a thousand.
func allows(n int) map[string]string {
	files := map[string]string{"main.gate.hcl": "gatehouse {\n  policy = \"bench\"\n}\n"}
	for f := 0; f*1000 < n; f++ {
		var b strings.Builder
		for i := f * 1000; i < min(n, f*1000+1000); i++ {
			fmt.Fprintf(&b, "allow \"allow-%d\" {\n  from    = [workload.trainer-%d, group.training]\n  to      = [feature_store.features-%d.online, secret.password-%d]\n"+
				"  actions = [read]\n  reason  = \"nightly training of model %d, asked for in ML-%d\"\n  expires = \"2027-03-01T00:00:00Z\"\n}\n\n", i, i, i, i, i, i)
		}
		files[fmt.Sprintf("team-%d/access.gate.hcl", f)] = b.String()
	}
	return files
}

// BenchmarkLoad10k is what check does first. Nearly all of the text is canonical; BenchmarkParsed10k leaves it to the parser all the same.
func BenchmarkLoad10k(b *testing.B) {
	files := allows(10_000)
	b.ReportAllocs()
	for b.Loop() {
		if tree, _, diags := LoadFiles(files); len(tree.Blocks) != 10_000 || len(diags) > 0 {
			b.Fatal(len(tree.Blocks), diags)
		}
	}
}

// BenchmarkBareParse10k is the floor: the parser alone, on as many goroutines.
func BenchmarkBareParse10k(b *testing.B) {
	var texts [][]byte
	for _, text := range allows(10_000) {
		texts = append(texts, []byte(text))
	}
	b.ReportAllocs()
	for b.Loop() {
		each(len(texts), func(i int, _ *fast) {
			if _, diags := hclsyntax.ParseConfig(texts[i], "", hcl.InitialPos); diags.HasErrors() {
				b.Error(diags)
			}
		})
	}
}

// BenchmarkParsed10k reads as if there were no fast reader.
func BenchmarkParsed10k(b *testing.B) {
	var texts [][]byte
	for _, text := range allows(10_000) {
		texts = append(texts, []byte(text))
	}
	b.ReportAllocs()
	for b.Loop() {
		each(len(texts), func(i int, _ *fast) {
			var r reader
			for _, p := range cut(texts[i], pieceSize) {
				r.parsed(p, "")
			}
			if len(r.diags) > 0 {
				b.Error(r.diags)
			}
		})
	}
}

// BenchmarkFast10k is the fast reader alone.
func BenchmarkFast10k(b *testing.B) {
	texts := allows(10_000)
	b.ReportAllocs()
	for b.Loop() {
		var f fast
		for _, text := range texts {
			f.file = text
			for _, p := range cut([]byte(text), pieceSize) {
				if _, ok := f.read(p); !ok {
					b.Fatal("not canonical")
				}
			}
		}
	}
}

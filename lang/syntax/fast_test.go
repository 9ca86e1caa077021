package syntax

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"
)

// differs reads a text by both readers, and prints what they don't agree on.
func differs(src []byte) string {
	const name = "a" + NativeSuffix
	if limit(src, name) != nil {
		return ""
	}
	parsing, reading := reader{}, reader{}
	var parsed []*Block
	for _, p := range cut(src, pieceSize) {
		parsed = append(parsed, parsing.parsed(p, name)...)
	}
	read := reading.readNative(src, name, &fast{})
	want, got := outcome(parsing, parsed), outcome(reading, read)
	if reflect.DeepEqual(want, got) {
		return ""
	}
	return "they differ\n" + cmp.Diff(want, got, cmp.Exporter(func(reflect.Type) bool { return true }))
}

func outcome(r reader, blocks []*Block) readFile {
	return readFile{blocks: blocks, diags: r.diags, partial: r.partial, lost: r.lost, noRoot: r.noRoot}
}

// corpusTexts are the native files of the language's corpus, and what the fuzz targets begin with.
func corpusTexts(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob("../../conformance/testdata/lang/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal("no corpus", err)
	}
	var out []string
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range txtar.Parse(text).Files {
			if strings.HasSuffix(file.Name, NativeSuffix) {
				out = append(out, string(file.Data))
			}
		}
	}
	for _, text := range allows(1000) {
		out = append(out, text[:min(len(text), 2*pieceSize)])
	}
	return append(out, good, oddities)
}

// oddities are texts at the edge of what is canonical.
const oddities = `# comment
gatehouse {
  policy = "naïve e\u0301 é" # and one here
  packs = [ "a" , # inside
    // of a list
    "b",

  ]
}
// é
workload "a" { environments = [environment.prod] }
workload "b"{environments=[environment.prod]
owner="日本語", labels = {}}
workload b {}
allow "é́" { reason = "é́🏳️‍🌈" }
group "c" {
  match = { a = "b", "c d" : "é"
    e = "f" # g
    for = "h", true = "i", in = "j", }
}
group "d" {
	workloads = [workload . a, workload.a.0, workload.a[0], workload.true, true, null, for.x, var.x]
	match = { a = "100%" b = "5$" }
}
feature_store "x" {
  online { protocol = "tcp" }
  online { protocol = "tcp"
  }
  online {}
  online { # c
  }
  online { service = "s" } # d
}
environment "prod" {
  tier = ("production")
  consul { service = "${name}" }
  google { project = <<EOT
x
EOT
  }
}
allow "x" { /* c */ from = [] /* d */
  to = [] }
deny "t" { from = [workload.a,,] }`

func TestFastReadsWhatTheParserReads(t *testing.T) {
	for _, text := range corpusTexts(t) {
		if diff := differs([]byte(text)); diff != "" {
			t.Errorf("parsed (-), fast (+):\n%s\n%s", diff, text)
		}
	}
}

// TestFastReadsCanonicalText keeps the fast reader fast: what a policy is made of must not go to the parser.
func TestFastReadsCanonicalText(t *testing.T) {
	for _, text := range allows(1000) {
		for _, p := range cut([]byte(text), pieceSize) {
			f := fast{name: "a", file: text}
			if _, ok := f.read(p); !ok {
				t.Errorf("not read: %.300q", p.src)
			}
		}
	}
	for _, text := range []string{
		"# é\nworkload \"a\" {\n  environments = [environment.prod] // é\n}",
		"workload \"a\" {\n  environments = []\n  owner = \"日本語\"\n}\n",
		"feature_store \"a\" {\n\tenvironments = [\n\t\t# none\n\t]\n\tonline { protocol = \"tcp\" }\n\tclassification = \"public\"\n}\n",
		"group \"a\" {\n  match = {\n    a = \"b\" # c\n    \"d\" : \"e\", f = \"g\"\n  }\n}\n",
	} {
		f := fast{name: "a", file: text}
		if _, ok := f.read(cut([]byte(text), pieceSize)[0]); !ok {
			t.Errorf("not read: %q", text)
		}
	}
}

// TestFastIsNotPutOffByOneTemplate: an item that isn't canonical is parsed by itself.
func TestFastIsNotPutOffByOneTemplate(t *testing.T) {
	text := "workload \"a\" {\n  environments = []\n}\n\nenvironment \"b\" {\n  tier = \"production\"\n  consul {\n    service = \"${name}\"\n  }\n}\n\nworkload \"c\" {\n  environments = []\n}\n"
	f := fast{name: "a", file: text}
	blocks, ok := f.piece(cut([]byte(text), pieceSize)[0])
	if !ok || len(blocks) != 3 || differs([]byte(text)) != "" {
		t.Error(ok, len(blocks), differs([]byte(text)))
	}
}

func FuzzFast(f *testing.F) {
	for _, text := range corpusTexts(f) {
		f.Add([]byte(text))
	}
	for _, text := range hostile(60) {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if diff := differs(src); diff != "" {
			t.Errorf("parsed (-), fast (+):\n%s", diff)
		}
	})
}

// nearlyCanonical draws text of the words and signs that a policy is made of, mostly where they belong.
func nearlyCanonical(r *rapid.T) string {
	word := rapid.SampledFrom([]string{"workload", "group", "allow", "owner", "from", "match", "online", "in", "a", "b-1", "_", "true", "null", "for", "var", "é"})
	text := rapid.SampledFrom([]string{`"a"`, `""`, `"a b"`, `"é"`, "\"e\u0301\"", "\"\u0301\"", `"$"`, `"%"`, `"$${a}"`, `"${a}"`, `"\n"`, "\"\t\"", `"#"`, `"//"`, `"🏳️‍🌈"`, "\"a"})
	gap := rapid.SampledFrom([]string{" ", " ", " ", "", "\t", "\n", "  ", "\n\n", " # c\n", "// é\n", "/* d */", "\r\n", "\u00a0"})
	var value func(depth int) string
	value = func(depth int) string {
		kind := rapid.IntRange(0, 9).Draw(r, "kind")
		switch {
		case kind < 3:
			return text.Draw(r, "text")
		case kind < 5:
			return word.Draw(r, "word")
		case kind < 7:
			return word.Draw(r, "word") + rapid.SampledFrom([]string{".", ".", ".", " .", ". ", "["}).Draw(r, "dot") + word.Draw(r, "word")
		case kind < 8 || depth > 2:
			return rapid.SampledFrom([]string{"1", "true", "false", "-a", "(a)", "a ? b : c", "f(a)", "<<A\nb\nA", "a + b"}).Draw(r, "other")
		}
		var b strings.Builder
		list := rapid.Bool().Draw(r, "list")
		b.WriteString(map[bool]string{true: "[", false: "{"}[list])
		for range rapid.IntRange(0, 3).Draw(r, "elements") {
			b.WriteString(gap.Draw(r, "gap"))
			if !list {
				b.WriteString(rapid.OneOf(word, text).Draw(r, "key") + gap.Draw(r, "gap") + rapid.SampledFrom([]string{"=", ":", "==", "=>"}).Draw(r, "sign") + gap.Draw(r, "gap"))
			}
			b.WriteString(value(depth+1) + gap.Draw(r, "gap"))
			b.WriteString(rapid.SampledFrom([]string{",", ",", ",", "", "\n", ",,"}).Draw(r, "comma"))
		}
		b.WriteString(gap.Draw(r, "gap") + map[bool]string{true: "]", false: "}"}[list])
		return b.String()
	}
	var body func(depth int) string
	body = func(depth int) string {
		var b strings.Builder
		for range rapid.IntRange(0, 4).Draw(r, "items") {
			b.WriteString(word.Draw(r, "name") + gap.Draw(r, "gap"))
			if depth < 3 && rapid.Bool().Draw(r, "block") {
				if rapid.Bool().Draw(r, "labelled") {
					b.WriteString(rapid.OneOf(text, word).Draw(r, "label") + gap.Draw(r, "gap"))
				}
				b.WriteString("{" + rapid.SampledFrom([]string{"\n", "\n", "", " ", "# c\n"}).Draw(r, "begin") + body(depth+1) + "}")
			} else {
				b.WriteString("=" + gap.Draw(r, "gap") + value(0))
			}
			b.WriteString(rapid.SampledFrom([]string{"\n", "\n", "\n", "", " # c\n", ",", "\r\n"}).Draw(r, "end"))
		}
		return b.String()
	}
	return body(0)
}

func TestFastOnNearlyCanonicalText(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		src := nearlyCanonical(r)
		if diff := differs([]byte(src)); diff != "" {
			r.Fatalf("parsed (-), fast (+):\n%s\n%s", diff, src)
		}
	})
}

// TestFastOnMutatedCorpus puts, takes and moves small parts of good and bad policies.
func TestFastOnMutatedCorpus(t *testing.T) {
	texts := corpusTexts(t)
	parts := []string{"", " ", "\n", "\"", "{", "}", "[", "]", ",", ".", "=", "#", "//", "/*", "*/", "é", "\u0301", "\\", "$", "${", "%{", "<<", "a", "true", "for ", "\t", "\r", "\ufeff", "(", "-", "1"}
	rapid.Check(t, func(r *rapid.T) {
		src := rapid.SampledFrom(texts).Draw(r, "text")
		for range rapid.IntRange(1, 6).Draw(r, "edits") {
			at := rapid.IntRange(0, len(src)).Draw(r, "at")
			end := min(len(src), at+rapid.SampledFrom([]int{0, 0, 1, 1, 2, 10, 100}).Draw(r, "less"))
			src = src[:at] + rapid.SampledFrom(parts).Draw(r, "more") + src[end:]
		}
		if diff := differs([]byte(src)); diff != "" {
			r.Fatalf("parsed (-), fast (+):\n%s\n%q", diff, src)
		}
	})
}

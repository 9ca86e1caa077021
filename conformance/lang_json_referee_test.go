package conformance

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	hcljson "github.com/hashicorp/hcl/v2/json"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/zclconf/go-cty/cty"
	"pgregory.net/rapid"

	"gatehouse/lang/diag"
	"gatehouse/lang/syntax"
)

// What JSON text says, and where, is HCL's to tell: lang/syntax has a JSON reader of its own, and hcl/json is its referee here. The two differ
// on purpose in three points: a tab is two columns to hcl/json, a byte order mark is text to it, and a quote that combines with the
// character before it ends no text.

// overruled reads a text by both, and prints what they don't agree on.
func overruled(src string) string {
	ours, diags := syntax.ReadValues([]byte(src), "a.json")
	file, wrong := hcljson.Parse([]byte(src), "a.json")
	refused := slices.ContainsFunc(diags, func(d diag.Diagnostic) bool { return d.Code == diag.InvalidSyntax })
	switch {
	case wrong.HasErrors() && len(diags) == 0:
		return fmt.Sprintf("read, though it says %v", wrong)
	case !wrong.HasErrors() && refused && !templated(src):
		return fmt.Sprintf("not read, though it is said well: %s", messages(diags))
	case wrong.HasErrors() || len(diags) > 0:
		return ""
	}
	theirs, wrong := file.Body.JustAttributes()
	if wrong.HasErrors() {
		return fmt.Sprintf("read, though it says %v", wrong)
	}
	var want, got []string
	for _, a := range theirs {
		want = append(want, fmt.Sprintf("%08d %s %v %s", a.NameRange.Start.Byte, a.Name, a.Range, byReferee(a.Expr)))
	}
	slices.Sort(want)
	for _, a := range ours {
		got = append(got, fmt.Sprintf("%08d %s %v %s", a.Range.Start.Byte, a.Name, a.Range, byReader(a.Expr.(syntax.Computed).HCL)))
	}
	return cmp.Diff(want, got)
}

func templated(s string) bool { return strings.Contains(s, "${") || strings.Contains(s, "%{") }

// byReferee writes what hcl/json read, with its places.
func byReferee(e hcl.Expression) string {
	if elems, diags := hcl.ExprList(e); !diags.HasErrors() {
		return placed(e.Range(), "list", shown(elems, byReferee))
	}
	if pairs, diags := hcl.ExprMap(e); !diags.HasErrors() {
		return placed(e.Range(), "map", shown(pairs, func(p hcl.KeyValuePair) string { return byReferee(p.Key) + ": " + byReferee(p.Value) }))
	}
	v, _ := e.Value(nil) // texts come as they stand
	if v.Type() == cty.String && !v.IsNull() && templated(v.AsString()) {
		return "template"
	}
	return placed(e.Range(), "literal", v.GoString())
}

// byReader writes the same of what lang/syntax read. A template's place is that of what is in the quotes, which is not compared.
func byReader(e hclsyntax.Expression) string {
	switch e := e.(type) {
	case *hclsyntax.TupleConsExpr:
		return placed(e.Range(), "list", shown(e.Exprs, byReader))
	case *hclsyntax.ObjectConsExpr:
		return placed(e.Range(), "map", shown(e.Items, func(i hclsyntax.ObjectConsItem) string {
			return byReader(i.KeyExpr.(*hclsyntax.ObjectConsKeyExpr).Wrapped) + ": " + byReader(i.ValueExpr)
		}))
	case *hclsyntax.LiteralValueExpr:
		return placed(e.Range(), "literal", e.Val.GoString())
	}
	return "template"
}

func placed(at hcl.Range, kind, what string) string { return fmt.Sprintf("%s %v(%s)", kind, at, what) }

func shown[T any](list []T, one func(T) string) string {
	var out []string
	for _, e := range list {
		out = append(out, one(e))
	}
	return strings.Join(out, ", ")
}

// jsonTexts are the corpus in JSON, and texts at the edge of what JSON is.
func jsonTexts(t testing.TB) []string {
	t.Helper()
	out := []string{
		`{}`, `[{}]`, `{"a": [], "b": {}, "c": [{}], "d": [[1, 2], "x"]}`, "{\n\"a\"\r\n:\n\"b\"\n}\n", `{"//": 1, "a": {"//": 1}}`,
		`{"a": "naïve 日本語 e` + "\u0301" + ` 🏳️‍🌈", "é": true}`, `{"a": "\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\ud83d"}`, `{"a": "\x"}`, `{"a": "\u12"}`,
		`{"a": [0, -1, 1.5, 1e9, 1E-2, -0.0, 01, 1., .5, +1, --1, 1e]}`, `{"a": -0}`, `{"a": 12345678901234567890.5}`, `{"a": null, "b": [true, false, null]}`,
		`{"a": "${b}", "c": "$${d}", "${e}": "%{f}", "g": {"${h}": "${"}}`, `{"a": 1, "a": 2}`, `{"a": {"b": 1, "b": 2}}`,
		`{a: 1}`, `{"a" 1}`, `{"a": 1,}`, `{"a": [1,]}`, `{"a": 1 "b": 2}`, `{"a": 1}}`, `{"a": [1}`, `{"a": "b`, `{"a": "b` + "\n" + `"}`, `{"a": True}`, `{"a" = 1}`, `{'a': 1}`, ``,
	}
	for _, path := range corpus(t) {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			if src := []byte(f.Data); strings.HasSuffix(f.Name, syntax.NativeSuffix) {
				if parsed, diags := hclsyntax.ParseConfig(src, f.Name, hcl.InitialPos); !diags.HasErrors() {
					if data, err := json.MarshalIndent(jsonBody(parsed.Body.(*hclsyntax.Body), src, false), "", "  "); err == nil {
						out = append(out, string(data)) // JSON has no infinite numbers
					}
				}
			} else if strings.HasSuffix(f.Name, syntax.JSONSuffix) {
				out = append(out, string(f.Data))
			}
		}
	}
	return out
}

// comparableText reports whether none of the differences that are meant can show in a text.
func comparableText(src string) bool {
	return !strings.ContainsFunc(src, func(r rune) bool {
		return r == '\t' || r == unicode.ReplacementChar || r > unicode.MaxASCII && !unicode.In(r, unicode.Latin, unicode.Han, unicode.Mn, unicode.So)
	})
}

func TestJSONIsReadAsHCLReadsIt(t *testing.T) {
	for _, src := range jsonTexts(t) {
		if diff := overruled(src); diff != "" {
			t.Errorf("hcl/json (-), lang/syntax (+):\n%s\n%s", diff, src)
		}
	}
}

func TestJSONOfMutatedCorpus(t *testing.T) {
	texts := jsonTexts(t)
	parts := []string{"", " ", "\n", "\r\n", "\"", "{", "}", "[", "]", ",", ":", "=", "é", "e\u0301", "\u0301", "\\", "\\n", "\\u00e9", "${", "$${", "a", "true", "null", "-", "1", ".", "e", "//", "\x01", "\x7f", "[{}]", "\"//\":1,", "'"}
	rapid.Check(t, func(r *rapid.T) {
		src := rapid.SampledFrom(texts).Draw(r, "text")
		for range rapid.IntRange(1, 6).Draw(r, "edits") {
			at := rapid.IntRange(0, len(src)).Draw(r, "at")
			end := min(len(src), at+rapid.SampledFrom([]int{0, 0, 1, 1, 2, 10, 100}).Draw(r, "less"))
			src = src[:at] + rapid.SampledFrom(parts).Draw(r, "more") + src[end:]
		}
		if diff := overruled(src); comparableText(src) && diff != "" {
			r.Fatalf("hcl/json (-), lang/syntax (+):\n%s\n%q", diff, src)
		}
	})
}

func FuzzJSON(f *testing.F) {
	const most = 4 << 10 // bytes: longer texts say little more
	for _, src := range jsonTexts(f) {
		if len(src) <= most {
			f.Add(src)
		}
	}
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > most || !comparableText(src) {
			return
		}
		if diff := overruled(src); diff != "" {
			t.Errorf("hcl/json (-), lang/syntax (+):\n%s\n%q", diff, src)
		}
	})
}

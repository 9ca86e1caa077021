package syntax

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// hostile is input that once hung, overflowed or could: each entry doubles as a fuzzing seed.
func hostile(n int) map[string]string {
	r := strings.Repeat
	return map[string]string{
		"brackets":           "a = " + r("[", n),
		"closed brackets":    "a = " + r("[", n) + r("]", n) + "\n",
		"parentheses":        "a = " + r("(", n) + "1" + r(")", n),
		"objects":            "a = " + r("{ a = ", n),
		"templates":          "a = " + r(`"${`, n),
		"heredoc templates":  "a = " + r("<<A\n${", n),
		"blocks":             r("a {\n", n),
		"blocks of the top":  r("workload \"a\" {\n", n),
		"unary":              "a = " + r("!", n) + "x\n",
		"minus":              "a = " + r("- ", n) + "x\n",
		"minus over lines":   "a = [" + r("-\n", n) + "1]\n",
		"minus in for":       "a = {for a in b : a =>" + r("-\n", n) + "1}\n",
		"conditions":         "a = " + r("b ? c : ", n) + "d\n",
		"conditions inside":  "a = " + r("b ? ", n) + "d\n",
		"sums":               "a = 1" + r("+1", n) + "\n",
		"equalities":         "a = 1" + r("==1", n) + "\n",
		"splats":             "a = b" + r("[*]", n) + "\n",
		"attribute splats":   "a = b" + r(".*.c", n) + "\n",
		"indexes":            "a = b" + r("[c]", n) + "\n",
		"traversal":          "a = b" + r(".c", n) + "\n",
		"namespaces":         "a = b" + r("::b", n) + "()\n",
		"for":                "a = " + r("[for x in ", n),
		"if directives":      "a = \"" + r("%{ if b }", n) + "\"\n",
		"calls":              "a = " + r("f(", n),
		"open comments":      r("/*/", n),
		"digits":             "a = " + r("9", n) + "\n",
		"exponent":           "a = 1e" + r("9", 50) + "\n",
		"heredoc lines":      "a = <<A\n" + r("x\n", n) + "A\n",
		"dollars":            "a = \"" + r("$ ", n) + "\"\n",
		"open quotes":        r("a = \"\n", n),
		"lost braces":        r("o {\n a { x = ) }\n}\n", n),
		"lost braces 2":      r("a {\n", 40) + r("x = , }}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}\n"+r("a {\n", 40), n/400),
		"words":              r("a\n", n),
		"signs":              r("@", n),
		"attributes":         r("a = 1\n", n),
		"many overrides":     "workload \"a\" {\n" + numbered("in \"e%d\" {\n}\n", n) + "}\n",
		"many mistakes":      "workload \"a\" {\n" + numbered("a%d = )\n", n) + "}\n",
		"many repetitions":   "workload \"a\" {\n" + r("in \"e\" {\n}\nowner = 1\n", n) + "}\n",
		"labels":             "a " + r("b ", n) + "{}\n",
		"combining marks":    "a = \"e" + r("\u0301", n) + "\"\n",
		"round quotes":       "workload \"a\" {\n  owner = " + r("“a”,", n) + "\n}\n",
		"unknown escapes":    "workload \"a\" {\n  owner = " + r(`"\d", `, n) + "\n}\n",
		"odd commas":         "workload \"a\" {\n  owner = " + r("，", n) + "\n}\n",
		"foreign letters":    "workload \"a\" {\n  owner = " + r("é", n) + "\"\n}\n",
		"heredoc signs":      "workload \"a\" {\n  owner = " + r("<<A", n) + "\n}\n",
		"colons":             "workload \"a\" {\n" + r("  owner: \"a\",\n", n/20) + "}\n",
		"JSON arrays":        r("[", n),
		"JSON objects":       r(`{"a":`, n),
		"JSON bodies":        r(`[{"a":`, n),
		"JSON template":      `{"environment":{"a":{"consul":{"service":"` + r("${[", n) + `"}}}}`,
		"JSON open comments": `{"environment":{"a":{"consul":{"service":"${` + r("/*/", n) + `"}}}}`,
		"JSON sums":          `{"environment":{"a":{"consul":{"service":"${1` + r("+1", n) + `}"}}}}`,
		"JSON digits":        `{"workload":{"a":{"owner":` + r("9", n) + `}}}`,
		"JSON lines":         `{"environment":{"a":{"consul":{"service":"${a}` + r(`x\n`, n) + `"}}}}`,
		"JSON dotted":        `{"allow":{"a":{"from":["` + r("a.", n) + `a"]}}}`,
		"JSON null bodies":   `{"allow":{"a":[` + r("null,", n) + `null]}}`,
		"JSON prepended":     `{"a":"` + r("\u0600\"[", n) + `"}`,
	}
}

func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func TestHostileInputIsBounded(t *testing.T) {
	for name, src := range hostile(5_000) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, file := range []string{"a" + NativeSuffix, "a" + JSONSuffix} {
				_, _, diags := LoadFiles(map[string]string{file: src})
				if len(diags) == 0 {
					t.Errorf("%s: nothing to say", file)
				}
				Format([]byte(src), file)
			}
		})
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(good), false)
	f.Add([]byte(goodJSON), true)
	for name, src := range hostile(250) {
		f.Add([]byte(src), strings.HasPrefix(name, "JSON"))
	}
	f.Fuzz(func(t *testing.T, src []byte, isJSON bool) {
		name := "a" + NativeSuffix
		if isJSON {
			name = "a" + JSONSuffix
		}
		tree, _, diags := LoadFiles(map[string]string{name: string(src)})
		for _, d := range diags {
			if d.Summary == "" || d.Detail == "" || d.Code == "" {
				t.Errorf("an empty diagnostic: %+v", d)
			}
			if s := d.Subject; s.Filename != "" && (s.Start.Byte < 0 || s.End.Byte < s.Start.Byte || s.End.Byte > len(src)) {
				t.Errorf("a range outside of the file: %v %s", s, d.Summary)
			}
		}
		if tree.Root == nil && len(diags) == 0 {
			t.Error("no policy and no diagnostic")
		}
	})
}

// FuzzCut compares reading a file piece by piece with reading it whole: a cut inside an item would show.
func FuzzCut(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("a = <<A\nworkload \"x\" {\nA\n/* \nworkload \"x\" {\n*/\nb = 1\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		if limit(src, "") != nil {
			return
		}
		whole := piece{src: src, start: hcl.InitialPos, odd: true}
		if limitNative(whole, "") != nil {
			return
		}
		list, bad := parsedItems([]piece{whole})
		if bad {
			return // how far a mistake reaches may differ
		}
		pieces := cut(src, 1)
		for _, p := range pieces {
			if !p.odd && limitNative(p, "") != nil {
				t.Errorf("a piece passed for harmless is not: %q", p.src)
			}
		}
		cutList, bad := parsedItems(pieces)
		if bad || cutList != list {
			t.Errorf("cut: %s\nwhole: %s", cutList, list)
		}
	})
}

// parsedItems lists all blocks and attributes with their places. bad is set where the text is no valid file, or holds a block of the top
// inside of another, at which cut takes it apart.
func parsedItems(pieces []piece) (list string, bad bool) {
	var out strings.Builder
	for _, p := range pieces {
		f, diags := hclsyntax.ParseConfig(p.src, "", p.start)
		if diags.HasErrors() {
			return diags.Error(), true
		}
		if listBody(&out, f.Body.(*hclsyntax.Body), true) {
			return "", true
		}
	}
	return out.String(), false
}

func listBody(out *strings.Builder, b *hclsyntax.Body, top bool) (nested bool) {
	for _, name := range slices.Sorted(maps.Keys(b.Attributes)) {
		if !top {
			fmt.Fprintln(out, b.Attributes[name].SrcRange)
		}
	}
	for _, inner := range b.Blocks {
		fmt.Fprintln(out, inner.Type, inner.Labels, inner.Range())
		_, ofTop := fileSchema.Block(inner.Type)
		nested = nested || ofTop && !top
		nested = listBody(out, inner.Body, false) || nested
	}
	return nested
}

package conformance

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"gatehouse/compiler/evaluate"
	"gatehouse/lang/diag"
	language "gatehouse/lang/schema"
)

// TestReferenceIsCurrent generates lang/REFERENCE.md: prose from its template, tables from the schema and the catalogue, examples from one
// policy.
func TestReferenceIsCurrent(t *testing.T) {
	const path = root + "/lang/REFERENCE.md"
	examples := exampleBlocks(t)
	var out strings.Builder
	prose := template.New("reference.md.tmpl").Funcs(template.FuncMap{
		"blocks": func() string { return blockSections(t, language.File(), "###", "", examples) },
		"codes":  codeRows,

		"functions": functionRows,
		"contents":  func() string { return contentsMark },
	})
	if err := template.Must(prose.ParseFiles("testdata/reference/reference.md.tmpl")).Execute(&out, nil); err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(out.String(), contentsMark, contents(out.String()), 1)
	text, err := os.ReadFile(path)
	if err == nil && string(text) == want {
		return
	}
	if !update {
		t.Fatalf("%s (-is +generated; GATEHOUSE_UPDATE=1 rewrites it; %v):\n%s", path, err, cmp.Diff(string(text), want))
	}
	if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// contentsMark is where the list of sections goes, once all of them are there.
const contentsMark = "@contents@"

// blockSections describes blocks and, below them, their inner blocks.
func blockSections(t *testing.T, blocks []language.Block, level, inside string, examples map[string]string) string {
	var b strings.Builder
	for _, s := range blocks {
		title := "`" + s.Type + "`"
		if s.Label != "" {
			title = fmt.Sprintf("`%s \"%s\"`", s.Type, strings.ToUpper(s.Label))
		}
		fmt.Fprintf(&b, "\n%s %s%s\n\n%s\n\n", level, title, inside, s.Doc)
		if inside == "" {
			fmt.Fprintf(&b, "```hcl\n%s```\n\n", examples[s.Type])
			used(t, s, examples[s.Type])
		}
		b.WriteString("| attribute | written as | | meaning |\n| --- | --- | --- | --- |\n")
		attrs := s.Attrs
		if s.Any != nil {
			attrs = append(slices.Clip(attrs), *s.Any)
		}
		for _, a := range attrs {
			if a.Name == language.ForEach {
				continue // it has a section of its own
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", a.Name, written(a), presence(a), a.Doc+a.Refused)
		}
		b.WriteString(blockSections(t, s.Blocks, level+"#", " in "+s.Type, examples))
	}
	return b.String()
}

// used reports attributes and blocks that an example doesn't show.
func used(t *testing.T, s language.Block, example string) {
	for _, a := range s.Attrs {
		if a.Refused == "" && a.Name != language.ForEach && !regexp.MustCompile(`(?m)^ *`+a.Name+` += `).MatchString(example) {
			t.Errorf("testdata/reference/policy.gate.hcl doesn't show %s of %s", a.Name, s.Type)
		}
	}
	for _, inner := range s.Blocks {
		used(t, inner, example)
	}
}

func written(a language.Attribute) string {
	code := func(words []string, last string) string { return "`" + strings.Join(words, "`"+last+"`") + "`" }
	switch a.Type {
	case language.Text:
		return "text"
	case language.Template:
		return "text, with `${…}`"
	case language.Bool:
		return "`true` or `false`"
	case language.Enum:
		return code(quotedWords(a.Values), ", ")
	case language.Reference:
		return "one " + code(a.Kinds, ", ") + " reference"
	case language.References:
		if a.Refused != "" {
			return ""
		}
		return "list of " + code(a.Kinds, ", ") + " references"
	case language.Words:
		return "list of " + code(a.Values, ", ")
	case language.Texts:
		return "list of texts"
	case language.Labels:
		return "map of words to texts"
	case language.Time:
		return "time"
	case language.Duration:
		return "duration"
	case language.Value:
		return "any value"
	case language.ValueType:
		return "type"
	}
	return ""
}

func quotedWords(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = `"` + w + `"`
	}
	return out
}

func presence(a language.Attribute) string {
	switch {
	case a.Refused != "":
		return "**refused**"
	case a.Required:
		return "**required**"
	case a.Default != "":
		return "default `" + a.Default + "`"
	}
	return ""
}

func functionRows() string {
	var b strings.Builder
	for _, f := range evaluate.Functions() {
		fmt.Fprintf(&b, "| `%s` | %s | `%s` is `%s` |\n", f.Usage, f.Doc, f.Example, f.Result)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// codeRows lists the codes by the stages that report them, each with its page.
func codeRows() string {
	var b strings.Builder
	for _, stage := range diag.Stages() {
		fmt.Fprintf(&b, "\n### %s\n\n| code | meaning | what to do |\n| --- | --- | --- |\n", stage.Name)
		for _, e := range stage.Entries {
			fmt.Fprintf(&b, "| [`%s`](diag/pages/%s.md) | %s | %s |\n", e.Code, e.Code, e.Meaning, e.Remedy)
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

var heading = regexp.MustCompile("(?m)^(##|###) (.+)$")

// contents lists the sections, and below Blocks the blocks, as links.
func contents(text string) string {
	var b strings.Builder
	section := ""
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		title := strings.Map(func(c rune) rune {
			switch {
			case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_':
				return c
			case c == ' ':
				return '-'
			}
			return -1
		}, strings.ToLower(m[2]))
		if m[1] == "##" {
			section = m[2]
			fmt.Fprintf(&b, "- [%s](#%s)\n", m[2], title)
		} else if section == "Blocks" {
			fmt.Fprintf(&b, "  - [%s](#%s)\n", m[2], title)
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func referencePolicy(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/reference/policy.gate.hcl")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// exampleBlocks cuts the policy into the examples of each block type.
func exampleBlocks(t *testing.T) map[string]string {
	t.Helper()
	src := []byte(referencePolicy(t))
	parsed, diags := hclsyntax.ParseConfig(src, "policy.gate.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	out := map[string]string{}
	for _, b := range parsed.Body.(*hclsyntax.Body).Blocks {
		if out[b.Type] != "" {
			out[b.Type] += "\n"
		}
		out[b.Type] += string(b.Range().SliceBytes(src)) + "\n"
	}
	return out
}

var fence = regexp.MustCompile("(?s)```(hcl|json)\n(?:# ([a-z -]+)\n)?(.*?)```")

// TestReferenceExamplesCompile adds each example of the prose to the policy. It must give no diagnostic but those that its first line names.
func TestReferenceExamplesCompile(t *testing.T) {
	prose, err := os.ReadFile("testdata/reference/reference.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	cases := fence.FindAllStringSubmatch(string(prose), -1)
	if len(cases) < 3 {
		t.Fatalf("found %d examples", len(cases))
	}
	for _, c := range append(cases, []string{"", "hcl", "", ""}) {
		files := map[string]string{"root.gate.hcl": referencePolicy(t), "example.gate." + c[1]: c[3]}
		result := compile(t, maps.Clone(files), time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC))
		if got := strings.Join(codes(result.Diagnostics), " "); got != c[2] {
			t.Errorf("want %q, got %q\n%s%s", c[2], got, c[3], messages(result.Diagnostics))
		}
	}
}

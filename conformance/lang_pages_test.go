package conformance

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"gatehouse/compiler/evaluate"
	"gatehouse/lang/diag"
	"gatehouse/lang/syntax"
)

// page is one of lang/diag/pages, taken apart.
type page struct {
	title    string
	sections []string
	wrong    string // a policy; empty where none can show it
	right    string
}

var pageFence = regexp.MustCompile("(?s)^\n```hcl\n(.*?)```\n$")

func readPage(t *testing.T, code diag.Code) page {
	t.Helper()
	text, ok := diag.Page(code)
	if !ok {
		t.Fatalf("lang/diag/pages/%s.md is missing: copy another page, and say what is wrong, why it matters and what to do", code)
	}
	parts := strings.Split(text, "\n## ")
	title, about, _ := strings.Cut(parts[0], "\n")
	p := page{title: title}
	if len(strings.Fields(about)) < 12 {
		t.Errorf("%s: the page hardly says what is wrong and why it matters", code)
	}
	for _, part := range parts[1:] {
		name, body, _ := strings.Cut(part, "\n")
		p.sections = append(p.sections, name)
		policy := ""
		if m := pageFence.FindStringSubmatch(strings.TrimRight(body, "\n") + "\n"); m != nil {
			policy = m[1]
		}
		switch name {
		case "Wrong":
			p.wrong = policy
		case "Right":
			p.right = policy
		}
	}
	return p
}

// TestPageListsFunctions compares the page about unknown functions with the table.
func TestPageListsFunctions(t *testing.T) {
	text, _ := diag.Page(diag.UnknownFunction)
	_, list, _ := strings.Cut(text, "functions that there are: ")
	list, _, _ = strings.Cut(list, ".")
	var listed, known []string
	for _, m := range regexp.MustCompile("`([a-z]+)`").FindAllStringSubmatch(list, -1) {
		listed = append(listed, m[1])
	}
	for _, f := range evaluate.Functions() {
		known = append(known, f.Name)
	}
	if diff := cmp.Diff(known, listed); diff != "" {
		t.Errorf("lang/diag/pages/unknown-function.md (-table +page):\n%s", diff)
	}
}

// TestEveryCodeHasAPage proves that explain has something to say, and that it is true: the wrong policy gives the code and nothing else, the
// right one gives nothing at all.
func TestEveryCodeHasAPage(t *testing.T) {
	known := map[diag.Code]bool{}
	for _, e := range diag.Catalogue() {
		known[e.Code] = true
		t.Run(string(e.Code), func(t *testing.T) {
			p := readPage(t, e.Code)
			if p.title != "# "+string(e.Code) {
				t.Errorf("the title is %q", p.title)
			}
			if p.wrong == "" {
				if !slices.Equal(p.sections, []string{"Example", "What to do"}) {
					t.Errorf("sections %q: want Wrong and Right with a policy each, or Example, and What to do", p.sections)
				}
				if _, ok := elsewhere[e.Code]; !ok {
					t.Error("it can be shown, and has no example")
				}
				return
			}
			if !slices.Equal(p.sections, []string{"Wrong", "Right", "What to do"}) || p.right == "" {
				t.Errorf("sections %q: want Wrong, Right, What to do", p.sections)
			}
			want := append([]string{string(e.Code)}, also(p.wrong)...)
			slices.Sort(want)
			if got := examinePage(t, p.wrong); !slices.Equal(slices.Compact(codes(got)), want) {
				t.Errorf("wrong: want %v, got\n%s", want, messages(got))
			}
			if got := examinePage(t, p.right); len(got) > 0 {
				t.Errorf("right: got\n%s", messages(got))
			}
			canonical(t, p.right)
		})
	}
	for _, code := range diag.Pages() {
		if !known[code] {
			t.Errorf("lang/diag/pages/%s.md is of no code", code)
		}
	}
}

// also reads the codes that an example can't be without: # also CODE.
func also(text string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`# also ([a-z-]+)`).FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

// pageFiles makes a policy of an example: of its own files, of itself where it has a root, or of it and testdata/pages.
func pageFiles(t *testing.T, text string) map[string]string {
	t.Helper()
	archive := txtar.Parse([]byte(text))
	files := map[string]string{}
	for _, f := range archive.Files {
		files[f.Name] = string(f.Data)
	}
	if len(archive.Files) == 0 {
		files["example.gate.hcl"] = text
	}
	for name, text := range files {
		if name == "policy.gate.hcl" || strings.Contains(text, "gatehouse {") {
			return files
		}
	}
	base, err := os.ReadFile("testdata/pages/policy.gate.hcl")
	if err != nil {
		t.Fatal(err)
	}
	files["policy.gate.hcl"] = string(base)
	return files
}

// canonical keeps good examples in the layout that fmt gives.
func canonical(t *testing.T, text string) {
	t.Helper()
	files := map[string]string{"example.gate.hcl": text}
	if archive := txtar.Parse([]byte(text)); len(archive.Files) > 0 {
		files = map[string]string{}
		for _, f := range archive.Files {
			files[f.Name] = string(f.Data)
		}
	}
	for name, text := range files {
		if !syntax.IsPolicyFile(name) {
			continue
		}
		if out, diags := syntax.Format([]byte(text), name); len(diags) > 0 || string(out) != text {
			t.Errorf("%s is not as fmt would lay it out:\n%s", name, out)
		}
	}
}

package navigate

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/compiler"
	"gatehouse/lang/diag"
	"gatehouse/lang/schema"
	"gatehouse/lang/syntax"
)

// world is a small policy that the tests write into.
const world = `
gatehouse {
  policy = "shop"
}
environment "dev" {
  tier = "development"
  consul {
    address = "https://dev"
  }
}
environment "prod" {
  tier = "production"
  consul {
    address = "https://prod"
  }
}
# Trains the model.
workload "trainer" {
  owner        = "ml@shop.example"
  environments = [environment.dev, environment.prod]
  labels       = { team = "ml", stage = "training" }
}
workload "scratch" {
  owner        = "people@shop.example"
  environments = [environment.dev]
  labels       = { team = "people" }
}
group "training" {
  match = { stage = "training" }
}
feature_store "customers" {
  classification = "restricted"
  environments   = [environment.dev, environment.prod]
  online {}
}
allow "train" {
  from    = [group.training]
  to      = [feature_store.customers]
  reason  = "nightly"
  expires = "2027-03-01T00:00:00Z"
}
allow "scratch" {
  from = [workload.scratch]
  to   = [feature_store.customers]
}
deny "scratch" {
  from   = [workload.scratch]
  to     = [feature_store.customers]
  reason = "not reviewed"
}
`

// viewOf understands files and one more, which may be broken.
func viewOf(t testing.TB, texts map[string]string) *View {
	t.Helper()
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	v := &View{At: at, Packs: []string{"baseline"}, Guardrails: []Guardrail{{ID: "ownership/owner-is-set"}}, Functions: []Function{{Name: "upper", Signature: "upper(text)", Doc: "In capitals."}}}
	result := compiler.CompileFiles(texts, at, compiler.Options{Read: func(tree syntax.Tree) {
		v.Index = NewIndex(ReadTree(tree, func(name string) string { return texts[name] })...)
	}})
	v.Policy, v.Graph = result.Policy, result.Graph
	return v
}

// cut takes the cursor out of a text.
func cutCursor(t testing.TB, text string) (string, int) {
	t.Helper()
	before, after, ok := strings.Cut(text, "‸")
	if !ok {
		t.Fatalf("no cursor in %q", text)
	}
	return before + after, len(before)
}

func completed(t *testing.T, text string) []Proposal {
	t.Helper()
	text, offset := cutCursor(t, text)
	v := viewOf(t, map[string]string{"world.gate.hcl": world})
	f := ReadFile("new.gate.hcl", text)
	v.Index = v.Index.With(f)
	list, _ := v.Complete(f, offset)
	return list
}

func TestComplete(t *testing.T) {
	const stores = "feature_store.customers feature_store.customers.online"
	for _, c := range []struct{ name, text, want string }{
		{"top", "‸", "variable locals environment identity_provider workload group feature_store secret allow deny exception test"},
		{"top, a word begun", "allow \"x\" {}\nwork‸", "variable locals environment"},
		{"top, after an open list", "allow \"x\" {\n  from = [\n\nwork‸", "workload.scratch workload.trainer"}, // nothing tells yet that a block begins here
		{"a comment", "# wor‸", ""},
		{"at the end of a comment", "# word‸\nallow", ""},
		{"behind a comment", "/* word */‸", "variable locals"},
		{"a heredoc", "allow \"x\" {\n  reason = <<EOT\n  wor‸\nEOT\n}", ""},
		{"a name", `allow "‸"`, ""},

		{"attributes", "allow \"x\" {\n  ‸\n}", "from to actions reason not_before expires environments for_each across http"},
		{"one is set below", "group \"x\" {\n  ‸\n  match = {}\n}", "for_each"}, // workloads would stand in its place
		{"the one that is written stays", "group \"x\" {\n  mat‸ch = {}\n}", "match workloads for_each"},
		{"one stands in place of the other", "test \"x\" {\n  environment = environment.dev\n  ‸\n}", "from to expect actions at for_each http"},
		{"none that is refused", "deny \"x\" {\n  from = []\n  to = []\n  ex‸", "actions reason for_each http"},
		{"a block that stands is not proposed", "feature_store \"x\" {\n  online {\n  }\n  ‸\n}", "classification environments owner labels for_each offline in"},
		{"in a block in a block", "workload \"x\" {\n  in \"dev\" {\n    ‸\n  }\n}", "service service_account labels"},
		{"of an unknown block", "wrkload \"x\" {\n  ‸\n}", ""},

		{"references", "allow \"x\" {\n  from = [‸]\n}", "group.training workload.scratch workload.trainer"},
		{"a kind begun", "allow \"x\" {\n  from = [workload.‸]\n}", "workload.scratch workload.trainer"},
		{"those that stand are left out", "allow \"x\" {\n  from = [workload.trainer, ‸]\n}", "group.training workload.scratch"},
		{"in lines", "allow \"x\" {\n  from = [\n    workload.trainer,\n    ‸\n  ]\n}", "group.training workload.scratch"},
		{"without brackets", "allow \"x\" {\n  from = ‸\n}", "group.training workload.scratch workload.trainer"},
		{"surfaces", "allow \"x\" {\n  to = [‸]\n}", stores},
		{"an unclosed list above", "allow \"x\" {\n  from = [workload.\n  to = [‸\n}", stores},
		{"an unclosed text above", "allow \"x\" {\n  reason = \"because\n  to = [‸\n}", stores},
		{"an unclosed block above", "allow \"y\" {\n  from = [\nallow \"x\" {\n  to = [‸]\n}", stores},
		{"a reference alone", "test \"x\" {\n  environment = ‸\n}", "environment.dev environment.prod"},
		{"words", "allow \"x\" {\n  actions = [‸]\n}", "read write"},
		{"words but one", "allow \"x\" {\n  actions = [read, ‸]\n}", "write"},

		{"an enum", "environment \"x\" {\n  tier = ‸\n}", "production staging development"},
		{"an enum in quotes", "environment \"x\" {\n  tier = \"‸\"\n}", "production staging development"},
		{"a bool", "workload \"x\" {\n  interactive = ‸\n}", "true false"},
		{"an owner", "workload \"x\" {\n  owner = \"‸\"\n}", "ml@shop.example people@shop.example"},
		{"packs", "gatehouse {\n  packs = [\"‸\"]\n}", "baseline"},
		{"a guardrail", "exception \"x\" {\n  guardrail = \"‸\n}", "ownership/owner-is-set"},
		{"times", "allow \"x\" {\n  expires = ‸\n}", "2026-12-01T00:00:00Z 2027-02-01T00:00:00Z 2027-05-01T00:00:00Z 2027-11-01T00:00:00Z"},
		{"an example", "secret \"x\" {\n  rotation = ‸\n}", `"720h"`},

		{"an environment's label", "workload \"x\" {\n  in \"‸\" {\n  }\n}", "dev prod"},
		{"an environment's label, bare", "workload \"x\" {\n  in ‸", "dev prod"},
		{"an environment's label, below an open list", "workload \"x\" {\n  environments = [environment.\n  in \"‸\n}", "dev prod"},
		{"but for one that stands", "workload \"x\" {\n  in \"dev\" {\n  }\n  in \"‸\n}", "prod"},
		{"keys", "group \"x\" {\n  match = { ‸ }\n}", "stage team"},
		{"keys in lines", "group \"x\" {\n  match = {\n    team = \"ml\"\n    ‸\n  }\n}", "stage"},
		{"the values of a key", "group \"x\" {\n  match = { team = \"‸\" }\n}", "ml people"},
		{"the values of a second key", "group \"x\" {\n  match = { team = \"ml\", stage = \"‸\" }\n}", "training"},
		{"a type", "variable \"x\" {\n  type = ‸\n}", "string bool number any list(…) map(…) set(…) object({ … })"},
		{"a constant", "variable \"x\" {\n  default = ‸\n}", ""},
		{"a template", "environment \"x\" {\n  consul {\n    service = \"a-${‸}\"\n  }\n}", "name environment labels.stage labels.team"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, p := range completed(t, c.text) {
				if p.Kind != ProposeWord || strings.HasPrefix(c.name, "a template") && p.Label != "upper" {
					got = append(got, p.Label)
				}
			}
			want := strings.Fields(c.want)
			if strings.HasPrefix(c.name, "top") || strings.HasPrefix(c.name, "behind") {
				got = some(got, len(want)) // of those that come first
				if len(got) > len(want) {
					got = got[:len(want)]
				}
			}
			if diff := cmp.Diff(want, got, cmp.Transformer("join", func(s []string) string { return strings.Join(s, " ") })); diff != "" {
				t.Errorf("%s", diff)
			}
		})
	}
}

// What a proposal replaces and writes is what one expects to stand there afterwards.
func TestCompleteWrites(t *testing.T) {
	for _, c := range []struct{ text, label, want string }{
		{"allow \"x\" {\n  fr‸\n}", "from", "allow \"x\" {\n  from = [$1]\n}"},
		{"allow \"x\" {\n  fr‸om = []\n}", "from", "allow \"x\" {\n  from = []\n}"},
		{"environment \"x\" {\n  ti‸\n}", "tier", "environment \"x\" {\n  tier = \"${1|production,staging,development|}\"\n}"},
		{"allow \"x\" {\n  from = [workload.tr‸]\n}", "workload.trainer", "allow \"x\" {\n  from = [workload.trainer]\n}"},
		{"allow \"x\" {\n  from = workload.tr‸\n}", "workload.trainer", "allow \"x\" {\n  from = [workload.trainer]\n}"},
		{"environment \"x\" {\n  tier = ‸\n}", "production", "environment \"x\" {\n  tier = \"production\"\n}"},
		{"environment \"x\" {\n  tier = \"st‸aging\"\n}", "production", "environment \"x\" {\n  tier = \"production\"\n}"},
		{"environment \"x\" {\n  tier = \"st‸\n}", "production", "environment \"x\" {\n  tier = \"production\n}"},
		{"workload \"x\" {\n  in ‸\n}", "dev", "workload \"x\" {\n  in \"dev\"\n}"},
		{"group \"x\" {\n  match = { st‸ }\n}", "stage", "group \"x\" {\n  match = { stage = \"$1\" }\n}"},
		{"allow \"x\" {\n  actions = ‸\n}", "write", "allow \"x\" {\n  actions = [write]\n}"},
		{"sec‸", "secret", "secret \"${1:name}\" {\n\tclassification = \"${2|public,internal,confidential,restricted|}\"\n\tenvironments   = [$3]\n}"},
		{"locals {\n  x = upp‸\n}", "upper", "locals {\n  x = upper($1)\n}"},
	} {
		found := false
		for _, p := range completed(t, c.text) {
			if p.Label != c.label {
				continue
			}
			found = true
			text, _ := cutCursor(t, c.text)
			written := p.Snippet
			if written == "" {
				written = p.Text
			}
			if got := text[:p.Replace.Start] + written + text[p.Replace.End:]; got != c.want {
				t.Errorf("%q, %s:\n got %q\nwant %q", c.text, c.label, got, c.want)
			}
		}
		if !found {
			t.Errorf("%q: %s is not proposed", c.text, c.label)
		}
	}
}

// A block is proposed with what it can't do without: filled in, it is one that nothing is said of.
func TestSnippetsHold(t *testing.T) {
	values := map[string]string{
		"classification": "public", "environments": "environment.lab", "environment": "environment.dev", "tier": "staging", "expect": "deny",
		"from": "workload.trainer", "to": "feature_store.customers", "match": `stage = "training"`, "subjects": "workload.scratch",
		"issuer": "https://issuer.example", "audiences": "me", "claim": "email", "policy": "shop", "guardrail": "ownership/owner-is-set",
		"reason": "it is so", "approved_by": "me", "expires": "2027-01-01T00:00:00Z",
	}
	const lab = `environment "lab" {
  tier = "development"
  consul {}
  google {
    project = "acme-lab"
  }
}
`
	attribute, label := regexp.MustCompile(`(?m)^\t(\w+) += .*$`), regexp.MustCompile(`\$\{1:[^}]*\}`)
	choice, place := regexp.MustCompile(`\$\{\d+\|([^,|]*)[^|]*\|\}`), regexp.MustCompile(`\$\d+|\$\{\d+[:|][^}]*\}`)
	for _, b := range schema.File() {
		text := attribute.ReplaceAllStringFunc(blockSnippet(&b), func(line string) string {
			return place.ReplaceAllLiteralString(line, values[attribute.FindStringSubmatch(line)[1]])
		})
		text = place.ReplaceAllString(label.ReplaceAllString(choice.ReplaceAllString(text, "$1"), "newest"), "")
		files := map[string]string{"new.gate.hcl": text}
		if b.Type != "gatehouse" {
			files["world.gate.hcl"] = world + lab
		}
		var got []string
		for _, d := range compiler.CompileFiles(files, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), compiler.Options{}).Diagnostics {
			if d.Subject.Filename == "new.gate.hcl" && d.Code != diag.UnsetVariable { // what a variable is given isn't the block's matter
				got = append(got, d.Summary)
			}
		}
		if len(got) > 0 {
			t.Errorf("%s\n%q", text, got)
		}
	}
}

// Wherever the cursor is and wherever the text ends, nothing panics.
func TestCompleteAnywhere(t *testing.T) {
	v := viewOf(t, map[string]string{"world.gate.hcl": world})
	for at := range world {
		f := &File{Name: "new.gate.hcl", Text: world[:at]}
		v.Complete(f, at)
		v.Complete(f, at/2)
		v.Hover(f, at/2)
	}
}

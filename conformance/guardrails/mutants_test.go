package guardrails

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// mutation is a way to make a policy worse, and the guardrails of which one should catch it.
type mutation struct {
	name   string
	should []string
	blocks []string // the types of block that it is tried on
	change func(b block) (mutant fstest.MapFS, ok bool)
}

// block is a block of the example's text.
type block struct {
	policy *text
	file   string
	*hclsyntax.Block
}

// text is the example, as it can be edited.
type text struct{ files fstest.MapFS }

func (b block) address() string { return b.Type + "." + b.Labels[0] }

func (b block) bytes(r hcl.Range) string {
	return string(b.policy.files[b.file].Data[r.Start.Byte:r.End.Byte])
}

// replace is the policy with one range of the block's file written otherwise.
func (b block) replace(r hcl.Range, with string) fstest.MapFS {
	out := maps.Clone(b.policy.files)
	data := string(out[b.file].Data)
	out[b.file] = &fstest.MapFile{Data: []byte(data[:r.Start.Byte] + with + data[r.End.Byte:])}
	return out
}

// attribute writes an attribute's value, or the attribute where the block has none.
func (b block) attribute(name, value string) fstest.MapFS {
	if a := b.Body.Attributes[name]; a != nil {
		return b.replace(a.Expr.Range(), value)
	}
	return b.insert(name + " = " + value)
}

// insert writes something at the block's beginning.
func (b block) insert(what string) fstest.MapFS {
	at := b.OpenBraceRange
	at.Start = at.End
	return b.replace(at, "\n  "+what+"\n")
}

// drop takes an attribute away.
func (b block) drop(name string) (fstest.MapFS, bool) {
	a := b.Body.Attributes[name]
	if a == nil {
		return nil, false
	}
	return b.replace(a.SrcRange, ""), true
}

// with adds a file.
func with(files fstest.MapFS, name, content string) fstest.MapFS {
	files[name] = &fstest.MapFile{Data: []byte(content)}
	return files
}

// blocks returns the blocks of a type, in order of file and place.
func (p *text) blocks(t *testing.T, kind string) []block {
	t.Helper()
	var out []block
	for _, name := range slices.Sorted(maps.Keys(p.files)) {
		if !strings.HasSuffix(name, ".gate.hcl") {
			continue
		}
		file, diags := hclsyntax.ParseConfig(p.files[name].Data, name, hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		for _, b := range file.Body.(*hclsyntax.Body).Blocks {
			if b.Type == kind {
				out = append(out, block{p, name, b})
			}
		}
	}
	return out
}

// folders are the teams' folders, in a circle: each allow is moved to the next.
var folders = []string{"ads", "data-science", "fraud", "platform", "recommendations", "security"}

func (b block) elsewhere() (fstest.MapFS, bool) {
	folder, _, _ := strings.Cut(b.file, "/")
	next := folders[(slices.Index(folders, folder)+1)%len(folders)]
	return with(b.replace(b.Range(), ""), next+"/moved.gate.hcl", b.bytes(hcl.RangeBetween(b.Range(), b.Body.Range()))+"\n"), true
}

const everybody = `group "everybody" {
  workloads = [
    workload.access-auditor, workload.ads-bidder, workload.ads-ctr-trainer, workload.churn-trainer, workload.ds-notebooks, workload.feature-builder,
    workload.feature-monitor, workload.fraud-scorer, workload.fraud-trainer, workload.recs-ranker, workload.recs-trainer,
  ]
}
`

var (
	list     = regexp.MustCompile(`\]$`)
	year     = regexp.MustCompile(`20\d\d-`)
	accesses = []string{"allow"}
)

// mutations are the ways in which policies get worse, one review at a time.
func mutations() []mutation {
	return []mutation{
		{"drop an owner", []string{"ownership/owner-is-set"}, []string{"workload", "feature_store", "secret"},
			func(b block) (fstest.MapFS, bool) { return b.drop("owner") }},
		{"name another team as owner", []string{"acme/team-owns-its-folder"}, []string{"workload", "feature_store", "secret"},
			func(b block) (fstest.MapFS, bool) { return b.attribute("owner", `"interns@acme.example"`), true }},
		{"name nobody that can be reached as owner", []string{"ownership/owner-is-team"}, []string{"workload", "feature_store", "secret"},
			func(b block) (fstest.MapFS, bool) { return b.attribute("owner", `"the data guys"`), true }},
		{"drop a reason", []string{"ownership/reason-is-given"}, accesses,
			func(b block) (fstest.MapFS, bool) { return b.drop("reason") }},
		{"drop an end", []string{"lifetime/restricted-access-ends", "lifetime/interactive-production-ends"}, accesses,
			func(b block) (fstest.MapFS, bool) { return b.drop("expires") }},
		{"extend an expiry", []string{"lifetime/ends-soon-enough"}, accesses,
			func(b block) (fstest.MapFS, bool) {
				a := b.Body.Attributes["expires"]
				if a == nil {
					return nil, false
				}
				return b.replace(a.Expr.Range(), year.ReplaceAllString(b.bytes(a.Expr.Range()), "2037-")), true
			}},
		{"move an allow to another folder", []string{"ownership/granted-by-owner"}, accesses, block.elsewhere},
		{"allow everybody", []string{"groups/not-everybody"}, accesses,
			func(b block) (fstest.MapFS, bool) {
				return with(b.attribute("from", "[group.everybody]"), "everybody.gate.hcl", everybody), true
			}},
		{"allow whoever carries a label", []string{"groups/restricted-not-by-label"}, accesses,
			func(b block) (fstest.MapFS, bool) { return b.attribute("from", "[group.training]"), true }},
		{"add one more job", []string{"merge/restricted-reach-is-explained"}, accesses,
			func(b block) (fstest.MapFS, bool) {
				from := b.Body.Attributes["from"].Expr.Range()
				return b.replace(from, list.ReplaceAllString(b.bytes(from), ", workload.feature-monitor]")), true
			}},
		{"add what security owns", []string{"ownership/granted-by-owner"}, accesses,
			func(b block) (fstest.MapFS, bool) {
				return b.attribute("to", "[secret.payments-signing-key]"), true
			}},
		{"let them write as well", []string{"secrets/not-read-and-written", "role/people-do-not-write", "role/write-by-name"}, accesses,
			func(b block) (fstest.MapFS, bool) { return b.attribute("actions", "[read, write]"), true }},
		{"reach production from dev", []string{"crossing/lower-tier-stays-below"}, accesses,
			func(b block) (fstest.MapFS, bool) {
				return b.insert("across {\n    from = environment.dev\n    to   = environment.prod\n  }"), b.Body.Attributes["environments"] == nil
			}},
		{"share an account between the tiers", []string{"identity/not-shared-between-tiers"}, []string{"workload"},
			func(b block) (fstest.MapFS, bool) {
				return b.insert("in \"dev\" {\n    service_account = \"shared@acme-ml-dev.iam.gserviceaccount.com\"\n  }\n  in \"prod\" {\n    service_account = \"shared@acme-ml-dev.iam.gserviceaccount.com\"\n  }"), len(b.Body.Blocks) == 0
			}},
		{"take another's account", []string{"identity/one-per-workload"}, []string{"workload"},
			func(b block) (fstest.MapFS, bool) {
				return b.insert("in \"prod\" {\n    service_account = \"fraud-scorer@acme-ml-prod.iam.gserviceaccount.com\"\n  }"), len(b.Body.Blocks) == 0 && b.Labels[0] != "fraud-scorer"
			}},
		{"let people drive it", []string{"lifetime/interactive-production-ends", "role/people-do-not-write", "lifetime/ends-soon-enough"}, []string{"workload"},
			func(b block) (fstest.MapFS, bool) { return b.attribute("interactive", "true"), true }},
		{"drop a rotation", []string{"secrets/rotate"}, []string{"secret"},
			func(b block) (fstest.MapFS, bool) { return b.drop("rotation") }},
		{"rotate every five years", []string{"secrets/rotate-in-time"}, []string{"secret"},
			func(b block) (fstest.MapFS, bool) { return b.attribute("rotation", `"43800h"`), true }},
		{"deny nobody", []string{"denies/match-something"}, []string{"deny"},
			func(b block) (fstest.MapFS, bool) {
				return with(b.attribute("from", "[group.nobody]"), "nobody.gate.hcl", "group \"nobody\" {\n  match = { stage = \"none\" }\n}\n"), true
			}},
		{"drop a deny", []string{"merge/restricted-reach-is-explained"}, []string{"deny"},
			func(b block) (fstest.MapFS, bool) {
				return b.replace(hcl.RangeBetween(b.Range(), b.Body.Range()), ""), true
			}},
		{"classify as restricted", []string{"lifetime/restricted-access-ends", "groups/restricted-not-by-label", "merge/restricted-reach-is-explained"}, []string{"feature_store", "secret"},
			func(b block) (fstest.MapFS, bool) {
				return b.attribute("classification", `"restricted"`), !strings.Contains(b.bytes(b.Body.Range()), `"restricted"`)
			}},
	}
}

func (m mutation) String() string {
	return fmt.Sprintf("%s (%s)", m.name, strings.Join(m.should, ", "))
}

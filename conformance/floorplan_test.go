package conformance

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// floorPlan says which room may import which, read from the ground up: a < b < c means that b may import a, and that c may import
// both. A room is a package, named by its folder; a name that ends in /... is a folder with all packages below it. Nobody
// relaxes this to get a build through: a new edge is a change of the design, and says why in its commit.
const floorPlan = `
	# The language. Diagnostics are the ground; the model knows nothing of how it was written.
	lang/diag < lang/addr < lang/model
	lang/diag < lang/schema < lang/syntax

	# The compiler. The access graph knows the model and not the syntax.
	lang/syntax, lang/model < compiler/resolve
	lang/syntax, lang/addr < compiler/evaluate
	lang/model < compiler/access
	compiler/evaluate, compiler/resolve, compiler/access < compiler

	# What an editor asks about a place. It reads trees and graphs, and nothing but the editor needs it.
	compiler < compiler/navigate

	# What is done with a graph. Guardrails and targets don't know one another, and neither knows how a graph was compiled.
	compiler/access < policies
	compiler/access < targets < targets/state
	targets/state < targets/consul, targets/google, targets/drift, targets/internal/toy
	targets < targets/snapshot, targets/reach

	# The sandbox stands for somebody else's server: it shares nothing with what is tested against it.
	targets/sandbox < targets/sandbox/consul, targets/sandbox/google

	# The command: main is one line, verbs know views, and views know no remote system.
	compiler, policies, targets/drift, targets/snapshot, targets/reach < cmd/gatehouse/view
	compiler/navigate, policies < cmd/gatehouse/lsp < cmd/gatehouse/cli
	cmd/gatehouse/view < cmd/gatehouse/page
	targets/consul, targets/google, cmd/gatehouse/view, cmd/gatehouse/page, cmd/gatehouse/revision < cmd/gatehouse/cli
	targets/sandbox/consul, targets/sandbox/google < cmd/gatehouse/cli
	cmd/gatehouse/recall < cmd/gatehouse/cli
	cmd/gatehouse/cli < cmd/gatehouse

	# Conformance may see everything. Nothing sees conformance.
	cmd/gatehouse, targets/internal/toy < conformance/...
`

// suppliers says which rooms may import whose modules. What is in no line is nobody's.
const suppliers = `
	github.com/hashicorp/hcl/v2           : lang/diag lang/model lang/syntax compiler/evaluate compiler/resolve compiler/access compiler policies targets/consul targets/internal/toy cmd/gatehouse/view cmd/gatehouse/page compiler/navigate cmd/gatehouse/lsp conformance/...
	github.com/hashicorp/hcl/v2/hclsyntax : lang/syntax compiler/evaluate compiler/resolve compiler/navigate conformance/...
	github.com/hashicorp/hcl/v2/hclwrite  : lang/syntax
	github.com/hashicorp/hcl/v2/json      : conformance/...
	github.com/hashicorp/hcl/v2/ext/typeexpr : compiler/evaluate
	github.com/hashicorp/hcl/v2/ext/tryfunc  : compiler/evaluate
	github.com/zclconf/go-cty             : lang/syntax compiler/evaluate compiler/resolve compiler/navigate conformance/...
	github.com/hashicorp/go-version       : compiler conformance/...
	github.com/apparentlymart/go-textseg  : lang/diag lang/syntax compiler/evaluate
	github.com/open-policy-agent/opa      : policies
	github.com/hashicorp/consul/api       : targets/consul targets/sandbox/consul conformance/...
	cloud.google.com/go                   : targets/google targets/sandbox/google conformance/...
	github.com/googleapis/gax-go          : targets/google targets/sandbox/google conformance/...
	google.golang.org/api                 : targets/google targets/sandbox/google conformance/...
	google.golang.org/genproto            : targets/google targets/sandbox/google conformance/...
	google.golang.org/grpc                : targets/google targets/sandbox/google conformance/...
	google.golang.org/protobuf            : targets/google targets/sandbox/google conformance/...
	cel.dev/cel-go                        : targets/google targets/sandbox/google conformance/...
	github.com/cenkalti/backoff           : targets/consul targets/google
	github.com/go-viper/mapstructure      : targets/sandbox/consul
	github.com/creachadair/jrpc2          : cmd/gatehouse/lsp conformance/...
	github.com/rogpeppe/go-internal/diff  : cmd/gatehouse/view conformance/...
	github.com/chromedp                   : conformance/...
	github.com/spf13/cobra                : cmd/gatehouse/cli
	github.com/spf13/pflag                : cmd/gatehouse/cli
	github.com/envoyproxy/go-control-plane/envoy : conformance/...
	github.com/mattn/go-isatty            : cmd/gatehouse/cli
	golang.org/x/term                     : cmd/gatehouse/cli
	github.com/santhosh-tekuri/jsonschema/v6 : conformance/...
	go.yaml.in/yaml/v3                       : conformance/...
`

// testSuppliers are modules that any room's tests may import, and nothing else may.
var testSuppliers = []string{"github.com/google/go-cmp", "pgregory.net/rapid", "github.com/rogpeppe/go-internal/testscript", "github.com/rogpeppe/go-internal/txtar"}

func TestFloorPlan(t *testing.T) {
	plan, sold := parsePlan(t, floorPlan), parseSuppliers(suppliers)
	for _, f := range goFiles(t) {
		room, known := roomOf(f.folder, plan)
		if !known {
			t.Errorf("%s: the floor plan has no room %s", f.name, f.folder)
			continue
		}
		for _, path := range f.imports() {
			if problem := judgeImport(f, room, path, plan, sold); problem != "" {
				t.Errorf("%s: %s", f.name, problem)
			}
		}
	}
}

// judgeImport says what is wrong with one import of a file, or nothing.
func judgeImport(f goFile, room, path string, plan map[string]map[string]bool, sold map[string][]string) string {
	inside, ours := strings.CutPrefix(path, "gatehouse/")
	switch {
	case ours:
		imported, _ := roomOf(inside, plan)
		if plan[room][imported] || imported == room && strings.HasSuffix(room, "/...") {
			return ""
		}
		if f.test && (inside == f.folder || imported == "targets/internal/toy" && (room == "targets" || plan[room]["targets"])) {
			return ""
		}
		return fmt.Sprintf("%s may not import %s", room, inside)
	case !strings.Contains(strings.Split(path, "/")[0], "."):
		return "" // the standard library
	case slices.ContainsFunc(testSuppliers, func(m string) bool { return within(path, m) }):
		if f.test {
			return ""
		}
		return fmt.Sprintf("%s is for tests alone", path)
	}
	if slices.Contains(buyers(path, sold), room) {
		return ""
	}
	return fmt.Sprintf("%s may not import %s", room, path)
}

// buyers returns the rooms of the longest supplier that a path belongs to.
func buyers(path string, sold map[string][]string) []string {
	longest := ""
	for module := range sold {
		if within(path, module) && len(module) > len(longest) {
			longest = module
		}
	}
	return sold[longest]
}

// within says whether a path is a module or lies in it. hcl/v2 alone does not cover its packages that parse.
func within(path, module string) bool {
	return path == module || strings.HasPrefix(path, module+"/") && module != "github.com/hashicorp/hcl/v2"
}

// roomOf returns the room that a folder is, or lies in.
func roomOf(folder string, plan map[string]map[string]bool) (string, bool) {
	if _, exact := plan[folder]; exact {
		return folder, true
	}
	for room := range plan {
		if tree, ok := strings.CutSuffix(room, "/..."); ok && (folder == tree || strings.HasPrefix(folder, tree+"/")) {
			return room, true
		}
	}
	return folder, false
}

// parsePlan reads rows of the form a, b < c < d, and closes them: the result says for each room what it may import.
func parsePlan(t *testing.T, text string) map[string]map[string]bool {
	t.Helper()
	plan := map[string]map[string]bool{}
	for _, row := range rows(text) {
		var below []string
		for _, level := range strings.Split(row, "<") {
			var names []string
			for _, name := range strings.Split(level, ",") {
				name = strings.TrimSpace(name)
				if plan[name] == nil {
					plan[name] = map[string]bool{}
				}
				for _, lower := range below {
					if plan[lower][name] {
						t.Fatalf("the floor plan goes round: %s and %s", lower, name)
					}
					plan[name][lower] = true
					maps.Copy(plan[name], plan[lower])
				}
				names = append(names, name)
			}
			below = names
		}
	}
	return plan
}

func parseSuppliers(text string) map[string][]string {
	out := map[string][]string{}
	for _, row := range rows(text) {
		module, rooms, _ := strings.Cut(row, ":")
		out[strings.TrimSpace(module)] = strings.Fields(rooms)
	}
	return out
}

// rows returns the lines of a table that are neither empty nor remarks.
func rows(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

// The plan itself is read as it says: edges carry upwards, and only upwards.
func TestFloorPlanIsRead(t *testing.T) {
	plan := parsePlan(t, floorPlan)
	for _, c := range []struct {
		room, imported string
		want           bool
	}{
		{"compiler", "lang/schema", true},
		{"compiler/access", "lang/syntax", false},
		{"policies", "compiler", false},
		{"targets", "policies", false},
		{"targets/consul", "targets/sandbox/consul", false},
		{"lang/diag", "lang/addr", false},
		{"cmd/gatehouse", "targets/consul", true},
		{"conformance/...", "cmd/gatehouse/cli", true},
	} {
		if got := plan[c.room][c.imported]; got != c.want {
			t.Errorf("%s may import %s: got %v, want %v", c.room, c.imported, got, c.want)
		}
	}
}

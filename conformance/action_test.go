package conformance

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

type action struct {
	Name, Description string
	Branding          map[string]string
	Inputs            map[string]struct{ Description, Default string }
	Outputs           map[string]struct{ Description, Value string }
	Runs              struct {
		Using string
		Steps []actionStep
	}
}

type actionStep struct {
	ID, Name, If, Shell, Run, Uses string
	Directory                      string `yaml:"working-directory"`
	Env, With                      map[string]string
}

var expression = regexp.MustCompile(`\$\{\{\s*(.*?)\s*\}\}`)

// The action is what its runner accepts: a composite whose expressions name what is there. No expression stands in a script, where its value
// would be a part of the program.
func TestActionIsSound(t *testing.T) {
	a := readYAML[action](t, "action.yml")
	known := map[string]bool{"github.token": true, "github.action_path": true, "github.event.pull_request.base.sha": true, "github.event.pull_request.number": true}
	for name, input := range a.Inputs {
		known["inputs."+name] = true
		if input.Description == "" {
			t.Errorf("the input %s has no description", name)
		}
	}
	check := func(where, text string) {
		for _, found := range expression.FindAllStringSubmatch(text, -1) {
			if !known[found[1]] {
				t.Errorf("%s: %s names nothing", where, found[0])
			}
		}
	}
	for _, s := range a.Runs.Steps {
		if (s.Run == "") == (s.Uses == "") || (s.Run != "") != (s.Shell == "bash") || s.Name == "" {
			t.Errorf("the step %q is neither a script nor an action", s.Name)
		}
		if expression.MatchString(s.Run) {
			t.Errorf("the step %q has an expression in its script", s.Name)
		}
		if s.Uses != "" && !regexp.MustCompile(`^[\w-]+/[\w/-]+@v\d+$`).MatchString(s.Uses) {
			t.Errorf("the step %q uses %s", s.Name, s.Uses)
		}
		for _, text := range s.Env {
			check(s.Name, text)
		}
		for _, text := range s.With {
			check(s.Name, text)
		}
		check(s.Name, s.Directory)
		if s.ID != "" {
			for _, found := range regexp.MustCompile(`echo "([a-z-]+)=`).FindAllStringSubmatch(s.Run, -1) {
				known["steps."+s.ID+".outputs."+found[1]] = true
			}
		}
	}
	for name, output := range a.Outputs {
		check("the output "+name, output.Value)
	}
	if a.Runs.Using != "composite" || a.Name == "" || a.Description == "" || a.Branding["icon"] == "" {
		t.Errorf("%+v", a)
	}
}

// runner runs the scripts of an action one after the other, as GitHub's would: with conditions, expressions, outputs and the summary.
type runner struct {
	*pipeline
	values map[string]string
	out    strings.Builder
	code   int
}

func (p *pipeline) runAction(inputs map[string]string) *runner {
	p.t.Helper()
	a := readYAML[action](p.t, "action.yml")
	r := &runner{pipeline: p, values: map[string]string{
		"github.token": "hush", "github.event.pull_request.number": "5", "github.event.pull_request.base.sha": p.base,
		"github.action_path": "/nowhere",
	}}
	for name, input := range a.Inputs {
		r.values["inputs."+name] = r.fill(input.Default)
	}
	for name, value := range inputs {
		r.values[name] = value
	}
	for _, s := range a.Runs.Steps {
		if s.Run != "" && r.code == 0 && r.holds(s.If) {
			r.step(s)
		}
	}
	return r
}

func (r *runner) fill(text string) string {
	return expression.ReplaceAllStringFunc(text, func(found string) string { return r.values[expression.FindStringSubmatch(found)[1]] })
}

// holds evaluates a condition: comparisons with texts, and values that have to be there, joined by &&.
func (r *runner) holds(condition string) bool {
	for part := range strings.SplitSeq(condition, "&&") {
		part = strings.TrimSpace(part)
		if name, want, ok := strings.Cut(part, " == "); ok && r.values[name] != strings.Trim(want, "'") {
			return false
		} else if name, not, differs := strings.Cut(part, " != "); differs && r.values[name] == strings.Trim(not, "'") {
			return false
		} else if !ok && !differs && part != "" && r.values[part] == "" {
			return false
		}
	}
	return true
}

func (r *runner) step(s actionStep) {
	r.t.Helper()
	outputs := filepath.Join(r.bin, "outputs")
	if err := os.WriteFile(outputs, nil, 0o600); err != nil {
		r.t.Fatal(err)
	}
	env := []string{"GITHUB_OUTPUT=" + outputs, "GITHUB_STEP_SUMMARY=" + filepath.Join(r.dir, "summary"), "RUNNER_TEMP=" + r.bin, "GITHUB_REPOSITORY=acme/shop"}
	for name, value := range s.Env {
		env = append(env, name+"="+r.fill(value))
	}
	out, code := r.run(s.Run, r.fill(s.Directory), env...)
	r.out.WriteString(out)
	r.code = code
	text, err := os.ReadFile(outputs)
	if err != nil {
		r.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		r.values[fmt.Sprintf("steps.%s.outputs.%s", s.ID, name)] = value
	}
}

func TestActionRuns(t *testing.T) {
	const comments = "repos/acme/shop/issues/5/comments"
	for _, c := range []struct {
		name, base, head, comment string
		inputs                    map[string]string
		code                      int
		changes, calls, says      string
	}{
		{name: "access is added", base: shopWithout, head: shopWith, changes: "true", calls: "--method POST " + comments, says: "ok: shop"},
		{name: "the comment is there already", base: shopWithout, head: shopWith, comment: "77", changes: "true", calls: "--method PATCH repos/acme/shop/issues/comments/77"},
		{name: "nothing changes", base: shopWith, head: shopWith + "\n", changes: "false", calls: "", says: "ok: shop"},
		{name: "a mistake", base: shopWith, head: strings.Replace(shopWith, "workload.trainer]", "workload.nobody]", 1), code: 1, says: "::error file=policy/shop.gate.hcl,line="},
		{name: "a push", base: shopWithout, head: shopWith, inputs: map[string]string{"github.event.pull_request.base.sha": "", "github.event.pull_request.number": ""}, says: "ok: shop"},
		{name: "a base by name", base: shopWithout, head: shopWith, inputs: map[string]string{"inputs.base": "HEAD~1..."}, changes: "true", calls: "--method POST " + comments},
		{name: "a base that is an option", base: shopWithout, head: shopWith, inputs: map[string]string{"inputs.base": "--output=x"}, code: 1, says: "the check could not finish"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPipeline(t, c.base, c.head)
			p.double("gh", `case "$*" in *--paginate*) echo `+c.comment+` ;; esac`)
			inputs := map[string]string{"inputs.policy": "policy", "inputs.comment": "true"}
			for name, value := range c.inputs {
				inputs[name] = value
			}
			r := p.runAction(inputs)
			if r.code != c.code || r.values["steps.check.outputs.exit-code"] != fmt.Sprint(c.code) || r.values["steps.diff.outputs.access-changes"] != c.changes {
				t.Errorf("exit %d: %v\n%s", r.code, r.values, r.out.String())
			}
			calls := p.read("gh.calls")
			if c.calls != "" && !strings.Contains(calls, c.calls) || c.calls == "" && strings.Contains(calls, "--method") {
				t.Errorf("calls of the API:\n%s", calls)
			}
			if !strings.Contains(r.out.String(), c.says) || !strings.Contains(p.read("summary"), "### Gatehouse check") || p.read("gatehouse.sarif") == "" {
				t.Errorf("it says\n%s\nand in the summary\n%s", r.out.String(), p.read("summary"))
			}
		})
	}
}

// A checkout of one commit lacks what a pull request is compared with: the action fetches it.
func TestActionInAShallowClone(t *testing.T) {
	p := newPipeline(t, shopWithout, shopWith)
	p.must("git config uploadpack.allowAnySHA1InWant true")
	p.double("gh", "")
	clone := filepath.Join(t.TempDir(), "clone")
	p.must("git clone -q --depth=1 'file://" + p.dir + "' '" + clone + "'")
	p.dir = clone
	r := p.runAction(map[string]string{"inputs.policy": "policy"})
	if r.code != 0 || r.values["steps.diff.outputs.access-changes"] != "true" {
		t.Errorf("exit %d: %s", r.code, r.out.String())
	}
}

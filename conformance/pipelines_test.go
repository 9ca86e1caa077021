package conformance

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// What pipelines run is tried here as far as that goes without their machines: the files are read as their readers do, and every shell step
// runs in a scratch repository, with the program on the PATH and doubles of the commands that talk to a forge.

// pipeline is a scratch repository with two commits, base and head, and a policy in a folder of it.
type pipeline struct {
	t       *testing.T
	dir     string
	bin     string
	base    string
	environ []string
}

func newPipeline(t *testing.T, base, head string) *pipeline {
	t.Helper()
	p := &pipeline{t: t, dir: t.TempDir(), bin: t.TempDir()}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(p.bin, "gatehouse")); err != nil {
		t.Fatal(err)
	}
	p.environ = []string{
		"PATH=" + p.bin + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + t.TempDir(), "NO_COLOR=1", "CI=true",
		"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=ada", "GIT_AUTHOR_EMAIL=ada@acme.example", "GIT_COMMITTER_NAME=ada", "GIT_COMMITTER_EMAIL=ada@acme.example",
	}
	p.must("git init -q -b main")
	p.write("policy/shop.gate.hcl", base)
	p.must("git add -A && git commit -q -m base")
	p.base = p.must("git rev-parse HEAD")
	p.write("policy/shop.gate.hcl", head)
	p.must("git add -A && git commit -q -m head")
	return p
}

func (p *pipeline) write(name, text string) {
	p.t.Helper()
	file := filepath.Join(p.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pipeline) read(name string) string {
	text, err := os.ReadFile(filepath.Join(p.dir, name))
	if err != nil {
		return ""
	}
	return string(text)
}

// double puts a command on the PATH that notes how it was called, in a file of its name, and runs a script.
func (p *pipeline) double(name, script string) {
	p.t.Helper()
	text := "#!/bin/sh\nprintf '%s\\n' \"$*\" >>" + filepath.Join(p.dir, name+".calls") + "\n" + script + "\n"
	if err := os.WriteFile(filepath.Join(p.bin, name), []byte(text), 0o755); err != nil {
		p.t.Fatal(err)
	}
}

// run runs a script as a runner does, and returns its output and exit code.
func (p *pipeline) run(script, folder string, env ...string) (string, int) {
	p.t.Helper()
	cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script)
	cmd.Dir, cmd.Env = filepath.Join(p.dir, folder), append(slices.Clone(p.environ), env...)
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		p.t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func (p *pipeline) must(script string) string {
	p.t.Helper()
	out, code := p.run(script, ".")
	if code != 0 {
		p.t.Fatalf("%s: exit %d\n%s", script, code, out)
	}
	return strings.TrimSpace(out)
}

const shopWithout = `gatehouse {
  policy = "shop"
  packs  = []
}
environment "prod" {
  tier = "production"
  consul {}
}
workload "trainer" {
  environments = [environment.prod]
}
feature_store "features" {
  classification = "restricted"
  environments   = [environment.prod]
  online {}
}
`

const shopWith = shopWithout + `allow "training" {
  from   = [workload.trainer]
  to     = [feature_store.features]
  reason = "nightly training"
}
`

// readYAML reads a file of the repository.
func readYAML[T any](t *testing.T, name string) T {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	var out T
	d := yaml.NewDecoder(strings.NewReader(string(text)))
	d.KnownFields(true)
	if err := d.Decode(&out); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out
}

type hook struct {
	ID, Name, Description, Entry, Language, Files string
	PassFilenames                                 *bool `yaml:"pass_filenames"`
}

// The hooks run as pre-commit runs them: the entry, then the files that match.
func TestPreCommitHooks(t *testing.T) {
	p := newPipeline(t, shopWithout, shopWith)
	p.write("policy/untidy.gate.hcl", "workload   \"x\" {\n environments=[environment.nowhere]\n}\n")
	changed := []string{"policy/shop.gate.hcl", "policy/untidy.gate.hcl", "README.md", "policy/rules/x.rego", "policy/x.gate.json", "x.hcl"}
	wantFiles := map[string]string{
		"gatehouse-check": "policy/shop.gate.hcl policy/untidy.gate.hcl policy/rules/x.rego policy/x.gate.json",
		"gatehouse-fmt":   "policy/shop.gate.hcl policy/untidy.gate.hcl policy/x.gate.json",
	}
	hooks := readYAML[[]hook](t, ".pre-commit-hooks.yaml")
	if len(hooks) != len(wantFiles) {
		t.Errorf("%d hooks", len(hooks))
	}
	for _, h := range hooks {
		pattern := regexp.MustCompile(h.Files)
		matching := slices.DeleteFunc(slices.Clone(changed), func(name string) bool { return !pattern.MatchString(name) })
		if got := strings.Join(matching, " "); got != wantFiles[h.ID] || h.Language != "golang" || h.Name == "" || h.Description == "" {
			t.Errorf("%s: %s: %+v", h.ID, got, h)
		}
	}
	if out, code := p.run(hooks[0].Entry+" policy", "."); hooks[0].PassFilenames == nil || *hooks[0].PassFilenames || code != 1 || !strings.Contains(out, "policy/untidy.gate.hcl:2") {
		t.Errorf("check: exit %d\n%s", code, out)
	}
	if out, code := p.run(hooks[1].Entry+" policy/shop.gate.hcl policy/untidy.gate.hcl", "."); code != 0 || out != "policy/untidy.gate.hcl\n" {
		t.Errorf("fmt: exit %d\n%s", code, out)
	}
}

// What the pages show is what the files hold.
func TestPagesOfPipelines(t *testing.T) {
	page := func(name string) string {
		text, err := os.ReadFile(filepath.Join(root, "cmd/gatehouse/ci", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for _, h := range readYAML[[]hook](t, ".pre-commit-hooks.yaml") {
		if !strings.Contains(page("pre-commit.md"), "`"+h.ID+"`") {
			t.Errorf("pre-commit.md does not tell of %s", h.ID)
		}
	}
	a := readYAML[action](t, "action.yml")
	for name := range a.Inputs {
		if !strings.Contains(page("github.md"), "| `"+name+"` |") {
			t.Errorf("github.md does not tell of the input %s", name)
		}
	}
	for name := range a.Outputs {
		if !strings.Contains(page("github.md"), "`"+name+"`") {
			t.Errorf("github.md does not tell of the output %s", name)
		}
	}
	fence := regexp.MustCompile("(?s)```yaml\n(.*?)```")
	for _, name := range []string{"pre-commit.md", "github.md", "gitlab.md"} {
		for _, found := range fence.FindAllStringSubmatch(page(name), -1) {
			var anything any
			if err := yaml.Unmarshal([]byte(found[1]), &anything); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// The jobs for GitLab, with doubles of the commands that ask its API.
func TestGitLabJobs(t *testing.T) {
	type job struct {
		Stage     string
		Rules     []map[string]string
		Script    []string
		Artifacts map[string]any
	}
	var file struct {
		Variables map[string]string
		Check     job `yaml:"gatehouse-check"`
		Diff      job `yaml:"gatehouse-diff"`
	}
	text, err := os.ReadFile(filepath.Join(root, "cmd/gatehouse/ci/gitlab.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	p := newPipeline(t, shopWithout, shopWith)
	p.double("curl", `case "$*" in *--request*) ;; *) echo '[]' ;; esac; cat >/dev/null`)
	p.double("jq", "cat >/dev/null; echo $NOTE")
	request := []string{
		"GATEHOUSE_POLICY=policy", "CI_MERGE_REQUEST_DIFF_BASE_SHA=" + p.base, "CI_API_V4_URL=https://gitlab.acme.example/api/v4",
		"CI_PROJECT_ID=7", "CI_MERGE_REQUEST_IID=12",
	}
	if out, code := p.run(file.Check.Script[0], ".", request...); code != 0 || !strings.Contains(p.read("gl-code-quality-report.json"), "[]") || p.read("gatehouse.xml") == "" {
		t.Errorf("check: exit %d\n%s", code, out)
	}
	if out, code := p.run(file.Diff.Script[0], ".", request...); code != 0 || !strings.Contains(out, "1 gained, 0 lost") || p.read("curl.calls") != "" {
		t.Errorf("diff without a token: exit %d\n%s", code, out)
	}
	for _, c := range []struct{ note, want string }{
		{"", "--request POST --data-urlencode body@" + p.dir + "/gatehouse-diff.md https://gitlab.acme.example/api/v4/projects/7/merge_requests/12/notes"},
		{"NOTE=99", "--request PUT --data-urlencode body@" + p.dir + "/gatehouse-diff.md https://gitlab.acme.example/api/v4/projects/7/merge_requests/12/notes/99"},
	} {
		out, code := p.run(file.Diff.Script[0], ".", append(request, "GATEHOUSE_GITLAB_TOKEN=hush", c.note)...)
		calls := p.read("curl.calls")
		if code != 0 || !strings.Contains(calls, c.want) || strings.Contains(calls+out, "hush") {
			t.Errorf("diff with a token: exit %d\n%s%s", code, out, calls)
		}
	}
	p.write("policy/shop.gate.hcl", "gatehouse {")
	for _, script := range []string{file.Check.Script[0], file.Diff.Script[0]} {
		if out, code := p.run(script, ".", request...); code != 1 {
			t.Errorf("a broken policy: exit %d\n%s", code, out)
		}
	}
	if _, err := os.Stat(filepath.Join(p.dir, "gl-code-quality-report.json")); err != nil {
		t.Error("a failed check leaves no report")
	}
}

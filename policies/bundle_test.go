package policies_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"gatehouse/lang/model"
	"gatehouse/policies"
)

// bundle is an archive of the files given as name and text in turn.
func bundle(t *testing.T, files ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	entries := tar.NewWriter(zipped)
	for i := 0; i < len(files); i += 2 {
		if err := entries.WriteHeader(&tar.Header{Name: files[i], Mode: 0o644, Size: int64(len(files[i+1])), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := entries.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if entries.Close() != nil || zipped.Close() != nil {
		t.Fatal("the archive is not whole")
	}
	return out.Bytes()
}

func bundled(name string, text []byte) policies.Options {
	root := fstest.MapFS{"vendor/" + name: {Data: text}}
	return policies.Options{Root: root, Folders: []model.Text{{Value: "vendor/" + name, Range: at("root.gate.hcl", 4)}}}
}

const bundledRule = rule + `deny contains {"subject": w.address} if { some w in input.workloads; w.owner in data.lib.teams.known }`

const bundledLibrary = "package lib.teams\n\nknown := {\"fraud@acme.example\"}\n"

func TestBundlesJudge(t *testing.T) {
	for name, files := range map[string][]string{
		"as opa build writes it": {"/data.json", "{}", "/rules/rule.rego", bundledRule, "/lib/teams.rego", bundledLibrary, "/.manifest", `{"revision":"7","roots":[""],"rego_version":1}`},
		"without a manifest":     {"rule.rego", bundledRule, "teams.rego", bundledLibrary, "README.md", "ours"},
		"with roots":             {".manifest", `{"roots":["guardrails/team", "lib"]}`, "rule.rego", bundledRule, "lib/teams.rego", bundledLibrary},
		"with tests":             {"rule.rego", bundledRule, "rule_test.rego", "this is no Rego", "lib/teams.rego", bundledLibrary},
	} {
		t.Run(name, func(t *testing.T) {
			want := "fraud/workloads.gate.hcl:10: deny team/rule workload.trainer: "
			if got := judge(t, bundled("ours.tar.gz", bundle(t, files...)), world()); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

const silent = rule + `deny contains {"subject": "x"} if false`

func TestBundlesThatAreRefused(t *testing.T) {
	whole := bundle(t, "rule.rego", bundledRule, "teams.rego", bundledLibrary)
	for _, c := range []struct {
		name, file string
		text       []byte
		want       string
	}{
		{"no archive", "ours.tar.gz", []byte("rules"), "root.gate.hcl:4:1: guardrail-folder: the bundle vendor/ours.tar.gz can't be read: "},
		{"cut off", "ours.tar.gz", whole[:len(whole)/2], "root.gate.hcl:4:1: guardrail-folder: the bundle vendor/ours.tar.gz can't be read: unexpected EOF"},
		{"a single file", "ours.rego", []byte(rule), "root.gate.hcl:4:1: guardrail-folder: the bundle vendor/ours.rego is neither a folder nor a bundle"},
		{"nothing in it", "ours.tar.gz", bundle(t, "README.md", "ours"), `root.gate.hcl:4:1: guardrail-folder: the guardrails folder "vendor/ours.tar.gz" holds no rule`},
		{"data", "ours.tar.gz", bundle(t, "rule.rego", silent, "teams/data.json", `{"x": 1}`), "root.gate.hcl:4:1: guardrail-folder: the bundle vendor/ours.tar.gz holds data: teams/data.json"},
		{"compiled code", "ours.tar.gz", bundle(t, "rule.rego", silent, "policy.wasm", "\x00asm"), "root.gate.hcl:4:1: guardrail-folder: the bundle vendor/ours.tar.gz holds compiled code: policy.wasm"},
		{"compiled rules", "ours.tgz", bundle(t, "rule.rego", silent, ".manifest", `{"wasm":[{"entrypoint":"x"}]}`), "root.gate.hcl:4:1: guardrail-folder: the bundle vendor/ours.tgz is compiled to WebAssembly"},
		{"Rego v0", "ours.tgz", bundle(t, "rule.rego", silent, ".manifest", `{"rego_version":0}`), "root.gate.hcl:4:1: guardrail-folder: the bundle vendor/ours.tgz is written in Rego v0"},
		{"a broken manifest", "ours.tgz", bundle(t, "rule.rego", silent, ".manifest", `{`), "root.gate.hcl:4:1: guardrail-folder: the bundle vendor/ours.tgz can't be read: .manifest: "},
		{"outside its roots", "ours.tgz", bundle(t, "rule.rego", silent, ".manifest", `{"roots":["guardrails/other", "guardrails/tea"]}`), "vendor/ours.tgz:rule.rego:1:1: broken-guardrail: the package guardrails.team.rule lies outside the roots of its bundle: guardrails/other, guardrails/tea"},
		{"broken rules", "ours.tgz", bundle(t, "/../../rule.rego", rule+`deny contains if`), "vendor/ours.tgz:rule.rego:3:15: broken-guardrail: unexpected if keyword"},
		{"too large a rule", "ours.tgz", bundle(t, "rule.rego", rule+strings.Repeat("#", 1<<20)), "vendor/ours.tgz:rule.rego:1:1: too-large: vendor/ours.tgz:rule.rego is larger than 1 MiB"},
		{"a bomb", "ours.tgz", bundle(t, "README.md", strings.Repeat("\x00", 65<<20), "rule.rego", rule), "root.gate.hcl:4:1: guardrail-folder: the bundle vendor/ours.tgz can't be read: it unpacks to more than 64 MiB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			engine, diags, err := policies.Prepare(t.Context(), bundled(c.file, c.text))
			if engine != nil || err != nil || len(diags) != 1 || !strings.HasPrefix(show(diags), c.want) {
				t.Errorf("got\n%s\n%v\nwant\n%s", show(diags), err, c.want)
			}
		})
	}
}

// A pipe is never opened: its writer may never come.
func TestGuardrailsThatAreNoFiles(t *testing.T) {
	pipe := &fstest.MapFile{Mode: fs.ModeNamedPipe}
	for _, c := range []struct {
		name string
		root fstest.MapFS
		want string
	}{
		{"ours", fstest.MapFS{"ours/rule.rego": pipe, "ours/other.rego": {Data: []byte(bundledRule)}, "ours/lib.rego": {Data: []byte(bundledLibrary)}}, `the guardrails folder "ours" holds ours/rule.rego, which is no regular file`},
		{"ours.tgz", fstest.MapFS{"ours.tgz": pipe}, `the guardrails folder "ours.tgz" is neither a folder nor a file`},
	} {
		options := bundled(c.name, nil)
		options.Root, options.Folders[0].Value = c.root, c.name
		engine, diags, err := policies.Prepare(t.Context(), options)
		if engine != nil || err != nil || show(diags) != "root.gate.hcl:4:1: guardrail-folder: "+c.want {
			t.Errorf("%s: got\n%s\n%v\nwant\n%s", c.name, show(diags), err, c.want)
		}
	}
}

// An archive may be anything at all.
func FuzzBundle(f *testing.F) {
	f.Add([]byte("\x1f\x8b"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, _, err := policies.Prepare(t.Context(), bundled("ours.tgz", text)); err != nil {
			t.Error(err)
		}
	})
}

package policies

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"gatehouse/lang/diag"
)

// This file reads OPA's bundles (https://www.openpolicyagent.org/docs/management-bundles): gzipped tar archives of .rego files with an
// optional .manifest. Rules alone are taken: data and compiled code are refused, and signatures are not looked at, since a bundle lies
// in the policy's own tree and is reviewed with it.

const (
	maxBundle      = 64 << 20 // bytes, unpacked
	maxBundleFiles = 10_000
)

// archive is what a bundle holds.
type archive struct {
	name     string
	files    []file
	manifest manifest
	diags    diag.List
}

// manifest is the part of .manifest that says something about rules.
type manifest struct {
	Roots            *[]string      `json:"roots"`
	RegoVersion      *int           `json:"rego_version"`
	FileRegoVersions map[string]int `json:"file_rego_versions"`
	Wasm             []any          `json:"wasm"`
}

// readBundle reads the chosen files of a bundle, sorted by name: BUNDLE:NAME.
func readBundle(ctx context.Context, root fs.FS, name string, choose func(string) bool) ([]file, diag.List, error) {
	f, err := root.Open(name)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	a := &archive{name: name}
	if !strings.HasSuffix(name, ".tar.gz") && !strings.HasSuffix(name, ".tgz") {
		return nil, diag.List{a.bad("is neither a folder nor a bundle", "Name a folder of .rego files, or an OPA bundle whose name ends in .tar.gz.")}, nil
	}
	if problem := a.unpack(ctx, f, choose); problem != nil {
		return nil, diag.List{a.bad("can't be read: "+problem.Error(), "Build it again: opa build -b FOLDER -o FILE.tar.gz.")}, ctx.Err()
	}
	a.honourManifest()
	slices.SortFunc(a.files, func(x, y file) int { return strings.Compare(x.name, y.name) })
	return a.files, a.diags, nil
}

func (a *archive) bad(what, detail string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.GuardrailFolder, Severity: diag.Error,
		Summary: fmt.Sprintf("the bundle %s %s", a.name, what), Detail: detail,
	}
}

// unpack reads the archive within its limits. Whatever it is made of, no more than maxBundle bytes are unpacked.
func (a *archive) unpack(ctx context.Context, r io.Reader, choose func(string) bool) error {
	unzipped, err := gzip.NewReader(r)
	if err != nil {
		return err
	}
	limited := &io.LimitedReader{R: unzipped, N: maxBundle}
	entries := tar.NewReader(limited)
	for n := 0; ; n++ {
		header, err := entries.Next()
		switch {
		case limited.N == 0:
			return errors.New("it unpacks to more than 64 MiB")
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case n == maxBundleFiles:
			return fmt.Errorf("it holds more than %d files", maxBundleFiles)
		case header.Typeflag != tar.TypeReg:
			continue
		}
		if err := a.take(strings.TrimPrefix(path.Clean("/"+header.Name), "/"), entries, choose); err != nil {
			return err
		}
	}
}

// take looks at one file of the bundle.
func (a *archive) take(name string, r io.Reader, choose func(string) bool) error {
	base := path.Base(name)
	ours := choose(name)
	if !ours && base != ".manifest" && base != "data.json" && base != "data.yaml" && base != "data.yml" && path.Ext(base) != ".wasm" {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return err
	}
	shown := a.name + ":" + name
	switch {
	case len(text) > maxFile:
		a.diags = append(a.diags, tooLarge(shown))
	case ours:
		a.files = append(a.files, file{shown, a.name, string(text)})
	case name == ".manifest":
		if err := json.Unmarshal(text, &a.manifest); err != nil {
			return fmt.Errorf(".manifest: %w", err)
		}
	case base == ".manifest":
	case path.Ext(base) == ".wasm":
		a.diags = append(a.diags, a.bad("holds compiled code: "+name, "Build it without -t wasm: guardrails are read as Rego."))
	case !emptyData(text):
		a.diags = append(a.diags, a.bad("holds data: "+name, "Guardrails see their input and nothing else. Write the data as a rule of a library, such as teams := {\"fraud\", \"ads\"}."))
	}
	return nil
}

// emptyData reports whether a data file says nothing: opa build writes {} where there is none.
func emptyData(text []byte) bool {
	trimmed := strings.Join(strings.Fields(string(text)), "")
	return trimmed == "{}" || trimmed == "" || trimmed == "null"
}

// honourManifest refuses what the manifest says that can't be done, and rules outside of its roots.
func (a *archive) honourManifest() {
	m := a.manifest
	if len(m.Wasm) > 0 {
		a.diags = append(a.diags, a.bad("is compiled to WebAssembly", "Build it without -t wasm: guardrails are read as Rego."))
	}
	if m.RegoVersion != nil && *m.RegoVersion != 1 || slices.ContainsFunc(sortedKeys(m.FileRegoVersions), func(k string) bool { return m.FileRegoVersions[k] != 1 }) {
		a.diags = append(a.diags, a.bad("is written in Rego v0", "Rewrite it with opa fmt --v0-v1 --write, and build it again."))
	}
	if m.Roots == nil {
		return // OPA's default: the bundle owns everything
	}
	for _, f := range a.files {
		parsed, err := ast.ParseModuleWithOpts(f.name, f.text, parserOptions())
		if err != nil {
			continue // understand tells
		}
		at := strings.ReplaceAll(packageName(parsed), ".", "/")
		if !slices.ContainsFunc(*m.Roots, func(root string) bool { return underRoot(at, root) }) {
			a.diags = append(a.diags, broken(rangeOf(parsed.Package.Location), fmt.Sprintf("the package %s lies outside the roots of its bundle: %s", packageName(parsed), strings.Join(*m.Roots, ", ")),
				"Add its path to the roots in .manifest, or move the package below one of them."))
		}
	}
}

// underRoot reports whether a package's path is a root of a manifest, or lies below it; the empty root holds everything.
func underRoot(at, root string) bool {
	root = strings.Trim(root, "/")
	return root == "" || at == root || strings.HasPrefix(at, root+"/")
}

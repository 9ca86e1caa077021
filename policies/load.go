package policies

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/diag"
	"gatehouse/lang/model"
)

// maxFile bounds one rule file, so that a stray blob in a folder is a message and not an hour of parsing.
const maxFile = 1 << 20

//go:embed baseline/*.rego
var library embed.FS

// Packs returns the names of the built-in packs, sorted.
func Packs() []string { return []string{"baseline"} }

// file is one Rego file as it was read.
type file struct {
	name   string // as messages show it: relative to the policy's root, or pack:NAME/FILE
	origin string // pack:NAME, or the user's folder
	text   string
}

// isRule chooses what is evaluated; isRuleOrTest also what tests it.
func isRule(name string) bool {
	return strings.HasSuffix(name, ".rego") && !strings.HasSuffix(name, "_test.rego")
}

func isRuleOrTest(name string) bool { return strings.HasSuffix(name, ".rego") }

// load reads the chosen files of all packs and folders, in the order of Options, then by name.
func load(ctx context.Context, o Options, choose func(string) bool) ([]file, diag.List, error) {
	var files []file
	var diags diag.List
	for _, pack := range chosen(o.Packs) {
		if !slices.Contains(Packs(), pack.Value) {
			diags = append(diags, unknownPack(pack))
			continue
		}
		found, _, err := readFolder(ctx, library, pack.Value, choose)
		if err != nil {
			return nil, nil, fmt.Errorf("policies: %w", err)
		}
		for _, f := range found {
			files = append(files, file{"pack:" + f.name, "pack:" + pack.Value, f.text})
		}
	}
	own, more, err := loadOwn(ctx, o, choose)
	return append(files, own...), append(diags, more...), err
}

// chosen returns the packs in order of name, each once.
func chosen(packs []model.Text) []model.Text {
	sorted := slices.SortedStableFunc(slices.Values(packs), func(a, b model.Text) int { return cmp.Compare(a.Value, b.Value) })
	return slices.CompactFunc(sorted, func(a, b model.Text) bool { return a.Value == b.Value })
}

func loadOwn(ctx context.Context, o Options, choose func(string) bool) ([]file, diag.List, error) {
	var files []file
	var diags diag.List
	seen := map[string]bool{}
	for _, folder := range o.Folders {
		name, problem := folderName(folder)
		if problem != nil {
			diags = append(diags, *problem)
			continue
		}
		found, more, err := readFolder(ctx, o.Root, name, choose)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			diags = append(diags, badFolder(folder, "does not exist", "Create it, or correct the path: it is relative to the policy's root."))
			continue
		case err != nil:
			return nil, nil, fmt.Errorf("policies: read guardrails %q: %w", folder.Value, err)
		case len(found) == 0 && !more.HasErrors():
			diags = append(diags, badFolder(folder, "holds no rule", "Rules are files that end in .rego; those that end in _test.rego test them."))
		}
		diags = append(diags, more...)
		for _, f := range found {
			if !seen[f.name] { // folders may lie within one another
				seen[f.name] = true
				files = append(files, f)
			}
		}
	}
	return files, diags, nil
}

// folderName checks that a folder lies within the policy's root.
func folderName(folder model.Text) (string, *diag.Diagnostic) {
	name := path.Clean(folder.Value)
	if folder.Value != "" && fs.ValidPath(name) && !strings.Contains(name, `\`) {
		return name, nil
	}
	d := badFolder(folder, "lies outside the policy", "Name a folder below the policy's root, relative to it, with slashes and without leading ..")
	return "", &d
}

// readFolder reads the chosen files below a folder, sorted by name. Hidden folders are left out.
func readFolder(ctx context.Context, root fs.FS, folder string, choose func(string) bool) ([]file, diag.List, error) {
	var files []file
	var diags diag.List
	err := fs.WalkDir(root, folder, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case entry.IsDir() && name != folder && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case entry.IsDir() || !choose(name):
			return nil
		}
		text, err := readFile(root, name)
		if err != nil {
			return err
		}
		if len(text) > maxFile {
			diags = append(diags, tooLarge(name))
			return nil
		}
		files = append(files, file{name, folder, text})
		return nil
	})
	return files, diags, err
}

// readFile reads at most one byte more than maxFile.
func readFile(root fs.FS, name string) (string, error) {
	f, err := root.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	return string(text), err
}

func tooLarge(name string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.TooLarge, Severity: diag.Error,
		Summary: fmt.Sprintf("%s is larger than 1 MiB", name),
		Detail:  "Split the rule: a guardrail is a page of text.",
		Subject: hcl.Range{Filename: name, Start: hcl.InitialPos, End: hcl.InitialPos},
	}
}

func badFolder(folder model.Text, what, detail string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.GuardrailFolder, Severity: diag.Error,
		Summary: fmt.Sprintf("the guardrails folder %q %s", folder.Value, what),
		Detail:  detail, Subject: folder.Range,
	}
}

func unknownPack(pack model.Text) diag.Diagnostic {
	detail := fmt.Sprintf("The packs are: %s.", strings.Join(Packs(), ", "))
	if near := diag.Nearest(pack.Value, Packs()); near != "" {
		detail = fmt.Sprintf("Did you mean %q? %s", near, detail)
	}
	return diag.Diagnostic{
		Code: diag.UnknownPack, Severity: diag.Error,
		Summary: fmt.Sprintf("there is no pack of guardrails named %q", pack.Value),
		Detail:  detail, Subject: pack.Range,
	}
}

package policies

import (
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

//go:embed library/*/*.rego
var library embed.FS

// builtIn is where the built-in guardrails come from, as Guardrail.Origin says it.
const builtIn = "built-in"

// file is one Rego file as it was read.
type file struct {
	name   string // as messages show it: relative to the policy's root, library/AREA/NAME.rego, or BUNDLE:NAME
	origin string // built-in, or the user's folder or bundle
	text   string
}

// isRule chooses what is evaluated; isRuleOrTest also what tests it.
func isRule(name string) bool {
	return strings.HasSuffix(name, ".rego") && !strings.HasSuffix(name, "_test.rego")
}

func isRuleOrTest(name string) bool { return strings.HasSuffix(name, ".rego") }

// load reads the chosen files of all packs, each once, then those of folders and bundles in the order of Options; each by name.
func load(ctx context.Context, o Options, choose func(string) bool) ([]file, diag.List, error) {
	files, diags, err := loadPacks(ctx, o.Packs, choose)
	if err != nil {
		return nil, nil, err
	}
	own, more, err := loadOwn(ctx, o, choose)
	return append(files, own...), append(diags, more...), err
}

func loadPacks(ctx context.Context, names []model.Text, choose func(string) bool) ([]file, diag.List, error) {
	var ids []string
	var diags diag.List
	for _, name := range names {
		guardrails := Pack(name.Value)
		if guardrails == nil {
			diags = append(diags, unknownPack(name))
		}
		ids = append(ids, guardrails...)
	}
	if len(ids) == 0 {
		return nil, diags, nil
	}
	slices.Sort(ids)
	all, _, err := readFolder(ctx, library, "library", choose)
	if err != nil {
		return nil, nil, fmt.Errorf("policies: %w", err)
	}
	files := slices.DeleteFunc(all, func(f file) bool { return !slices.Contains(ids, idOfFile(f.name)) })
	for i := range files {
		files[i].origin = builtIn
	}
	return files, diags.Sorted(), nil
}

// idOfFile turns library/ownership/owner_is_set.rego, or its test's name, into ownership/owner-is-set.
func idOfFile(name string) string {
	name = strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(name, "library/"), ".rego"), "_test")
	return strings.ReplaceAll(name, "_", "-")
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
		found, more, err := readOwn(ctx, o.Root, name, choose)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			diags = append(diags, badFolder(folder, "does not exist", "Create it, or correct the path: it is relative to the policy's root."))
			continue
		case err != nil:
			return nil, nil, fmt.Errorf("policies: read guardrails %q: %w", folder.Value, err)
		case len(found) == 0 && !more.HasErrors():
			diags = append(diags, badFolder(folder, "holds no rule", "Rules are files that end in .rego; those that end in _test.rego test them."))
		}
		for _, d := range more {
			if d.Code == diag.GuardrailFolder {
				d.Subject = folder.Range // an archive has no lines of its own
			}
			diags = append(diags, d)
		}
		for _, f := range found {
			if !seen[f.name] { // folders may lie within one another
				seen[f.name] = true
				files = append(files, f)
			}
		}
	}
	return files, diags, nil
}

// readOwn reads a folder, or a bundle.
func readOwn(ctx context.Context, root fs.FS, name string, choose func(string) bool) ([]file, diag.List, error) {
	info, err := fs.Stat(root, name)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case info.Mode().IsRegular():
		return readBundle(ctx, root, name, choose)
	case info.IsDir():
		return readFolder(ctx, root, name, choose)
	default:
		return nil, diag.List{irregular(name, "is neither a folder nor a file")}, nil
	}
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
		case !isRegular(root, name, entry):
			diags = append(diags, irregular(folder, "holds "+name+", which is no regular file"))
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

// isRegular reports whether a file can be read to its end: opening a pipe would wait for somebody to write. A link to nothing fails when it is read.
func isRegular(root fs.FS, name string, entry fs.DirEntry) bool {
	if entry.Type().IsRegular() {
		return true
	}
	info, err := fs.Stat(root, name)
	return err != nil || info.Mode().IsRegular()
}

func irregular(folder, what string) diag.Diagnostic {
	return badFolder(model.Text{Value: folder}, what, "A pipe or a device can't be read to its end. Put a file in its place, or take it out.")
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

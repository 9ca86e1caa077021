package syntax

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/diag"
)

var errNotRegular = errors.New("it is not a regular file")

// policyFiles returns the names of all policy files, sorted, and what there is to say about what isn't read.
func policyFiles(fsys fs.FS) (names []string, rest []readFile, err error) {
	err = fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil && name == ".":
			return err
		case err != nil:
			rest = append(rest, unreadable(name, err))
			return fs.SkipDir
		case entry.IsDir() && name != "." && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case entry.IsDir():
			return nil
		case entry.Type()&fs.ModeSymlink != 0 && linksToFolder(fsys, name):
			if !strings.HasPrefix(entry.Name(), ".") {
				rest = append(rest, skipped(name, "a link to a folder is not followed",
					"What lies behind it is no part of this policy: access that only its files declare is taken away. "+
						"Move the folder to this place, or delete the link."))
			}
		case IsPolicyFile(name):
			names = append(names, name)
		case almostPolicyFile(entry.Name()):
			rest = append(rest, skipped(name, "a file of this name is not read",
				"Policy files end in "+NativeSuffix+" or "+JSONSuffix+". Rename the file, or take it out of the policy's folder."))
		case strings.HasSuffix(strings.ToLower(name), ".hcl") && holdsPolicy(fsys, name):
			rest = append(rest, skipped(name, "a file with blocks of a policy is not read",
				"Policy files end in "+NativeSuffix+". Rename the file, or take it out of the policy's folder: what it declares has no effect."))
		}
		return nil
	})
	slices.Sort(names)
	return names, rest, err
}

func linksToFolder(fsys fs.FS, name string) bool {
	info, err := fs.Stat(fsys, name)
	return err == nil && info.IsDir()
}

// regular reports whether a name is of a file that can be read to its end, itself or through a link.
func regular(fsys fs.FS, name string) bool {
	info, err := fs.Stat(fsys, name)
	return err == nil && info.Mode().IsRegular()
}

// holdsPolicy reports whether a file of HCL holds what only a policy has: a line that begins, without indentation, with deny "x" { or the like. Words
// that other languages have too (variable, locals, group, test) don't count.
func holdsPolicy(fsys fs.FS, name string) bool {
	const most = 1 << 20
	if info, err := fs.Stat(fsys, name); err != nil || !info.Mode().IsRegular() || info.Size() > most || strings.HasPrefix(path.Base(name), ".") {
		return false
	}
	src, err := fs.ReadFile(fsys, name)
	return err == nil && policyBlock.Match(src)
}

var policyBlock = regexp.MustCompile(`(?m)^(?:gatehouse|(?:workload|feature_store|allow|deny|environment|exception|secret)[ \t]+"[^"\n]*")[ \t]*\{`)

// almostPolicyFile reports whether somebody may take a file for a policy file that isn't one: x.gate.tf, x.gate.yaml, x.gate.hcl.txt, X.GATE.HCL,
// x.gatehcl, x.hcl.gate.
// Names that begin with a dot are drafts of editors, and meant to be passed over.
func almostPolicyFile(base string) bool {
	base = strings.ToLower(base)
	return !strings.HasPrefix(base, ".") && (strings.Contains(base, ".gate.") || nearSuffix.MatchString(base))
}

var nearSuffix = regexp.MustCompile(`\.gate[_-]?(?:hcl|json)$|\.gate$`)

func skipped(name, summary, detail string) readFile {
	return readFile{name: name, diags: diag.List{{
		Code: diag.SkippedFile, Severity: diag.Warning, Subject: hcl.Range{Filename: name}, Summary: summary, Detail: detail,
	}}}
}

// unreadable is what is known of a file or folder that can't be read: everything may stand in it, the policy's own block too.
func unreadable(name string, err error) readFile {
	var failed *fs.PathError
	if errors.As(err, &failed) {
		err = failed.Err // without the path, which is said already
	}
	return readFile{name: name, partial: true, noRoot: true, diags: diag.List{{
		Code: diag.UnreadableFile, Severity: diag.Error, Subject: hcl.Range{Filename: name},
		Summary: fmt.Sprintf("%s can't be read: %v", name, err),
		Detail:  "It belongs to the policy, and nothing is decided without it. Make it a readable file or folder, or take it out of the policy's folder.",
	}}}
}

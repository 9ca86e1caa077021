// Package compiler takes the files of a policy to the access that they declare: the whole pipeline on one screen. It judges nothing
// (that is policies) and knows no remote system (that is targets).
package compiler

import (
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/compiler/access"
	"gatehouse/compiler/evaluate"
	"gatehouse/compiler/resolve"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/lang/syntax"
)

// Result is what a policy's files mean at one moment.
type Result struct {
	Policy      *model.Policy  // never nil; where Diagnostics has errors, what could be resolved
	Graph       *access.Graph  // nil where the files could not be resolved without errors
	Diagnostics diag.List      // in order of file and position, none twice
	Sources     syntax.Sources // the text of the files, for snippets
}

// Options is what beside files and moment a policy's meaning hangs on.
type Options struct {
	Inputs  Inputs // the values of variables
	Version string // of the program, for required_version, such as v0.3.0; one that is no release satisfies every constraint

	// Read, where there is one, sees the blocks as they were written, before anything is made of them: an editor navigates by them, and
	// nobody else keeps them.
	Read func(syntax.Tree)

	// Ended, where there is one, is asked between the stages. Once it says so nobody waits for the Result any more, and it holds nothing.
	Ended func() bool
}

func (o *Options) ended() bool { return o.Ended != nil && o.Ended() }

// Inputs are the values of a policy's variables.
type Inputs = evaluate.Inputs

// Compile reads all policy files below the root of fsys and returns the access that they declare at a moment. It is a pure function of
// files and moment. What is wrong with the policy is in Result.Diagnostics; an error is a failure to read, and then there is no Result.
func Compile(fsys fs.FS, at time.Time) (*Result, error) { return CompileWith(fsys, at, Options{}) }

// CompileWith is Compile with options.
func CompileWith(fsys fs.FS, at time.Time, o Options) (*Result, error) {
	tree, sources, unread, err := syntax.Load(fsys)
	if err != nil {
		return nil, err
	}
	return compile(tree, sources, unread, at, o), nil
}

// CompileFiles is CompileWith on files in memory: names relative to the root with slashes, and their text.
func CompileFiles(texts map[string]string, at time.Time, o Options) *Result {
	tree, sources, unread := syntax.LoadFiles(texts)
	return compile(tree, sources, unread, at, o)
}

func compile(tree syntax.Tree, sources syntax.Sources, unread diag.List, at time.Time, o Options) *Result {
	if o.Read != nil {
		o.Read(tree)
	}
	refused, version := unsupported(tree.Root, o.Version)
	if refused {
		return &Result{Policy: &model.Policy{}, Sources: sources, Diagnostics: version}
	}
	if o.ended() {
		return &Result{Policy: &model.Policy{}, Sources: sources}
	}
	evaluated, unevaluated := evaluate.Evaluate(tree, o.Inputs)
	if o.ended() {
		return &Result{Policy: &model.Policy{}, Sources: sources}
	}
	policy, unresolved := resolve.Resolve(evaluated)
	unsure := withoutUnsure(slices.Concat(unevaluated, unresolved), tree)
	result := &Result{Policy: policy, Sources: sources, Diagnostics: slices.Concat(unread, version, unsure)}
	if !result.Diagnostics.HasErrors() && !o.ended() {
		graph, unsound := access.Build(policy, at)
		result.Graph, result.Diagnostics = graph, append(result.Diagnostics, unsound...)
	}
	result.Diagnostics = result.Diagnostics.Sorted()
	return result
}

// Open returns the files of the policy that a folder belongs to, and the path of its root: the folder itself or the nearest one above
// with a gatehouse block. Where there is none, the file system is nil and the diagnostics say so. That the root lies inside of another policy is a
// warning, whose place is the gatehouse block, which isn't read yet.
func Open(dir string) (fsys fs.FS, root string, diags diag.List, err error) {
	root, found, err := syntax.FindRoot(dir)
	if err != nil {
		return nil, "", nil, err
	}
	if !found {
		return nil, "", diag.List{noPolicy(dir)}, nil
	}
	if above, nested := syntax.RootAbove(root); nested {
		diags = diag.List{nestedPolicy(above)}
	}
	return os.DirFS(root), root, diags, nil
}

func nestedPolicy(above string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.SecondPolicy, Severity: diag.Warning, Subject: hcl.Range{},
		Summary: "this policy lies inside of another one, whose root is " + above,
		Detail: "All files below a root belong to its policy, so that the one above is refused as long as this block is here. Delete the block, or " +
			"move the folder out of the policy above.",
	}
}

func noPolicy(dir string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.NoPolicy, Severity: diag.Error, Subject: hcl.Range{},
		Summary: "no gatehouse block in " + dir + " or in a folder above it",
		Detail:  "Change to the folder of a policy, name it on the command line, or run gatehouse init to begin one.",
	}
}

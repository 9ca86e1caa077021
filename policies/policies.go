// Package policies judges the access graph: the guardrail library, its catalogue, and the OPA engine that runs it together with
// the user's own rules.
//
// A guardrail is one Rego file below the package guardrails. It sees one documented document (INPUT.md, input.schema.json), yields
// addresses, and never a position: the engine finds the line. deny refuses, warn warns. Rules are pure: no network, no clock, no
// randomness, no data beside the input; the moment they judge is input.time.
//
// A broken rule is a failure and never a pass. Hence what would only be undefined elsewhere is refused here: a field that the input
// doesn't have, a data reference that names no rule, a guardrail without deny or warn, an unknown subject, a built-in's error.
//
// The package decides nothing about exit codes or views, and reads no policy file: it starts from a finished graph.
package policies

import (
	"context"
	"io/fs"
	"time"

	"gatehouse/lang/diag"
	"gatehouse/lang/model"
)

// DefaultTimeout bounds one Evaluate whose Options name no other bound, together with 200 µs for each grant: 30 s for 100,000 of them.
const DefaultTimeout = 10 * time.Second

// Options says which guardrails to prepare.
type Options struct {
	Packs   []model.Text  // names of built-in packs, such as baseline
	Folders []model.Text  // the user's own folders and bundles (.tar.gz), relative to Root, with slashes
	Root    fs.FS         // the policy's root; (*os.Root).FS() also refuses links that lead out of it. Unused without Folders
	Timeout time.Duration // of one Evaluate; zero: DefaultTimeout and something for each grant
	Memory  uint64        // bytes in the program's heap during one Evaluate; zero: 1 GiB and 20 KiB for each grant
}

// For returns the options that a policy asks for, its own folders being read from root.
func For(p *model.Policy, root fs.FS) Options {
	return Options{Packs: p.Packs, Folders: p.Guardrails, Root: root}
}

// Prepare reads and compiles guardrails once; the engine may then judge any number of graphs, from several goroutines.
//
// Whatever is wrong with the text of a rule, with a folder's name or a pack's is a diagnostic, at its own line in the rule's file;
// the engine is then nil. The error is for a file system that fails and for a context that has ended.
func Prepare(ctx context.Context, o Options) (*Engine, diag.List, error) {
	files, diags, err := load(ctx, o, isRule)
	if err != nil {
		return nil, nil, err
	}
	sources, more := understand(files)
	diags = append(diags, more...)
	if diags.HasErrors() {
		return nil, diags.Sorted(), nil
	}
	engine, more := build(sources)
	diags = append(diags, more...)
	if diags.HasErrors() {
		return nil, diags.Sorted(), nil
	}
	engine.timeout, engine.memory = o.Timeout, o.Memory
	return engine, diags.Sorted(), nil
}

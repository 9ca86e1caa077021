// Package resolve turns what was written into what it means: names become addresses that exist, naming templates become remote names,
// words become times and durations. It is the only stage that knows the language's meaning of names; it does not say who reaches what
// (that is compiler/access), and it reads no file.
//
// A tree or a block may be partial, a name lost in a block of an unknown type, and a declaration disputed by a second one of its name: what
// seems to be missing then may well be there, and is not reported.
//
// The phases run in one order, each on what the ones before it found: declare, environments, things and their places, groups, rules,
// exceptions and tests, names. A mistake is reported once, by the phase that owns it, and whatever hangs on it stays silent: a workload with a bad name can
// still be referred to, and syntax.Invalid stands for a value that the reader reported already.
//
// What DESIGN leaves open is settled so:
//   - A remote name comes from the override in the environment's in block, else from the surface's own attribute, else from the
//     environment's template, else from the built-in template. Its range is the text that won; for a built-in template, the thing's label.
//   - A refused remote name is reported where it was written. A template that suits nothing is reported itself, once; a template that
//     suits something is taken to be right, and the things whose names it spoils are reported, each at its own label.
//   - Any two places of stores with one Consul destination coincide, also those of one store in two environments on one Consul: the
//     owner of an intention is (policy, environment), so that the two would fight for it for ever. The same holds for secrets. A
//     workload and a store may share a service: one is a source and the other a destination.
//   - A realm is address, datacenter, partition and namespace as written, without regard to case and a trailing slash. "dc1" and nothing
//     are different realms: which datacenter answers without one is not in the files.
//   - A dataset without a name of its own or a template is called as its store, with "_" for "-", which BigQuery doesn't take. Two stores
//     whose names differ in that alone coincide, and are reported.
//   - http narrows everything in to, so that whatever stands there has to speak HTTP. A path pattern is kept as written: what normalising
//     would change is a warning, since how a mesh normalises is not in the files.
//   - A remote name is overridden only where the environment has the target that it is for; elsewhere it would silently do nothing.
package resolve

import (
	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/lang/syntax"
)

// Resolve returns the policy that a tree declares, and everything that is wrong with it, in no particular order. The policy is never
// nil; where there are errors it is what could be resolved, good for look-ups and not for compiling. Of two declarations with one name
// it holds the first.
func Resolve(t syntax.Tree) (*model.Policy, diag.List) {
	r := &resolver{policy: &model.Policy{}, declared: map[addr.Kind]map[string]*declaration{}, environments: map[string]*environment{}, partial: t.Partial, lost: t.Lost, several: t.Several}
	r.declare(t)
	r.root(t.Root)
	r.resolveEnvironments()
	r.resolveProviders()
	r.resolveWorkloads()
	r.resolveStores()
	r.resolveSecrets()
	r.reportRefusedNames()
	r.resolveGroups()
	r.nestGroups()
	r.resolveRules()
	r.resolveExceptions()
	r.resolveTests(t)
	r.coincidingNames()
	r.sort()
	return r.policy, r.diags
}

// resolver is the state that the phases hand on.
type resolver struct {
	partial                bool                // the tree is: what seems undeclared may have been lost
	lost                   []string            // names that blocks of unknown types have
	several                map[string][]string // of blocks with for_each, by type
	policy                 *model.Policy
	diags                  diag.List
	current                *declaration                          // what is looked at; nil: nothing in particular
	blocks                 map[addr.Kind][]declaration           // in source order
	declared               map[addr.Kind]map[string]*declaration // the first of each name
	environments           map[string]*environment               // by name
	environmentsByWorkload map[string][]string                   // the names of both, sorted
	refused                []refusal                             // names that templates made and the remote system would refuse
	spent                  int                                   // comparisons that suggestions have cost so far
	refs                   []model.Ref                           // room for what lists name
}

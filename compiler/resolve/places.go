package resolve

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/lang/syntax"
)

// place is a thing in one of its environments.
type place struct {
	of          *declaration
	environment *environment
	listed      hcl.Range         // the element of environments = [...]
	labels      map[string]string // the thing's own, with the override's merged over them
	override    *syntax.Block     // in "prod"; nil where nothing differs
}

// places returns a thing's environments, sorted by name, each with its override.
func (r *resolver) places(d *declaration) []*place {
	byName := map[string]*place{}
	own := r.ownLabels(d.block)
	for _, ref := range r.environmentRefs(d.block) {
		byName[ref.Addr.Name] = &place{of: d, environment: r.environments[ref.Addr.Name], listed: ref.Range, labels: own}
	}
	overrides := d.block.Children("in")
	r.nowhere(d, overrides, byName)
	for _, b := range overrides {
		if p := r.placeOf(d, b, byName); p != nil {
			if p.override != nil {
				r.error(diag.DuplicateBlock, b.NameRange(), fmt.Sprintf("%s is overridden twice in environment.%s", d.addr, b.Name()),
					"One in block names it, and another one the block of several environments that it is of. Merge the two.",
					diag.Related{Message: "the other", Range: p.override.NameRange()})
				continue
			}
			p.override = b
			p.labels = maps.Clone(own)
			maps.Copy(p.labels, r.ownLabels(b))
		}
	}
	out := slices.Collect(maps.Values(byName))
	slices.SortFunc(out, func(a, b *place) int { return cmp.Compare(a.environment.Name, b.environment.Name) })
	return out
}

// longestLabel bounds a label's value in bytes: labels are words to match on and to make names of.
const longestLabel = 256

// ownLabels reads the labels of a thing or of an override.
func (r *resolver) ownLabels(b *syntax.Block) map[string]string {
	out := labels(b, "labels")
	a, _ := b.Attr("labels")
	object, _ := a.Expr.(syntax.Object)
	for _, e := range object.Entries {
		if len(out[e.Key.Value]) > longestLabel {
			r.error(diag.InvalidValue, e.Value.Where(), fmt.Sprintf("the label %q has more than %d bytes", e.Key.Value, longestLabel),
				"Labels are short words that groups match on and that templates see.")
			delete(out, e.Key.Value)
		}
	}
	return out
}

// placeOf returns the place that an in block overrides, or nil where it was reported.
func (r *resolver) placeOf(d *declaration, b *syntax.Block, places map[string]*place) *place {
	if len(b.Labels) == 0 {
		return nil
	}
	name, at := b.Name(), b.NameRange()
	if bare, ok := strings.CutPrefix(name, "environment."); ok && r.environments[bare] != nil {
		r.error(diag.UnknownReference, at, fmt.Sprintf("there is no environment called %q", name), fmt.Sprintf("Here stands the name alone: in %q.", bare))
		r.mendText(model.Text{Value: name, Range: at}, bare)
		return nil
	}
	if _, ok := r.environments[name]; !ok {
		if r.unknown(at, addr.New(addr.Environment, name), []addr.Kind{addr.Environment}) {
			r.mendText(model.Text{Value: name, Range: at}, r.surely(addr.Environment, name))
		}
		return nil
	}
	p, ok := places[name]
	switch {
	case !ok && (b.Instance != nil || r.openList(d.block)):
		return nil
	case !ok:
		r.error(diag.NotInEnvironment, at, fmt.Sprintf("%s is not in environment.%s", d.addr, name),
			fmt.Sprintf("An in block says how a thing differs in one of its environments. Add environment.%s to environments, or delete the block.", name),
			r.environmentsOf(d)...)
		return nil
	}
	return p
}

// nowhere reports in blocks for several environments of which the thing is in none.
func (r *resolver) nowhere(d *declaration, overrides []*syntax.Block, places map[string]*place) {
	there, all := map[hcl.Range]bool{}, []*syntax.Block{}
	for _, b := range overrides {
		if b.Instance == nil {
			continue
		}
		all = append(all, b)
		if _, ok := places[b.Name()]; ok {
			there[b.NameRange()] = true
		}
	}
	if r.openList(d.block) {
		return
	}
	for _, b := range all {
		if !there[b.NameRange()] {
			there[b.NameRange()] = true
			r.error(diag.NotInEnvironment, b.NameRange(), fmt.Sprintf("%s is in none of environment.%s", d.addr, strings.TrimSuffix(b.Name(), "-"+b.Instance.Key)),
				"An in block says how a thing differs in some of its environments. Add them to environments, or delete the block.", r.environmentsOf(d)...)
		}
	}
}

// openList reports whether a thing's environments are missing or broken, which was reported: what isn't listed may have been meant to be.
func (r *resolver) openList(b *syntax.Block) bool {
	a, _ := b.Attr("environments")
	list, ok := a.Expr.(syntax.List)
	return !ok || slices.ContainsFunc(list.Elems, func(e syntax.Expr) bool {
		ref, ok := e.(syntax.Reference)
		return !ok || len(ref.Parts) != 2 || r.environments[ref.Parts[1]] == nil
	})
}

func (r *resolver) environmentsOf(d *declaration) []diag.Related {
	if a, ok := d.block.Attr("environments"); ok {
		return []diag.Related{{Message: "its environments", Range: a.Range}}
	}
	return nil
}

// remoteName is one name out there: where it may be written, and the rule that it obeys.
type remoteName struct {
	attr     string     // in the in block, such as service
	own      model.Text // written on the surface itself; zero where it is not
	template *template  // nil: the environment lacks the target
	target   string     // the environment's block that is the target: consul or google
	rule     func(string) string
	what     string // such as: service
}

// remoteName finds a place's name by precedence: in block, own, template. It is checked by the remote system's rule, and empty where
// the environment lacks the target or where something was reported.
func (r *resolver) remoteName(p *place, n remoteName) model.Text {
	over, written := model.Text{}, false
	if p.override != nil {
		over, written = r.text(p.override, n.attr)
	}
	switch {
	case written && n.template == nil:
		r.missingTarget(p, over.Range, n.target, fmt.Sprintf("%s has no %s in environment.%s", p.of.addr, n.what, p.environment.Name), "delete this line")
		return model.Text{}
	case written:
		return r.checked(p, n, over)
	case p.override != nil && hasAttr(p.override, n.attr), n.template == nil:
		return model.Text{}
	case n.own.Value != "" || n.own.Range != zero:
		return r.checked(p, n, n.own)
	}
	if halfRead(p.of.block) {
		return model.Text{} // the name may be what was not understood
	}
	name, ok := r.name(n.template, p)
	if !ok {
		return model.Text{}
	}
	return r.checkedTemplate(p, n, name)
}

// halfRead reports whether a block or one of its inner blocks holds something that was not understood.
func halfRead(b *syntax.Block) bool {
	return b.Partial || slices.ContainsFunc(b.Blocks, func(inner *syntax.Block) bool { return inner.Partial })
}

func hasAttr(b *syntax.Block, name string) bool {
	_, ok := b.Attr(name)
	return ok
}

// missingTarget reports a thing, or a name for it, in an environment without the target that would carry it.
func (r *resolver) missingTarget(p *place, at hcl.Range, target, summary, otherwise string) {
	e := p.environment
	if r.unsure(r.declared[addr.Environment][e.Name]) {
		return
	}
	r.error(diag.MissingTarget, at, summary,
		fmt.Sprintf("environment.%s has no %s block. Add one to it, or %s.", e.Name, target, otherwise),
		diag.Related{Message: "the environment", Range: e.Decl})
}

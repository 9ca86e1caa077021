package resolve

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/lang/schema"
	"gatehouse/lang/syntax"
)

// What may stand in each list.
var (
	environmentsOnly = []addr.Kind{addr.Environment}
	fromKinds        = []addr.Kind{addr.Workload, addr.Group}
	toKinds          = []addr.Kind{addr.FeatureStore, addr.Secret}
)

// environmentRefs resolves a block's environments.
func (r *resolver) environmentRefs(b *syntax.Block) []model.Ref {
	a, ok := b.Attr("environments")
	if !ok {
		return nil
	}
	return r.references(a.Expr, addr.New(addr.Kind(b.Type), b.Name()), environmentsOnly)
}

// references resolves a list: every element that is declared, of a kind that may stand here, once, in source order.
func (r *resolver) references(e syntax.Expr, of addr.Address, allowed []addr.Kind) []model.Ref {
	list, ok := e.(syntax.List)
	if !ok {
		return nil // reported
	}
	if len(list.Elems) == 0 {
		r.emptyList(list, of, allowed)
		return nil
	}
	out := r.room(len(list.Elems))
	said := newSaid[addr.Address](r, list)
	for i, elem := range list.Elems {
		ref, ok := elem.(syntax.Reference)
		if !ok || len(ref.Parts) < 2 {
			continue // reported
		}
		if a, ok := r.reference(ref, allowed); ok && said.first(i, a) {
			out = append(out, model.Ref{Addr: a, Range: ref.Range})
		}
	}
	said.report()
	return out
}

// room gives room for references, cut from a larger piece: most lists hold one.
func (r *resolver) room(n int) []model.Ref {
	const piece = 128
	if n > len(r.refs) {
		r.refs = make([]model.Ref, max(n, piece))
	}
	out := r.refs[:0:n]
	r.refs = r.refs[n:]
	return out
}

// one resolves an attribute that is a single reference; false where it is absent or was reported.
func (r *resolver) one(e syntax.Expr, allowed []addr.Kind) (model.Ref, bool) {
	ref, ok := e.(syntax.Reference)
	if !ok || len(ref.Parts) < 2 {
		return model.Ref{}, false
	}
	a, ok := r.reference(ref, allowed)
	return model.Ref{Addr: a, Range: ref.Range}, ok
}

// reference resolves one dotted name.
func (r *resolver) reference(ref syntax.Reference, allowed []addr.Kind) (addr.Address, bool) {
	kind := addr.Kind(ref.Parts[0])
	if !slices.Contains(allowed, kind) {
		r.wrongKind(ref, allowed)
		return addr.Address{}, false
	}
	d, ok := r.declared[kind][ref.Parts[1]]
	switch {
	case !ok:
		if r.unknown(ref.Range, addr.New(kind, ref.Parts[1]), allowed) {
			if near := r.surely(kind, ref.Parts[1]); near != "" {
				r.mendReference(ref, strings.Join(append([]string{ref.Parts[0], near}, ref.Parts[2:]...), "."))
			}
		}
		return addr.Address{}, false
	case len(ref.Parts) == 2:
		return d.addr, true
	}
	return r.surface(ref, d)
}

// surface resolves feature_store.x.online and feature_store.x.offline.
func (r *resolver) surface(ref syntax.Reference, d *declaration) (addr.Address, bool) {
	written, last := strings.Join(ref.Parts, "."), addr.Surface(ref.Parts[2])
	switch {
	case d.addr.Kind != addr.FeatureStore:
		r.error(diag.WrongReference, ref.Range, fmt.Sprintf("%s has no parts", d.addr), fmt.Sprintf("Write %s.", d.addr))
		r.mendReference(ref, d.addr.String())
	case len(ref.Parts) > 3:
		r.error(diag.WrongReference, ref.Range, fmt.Sprintf("%s goes too deep", written),
			"Write "+diag.Listed(append([]string{d.addr.String()}, surfaceForms(d)...), "or")+".")
	case last != addr.Online && last != addr.Offline:
		r.error(diag.WrongReference, ref.Range, fmt.Sprintf("a feature store has no surface %q", last), "Write "+diag.Listed(surfaceForms(d), "or")+".")
		if near := addr.Surface(diag.Sure(string(last), []string{string(addr.Online), string(addr.Offline)})); near != "" && d.block.Child(string(near)) != nil {
			r.mendReference(ref, d.addr.On(near).String())
		}
	case d.block.Child(string(last)) == nil && r.unsure(d):
	case d.block.Child(string(last)) == nil:
		r.error(diag.UnknownReference, ref.Range, fmt.Sprintf("%s has no %s surface", d.addr, last),
			fmt.Sprintf("Add an %s block to the feature store, or refer to another one.", last), diag.Related{Message: "the feature store", Range: d.block.Decl})
	default:
		return d.addr.On(last), true
	}
	return addr.Address{}, false
}

// surfaceForms are the references to a store's surfaces; to both, where it has none.
func surfaceForms(d *declaration) []string {
	var has, both []string
	for _, s := range []addr.Surface{addr.Online, addr.Offline} {
		if both = append(both, d.addr.On(s).String()); d.block.Child(string(s)) != nil {
			has = append(has, d.addr.On(s).String())
		}
	}
	if len(has) == 0 {
		return both
	}
	return has
}

// wrongKind reports a reference to a kind that can't stand here, or to no kind at all.
func (r *resolver) wrongKind(ref syntax.Reference, allowed []addr.Kind) {
	kind, name, written := addr.Kind(ref.Parts[0]), ref.Parts[1], strings.Join(ref.Parts, ".")
	detail := fmt.Sprintf("What can stand here: %s.", forms(allowed))
	if hint := r.didYouMean(addr.Kind(diag.Nearest(string(kind), kindWords(allowed))), name, allowed); hint != "" {
		detail = hint + " " + detail
	}
	if slices.Contains(fromKinds, kind) && &allowed[0] == &toKinds[0] || slices.Contains(toKinds, kind) && &allowed[0] == &fromKinds[0] {
		detail += " from says who, and to says what: are the two swapped?"
	}
	if slices.Contains(addr.Kinds(), kind) {
		r.error(diag.WrongReference, ref.Range, fmt.Sprintf("%s can't stand here", written), detail)
		return
	}
	if _, isBlock := schema.Find(schema.File(), string(kind)); isBlock {
		r.error(diag.WrongReference, ref.Range, fmt.Sprintf("nothing can refer to a block of the type %q", kind), detail)
		return
	}
	r.error(diag.UnknownReference, ref.Range, fmt.Sprintf("there is no kind of block %q", kind), detail)
	r.surelyKind(ref, allowed)
}

// unknown reports a name that nothing declares; false where it may have been declared in what was lost.
func (r *resolver) unknown(at hcl.Range, a addr.Address, allowed []addr.Kind) bool {
	if _, lost := slices.BinarySearch(r.lost, a.Name); r.partial || lost {
		return false
	}
	detail := r.didYouMean(a.Kind, a.Name, allowed)
	if detail == "" {
		detail = fmt.Sprintf("Declare it in any file of the policy: %s %q { … }; or check the spelling.", a.Kind, a.Name)
	}
	r.error(diag.UnknownReference, at, fmt.Sprintf("%s is not declared", a), detail)
	return true
}

func kindWords(kinds []addr.Kind) []string {
	out := make([]string, len(kinds))
	for i, k := range kinds {
		out[i] = string(k)
	}
	return out
}

// forms lists what may be written: workload.NAME or group.NAME.
func forms(kinds []addr.Kind) string {
	var out []string
	for _, k := range kinds {
		out = append(out, string(k)+".NAME")
		if k == addr.FeatureStore {
			out = append(out, string(k)+".NAME.online", string(k)+".NAME.offline")
		}
	}
	return diag.Listed(out, "or")
}

func kindsInProse(kinds []addr.Kind) string {
	out := make([]string, len(kinds))
	for i, k := range kinds {
		out[i] = blockWord(k)
	}
	return diag.Listed(out, "or")
}

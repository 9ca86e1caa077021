package navigate

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"gatehouse/lang/addr"
	"gatehouse/lang/syntax"
)

// expression notes what an attribute's value refers to.
func (f *File) expression(e syntax.Expr) {
	switch e := e.(type) {
	case syntax.Reference:
		f.reference(e.Parts, "", Span{e.Range.Start.Byte, e.Range.End.Byte})
	case syntax.List:
		for _, elem := range e.Elems {
			f.expression(elem)
		}
	case syntax.Object:
		for _, entry := range e.Entries {
			f.expression(entry.Value)
		}
	case syntax.Template:
		f.traversals(e.HCL, e.Range)
	case syntax.Computed:
		f.traversals(e.HCL, e.Range)
	case syntax.String, syntax.Bool, syntax.Invalid:
	}
}

// traversals notes what an expression that has to be evaluated refers to; of is the place of the whole value.
func (f *File) traversals(e hcl.Expression, of hcl.Range) {
	if e == nil {
		return
	}
	for _, t := range e.Variables() {
		parts, key := make([]string, 0, len(t)), ""
		for i, step := range t {
			switch step := step.(type) {
			case hcl.TraverseRoot:
				parts = append(parts, step.Name)
			case hcl.TraverseAttr:
				parts = append(parts, step.Name)
			case hcl.TraverseIndex:
				switch text := step.Key; {
				case text.Type() != cty.String || !text.IsKnown() || text.IsNull():
				case i == 1: // workload["x"] is workload.x
					parts = append(parts, text.AsString())
				case i == 2:
					key = text.AsString()
				}
			}
		}
		f.reference(parts, key, f.place(t.SourceRange(), of))
	}
}

// reference notes a dotted name such as workload.x, feature_store.x.online, var.x or local.x. Words that are none are passed over.
func (f *File) reference(parts []string, key string, whole Span) {
	if len(parts) < 2 || whole.Start < 0 || whole.End > len(f.Text) || whole.Start > whole.End {
		return
	}
	n := Name{Kind: parts[0], Name: parts[1]}
	switch {
	case n.Kind == "var":
		n.Kind = kindVariable
	case n.Kind != kindLocal && !slices.Contains(addr.Kinds(), addr.Kind(n.Kind)):
		return
	}
	word, found := f.afterFirst(parts[0], parts[1], whole)
	f.add(Occurrence{Name: n, Key: key, Word: word, Whole: whole})
	if len(parts) == 3 && n.Kind == string(addr.FeatureStore) && found {
		behind := word.End
		if at, ok := f.find(key, Span{behind, whole.End}); ok {
			behind = at.End // a key may be the same word as a surface
		}
		if surface, ok := f.find(parts[2], Span{behind, whole.End}); ok {
			f.add(Occurrence{Name: Name{n.Kind, n.Name, parts[2]}, Word: surface, Whole: surface})
		}
	}
}

// afterFirst finds a reference's name behind its kind, since the two may be the same word.
func (f *File) afterFirst(kind, name string, whole Span) (Span, bool) {
	first, ok := f.find(kind, whole)
	if !ok {
		return Span{}, false
	}
	return f.find(name, Span{first.End, whole.End})
}

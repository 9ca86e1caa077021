package resolve

import (
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/lang/syntax"
)

// text returns an attribute's text; false where it is absent or was reported.
func (r *resolver) text(b *syntax.Block, name string) (model.Text, bool) {
	a, _ := b.Attr(name)
	s, ok := a.Expr.(syntax.String)
	return model.Text{Value: s.Value, Range: s.Range}, ok
}

// texts returns an attribute's list of texts; false where it is absent or was reported.
func (r *resolver) texts(b *syntax.Block, name string) ([]model.Text, bool) {
	a, _ := b.Attr(name)
	list, ok := a.Expr.(syntax.List)
	if !ok {
		return nil, false
	}
	var out []model.Text
	said := newSaid[string](r, list)
	for i, e := range list.Elems {
		if s, ok := e.(syntax.String); ok && said.first(i, s.Value) {
			out = append(out, model.Text{Value: s.Value, Range: s.Range})
		}
	}
	said.report()
	return out, true
}

func flag(b *syntax.Block, name string) bool {
	a, _ := b.Attr(name)
	v, _ := a.Expr.(syntax.Bool)
	return v.Value
}

// word returns an attribute that is one of a closed set of words, which the reader has checked, and the default where there is none.
func word[W ~string](r *resolver, b *syntax.Block, name string, fallback W) W {
	if t, ok := r.text(b, name); ok {
		return W(t.Value)
	}
	return fallback
}

func (r *resolver) invalidValue(at model.Text, summary, detail string) {
	r.error(diag.InvalidValue, at.Range, summary, detail)
}

// labels returns an attribute's map of texts; of a repeated key the last one, which the reader has reported.
func labels(b *syntax.Block, name string) map[string]string {
	a, _ := b.Attr(name)
	object, _ := a.Expr.(syntax.Object)
	out := make(map[string]string, len(object.Entries))
	for _, e := range object.Entries {
		if s, ok := e.Value.(syntax.String); ok {
			out[e.Key.Value] = s.Value
		}
	}
	return out
}

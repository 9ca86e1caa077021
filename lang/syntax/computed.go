package syntax

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"gatehouse/lang/diag"
	"gatehouse/lang/schema"
)

// expressive is a value that can be taken as an expression, whatever it is. Values of a reader that knows no expressions are none.
type expressive interface {
	expression() (e hclsyntax.Expression, loose bool)
}

// computed takes a value that is no literal of its attribute's type for an expression that gives one, where one may stand.
func (r *reader) computed(v value, f found) (Expr, bool) {
	x, ok := v.(expressive)
	if r.static || f.shape != shapeComputed || !ok {
		return nil, false
	}
	e, loose := x.expression()
	if j, isJSON := v.(jsonValue); isJSON && !Templated(j.n.str) {
		e, loose = j.bare(), true
	}
	if e == nil || sumOfNumbers(e) || quotedReference(e) || isPath(e) {
		return nil, false
	}
	return Computed{HCL: e, Range: v.where(), Loose: loose}, true
}

// sumOfNumbers reports whether an expression is what an unquoted date looks like: 2027-03-01. Nobody means to subtract.
func sumOfNumbers(e hclsyntax.Expression) bool {
	switch e := e.(type) {
	case *hclsyntax.LiteralValueExpr:
		return true
	case *hclsyntax.TemplateWrapExpr:
		return sumOfNumbers(e.Wrapped)
	case *hclsyntax.BinaryOpExpr:
		return sumOfNumbers(e.LHS) && sumOfNumbers(e.RHS)
	}
	return false
}

// quotedReference reports whether an expression is "${workload.x}", which computes nothing: only the quotes are too many.
func quotedReference(e hclsyntax.Expression) bool {
	wrap, ok := e.(*hclsyntax.TemplateWrapExpr)
	if !ok {
		return false
	}
	parts, ok := native(wrap.Wrapped).reference()
	return ok && !slices.Contains(variables, parts[0])
}

// computedKeys takes a map with keys that aren't literal for an expression.
func (r *reader) computedKeys(members []member, v value) (Expr, bool) {
	x, ok := v.(expressive)
	if r.static || !ok || !slices.ContainsFunc(members, func(m member) bool { return m.odd }) {
		return nil, false
	}
	e, loose := x.expression()
	return Computed{HCL: e, Range: v.where(), Loose: loose}, e != nil
}

// anything reads a value of any kind. It is left as an expression, though it may be a literal.
func (r *reader) anything(a *schema.Attribute, v value) Expr {
	if j, isJSON := v.(jsonValue); isJSON && a.Name == schema.ForEach {
		if e := j.bare(); e != nil { // what a for_each goes over is never a text
			return Computed{HCL: e, Range: v.where(), Loose: true}
		}
	}
	if x, ok := v.(expressive); ok {
		if s := v.shape(); s == shapeLiteral || s == shapeComputed {
			if e, loose := x.expression(); e != nil {
				return Computed{HCL: e, Range: v.where(), Loose: loose}
			}
		}
	} else {
		v.template() // whoever leaves expressions to the parser takes note
	}
	return r.wrong(v, whole(a, "a value", "Write a value, for example: "+r.shown(a.Name, a.Example)))
}

// valueType reads a type. In JSON it stands in a string.
func (r *reader) valueType(a *schema.Attribute, v value) Expr {
	remedy := "Write a type, for example: " + r.shown(a.Name, a.Example)
	if j, ok := v.(jsonValue); ok {
		s, ok := j.text()
		if !ok {
			return r.wrappedType(a, j, remedy)
		}
		e, problem := ParseExpression(s)
		if problem != "" {
			r.report(diag.InvalidSyntax, v.where(), a.Name+" is not a type", remedy)
			return Invalid{Range: v.where()}
		}
		return Computed{HCL: e, Range: v.where(), Loose: true}
	}
	if s, ok := v.text(); ok {
		e, problem := ParseExpression(s)
		isType := problem == "" && len(s) <= maxBare && namesType(e)
		if isType {
			remedy = "A type is written without quotes: " + r.shown(a.Name, s)
		}
		r.report(diag.WrongType, v.where(), a.Name+" is the text "+quote(s)+", not a type", remedy)
		if isType {
			r.mend(diag.Replace(v.where(), s, "write "+s+" without quotes"))
		}
		return Invalid{Range: v.where()}
	}
	return r.anything(a, v)
}

// namesType reports whether an expression is a type, as far as its outermost word tells.
func namesType(e hclsyntax.Expression) bool {
	if call, ok := e.(*hclsyntax.FunctionCallExpr); ok {
		return slices.Contains([]string{"list", "set", "map", "tuple", "object"}, call.Name)
	}
	return slices.Contains([]string{"string", "bool", "number", "any"}, hcl.ExprAsKeyword(e))
}

// wrappedType reads "${list(string)}", which says the same as "list(string)".
func (r *reader) wrappedType(a *schema.Attribute, v jsonValue, remedy string) Expr {
	e, loose := v.expression()
	if wrap, ok := e.(*hclsyntax.TemplateWrapExpr); ok {
		return Computed{HCL: wrap.Wrapped, Range: v.where(), Loose: loose}
	}
	r.static = true
	return r.wrong(v, whole(a, "a type", remedy))
}

// ParseExpression reads an expression that stands in no file, such as the value of a flag. Its places count from the text's beginning.
// problem is a sentence where the text is none, or where it is larger or deeper than a policy's expressions may be.
func ParseExpression(text string) (e hclsyntax.Expression, problem string) {
	src := []byte(text)
	p := piece{src: src, start: hcl.InitialPos}
	if refused := limit(src, ""); refused != nil {
		return nil, upperFirst(refused.Summary) + "."
	}
	if refused := limitNative(p, ""); refused != nil {
		return nil, upperFirst(refused.Summary) + "."
	}
	e, diags := hclsyntax.ParseExpression(src, "", hcl.InitialPos)
	if diags.HasErrors() {
		summary, detail := p.inOurWords(*diags[0])
		return nil, upperFirst(summary) + ". " + strings.TrimSuffix(detail, ".") + "."
	}
	return e, ""
}

func (v nativeValue) expression() (e hclsyntax.Expression, loose bool) { return v.e, false }

// expression builds what the native syntax would say.
func (v jsonValue) expression() (hclsyntax.Expression, bool) {
	switch v.n.kind {
	case nodeString:
		return v.stringExpression()
	case nodeNumber:
		n, err := cty.ParseNumberVal(v.n.str)
		if err != nil {
			return nil, false
		}
		return v.literal(n), false
	case nodeBool:
		return v.literal(cty.BoolVal(v.n.truth)), false
	case nodeNull:
		return v.literal(cty.NullVal(cty.DynamicPseudoType)), false
	case nodeArray:
		return v.tuple()
	case nodeUnread:
		return nil, false
	}
	return v.objectExpression()
}

func (v jsonValue) literal(c cty.Value) hclsyntax.Expression {
	return &hclsyntax.LiteralValueExpr{Val: c, SrcRange: v.n.rng}
}

func (v jsonValue) stringExpression() (hclsyntax.Expression, bool) {
	if !Templated(v.n.str) {
		return v.literal(cty.StringVal(v.n.str)), false
	}
	e, f := v.parse()
	if f.shape != shapeLiteral {
		return nil, false
	}
	return e, v.n.rng.End.Byte-v.n.rng.Start.Byte != len(v.n.str)+len(`""`)
}

func (v jsonValue) tuple() (hclsyntax.Expression, bool) {
	out := &hclsyntax.TupleConsExpr{SrcRange: v.n.rng, OpenRange: v.n.rng}
	loose := false
	for _, n := range v.n.elems {
		e, l := jsonValue{n}.expression()
		if e == nil {
			return nil, false
		}
		out.Exprs, loose = append(out.Exprs, e), loose || l
	}
	return out, loose
}

func (v jsonValue) objectExpression() (hclsyntax.Expression, bool) {
	out := &hclsyntax.ObjectConsExpr{SrcRange: v.n.rng, OpenRange: v.n.rng}
	loose := false
	for _, m := range v.n.members {
		key, k := jsonValue{&node{kind: nodeString, str: m.key, rng: m.keyRange}}.expression()
		e, l := jsonValue{m.value}.expression()
		if key == nil || e == nil {
			return nil, false
		}
		out.Items = append(out.Items, hclsyntax.ObjectConsItem{KeyExpr: &hclsyntax.ObjectConsKeyExpr{Wrapped: key}, ValueExpr: e})
		loose = loose || k || l
	}
	return out, loose
}

// bare reads a string in a reference's place as the reference that it is: workload.trainer["fraud"], local.trainers. nil: it is none.
func (v jsonValue) bare() hclsyntax.Expression {
	if v.n.kind != nodeString || len(v.n.str) > maxBare || !strings.ContainsAny(v.n.str, ".[") || Templated(v.n.str) {
		return nil
	}
	e, problem := ParseExpression(v.n.str)
	if problem != "" {
		return nil
	}
	if t, ok := e.(*hclsyntax.ScopeTraversalExpr); ok {
		return t
	}
	return nil
}

// references puts references in the place of the strings of a list or object that are references, in the expression that it makes.
func (v jsonValue) references(e hclsyntax.Expression) hclsyntax.Expression {
	switch e := e.(type) {
	case *hclsyntax.TupleConsExpr:
		for i, n := range v.n.elems {
			e.Exprs[i] = jsonValue{n}.references(e.Exprs[i])
		}
	case *hclsyntax.ObjectConsExpr:
		for i, m := range v.n.members {
			e.Items[i].ValueExpr = jsonValue{m.value}.references(e.Items[i].ValueExpr)
		}
	case *hclsyntax.LiteralValueExpr:
		if bare := v.bare(); bare != nil {
			return bare
		}
	}
	return e
}

// maxBare bounds the text of a reference in JSON, in bytes.
const maxBare = 1000

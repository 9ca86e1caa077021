package syntax

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"gatehouse/lang/diag"
	"gatehouse/lang/schema"
)

func (r *reader) referenceElement(a *schema.Attribute, v value) Expr {
	parts, ok := v.reference()
	if ok && len(parts) > 1 && v.shape() == shapeLiteral {
		return Reference{Parts: parts, Range: v.where()}
	}
	if e, ok := r.nested(a, v); ok {
		return e
	}
	return r.wrong(v, element(a, aReference, r.referenceRemedy(a, v)))
}

// nested takes a list inside of a list for an expression: it stands for all its elements, as one that an expression gives. A map that is written out
// there is a mistake: whoever writes { prefix = "/v1" } among paths means something else than the path "/v1".
func (r *reader) nested(a *schema.Attribute, v value) (Expr, bool) {
	_, isList := v.list()
	x, ok := v.(expressive)
	if r.static || !isList || !ok {
		return nil, false
	}
	e, loose := x.expression()
	if j, isJSON := v.(jsonValue); isJSON && e != nil && a.Type == schema.References {
		e, loose = j.references(e), true
	}
	return Computed{HCL: e, Range: v.where(), Loose: loose}, e != nil
}

// single reads the one reference of an attribute.
func (r *reader) single(a *schema.Attribute, v value) Expr {
	if _, isList := v.list(); isList {
		return r.wrong(v, whole(a, aReference, "Write one reference, without brackets, for example: "+r.shown(a.Name, a.Example)))
	}
	parts, ok := v.reference()
	if ok && len(parts) > 1 && v.shape() == shapeLiteral {
		return Reference{Parts: parts, Range: v.where()}
	}
	return r.wrong(v, whole(a, aReference, r.referenceRemedy(a, v)))
}

func (r *reader) referenceRemedy(a *schema.Attribute, v value) string {
	if s, ok := v.text(); ok && r.json && strings.Contains(s, "[") {
		if _, problem := ParseExpression(s); problem == "" {
			return "In JSON an expression stands in ${…}: " + strconv.Quote("${"+s+"}") + "."
		}
	}
	if given, ok := v.(result); ok && given.is(cty.String) && !identifier(given.v.AsString()) {
		return "The expression gives a text, which has to spell a reference: " + r.alternatives(a.Kinds, "NAME") + "."
	} else if ok && given.is(cty.String) {
		kinds := make([]string, len(a.Kinds))
		for i, k := range a.Kinds {
			kinds[i] = k + "[NAME]"
		}
		return fmt.Sprintf("The expression gives a name alone. Where it says NAME, write %s.", diag.Listed(kinds, "or"))
	}
	if parts, ok := v.reference(); ok && len(parts) == 1 {
		return "Write the kind before the name: " + r.alternatives(a.Kinds, parts[0]) + "."
	}
	if parts, ok := textReference(v); ok && len(parts) > 1 {
		return "A reference is written without quotes: " + strings.Join(parts, ".") + "."
	} else if ok {
		return "A reference is written without quotes, with the kind before the name: " + r.alternatives(a.Kinds, parts[0]) + "."
	}
	return "Write references, for example: " + r.shown(a.Name, a.Example)
}

// textReference finds the reference that somebody put in quotes.
func textReference(v value) ([]string, bool) {
	if s, ok := v.text(); ok {
		return dotted(s)
	}
	e, _ := v.template()
	if wrap, ok := e.(*hclsyntax.TemplateWrapExpr); ok {
		return native(wrap.Wrapped).reference()
	}
	return nil, false
}

// addressAsText finds the address of a block where a text is wanted: workload.x, or "${workload.x}".
func addressAsText(v value) ([]string, bool) {
	parts, ok := v.reference()
	if !ok {
		parts, ok = textReference(v)
	}
	if !ok || len(parts) < 2 {
		return nil, false
	}
	if _, isText := v.text(); isText {
		return nil, false
	}
	_, isBlock := schema.Find(schema.File(), parts[0])
	return parts, isBlock
}

// addressRemedy says what to do about an address in a text's place.
func addressRemedy(parts []string) string {
	if len(parts) > 2 && parts[2] != "online" && parts[2] != "offline" {
		return fmt.Sprintf("A reference has no part %s: what a block says isn't read by its name. Give the value a name in locals, and write that in both places.",
			strings.Join(parts[2:], "."))
	}
	return "References stand in lists of references. For a text, write the name out, or build both from one variable."
}

// givenPlain reports whether an expression gave a number, true or false.
func givenPlain(v value) bool {
	given, ok := v.(result)
	return ok && given.v.Type().IsPrimitiveType() && !given.v.IsNull() && !given.is(cty.String)
}

// asTextRemedy says how an expression gives a text that gives a number, true or false.
func (r *reader) asTextRemedy() string {
	if r.json {
		return `Make a text of it where it is computed: "${tostring(…)}".`
	}
	return "Make a text of it where it is computed: tostring(…)."
}

func (r *reader) alternatives(kinds []string, name string) string {
	out := make([]string, len(kinds))
	for i, k := range kinds {
		out[i] = k + "." + name
	}
	return r.shownRefs(out...)
}

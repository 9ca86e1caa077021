package syntax

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"gatehouse/lang/diag"
	"gatehouse/lang/schema"
)

// value reads an attribute's value as the type that the table gives it.
func (r *reader) value(a *schema.Attribute, v value) Expr {
	r.static = a.Static
	switch a.Type {
	case schema.Text, schema.Time, schema.Duration:
		return r.plain(a, v)
	case schema.Enum:
		return r.enum(a, v)
	case schema.Template:
		return r.templated(a, v)
	case schema.Bool:
		if b, ok := v.boolean(); ok {
			return Bool{Value: b, Range: v.where()}
		}
		return r.wrong(v, whole(a, "true or false", "Write true or false, without quotes."))
	case schema.Reference:
		return r.single(a, v)
	case schema.References, schema.Words, schema.Texts:
		return r.list(a, v)
	case schema.Labels:
		return r.object(a, v)
	case schema.Value:
		return r.anything(a, v)
	case schema.ValueType:
		return r.valueType(a, v)
	}
	return Invalid{Range: v.where()}
}

func (r *reader) plain(a *schema.Attribute, v value) Expr {
	if s, ok := v.text(); ok {
		if r.settling && !timely(a, s) {
			r.report(diag.InvalidTime, v.where(), quote(s)+" can't be read", "Leave it to the person.")
		}
		return String{Value: s, Range: v.where()}
	}
	return r.wrong(v, whole(a, aText, r.textRemedy(a, v)))
}

// textRemedy says how a value is written that has no quotes.
func (r *reader) textRemedy(a *schema.Attribute, v value) string {
	number := ""
	if isNumber(v) && !r.json {
		number = r.now.slice(v.where())
	}
	switch {
	case a.Type == schema.Text && givenPlain(v):
		return r.asTextRemedy()
	case a.Type == schema.Time && epoch(number) != "":
		return "Seconds since 1970 are written as a time: " + r.shown(a.Name, strconv.Quote(epoch(number)))
	case a.Type == schema.Duration && number != "":
		return "A duration has a unit and stands in quotes: " + r.shown(a.Name, `"`+number+`h"`) + " for hours."
	}
	return "Write a text in quotes, for example: " + r.shown(a.Name, a.Example)
}

func (r *reader) templated(a *schema.Attribute, v value) Expr {
	if s, ok := v.text(); ok {
		return String{Value: s, Range: v.where()}
	}
	if e, ok := v.template(); ok {
		return Template{HCL: e, Range: v.where()}
	}
	if givenPlain(v) {
		return r.wrong(v, whole(a, aText, r.asTextRemedy()))
	}
	return r.wrong(v, whole(a, aText, "Write a text in quotes, for example: "+r.shown(a.Name, a.Example)))
}

func (r *reader) enum(a *schema.Attribute, v value) Expr {
	s, ok := v.text()
	if !ok {
		return r.wrong(v, whole(a, aText, "Write one of "+listed(quoted(a.Values))+", in quotes."))
	}
	return r.oneOf(a, s, quoted(a.Values), String{Value: s, Range: v.where()})
}

// oneOf checks a word against the table's values.
func (r *reader) oneOf(a *schema.Attribute, word string, shown []string, e Expr) Expr {
	for _, known := range a.Values {
		if known == word {
			return e
		}
	}
	r.report(diag.InvalidValue, e.Where(), fmt.Sprintf("%s can't be %s", a.Name, quote(word)),
		suggestion(word, a.Values)+"It is one of "+listed(shown)+".")
	if near := diag.Sure(word, a.Values); near != "" {
		r.mendWord(e.Where(), near, a.Type == schema.Enum)
	}
	return Invalid{Range: e.Where()}
}

func quoted(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = `"` + w + `"`
	}
	return out
}

func (r *reader) list(a *schema.Attribute, v value) Expr {
	elems, ok := v.list()
	if !ok {
		return r.wrong(v, whole(a, wantedList(a), r.listRemedy(a, v)))
	}
	out := r.keep().elems.take(len(elems))
	for i, e := range elems {
		out[i] = r.element(a, e)
	}
	return List{Elems: out, Range: v.where()}
}

func (r *reader) listRemedy(a *schema.Attribute, v value) string {
	parts, ok := v.reference()
	text, isText := v.text()
	if inner, wrapped := textReference(v); wrapped && !isText && !r.json {
		return "Write it in brackets, without quotes: " + r.shown(a.Name, "["+strings.Join(inner, ".")+"]")
	}
	if isText && a.Type == schema.Texts {
		return "Write it in brackets: " + r.shown(a.Name, "["+quote(text)+"]")
	}
	if isText && !ok {
		parts, ok = dotted(text)
	}
	if !ok || a.Type == schema.Texts {
		return "Write a list, for example: " + r.shown(a.Name, a.Example)
	}
	remedy := "Write it in brackets"
	if isText && !r.json {
		remedy += ", without quotes"
	}
	if len(parts) == 1 && a.Type == schema.References {
		remedy, parts = remedy+", with the kind before the name", []string{a.Kinds[0], parts[0]}
	}
	return remedy + ": " + r.shown(a.Name, "["+strings.Join(parts, ".")+"]")
}

func (r *reader) element(a *schema.Attribute, v value) Expr {
	switch a.Type {
	case schema.References:
		return r.referenceElement(a, v)
	case schema.Words:
		return r.wordElement(a, v)
	default:
		if s, ok := v.text(); ok {
			return String{Value: s, Range: v.where()}
		}
		if e, ok := r.nested(a, v); ok {
			return e
		}
		if givenPlain(v) {
			return r.wrong(v, element(a, aText, r.asTextRemedy()))
		}
		return r.wrong(v, element(a, aText, "Write the elements in quotes, for example: "+r.shown(a.Name, a.Example)))
	}
}

func (r *reader) wordElement(a *schema.Attribute, v value) Expr {
	parts, ok := v.reference()
	word := ok && len(parts) == 1
	if word && slices.Contains(a.Values, parts[0]) {
		return Reference{Parts: parts, Range: v.where()}
	}
	shown := a.Values
	if r.json {
		shown = quoted(shown)
	}
	if word {
		return r.oneOf(a, parts[0], shown, Invalid{Range: v.where()})
	}
	if e, ok := r.nested(a, v); ok {
		return e
	}
	if e, ok := r.computed(v, v.found()); ok {
		return e
	}
	remedy := "Write words, for example: " + r.shown(a.Name, a.Example)
	if s, isText := v.text(); isText && slices.Contains(a.Values, s) {
		remedy = "A word is written without quotes: " + s + "."
	} else if isText {
		known := listed(shown)
		if _, given := v.(result); !r.json && !given {
			known += ", written without quotes"
		}
		r.report(diag.InvalidValue, v.where(), fmt.Sprintf("%s can't be %s", a.Name, quote(s)), suggestion(s, a.Values)+"It is one of "+known+".")
		if near := diag.Sure(s, a.Values); near != "" {
			r.mendWord(v.where(), near, false)
		}
		return Invalid{Range: v.where()}
	}
	return r.wrong(v, element(a, "a word", remedy))
}

func wantedList(a *schema.Attribute) string {
	switch a.Type {
	case schema.References:
		return aReferenceList
	case schema.Words:
		return "a list of words"
	default:
		return "a list of texts"
	}
}

func (r *reader) object(a *schema.Attribute, v value) Expr {
	members, ok := v.object()
	if e, computes := r.computedKeys(members, v); computes {
		return e
	}
	if !ok {
		return r.wrong(v, whole(a, "a map", "Write a map, for example: "+r.shown(a.Name, a.Example)))
	}
	out := Object{Range: v.where(), Entries: make([]Entry, 0, len(members))}
	seen := make(map[string]hcl.Range, len(members))
	for _, m := range members {
		if m.odd {
			r.report(diag.UnsupportedExpr, m.keyRange, a.Name+" has a computed key", "Only literals are understood here. Write the key out.")
			continue
		}
		if first, twice := seen[m.key]; twice {
			r.duplicateAttr(m.key, m.keyRange, first)
			continue
		}
		seen[m.key] = m.keyRange
		out.Entries = append(out.Entries, Entry{Key: Label{Value: m.key, Range: m.keyRange}, Value: r.entry(a, m)})
	}
	return out
}

func (r *reader) entry(a *schema.Attribute, m member) Expr {
	if s, ok := m.value.text(); ok {
		return String{Value: s, Range: m.value.where()}
	}
	remedy := "Write the value in quotes."
	if givenPlain(m.value) {
		remedy = r.asTextRemedy()
	}
	if _, several := m.value.list(); several {
		remedy = "A label has one value."
		if a.Name == "match" {
			remedy += " For members with either of two, write a group for each, and name both in from or to, or in a group of groups."
		}
	}
	return r.wrong(m.value, mismatch{subject: a.Name + "." + m.key, want: aText, remedy: remedy, attr: a})
}

// isPath reports whether an expression is what a text of words and slashes looks like without quotes. Nobody means to divide one by the other.
func isPath(e hclsyntax.Expression) bool {
	b, ok := e.(*hclsyntax.BinaryOpExpr)
	if !ok || b.Op != hclsyntax.OpDivide {
		return false
	}
	word := func(e hclsyntax.Expression) bool {
		parts, ok := native(e).reference()
		return ok && len(parts) == 1 && !slices.Contains(variables, parts[0])
	}
	return (word(b.LHS) || isPath(b.LHS)) && word(b.RHS)
}

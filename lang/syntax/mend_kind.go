package syntax

import (
	"slices"
	"strconv"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/diag"
	"gatehouse/lang/schema"
)

// kindless is a name that stands where a reference is wanted, without its kind: "prod" for environment.prod. Which kind was left out can be told once
// all files are read.
type kindless struct {
	at    hcl.Range
	name  string
	attr  *schema.Attribute
	whole bool // it stands for all of the attribute's value
	json  bool
}

// noteKindless keeps what a value without a fix may be a name of.
func (r *reader) noteKindless(a *schema.Attribute, v value, whole bool) {
	if a.Type != schema.Reference && a.Type != schema.References {
		return
	}
	parts, ok := v.reference()
	if !ok {
		parts, ok = textReference(v)
	}
	if ok && len(parts) == 1 {
		r.kindless = append(r.kindless, kindless{v.where(), parts[0], a, whole, r.json})
	}
}

// mendKinds gives what is said of names without a kind a fix, where one thing alone is called so: of the kinds that may stand there, and among
// values. Of a for_each it isn't sure that all that it declares was meant.
func (t *Tree) mendKinds(list []kindless, diags diag.List) {
	if len(list) == 0 || t.Partial || len(t.Lost) > 0 {
		return
	}
	names, at := t.names(), map[hcl.Range]int{}
	for i, d := range diags {
		if d.Code == diag.WrongType && len(d.Fixes) == 0 {
			at[d.Subject] = i
		}
	}
	for _, k := range list {
		called := slices.DeleteFunc(slices.Clone(names[k.name]), func(kind string) bool { return kind != "" && !slices.Contains(k.attr.Kinds, kind) })
		if len(called) != 1 || called[0] == "" {
			continue
		}
		if i, found := at[k.at]; found {
			text := k.spelt(called[0])
			diags[i].Fixes = []diag.Fix{diag.Replace(k.at, text, "write "+text)}
		}
	}
}

// names returns the kinds of what is declared, by name; "" stands for values, and for what a for_each declares.
func (t *Tree) names() map[string][]string {
	names := map[string][]string{}
	for _, b := range t.Blocks {
		kind := b.Type
		if _, several := b.Attr(schema.ForEach); several || kind == schema.Variable || kind == schema.Locals {
			kind = ""
		}
		for _, l := range b.Labels {
			names[l.Value] = append(names[l.Value], kind)
		}
		if b.Type == schema.Locals {
			for _, a := range b.Attrs {
				names[a.Name] = append(names[a.Name], kind)
			}
		}
	}
	return names
}

func (k kindless) spelt(kind string) string {
	text := kind + "." + k.name
	if k.json {
		text = strconv.Quote(text)
	}
	if k.whole && k.attr.Type == schema.References {
		text = "[" + text + "]"
	}
	return text
}

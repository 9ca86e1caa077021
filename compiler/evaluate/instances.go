package evaluate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/schema"
	"gatehouse/lang/syntax"
)

// declared is a labelled block, and with for_each the declarations that it stands for.
type declared struct {
	block     *syntax.Block
	node      *node // its for_each; nil: it has none
	keys      []string
	instances map[string]*instance
	dropped   bool // another block has the name, and one of the two has for_each
	unsure    bool // what its for_each declares isn't known, or not wholly, which was reported
}

func (d *declared) addr() string { return d.block.Type + "." + d.block.Name() }

// reference is one declaration of a for_each, or a surface of it.
func (d *declared) reference(key string, surface []string, at hcl.Range) (cty.Value, bool) {
	if _, ok := d.instances[key]; !ok {
		return cty.NilVal, false
	}
	parts := append([]string{d.block.Type, d.block.Name() + "-" + key}, surface...)
	return syntax.ReferenceVal(parts, at), true
}

// references are all declarations of a for_each by key.
func (d *declared) references(surface []string, at hcl.Range) cty.Value {
	out := make(map[string]cty.Value, len(d.keys))
	for _, key := range d.keys {
		out[key], _ = d.reference(key, surface, at)
	}
	if len(out) == 0 {
		return cty.MapValEmpty(syntax.ReferenceType)
	}
	return cty.MapVal(out)
}

// hasPart reports whether words behind the name stand for a part of each declaration: a surface of stores.
func (d *declared) hasPart(words []string) bool {
	surfaces := []string{string(addr.Online), string(addr.Offline)}
	return len(words) == 0 || d.block.Type == string(addr.FeatureStore) && len(words) == 1 && slices.Contains(surfaces, words[0])
}

// noPart says what to do about a word behind the name that stands for no part: it may be meant for a surface, or for a key.
func (d *declared) noPart(word string) (summary, detail string) {
	near := diag.Nearest(word, d.surfaces())
	word = clipped(word)
	surface := word == string(addr.Online) || word == string(addr.Offline)
	_, isKey := d.instances[word]
	summary = fmt.Sprintf("%s has no part %q", d.addr(), word)
	switch {
	case surface && !isKey:
		return fmt.Sprintf("%s has no surfaces", d.addr()), fmt.Sprintf("Only feature stores have. Write %s.", d.addr())
	case near != "" && !isKey:
		return summary, fmt.Sprintf("Did you mean %s.%s?", d.addr(), near)
	case d.node.known && !isKey:
		return summary, fmt.Sprintf("Its block has for_each: write %s[KEY] for the declaration with that key, or %s for all of them. ", d.addr(), d.addr()) + keysAre(d.keys)
	}
	return summary, fmt.Sprintf("Its block has for_each: write %s[%q] for the declaration with that key, or %s for all of them.", d.addr(), word, d.addr())
}

// surfaces are those that each of a block's declarations has. Of a block that could not be read whole, they may be any.
func (d *declared) surfaces() []string {
	if d.block.Type != string(addr.FeatureStore) {
		return nil
	}
	return slices.DeleteFunc([]string{string(addr.Online), string(addr.Offline)}, func(s string) bool {
		return d.block.Child(s) == nil && !d.block.Partial
	})
}

// declareBlocks files every labelled block under its name. That two plain blocks have one name is for resolve to say.
func (ev *evaluator) declareBlocks() {
	for _, b := range ev.in.Blocks {
		if b.Type == schema.Variable || b.Type == schema.Locals {
			continue
		}
		d := &declared{block: b}
		ev.blocks = append(ev.blocks, d)
		if len(b.Labels) == 0 {
			continue
		}
		if a, ok := b.Attr(schema.ForEach); ok {
			ev.declareForEach(d, a)
		}
		ev.file(d)
	}
}

func (ev *evaluator) declareForEach(d *declared, a syntax.Attr) {
	d.node = &node{title: d.addr(), at: a.Range, of: d}
	if c, ok := a.Expr.(syntax.Computed); ok {
		d.node.expr = &expression{at: c.Range, loose: c.Loose, keys: keyPlaces(c)}
		ev.prepared[c.HCL] = d.node.expr
	}
	ev.nodes = append(ev.nodes, d.node)
}

func (ev *evaluator) file(d *declared) {
	kind := addr.Kind(d.block.Type)
	if ev.kinds[kind] == nil {
		ev.kinds[kind] = map[string]*declared{}
	}
	first, taken := ev.kinds[kind][d.block.Name()]
	switch {
	case !taken:
		ev.kinds[kind][d.block.Name()] = d
	case first.node != nil || d.node != nil:
		d.dropped = true
		ev.report(diag.DuplicateName, d.block.NameRange(), d.addr()+" is declared twice",
			"Names are unique for each block type in the whole policy, also where for_each makes several of one. Rename one of the two.",
			diag.Related{Message: "the first declaration", Range: first.block.NameRange()})
	}
}

// instantiate makes the declarations of a for_each, when its value is known.
func (ev *evaluator) instantiate(d *declared) bool {
	elems, ok := ev.elements(d)
	if !ok {
		return false
	}
	d.instances = make(map[string]*instance, len(elems))
	for _, e := range elems {
		if _, again := d.instances[e.key.AsString()]; again {
			places := d.node.expr.keys[e.key.AsString()]
			ev.report(diag.DuplicateName, placeIn(places, len(places)-1, d.node.expr.at), fmt.Sprintf("for_each of %s has %q twice", d.addr(), e.key.AsString()),
				"Each element declares one thing by its name. Leave the repetition out: toset(…) does.")
			continue
		}
		e.name, e.at = d.addr()+"-"+e.key.AsString(), placeIn(d.node.expr.keys[e.key.AsString()], 0, d.node.expr.at)
		d.keys = append(d.keys, e.key.AsString())
		d.instances[e.key.AsString()] = e
	}
	return true
}

// forEachRemedy says what a for_each is, in the syntax of its file.
func forEachRemedy(v cty.Value, at hcl.Range) string {
	if !strings.HasSuffix(at.Filename, syntax.JSONSuffix) {
		return "Write a map, whose keys become names and whose values are each.value, or a set of texts: for_each = toset([\"a\", \"b\"])"
	}
	if v.Type() == cty.String && v.IsKnown() && !v.IsNull() {
		if _, problem := syntax.ParseExpression(v.AsString()); problem == "" && strings.Contains(v.AsString(), ".") {
			return fmt.Sprintf("In JSON an expression stands in ${…}: \"for_each\": %q.", "${"+v.AsString()+"}")
		}
	}
	return "Write an object, whose keys become names and whose values are each.value, or an array of texts: \"for_each\": [\"a\", \"b\"]."
}

// elements reads a for_each: a map, or a set or list of texts.
func (ev *evaluator) elements(d *declared) ([]*instance, bool) {
	v, at := d.node.value, d.node.expr.at
	if ev.undeclared(v) {
		return nil, false
	}
	isMap := v.Type().IsMapType() || v.Type().IsObjectType()
	if v.IsNull() || !isMap && !v.CanIterateElements() {
		ev.report(diag.WrongType, at, "for_each is not a map or a set of texts", forEachRemedy(v, at))
		return nil, false
	}
	if v.LengthInt() > maxInstances {
		ev.report(diag.ExpressionLimit, at, fmt.Sprintf("for_each of %s has %d elements", d.addr(), v.LengthInt()),
			fmt.Sprintf("One block may declare %d things. Split it.", maxInstances))
		return nil, false
	}
	var out []*instance
	for it := v.ElementIterator(); it.Next(); {
		k, e := it.Element()
		if !isMap {
			k = e
		}
		if k.Type() != cty.String || k.IsNull() {
			ev.report(diag.WrongType, at, "an element of for_each is not a text", "Elements of a set become names. Write texts, or a map with texts for its keys.")
			return nil, false
		}
		out = append(out, &instance{key: k, value: e})
	}
	return out, true
}

// expand files the declarations of every for_each by their names.
func (ev *evaluator) expand() {
	ev.out.Several = map[string][]string{}
	for _, d := range ev.blocks {
		if d.node == nil || d.dropped {
			continue
		}
		ev.out.Several[d.block.Type] = append(ev.out.Several[d.block.Type], d.block.Name())
		if !d.node.known || !addr.ValidName(d.block.Name()) && d.block.Type != "test" {
			d.unsure = true
			continue
		}
		d.keys = slices.DeleteFunc(d.keys, func(key string) bool { return !ev.fileInstance(d, key) })
	}
}

func (ev *evaluator) fileInstance(d *declared, key string) bool {
	name, at := d.block.Name()+"-"+key, d.instances[key].at
	kind := addr.Kind(d.block.Type)
	if d.block.Type != "test" && (key == "" || !addr.ValidName(name)) {
		d.unsure = true
		if key == "" {
			ev.report(diag.InvalidName, at, "the key is empty", "What it declares would have no name of its own. Write a key that tells it from the others.")
			return false
		}
		ev.report(diag.InvalidName, at, fmt.Sprintf("the key %q makes no name for %s", clipped(key), diag.Article(d.block.Type)),
			fmt.Sprintf("It would be called %q. A name is made of a-z, 0-9, \"-\" and \"_\", starts with a letter and has at most 63 characters.", clipped(name)))
		return false
	}
	if first, taken := ev.kinds[kind][name]; taken {
		ev.report(diag.DuplicateName, at, fmt.Sprintf("%s.%s is declared twice", kind, name),
			fmt.Sprintf("%s with the key %q is called so, and so is another declaration. Rename one of the two.", d.addr(), key),
			diag.Related{Message: "the other declaration", Range: first.block.NameRange()})
		return false
	}
	ev.kinds[kind][name] = &declared{block: d.block}
	return true
}

// clipped keeps messages about absurd names readable.
func clipped(s string) string {
	const longest = 80
	if len(s) <= longest {
		return s
	}
	return s[:longest] + "…"
}

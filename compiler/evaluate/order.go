package evaluate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/syntax"
)

// node is what other expressions may need: a local, or the for_each of a block.
type node struct {
	title string // local.trainers, or the for_each of workload.trainer
	at    hcl.Range
	expr  *expression
	value cty.Value
	known bool // value is; false before it is evaluated, and where that failed
	of    *declared
	state state

	disputed bool // reported: another local has the name, so that the value isn't known
}

type state uint8

const (
	untouched state = iota
	entered
	done
)

func (ev *evaluator) declareLocals() {
	for _, b := range ev.in.Blocks {
		if b.Type != "locals" {
			continue
		}
		for _, a := range b.Attrs {
			ev.declareLocal(a)
		}
	}
}

func (ev *evaluator) declareLocal(a syntax.Attr) {
	at := a.Range
	at.End = at.Start
	at.End.Byte, at.End.Column = at.Start.Byte+len(a.Name), at.Start.Column+len([]rune(a.Name))
	if first := ev.locals[a.Name]; first != nil {
		first.disputed = true
		ev.report(diag.DuplicateName, at, fmt.Sprintf("local.%s is declared twice", a.Name),
			"Names of locals are unique in the whole policy, whatever block they are in. Rename one of the two.",
			diag.Related{Message: "the first declaration", Range: first.at})
		return
	}
	n := &node{title: "local." + a.Name, at: at}
	ev.locals[a.Name] = n
	ev.nodes = append(ev.nodes, n)
	if c, ok := a.Expr.(syntax.Computed); ok {
		n.expr = &expression{at: c.Range, loose: c.Loose}
		ev.prepared[c.HCL] = n.expr // the rewriter fills it, when all names are known
	}
}

// allOf is a node that is known when all declarations of a kind are.
func (ev *evaluator) allOf(kind addr.Kind) *node {
	if n := ev.everyOf[kind]; n != nil {
		return n
	}
	n := &node{title: string(kind) + "[…]", expr: &expression{}}
	ev.everyOf[kind] = n
	for _, name := range sortedKeys(ev.kinds[kind]) {
		if d := ev.kinds[kind][name]; d.node != nil {
			n.expr.needs = append(n.expr.needs, need{d.node, d.node.at})
		}
	}
	return n
}

// settle evaluates locals and for_each, each after what it needs. It keeps a stack of its own: chains may be long.
func (ev *evaluator) settle() {
	slices.SortStableFunc(ev.nodes, func(a, b *node) int { return comparePlaces(a.at, b.at) })
	for _, n := range ev.nodes {
		ev.settleFrom(n)
	}
	for _, kind := range addr.Kinds() {
		if n := ev.everyOf[kind]; n != nil {
			ev.settleFrom(n)
		}
	}
}

// step is a node on the stack, and which of its needs is looked at.
type step struct {
	node *node
	next int
}

func (ev *evaluator) settleFrom(start *node) {
	if start.state != untouched {
		return
	}
	start.state = entered
	stack := []step{{node: start}}
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		if top.node.expr != nil && top.next < len(top.node.expr.needs) {
			n := top.node.expr.needs[top.next].node
			top.next++
			switch n.state {
			case untouched:
				n.state = entered
				stack = append(stack, step{node: n})
			case entered:
				ev.cycle(stack, n)
			}
			continue
		}
		stack = stack[:len(stack)-1]
		top.node.state = done
		ev.evaluateNode(top.node)
	}
}

func (ev *evaluator) evaluateNode(n *node) {
	switch {
	case n.expr == nil || n.expr.broken || n.disputed:
	case n.expr.hcl == nil: // all declarations of a kind
		n.known = !slices.ContainsFunc(n.expr.needs, func(d need) bool { return !d.node.known })
	default:
		n.value, n.known = ev.value(n.expr, nil)
		if n.known && n.of != nil {
			n.known = ev.instantiate(n.of)
		}
	}
}

// cycle reports what is made of itself, once, with every place where it goes on. Whatever is in it stays unknown.
func (ev *evaluator) cycle(stack []step, back *node) {
	from := slices.IndexFunc(stack, func(s step) bool { return s.node == back })
	ring := slices.Clone(stack[from:])
	if slices.ContainsFunc(ring, func(s step) bool { return s.node.expr.broken }) {
		return // a part of it was told already
	}
	first := 0
	for i, s := range ring {
		s.node.expr.broken = true
		if comparePlaces(s.node.at, ring[first].node.at) < 0 && s.node.expr.hcl != nil {
			first = i
		}
	}
	ring = append(ring[first:], ring[:first]...)
	var names []string
	var related []diag.Related
	for i, s := range ring {
		next := ring[(i+1)%len(ring)].node
		names = append(names, s.node.title)
		if i >= longestShown/2 && i < len(ring)-longestShown/2 {
			continue
		}
		related = append(related, diag.Related{Message: fmt.Sprintf("%s needs %s here", s.node.title, next.title), Range: s.node.expr.needs[s.next-1].at})
	}
	ev.report(diag.Cycle, ring[0].node.at, names[0]+" is made of itself",
		shortened(append(names, names[0]))+". Break the circle at one of the places shown.", related...)
}

// longestShown bounds the names of a circle that are shown.
const longestShown = 20

// shortened prints a way from name to name; of a very long one, the ends.
func shortened(names []string) string {
	if len(names) > longestShown+1 {
		names = slices.Concat(names[:longestShown/2], []string{"…"}, names[len(names)-longestShown/2:])
	}
	return strings.Join(names, " → ")
}

func comparePlaces(a, b hcl.Range) int {
	return cmp.Or(cmp.Compare(a.Filename, b.Filename), cmp.Compare(a.Start.Byte, b.Start.Byte))
}

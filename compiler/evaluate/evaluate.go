// Package evaluate computes: it gives variables their values, evaluates locals and every expression of a policy, and makes of a block
// with for_each the declarations that it stands for. What comes out is a tree without expressions, as if somebody had written all of it by
// hand; resolve goes on from there. It looks no name up in a remote system, reads no file and no clock, and knows of references only
// that they are declared.
//
// What the language leaves open is settled so:
//   - A variable's value comes from its default, else from the environment (GATEHOUSE_VAR_name), which --var-file overrides, later files earlier
//     ones, which --var overrides. That is Terraform's order: what was named on the command line wins over what a shell happened to hold.
//   - A value from the environment or a flag is a text where the variable takes a text or anything, and else is read as an expression, as the native
//     syntax writes it, of constants alone. Variables of the environment that the policy doesn't declare are passed over; names in a
//     file or flag that it doesn't declare are errors.
//   - A reference is a value of its own type. It is equal to one that is written alike, knows where it was written, and is no text. Of a block with
//     for_each the name alone is the map of its declarations by key.
//   - A text that an expression gives where a reference or a word belongs is the one that it spells, as in JSON, so that variables can carry
//     references.
//   - In a list of references, a list, set or map stands for all its elements. One that turns out to be empty leaves nothing, and a list
//     that has to name something is then empty, which is an error: an allow or a deny for nobody is seldom meant. Where it is empty because a
//     for_each is, a rule or a group is only warned of: a map that holds nothing today should not break what is written for tomorrow's.
//   - null gives nothing, and is an error in every attribute, so that a slip can't drop what narrows an allow.
//   - Both sides of a conditional are evaluated, and an error in the one that isn't taken is none.
//   - A declaration of a for_each is called NAME-KEY, and is an ordinary one. Of a test, whose name is a sentence, too.
//
// Everything has a budget: steps, sizes and depths are counted while an expression is evaluated, so that no policy takes long or much memory
// to refuse. A mistake is reported once; whatever hangs on it stays silent, by syntax.Invalid.
package evaluate

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty/function"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/schema"
	"gatehouse/lang/syntax"
)

// Evaluate returns a tree without variables, locals, for_each and syntax.Computed, and everything that is wrong with them, in no particular
// order. The tree that is given stays as it is, and blocks with nothing to evaluate are shared by both.
func Evaluate(t syntax.Tree, in Inputs) (syntax.Tree, diag.List) {
	return evaluateWithin(newBudget(), t, in)
}

func evaluateWithin(b *budget, t syntax.Tree, in Inputs) (syntax.Tree, diag.List) {
	if in.empty() && !computes(t) {
		return t, nil
	}
	ev := newEvaluator(t, b)
	ev.declareVariables(in)
	ev.declareLocals()
	ev.declareBlocks()
	ev.validate()
	ev.prepare()
	ev.settle()
	ev.expand()
	ev.reportUnknown()
	ev.fillAll()
	return ev.out, ev.diags
}

// evaluator is the state that the phases hand on.
type evaluator struct {
	in    syntax.Tree
	out   syntax.Tree
	diags diag.List

	schemas   map[string]*schema.Block
	words     map[string]bool // bare words that are values: read, write
	variables map[string]*variable
	locals    map[string]*node
	nodes     []*node // locals, then blocks with for_each: in order of place
	kinds     map[addr.Kind]map[string]*declared
	everyOf   map[addr.Kind]*node
	severals  bool        // some block has for_each
	blocks    []*declared // what becomes of the tree's blocks, in order
	prepared  map[any]*expression
	pending   []mention          // references inside of expressions
	unknown   map[string]bool    // those of them that were reported, as they are written
	wrongType map[hcl.Range]bool // expressions that were told to give values of another type
	budget    *budget
	lenient   bool // of names that only files and flags have
	unread    bool // some file of values, or a part of one: it may give what seems unset
	exhausted bool // the policy's budget, and that was reported
	functions map[string]function.Function
	spelling  int // comparisons that suggestions have cost so far
}

func newEvaluator(t syntax.Tree, b *budget) *evaluator {
	ev := &evaluator{
		in: t, out: t, schemas: map[string]*schema.Block{}, words: map[string]bool{}, variables: map[string]*variable{},
		locals: map[string]*node{}, kinds: map[addr.Kind]map[string]*declared{}, everyOf: map[addr.Kind]*node{}, prepared: map[any]*expression{}, unknown: map[string]bool{}, wrongType: map[hcl.Range]bool{},
		budget: b,
	}
	ev.functions = callable(ev.budget.spend)
	ev.out.Blocks = nil
	file := schema.File()
	for i := range file {
		ev.schemas[file[i].Type] = &file[i]
		for _, a := range file[i].Attrs {
			for _, w := range a.Values {
				if a.Type == schema.Words {
					ev.words[w] = true
				}
			}
		}
	}
	return ev
}

// computes reports whether a tree holds anything to evaluate.
func computes(t syntax.Tree) bool {
	for _, b := range t.Blocks {
		if b.Type == schema.Variable || b.Type == schema.Locals || blockComputes(b) {
			return true
		}
	}
	return false
}

func blockComputes(b *syntax.Block) bool {
	for i := range b.Attrs {
		if exprComputes(b.Attrs[i].Expr) {
			return true
		}
	}
	for _, inner := range b.Blocks {
		if blockComputes(inner) {
			return true
		}
	}
	return false
}

func exprComputes(e syntax.Expr) bool {
	switch e := e.(type) {
	case syntax.Computed:
		return true
	case syntax.Template:
		return templateComputes(e)
	case syntax.List:
		for _, elem := range e.Elems {
			if exprComputes(elem) {
				return true
			}
		}
	case syntax.Object:
		for _, entry := range e.Entries {
			if exprComputes(entry.Value) {
				return true
			}
		}
	}
	return false
}

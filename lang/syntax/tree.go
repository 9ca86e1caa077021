// Package syntax reads the files of a policy: it finds the root, bounds what the parser sees, parses native and JSON syntax into one
// form, checks blocks and attributes against the schema, and formats. It resolves nothing: references are still words.
//
// Where two readings were possible:
//   - The schema's shapes and closed sets of words are checked here; names, times, durations, kinds of references and repetitions in
//     lists need more than a table, and are left to whoever resolves.
//   - In the native syntax a reference or a word stands without quotes. In JSON a string in a reference's place is the reference, also as
//     "${workload.x}"; as a text it is a template, so that $${ stands for ${ in both.
//   - null is no value: it is an error, where HCL takes it for an attribute that is left out. In JSON, null in a block's place is no block.
//   - A UTF-8 byte order mark and CRLF are accepted, and formatted away.
//   - What follows from a mistake is not reported: a value that can't be read is Invalid, a block around broken text lacks nothing, a
//     misspelt attribute is not missing as well; Tree.Partial, Tree.Lost and Block.Partial say what may have been meant otherwise.
package syntax

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Tree is every block of a policy's files as they were written: checked against the schema, nothing resolved.
type Tree struct {
	Root   *Block   // the gatehouse block; nil where the files have none
	Blocks []*Block // every other top-level block, in order of file and position

	// Partial is set where some file could not be read whole. What seems undeclared may stand in what was lost, so that later stages
	// stay silent about it.
	Partial bool

	// Lost are the labels of blocks of an unknown type: what seems undeclared under one of these names was probably meant to be declared
	// there. Sorted, each once.
	Lost []string

	// Several are, by type, the labels of blocks with for_each whose declarations evaluation has put into their place: a reference may mean all of them.
	Several map[string][]string
}

// Block is one block, with only the attributes and blocks that the schema knows, each at most once where it may stand once.
type Block struct {
	Type   string
	Labels []Label
	Attrs  []Attr // in source order
	Blocks []*Block
	Decl   hcl.Range // the header, from the type to the last label

	// Instance says which of the declarations of a for_each this is, or of an in block, in which environment of one; nil: the block has none.
	Instance *Instance

	// Partial is set where an attribute or an inner block was not understood, and reported. What the block seems to lack, or to leave to a
	// default, may have been meant by it. It says nothing of what lies inside of inner blocks.
	Partial bool
}

// Instance is one element of a for_each.
type Instance struct {
	Key   string    // each.key; the block's label ends with it
	Range hcl.Range // of the key, where the for_each has it written out; otherwise of the for_each
}

// Label is a block's name.
type Label struct {
	Value string
	Range hcl.Range
}

// Attr is one attribute.
type Attr struct {
	Name  string
	Expr  Expr
	Range hcl.Range // name, sign and value
}

// Expr is an attribute's value. The forms that a policy is made of have types of their own, so that no parsed tree is kept alive;
// both syntaxes give the same forms, because the schema says where a JSON string is a reference, a template or text.
type Expr interface {
	Where() hcl.Range
	expr()
}

// String is a literal text.
type String struct {
	Value string
	Range hcl.Range
}

// Bool is true or false.
type Bool struct {
	Value bool
	Range hcl.Range
}

// Reference is a dotted name: environment.prod, feature_store.x.online, or a bare word such as read.
type Reference struct {
	Parts []string
	Range hcl.Range
}

// List is a bracketed list.
type List struct {
	Elems []Expr
	Range hcl.Range

	// Made says of each element which one, as it was written, gave it; nil: every element stands as it is written, in a block that declares
	// one thing.
	Made []Giver

	// Vain are the names in an empty list that stand for the declarations of a for_each which has none; nil: the list is empty as it is written, or an
	// expression gave nothing.
	Vain []Vain
}

// Vain is the name of a block with for_each that declares nothing.
type Vain struct {
	Name    string
	Range   hcl.Range // where the list has it
	ForEach hcl.Range
}

// Giver is an element of a list as it was written. It gives none, one or several of those that evaluation makes.
type Giver struct {
	Range   hcl.Range
	Varies  bool // it hangs on a variable, a local or each: with other values it gives other elements
	Literal bool // it is one literal, which gives itself, in a block that declares one thing
}

// Object is a map with literal keys, in source order.
type Object struct {
	Entries []Entry
	Range   hcl.Range
}

// Entry is one element of an Object.
type Entry struct {
	Key   Label
	Value Expr
}

// Template is text to be evaluated later, such as "${name}@acme.example": it is kept only where the schema allows one.
type Template struct {
	HCL   hcl.Expression
	Scope *hcl.EvalContext // what of it is known before a place is: variables, locals, each, functions; nil: nothing
	Range hcl.Range
}

// Computed is a value that has to be evaluated first: an expression over variables, locals, functions or each. It stands only where the
// schema lets one stand; what evaluates it reads the result by the same table as a literal (Literal).
type Computed struct {
	HCL   hclsyntax.Expression
	Range hcl.Range
	Loose bool // places inside of the expression are not exact: escapes of a JSON string shifted them
}

// Invalid stands where a value was reported already, so that later stages stay silent about it.
type Invalid struct {
	Range hcl.Range
}

// Where returns the place of the expression.
func (e String) Where() hcl.Range    { return e.Range }
func (e Bool) Where() hcl.Range      { return e.Range }
func (e Reference) Where() hcl.Range { return e.Range }
func (e List) Where() hcl.Range      { return e.Range }
func (e Object) Where() hcl.Range    { return e.Range }
func (e Template) Where() hcl.Range  { return e.Range }
func (e Computed) Where() hcl.Range  { return e.Range }
func (e Invalid) Where() hcl.Range   { return e.Range }

func (String) expr()    {}
func (Bool) expr()      {}
func (Reference) expr() {}
func (List) expr()      {}
func (Object) expr()    {}
func (Template) expr()  {}
func (Computed) expr()  {}
func (Invalid) expr()   {}

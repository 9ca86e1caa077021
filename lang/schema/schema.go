// Package schema is the table of the language: every block and attribute with its type, whether it is required, and its documentation.
// It is plain data, walked by the reader of both syntaxes, by completion and by the generated reference. It is not a validator: it
// knows the shape of a policy, not its meaning.
package schema

// Type says what an attribute's value is written as.
type Type uint8

// The types. A value is a literal, a reference or an expression that gives one; where an attribute or its block is Static, it can't be an
// expression.
const (
	// Text is a quoted text without interpolation.
	Text Type = iota + 1
	// Template is a quoted text that may hold ${name}, ${environment} and ${labels...}.
	Template
	// Bool is true or false.
	Bool
	// Enum is a quoted text, one of Attribute.Values.
	Enum
	// References is a list of dotted names, each of one of Attribute.Kinds.
	References
	// Reference is one dotted name, of one of Attribute.Kinds.
	Reference
	// Words is a list of bare words, each one of Attribute.Values.
	Words
	// Texts is a list of quoted texts.
	Texts
	// Labels is a map of words to quoted texts.
	Labels
	// Time is a quoted RFC 3339 time.
	Time
	// Duration is a quoted duration such as "720h".
	Duration
	// Value is any value, also one that no attribute takes by itself: a number, a map of maps.
	Value
	// ValueType is a type of values, such as list(string).
	ValueType
)

// Attribute is one attribute of a block.
type Attribute struct {
	Name     string
	Type     Type
	Required bool
	Kinds    []string // Reference and References: the block types that may be referred to
	Values   []string // Enum and Words: what may be written
	Default  string   // what holds where the attribute is left out, as the policy would write it; empty: nothing
	Example  string   // a value as the native syntax writes it
	Doc      string   // sentences
	Refused  string   // not empty: the attribute is known and never right here; this says why
	Static   bool     // literals alone stand here
	Instead  string   // not empty: the block's other attribute that says the same in another way; only one of the two stands
}

// Block is one block type.
type Block struct {
	Type     string
	Label    string // what the one label is, such as "name"; empty: the block has none
	Repeat   bool   // may stand more than once, once for each label
	Many     bool   // has no label and may stand more than once all the same: each adds to what the others say
	Required bool
	Static   bool // literals alone stand in it
	Attrs    []Attribute
	Any      *Attribute // not nil: attributes of any name may stand here, and this is what each of them is
	Blocks   []Block
	Doc      string
}

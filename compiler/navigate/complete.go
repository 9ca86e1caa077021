package navigate

import "slices"

// ProposalKind says what a proposal is, for the sign that an editor puts beside it.
type ProposalKind uint8

// The kinds of proposals.
const (
	ProposeBlock ProposalKind = iota + 1
	ProposeAttribute
	ProposeValue
	ProposeReference
	ProposeWord // a name in an expression: var, a template's name, a function
)

// Proposal is one thing that may be written at a place.
type Proposal struct {
	Kind    ProposalKind
	Label   string // what the list shows
	Detail  string // one line beside it
	Doc     string // Markdown; may be empty
	Text    string // what is written, as plain text
	Snippet string // the same with places to fill in, in the language server protocol's notation; empty: Text
	Replace Span   // what it replaces
	Rank    int    // lower comes first
}

// Complete returns what may be written at an offset, in order of rank. Nothing is proposed in comments, behind what is written in full, and
// where the table of the language knows nothing; in JSON, only inside of strings. With more, another answer may be had once more was
// typed: functions, and names of which there are very many, are only proposed to who has begun to write them.
func (v *View) Complete(f *File, offset int) (list []Proposal, more bool) {
	if f.isJSON() {
		return v.completeJSON(f, offset)
	}
	c := look(f.Text, offset)
	if c.silent || c.behind {
		return nil, false
	}
	w := writer{view: v, cursor: c, file: f}
	w.propose()
	return w.sorted(), w.more
}

// writer collects proposals for one place.
type writer struct {
	view   *View
	file   *File
	cursor cursor
	json   bool // the text stands in a JSON string, and the cursor in what the native syntax would say
	out    []Proposal
	more   bool
}

func (w *writer) add(p Proposal) { w.out = append(w.out, p) }

func (w *writer) propose() {
	c := &w.cursor
	switch {
	case c.inner().kind == inIndex:
		w.keys()
	case c.of != "":
		w.surfaces()
	case c.inside(inIndex):
		w.expressions(1)
	case c.inside(inTemplate):
		w.inExpression()
	case c.phase == atHead:
		if !c.quote {
			w.statements()
		}
	case c.phase == atLabel:
		w.label()
	default:
		if a, ok := c.attribute(); ok {
			w.value(a)
		} else if s, ok := c.schema(); ok && s.Any != nil {
			w.free()
		}
	}
}

// sorted returns the proposals in order of rank, each with what it replaces.
func (w *writer) sorted() []Proposal {
	for i := range w.out {
		if w.out[i].Replace == (Span{}) {
			w.out[i].Replace = w.cursor.word
		}
	}
	slices.SortStableFunc(w.out, func(a, b Proposal) int { return a.Rank - b.Rank }) // the table's own order means something
	return w.out
}

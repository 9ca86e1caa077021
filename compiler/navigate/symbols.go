package navigate

import (
	"cmp"
	"slices"
	"strings"

	"gatehouse/lang/syntax"
)

// Symbol is one block of a file, for an outline and for finding it by name.
type Symbol struct {
	Kind   string // the block's type
	Name   string // its label, or its type where it has none
	Detail string // what tells it apart at a glance: an owner, a reason, what an allow is about
	File   string
	Whole  Span // from the block's type to its end
	Word   Span // its header
	Inner  []Symbol
}

// symbol outlines a block.
func (f *File) symbol(b *syntax.Block) Symbol {
	s := Symbol{Kind: b.Type, Name: b.Name(), Detail: detail(b), File: f.Name, Word: Span{b.Decl.Start.Byte, b.Decl.End.Byte}}
	if s.Name == "" {
		s.Name = b.Type
	}
	end := s.Word.End
	for _, a := range b.Attrs {
		end = max(end, a.Range.End.Byte)
	}
	for _, inner := range b.Blocks {
		one := f.symbol(inner)
		if inner.Name() != "" {
			one.Name = inner.Type + " " + inner.Name()
		}
		s.Inner = append(s.Inner, one)
		end = max(end, one.Whole.End)
	}
	s.Whole = Span{s.Word.Start, f.closing(s.Word.End, end)}
	return s
}

// closing returns the end of a native block whose header and last part end at the given places: behind its brace, when nothing but
// white space and comments stands before that.
func (f *File) closing(header, last int) int {
	if strings.HasSuffix(f.Name, syntax.JSONSuffix) || last > len(f.Text) {
		return last
	}
	s := newScanner(f.Text)
	s.at = header
	s.push(&frame{kind: inBody}) // the block's own, once its brace is met below
	open := strings.IndexByte(f.Text[header:], '{')
	if open < 0 {
		return last
	}
	s.at = max(header+open+1, last)
	for s.at < len(s.text) && len(s.stack) > 1 {
		s.run(s.at + 1)
		s.silent = false
	}
	if len(s.stack) > 1 {
		return last
	}
	return s.at
}

func detail(b *syntax.Block) string {
	for _, name := range []string{"owner", "reason", "tier", "policy", "guardrail", "issuer", "expect"} {
		if a, ok := b.Attr(name); ok {
			if s, ok := a.Expr.(syntax.String); ok {
				return s.Value
			}
		}
	}
	return ""
}

// mostFound bounds an answer to a search: nobody reads more.
const mostFound = 500

// Search returns the blocks at the top of all files whose type and name hold the letters of a query in order, without regard to case; those
// that hold it as it is come first. An empty query finds everything. There are at most 500.
func (x *Index) Search(query string) []Symbol {
	query = strings.ToLower(strings.TrimSpace(query))
	var out []Symbol
	for _, name := range x.names {
		for _, s := range x.files[name].Symbols {
			if within(query, strings.ToLower(s.Kind+"."+s.Name)) {
				out = append(out, s)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Symbol) int {
		return cmp.Or(cmp.Compare(worth(query, a), worth(query, b)), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Kind, b.Kind))
	})
	return out[:min(len(out), mostFound)]
}

func worth(query string, s Symbol) int {
	switch name := strings.ToLower(s.Name); {
	case strings.HasPrefix(name, query):
		return 0
	case strings.Contains(strings.ToLower(s.Kind)+"."+name, query):
		return 1
	default:
		return 2
	}
}

// within reports whether a text holds the letters of a query in order.
func within(query, text string) bool {
	for _, letter := range query {
		i := strings.IndexRune(text, letter)
		if i < 0 {
			return false
		}
		text = text[i+len(string(letter)):]
	}
	return true
}

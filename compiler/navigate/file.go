package navigate

import (
	"cmp"
	"slices"
	"strings"

	"gatehouse/lang/addr"
	"gatehouse/lang/schema"
	"gatehouse/lang/syntax"
)

// File is what is known of one file of a policy. It is never changed once it is made.
type File struct {
	Name        string // relative to the root, with slashes
	Text        string
	Occurrences []Occurrence        // by position, the wider before the narrower
	Symbols     []Symbol            // its blocks, in source order
	Labels      map[string][]string // what its workloads and resources are labelled with: keys, and the values of each, sorted
	Owners      []string            // that it names, sorted
	Torn        bool                // its form has mistakes, for which some of it may be lost

	byName   map[Name][]int
	declared []Name
	many     map[Name]bool   // the blocks with for_each
	shapes   map[Name]*shape // of variables and locals, as far as they are known
}

// ReadFile reads one file by itself, whatever the rest of its policy is.
func ReadFile(name, text string) *File {
	tree, _, _ := syntax.LoadFiles(map[string]string{name: text})
	files := ReadTree(tree, func(string) string { return text })
	if len(files) == 0 {
		return &File{Name: name, Text: text, Torn: tree.Partial}
	}
	files[0].Torn = tree.Partial
	return files[0]
}

// ReadTree reads the files of a tree that was loaded already; text gives theirs, and must be what was loaded. Files without a block are
// left out.
func ReadTree(tree syntax.Tree, text func(file string) string) []*File {
	blocks := tree.Blocks
	if tree.Root != nil {
		blocks = append([]*syntax.Block{tree.Root}, blocks...)
	}
	byFile := map[string][]*syntax.Block{}
	var names []string
	for _, b := range blocks {
		name := b.Decl.Filename
		if byFile[name] == nil {
			names = append(names, name)
		}
		byFile[name] = append(byFile[name], b)
	}
	slices.Sort(names)
	out := make([]*File, 0, len(names))
	for _, name := range names {
		out = append(out, readBlocks(name, text(name), byFile[name]))
	}
	return out
}

func readBlocks(name, text string, blocks []*syntax.Block) *File {
	slices.SortFunc(blocks, func(a, b *syntax.Block) int { return cmp.Compare(a.Decl.Start.Byte, b.Decl.Start.Byte) })
	f := &File{Name: name, Text: text, Labels: map[string][]string{}, many: map[Name]bool{}}
	for _, b := range blocks {
		f.block(b, nil)
		f.Symbols = append(f.Symbols, f.symbol(b))
	}
	f.order()
	return f
}

// order sorts what was noted, and notes where each name is.
func (f *File) order() {
	f.byName = map[Name][]int{}
	slices.SortStableFunc(f.Occurrences, func(a, b Occurrence) int {
		return cmp.Or(cmp.Compare(a.Whole.Start, b.Whole.Start), cmp.Compare(b.Whole.End, a.Whole.End))
	})
	for i, o := range f.Occurrences {
		f.byName[o.Name] = append(f.byName[o.Name], i)
		if o.Declares {
			f.declared = append(f.declared, o.Name)
		}
	}
	for key, values := range f.Labels {
		slices.Sort(values)
		f.Labels[key] = slices.Compact(values)
	}
	slices.Sort(f.Owners)
	f.Owners = slices.Compact(f.Owners)
}

// at returns the narrowest occurrence that a cursor touches.
func (f *File) at(offset int) (Occurrence, bool) {
	var best Occurrence
	found := false
	for _, o := range f.Occurrences {
		if o.Whole.Start > offset {
			break
		}
		if o.Whole.Contains(offset) && (!found || o.Whole.End-o.Whole.Start < best.Whole.End-best.Whole.Start) {
			best, found = o, true
		}
	}
	return best, found
}

// Renamed returns the same file under another name.
func (f *File) Renamed(name string) *File {
	out := *f
	out.Name, out.Symbols = name, slices.Clone(f.Symbols)
	for i := range out.Symbols {
		out.Symbols[i].File = name
	}
	return &out
}

func (f *File) add(o Occurrence) { f.Occurrences = append(f.Occurrences, o) }

// block notes what a block declares and refers to.
func (f *File) block(b *syntax.Block, outer *syntax.Block) {
	switch {
	case outer == nil && declares(b.Type) && len(b.Labels) == 1:
		n := Name{Kind: b.Type, Name: b.Labels[0].Value}
		f.label(n, b.Labels[0], true)
		if _, many := b.Attr(schema.ForEach); many {
			f.many[n] = true
		}
	case b.Type == "in" && len(b.Labels) == 1:
		f.label(Name{Kind: string(addr.Environment), Name: b.Labels[0].Value}, b.Labels[0], false)
	case outer != nil && outer.Type == string(addr.FeatureStore) && (b.Type == string(addr.Online) || b.Type == string(addr.Offline)):
		whole := Span{b.Decl.Start.Byte, b.Decl.End.Byte}
		f.add(Occurrence{Name: Name{outer.Type, outer.Name(), b.Type}, Declares: true, Word: whole, Whole: whole})
	}
	for _, a := range b.Attrs {
		f.attribute(b, a)
	}
	for _, inner := range b.Blocks {
		f.block(inner, b)
	}
}

// declares reports whether a block of the top declares a name that something can refer to, or that is worth finding.
func declares(blockType string) bool {
	s, ok := schema.Find(schema.File(), blockType)
	return ok && s.Label != ""
}

func (f *File) attribute(b *syntax.Block, a syntax.Attr) {
	switch {
	case b.Type == schema.Locals:
		at := a.Range.Start.Byte
		if word, ok := f.find(a.Name, Span{at, a.Range.End.Byte}); ok {
			f.add(Occurrence{Name: Name{Kind: kindLocal, Name: a.Name}, Declares: true, Word: word, Whole: word})
		}
	case a.Name == "labels" || a.Name == "match":
		f.labels(a.Expr)
	case a.Name == "owner":
		if s, ok := a.Expr.(syntax.String); ok && s.Value != "" {
			f.Owners = append(f.Owners, s.Value)
		}
	}
	f.shape(b, a)
	f.expression(a.Expr)
}

func (f *File) labels(e syntax.Expr) {
	object, ok := e.(syntax.Object)
	if !ok {
		return
	}
	for _, entry := range object.Entries {
		if entry.Key.Value == "" {
			continue // one that is being written
		}
		values := f.Labels[entry.Key.Value]
		if s, ok := entry.Value.(syntax.String); ok && s.Value != "" {
			values = append(values, s.Value)
		}
		f.Labels[entry.Key.Value] = values
	}
}

// label notes the name that a block's label is.
func (f *File) label(n Name, l syntax.Label, declares bool) {
	whole := Span{l.Range.Start.Byte, l.Range.End.Byte}
	word, ok := f.find(l.Value, whole)
	if !ok || n.Kind == kindTest {
		word = Span{}
	}
	f.add(Occurrence{Name: n, Declares: declares, Word: word, Whole: whole})
}

// find returns where a word stands in a span, as itself and not as a part of a longer one.
func (f *File) find(word string, in Span) (Span, bool) {
	if in.Start < 0 || in.End > len(f.Text) || in.Start > in.End || word == "" {
		return Span{}, false
	}
	text := f.Text[in.Start:in.End]
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return Span{}, false
		}
		start, end := from+i, from+i+len(word)
		if (start == 0 || !isName(text[start-1])) && (end == len(text) || !isName(text[end])) {
			return Span{in.Start + start, in.Start + end}, true
		}
		from = end
	}
}

func isName(c byte) bool { return isWord(c) && c != '.' }

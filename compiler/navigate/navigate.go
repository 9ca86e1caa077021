// Package navigate answers what an editor asks about a place in a policy: what stands here, where it is declared and used, what may be
// written, what a rename changes, and who reaches what by it. It is pure: it reads no file and knows no protocol; places are offsets in
// bytes, and whoever speaks to an editor counts as the editor does (cmd/gatehouse/lsp).
//
// It works while the text is broken. What is declared and referred to comes from the syntax tree, which survives mistakes elsewhere; what
// may be written at a cursor comes from a scanner of its own that never gives up on a file: the HCL parser recovers for diagnostics, and
// loses the block that one is typing.
//
// An Index is made of files read one by one, so that the file under the cursor is always as it stands in the editor, and only what hangs
// on the whole policy (who reaches what) may be one analysis old.
//
// Settled where two readings were possible:
//   - A rename changes the text alone. Where a remote name follows the declared one by a template, or ownership hangs on it, the answer
//     says so, and the next plan shows it.
//   - JSON files have occurrences, symbols and renames like native ones. Inside of a JSON string is proposed what a native file would hold
//     there; keys, closed sets of words and the documentation of both are left to the JSON Schema.
//   - In for_each's workload.x["key"] the name is x; the key belongs to the for_each, and is not renamed from a reference.
package navigate

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Span is a half-open range of a file's bytes.
type Span struct{ Start, End int }

// Contains reports whether a cursor at an offset touches the span: at its end too, where one has just typed.
func (s Span) Contains(offset int) bool { return s.Start <= offset && offset <= s.End }

// Place is a span of a file of the policy; its name is relative to the root, with slashes.
type Place struct {
	File string
	Span Span
}

// Name is what an occurrence names, such as {Kind: "workload", Name: "fraud-trainer"}. Kinds are the block types that can be referred to,
// and variable, local and test. Comparable.
type Name struct {
	Kind    string
	Name    string
	Surface string // of a feature store: online, offline; otherwise empty
}

// String prints a name as references write it.
func (n Name) String() string {
	kind := n.Kind
	if kind == kindVariable {
		kind = "var"
	}
	if n.Surface != "" {
		return kind + "." + n.Name + "." + n.Surface
	}
	return kind + "." + n.Name
}

// The kinds of names that have no address.
const (
	kindVariable = "variable"
	kindLocal    = "local"
	kindTest     = "test"
)

// Occurrence is one place where a name stands.
type Occurrence struct {
	Name     Name
	Declares bool
	Key      string // of a reference such as workload.x["key"]: which of a for_each's declarations is meant
	Word     Span   // the name alone, which a rename replaces; empty where the text spells it in an odd way
	Whole    Span   // the reference, or the label with its quotes
}

// Index is every file of a policy. It is never changed once it is made.
type Index struct {
	files map[string]*File
	names []string      // of files, sorted
	many  map[Name]bool // the blocks with for_each, in all files
}

// NewIndex returns the index of files.
func NewIndex(files ...*File) *Index {
	x := &Index{files: make(map[string]*File, len(files))}
	for _, f := range files {
		x.files[f.Name] = f
	}
	x.names = slices.Sorted(maps.Keys(x.files))
	x.gather()
	return x
}

func (x *Index) gather() {
	x.many = map[Name]bool{}
	for _, f := range x.files {
		maps.Copy(x.many, f.many)
	}
}

// With returns the index with one file added or replaced.
func (x *Index) With(f *File) *Index {
	out := &Index{files: maps.Clone(x.files), names: x.names}
	if out.files == nil {
		out.files = map[string]*File{}
	}
	if _, known := x.files[f.Name]; !known {
		out.names = slices.Sorted(slices.Values(append(slices.Clone(x.names), f.Name)))
	}
	out.files[f.Name] = f
	out.gather()
	return out
}

// File returns a file by its name, nil where the policy has none of it.
func (x *Index) File(name string) *File { return x.files[name] }

// At returns the occurrence that a cursor touches: the narrowest, where a surface stands inside of a reference.
func (x *Index) At(file string, offset int) (Occurrence, bool) {
	f := x.files[file]
	if f == nil {
		return Occurrence{}, false
	}
	o, ok := f.at(offset)
	if base, key := x.instance(o.Name); ok && key != "" {
		o = o.of(base, key)
	}
	return o, ok
}

// of is the occurrence of a declaration that a for_each makes, x-key, as one of its block x. A rename changes the block's part of it.
func (o Occurrence) of(base Name, key string) Occurrence {
	o.Name, o.Key = base, key
	if o.Word != (Span{}) {
		o.Word.End = o.Word.Start + len(base.Name)
	}
	return o
}

// instance returns the block whose for_each makes a declaration, and its key; the key is empty where the name is declared by itself.
func (x *Index) instance(n Name) (base Name, key string) {
	if len(x.many) == 0 {
		return n, ""
	}
	for at := len(n.Name) - 1; at > 0; at-- {
		if n.Name[at] == '-' && x.many[Name{Kind: n.Kind, Name: n.Name[:at]}] && len(x.Declarations(Name{Kind: n.Kind, Name: n.Name})) == 0 {
			return Name{Kind: n.Kind, Name: n.Name[:at], Surface: n.Surface}, n.Name[at+1:]
		}
	}
	return n, ""
}

// Declarations returns where a name is declared: once in a sound policy.
func (x *Index) Declarations(n Name) []Place {
	return x.places(n, func(o Occurrence) bool { return o.Declares })
}

// References returns where a name is used, but not where it is declared.
func (x *Index) References(n Name) []Place {
	return x.places(n, func(o Occurrence) bool { return !o.Declares })
}

// Occurrences returns every place of a name, in order of file and position. A feature store occurs wherever one of its surfaces does, and a
// block with for_each wherever one of its declarations does.
func (x *Index) Occurrences(n Name) []Place {
	return x.places(n, func(Occurrence) bool { return true })
}

func (x *Index) places(n Name, keep func(Occurrence) bool) []Place {
	var out []Place
	for _, name := range x.names {
		for _, o := range x.occurrences(x.files[name], n) {
			if keep(o) {
				out = append(out, Place{name, o.shown()})
			}
		}
	}
	return out
}

// occurrences returns those of a name in one file, by position.
func (x *Index) occurrences(f *File, n Name) []Occurrence {
	var out []Occurrence
	for _, i := range f.byName[n] {
		out = append(out, f.Occurrences[i])
	}
	if !x.isMany(n) {
		return out
	}
	for other, places := range f.byName {
		if !strings.HasPrefix(other.Name, n.Name+"-") || other.Kind != n.Kind || other.Surface != n.Surface {
			continue
		}
		if base, key := x.instance(other); base == n && key != "" {
			for _, i := range places {
				out = append(out, f.Occurrences[i].of(base, key))
			}
		}
	}
	slices.SortFunc(out, func(a, b Occurrence) int { return cmp.Compare(a.Whole.Start, b.Whole.Start) })
	return out
}

// isMany reports whether a name is of a block with for_each.
func (x *Index) isMany(n Name) bool {
	n.Surface = ""
	return x.many[n]
}

// shown is what an editor marks of an occurrence.
func (o Occurrence) shown() Span {
	if o.Word == (Span{}) {
		return o.Whole
	}
	return o.Word
}

// declared returns every declared name of the given kinds, sorted, each once.
func (x *Index) declared(kinds ...string) []Name {
	var out []Name
	for _, file := range x.names {
		for _, n := range x.files[file].declared {
			if slices.Contains(kinds, n.Kind) {
				out = append(out, n)
			}
		}
	}
	slices.SortFunc(out, compareNames)
	return slices.Compact(out)
}

func compareNames(a, b Name) int {
	return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Name, b.Name), strings.Compare(a.Surface, b.Surface))
}

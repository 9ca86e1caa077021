package navigate

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// Edit replaces a span of a file.
type Edit struct {
	Place Place
	Text  string
}

// Renaming is what a rename changes.
type Renaming struct {
	Name  Name   // the old one
	Edits []Edit // in order of file and position
}

// Renamable returns the name that a cursor touches and its place, or why it can't be renamed.
func (x *Index) Renamable(file string, offset int) (Occurrence, error) {
	o, ok := x.At(file, offset)
	switch {
	case !ok:
		return o, fmt.Errorf("no name stands here: put the cursor on a block's label or on a reference")
	case o.Name.Surface != "":
		return o, fmt.Errorf("%s is a surface: surfaces have no names of their own", o.Name)
	case o.Name.Kind == kindTest:
		return o, fmt.Errorf("nothing refers to a test by its name: edit it in place")
	case len(x.Declarations(o.Name)) == 0:
		return o, fmt.Errorf("%s is not declared: correct the reference instead", o.Name)
	case len(x.Declarations(o.Name)) > 1:
		return o, fmt.Errorf("%s is declared %d times: which one is meant can't be told", o.Name, len(x.Declarations(o.Name)))
	case o.Word == (Span{}):
		return o, fmt.Errorf("%s is spelt with escapes here: edit it by hand", o.Name)
	case o.Key != "" && offset > o.Word.End:
		return o, x.isKey(o)
	}
	return o, nil
}

// isKey says why the key in workload.x["key"], or in workload.x-key, has no name that could be changed from there.
func (x *Index) isKey(o Occurrence) error {
	declared := x.Declarations(o.Name)[0]
	return fmt.Errorf("%q is no name but a key of %s's for_each: change it there (%s line %d), or put the cursor on %s to rename the block",
		o.Key, o.Name, declared.File, x.files[declared.File].line(declared.Span.Start), o.Name.Name)
}

// Rename returns the edits that give the name under a cursor another one, everywhere; none, where it is the one that it has. A name that is
// none, or taken, is an error.
func (x *Index) Rename(file string, offset int, to string) (Renaming, error) {
	o, err := x.Renamable(file, offset)
	if err != nil {
		return Renaming{}, err
	}
	if !validName(o.Name.Kind, to) {
		return Renaming{}, fmt.Errorf("%q is no name: at most 63 of a-z, 0-9, - and _, a letter first", to)
	}
	wanted := Name{Kind: o.Name.Kind, Name: to}
	if taken := x.Declarations(wanted); wanted != o.Name && len(taken) > 0 {
		return Renaming{}, fmt.Errorf("%s is declared already, in %s", wanted, taken[0].File)
	}
	out := Renaming{Name: o.Name}
	if wanted == o.Name {
		return out, nil
	}
	for _, name := range x.names {
		f := x.files[name]
		for _, one := range x.occurrences(f, o.Name) {
			if one.Word == (Span{}) {
				return Renaming{}, fmt.Errorf("%s is spelt with escapes in %s line %d: edit it by hand first", o.Name, name, f.line(one.Whole.Start))
			}
			out.Edits = append(out.Edits, Edit{Place{name, one.Word}, to})
		}
	}
	return out, nil
}

// bare is what may stand by itself in an expression: a local's name, an attribute's key.
var bare = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

func validName(kind, name string) bool {
	if kind == kindLocal {
		return bare.MatchString(name)
	}
	return addr.ValidName(name)
}

func (f *File) line(offset int) int { return 1 + strings.Count(f.Text[:offset], "\n") }

// Consequence says what a name's change changes out there, beside the text; nothing for most names.
func (v *View) Consequence(n Name) string {
	if addr.Kind(n.Kind) == addr.Environment {
		return "What Gatehouse owns is marked with its environment's name: what it has applied in " + n.Name +
			" it will not know as its own any more. gatehouse plan shows what that means."
	}
	declared := map[string]addr.Address{n.String(): n.address()}
	for i := range v.instances(n.Kind) {
		if i.base == n {
			declared[i.String()] = i.thing.address()
		}
	}
	for _, reference := range slices.Sorted(maps.Keys(declared)) {
		if name := v.templated(n, declared[reference]); name != "" {
			return "A template names " + reference + " in a remote system (" + name + "): that name changes with it. gatehouse plan shows it."
		}
	}
	return ""
}

// templated returns what a thing, which a block of that name declares, is called somewhere where the block doesn't say so itself; or nothing.
func (v *View) templated(block Name, a addr.Address) string {
	for _, s := range v.symbolsOf(block) {
		for _, name := range v.remoteNames(a) {
			if name.Value != "" && !s.spells(name.Range) {
				return name.Value
			}
		}
	}
	return ""
}

// spells reports whether a text stands in a block, elsewhere than in its label, which templates see.
func (s Symbol) spells(r hcl.Range) bool {
	return r.Filename == s.File && r.Start.Byte >= s.Word.End && r.End.Byte <= s.Whole.End
}

// remoteNames returns what a thing is called out there, in each of its environments.
func (v *View) remoteNames(a addr.Address) []model.Text {
	var out []model.Text
	if v.Policy == nil {
		return nil
	}
	if w := find(v.Policy.Workloads, func(w *model.Workload) bool { return w.Addr == a }); w != nil {
		for _, p := range w.Places {
			out = append(out, p.Service, p.ServiceAccount)
		}
	}
	if s := v.store(a); s != nil {
		for _, p := range s.Places {
			out = append(out, p.Service, p.Dataset)
		}
	}
	if s := v.secret(a); s != nil {
		for _, p := range s.Places {
			out = append(out, p.Secret)
		}
	}
	return out
}

package resolve

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unicode"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/lang/syntax"
)

// declaration is one block that declares a name.
type declaration struct {
	addr    addr.Address
	block   *syntax.Block
	second  bool // another block has the name already: it is checked, and left out of the policy
	badName bool // reported: what would be made of the name stays silent
	vain    bool // reported: it is a rule over nothing, since a for_each declares nothing, and left out of the policy

	// disputed: another block has the name too. What this one lacks may be what the other has.
	disputed bool
}

// title is how a declaration is called in messages. A test has no address.
func (d *declaration) title() string {
	if !slices.Contains(addr.Kinds(), d.addr.Kind) {
		return "the " + string(d.addr.Kind)
	}
	return d.addr.String()
}

// declare files every block under its name. Names are unique for each block type in the whole policy.
func (r *resolver) declare(t syntax.Tree) {
	count := map[string]int{}
	for _, b := range t.Blocks {
		count[b.Type]++
	}
	filed := map[string]*[]declaration{}
	for _, kind := range addr.Kinds() {
		room := make([]declaration, 0, count[string(kind)]) // all of them: what is declared stays in its place
		filed[string(kind)] = &room
		r.declared[kind] = make(map[string]*declaration, cap(room))
	}
	for _, b := range t.Blocks {
		of, ok := filed[b.Type]
		if !ok || len(b.Labels) == 0 {
			continue // the reader reported it
		}
		kind := addr.Kind(b.Type)
		*of = append(*of, declaration{addr: addr.New(kind, b.Name()), block: b, badName: !addr.ValidName(b.Name())})
		d := &(*of)[len(*of)-1]
		if d.badName && !strings.Contains(b.Name(), unreadLabel) {
			r.invalidName(b.Labels[0], blockWord(kind))
		}
		d.second = r.isSecond(d)
	}
	r.blocks = map[addr.Kind][]declaration{}
	for _, kind := range addr.Kinds() {
		r.blocks[kind] = *filed[string(kind)]
	}
}

// unsure reports whether what a declaration seems to lack may have been meant: the text, or part of it, was not understood.
func (r *resolver) unsure(d *declaration) bool { return r.partial || d.disputed || d.block.Partial }

func (r *resolver) isSecond(d *declaration) bool {
	names := r.declared[d.addr.Kind]
	first, taken := names[d.addr.Name]
	if taken {
		first.disputed = true
	}
	if !taken {
		names[d.addr.Name] = d
		return false
	}
	here, there := d.block.NameRange(), first.block.NameRange()
	if here == there { // two bodies of an array, in JSON, have one name between them
		here, there = d.block.Decl, first.block.Decl
	}
	r.error(diag.DuplicateName, here,
		fmt.Sprintf("%s is declared twice", d.addr),
		"Names are unique for each block type in the whole policy, whatever file they are in. Rename one of the two, or merge them.",
		diag.Related{Message: "the first declaration", Range: there})
	return true
}

// invalidName offers a better name and no fix: a declared name is an identity, of which remote names are made and to which other policies, claims
// and people refer.
func (r *resolver) invalidName(label syntax.Label, of string) {
	detail := "A name is made of a-z, 0-9, \"-\" and \"_\", starts with a letter and has at most 63 characters."
	if better := nearName(label.Value); better != "" {
		detail += fmt.Sprintf(" %q would do.", better)
	} else if odd := foreignLetter(label.Value); odd != 0 {
		detail += fmt.Sprintf(" %q (%U) is none of these.", odd, odd)
	}
	r.error(diag.InvalidName, label.Range, fmt.Sprintf("%q can't be the name of %s", label.Value, diag.Article(of)), detail)
}

// unreadLabel is what stands in a label for an expression, which the reader of the native syntax reported.
const unreadLabel = "${ ... }"

// transliterated are the letters that have one usual spelling in a-z.
var transliterated = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "æ", "ae", "ø", "oe", "å", "aa", "œ", "oe", "ñ", "n", "ç", "c",
	"á", "a", "à", "a", "â", "a", "ã", "a", "é", "e", "è", "e", "ê", "e", "ë", "e", "í", "i", "ì", "i", "î", "i", "ï", "i",
	"ó", "o", "ò", "o", "ô", "o", "õ", "o", "ú", "u", "ù", "u", "û", "u", "ý", "y", "ł", "l", "š", "s", "ž", "z", "č", "c", "ř", "r")

// nearName returns the nearest valid name, in which no letter is lost, or "".
func nearName(s string) string {
	if strings.Contains(s, "${") {
		return "" // somebody means to compute it
	}
	near := transliterated.Replace(strings.ToLower(s))
	if foreignLetter(near) != 0 {
		return ""
	}
	near = strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_':
			return c
		case c == ' ', c == '.', c == '/', c == ':':
			return '-'
		}
		return -1
	}, near)
	if near = strings.Trim(near, "-_"); !addr.ValidName(near) {
		return ""
	}
	return near
}

// foreignLetter is the first character beyond ASCII; 0: there is none.
func foreignLetter(s string) rune {
	for _, c := range s {
		if c > unicode.MaxASCII {
			return c
		}
	}
	return 0
}

// root reads the gatehouse block.
func (r *resolver) root(b *syntax.Block) {
	r.policy.Packs = []model.Text{{Value: "baseline"}}
	if b == nil {
		return // the reader reported it
	}
	r.policy.Decl = b.Decl
	if name, ok := r.text(b, "policy"); ok {
		r.policy.Name = name.Value
		if !addr.ValidName(name.Value) {
			r.invalidName(syntax.Label{Value: name.Value, Range: name.Range}, "policy")
		}
	}
	if packs, ok := r.texts(b, "packs"); ok {
		r.policy.Packs = packs
	}
	r.policy.Guardrails, _ = r.texts(b, "guardrails")
}

// sort puts every list of declarations in order of name, so that how blocks are spread over files never shows.
func (r *resolver) sort() {
	p := r.policy
	byName(p.Environments, func(e *model.Environment) string { return e.Name })
	byName(p.Providers, func(i *model.IdentityProvider) string { return i.Addr.Name })
	byName(p.Workloads, func(w *model.Workload) string { return w.Addr.Name })
	byName(p.Groups, func(g *model.Group) string { return g.Addr.Name })
	byName(p.Stores, func(s *model.FeatureStore) string { return s.Addr.Name })
	byName(p.Secrets, func(s *model.Secret) string { return s.Addr.Name })
	byName(p.Allows, func(a *model.Allow) string { return a.Addr.Name })
	byName(p.Denies, func(d *model.Deny) string { return d.Addr.Name })
	byName(p.Exceptions, func(e *model.Exception) string { return e.Addr.Name })
}

// byName sorts a list, in parts on goroutines of their own.
func byName[T any](list []T, name func(T) string) {
	type named struct {
		name string
		of   T
	}
	all := make([]named, len(list))
	for i, of := range list {
		all[i] = named{name(of), of}
	}
	compare := func(a, b named) int { return cmp.Compare(a.name, b.name) }
	var sorting sync.WaitGroup
	parts := slices.Collect(slices.Chunk(all, max(leastSorted, len(all)/min(runtime.GOMAXPROCS(0), mostParts)+1)))
	for _, part := range parts {
		sorting.Go(func() { slices.SortFunc(part, compare) })
	}
	sorting.Wait()
	for i := range list {
		first := -1
		for p := range parts {
			if len(parts[p]) > 0 && (first < 0 || parts[p][0].name < parts[first][0].name) {
				first = p
			}
		}
		list[i], parts[first] = parts[first][0].of, parts[first][1:]
	}
}

// The parts of a list that are sorted by themselves: how many names are worth a goroutine, and how many parts are merged one by one.
const (
	leastSorted = 2_000
	mostParts   = 4
)

package navigate

import (
	"maps"
	"slices"
	"strings"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// View is a policy as an editor sees it: its text as it stands, and what it meant when it was last understood.
type View struct {
	Index  *Index
	Policy *model.Policy // nil: never understood
	Graph  *access.Graph // nil: never sound
	Stale  bool          // the graph is of an earlier text, since this one has mistakes or was not understood yet
	At     time.Time     // the moment that questions are answered for

	Packs      []string    // of built-in guardrails
	Guardrails []Guardrail // that exceptions may waive
	Functions  []Function  // of expressions
}

// Guardrail is a rule that judges policies.
type Guardrail struct {
	ID    string // such as ownership/owner-is-team
	Title string
	Doc   string // Markdown
}

// Function is a function that expressions may call.
type Function struct {
	Name      string
	Signature string // such as concat(lists...)
	Doc       string
}

// labels returns every key that something is labelled with, and its values.
func (x *Index) labels() map[string][]string {
	out := map[string][]string{}
	for _, name := range x.names {
		for key, values := range x.files[name].Labels {
			out[key] = append(out[key], values...)
		}
	}
	for key, values := range out {
		slices.Sort(values)
		out[key] = slices.Compact(values)
	}
	return out
}

func (x *Index) owners() []string {
	set := map[string]bool{}
	for _, name := range x.names {
		for _, owner := range x.files[name].Owners {
			set[owner] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// address returns the address that a name stands for.
func (n Name) address() addr.Address {
	return addr.Address{Kind: addr.Kind(n.Kind), Name: n.Name, Surface: addr.Surface(n.Surface)}
}

func nameOf(a addr.Address) Name {
	return Name{Kind: string(a.Kind), Name: a.Name, Surface: string(a.Surface)}
}

// inOneLine says what tells a name apart, for a list to choose from; blocks are those that declare it.
func (v *View) inOneLine(n Name, blocks []Symbol) string {
	var facts []string
	for _, s := range blocks {
		if s.Detail != "" {
			facts = append(facts, s.Detail)
		}
	}
	if v.Policy != nil {
		if c := v.classification(n.address().Whole()); c != "" {
			facts = append(facts, string(c))
		}
	}
	return strings.Join(facts, ", ")
}

// symbolsOf returns the blocks that declare a name.
func (v *View) symbolsOf(n Name) []Symbol {
	var out []Symbol
	for _, p := range v.Index.Declarations(Name{Kind: n.Kind, Name: n.Name}) {
		for _, s := range v.Index.files[p.File].Symbols {
			if s.Whole.Contains(p.Span.Start) && s.Kind == n.Kind {
				out = append(out, s)
			}
		}
	}
	return out
}

func (v *View) classification(a addr.Address) model.Classification {
	if s := v.store(a); s != nil {
		return s.Classification
	}
	if s := v.secret(a); s != nil {
		return s.Classification
	}
	return ""
}

// docOf is what a list to choose from shows beside a name: the comment above its declaration.
func (v *View) docOf(blocks []Symbol) string {
	for _, s := range blocks {
		if text := commentAbove(v.Index.files[s.File].Text, s.Whole.Start); text != "" {
			return text
		}
	}
	return ""
}

// commentAbove returns the comment lines directly above a place.
func commentAbove(text string, at int) string {
	var lines []string
	for end := strings.LastIndexByte(text[:at], '\n'); end >= 0; {
		begin := strings.LastIndexByte(text[:end], '\n')
		line := strings.TrimSpace(text[begin+1 : end])
		if !strings.HasPrefix(line, "#") {
			break
		}
		lines = append(lines, strings.TrimSpace(strings.TrimLeft(line, "#")))
		end = begin
	}
	slices.Reverse(lines)
	return strings.Join(lines, "\n")
}

func find[T any](list []*T, is func(*T) bool) *T {
	if i := slices.IndexFunc(list, is); i >= 0 {
		return list[i]
	}
	return nil
}

func (v *View) store(a addr.Address) *model.FeatureStore {
	if v.Policy == nil {
		return nil
	}
	return find(v.Policy.Stores, func(s *model.FeatureStore) bool { return s.Addr == a })
}

func (v *View) secret(a addr.Address) *model.Secret {
	if v.Policy == nil {
		return nil
	}
	return find(v.Policy.Secrets, func(s *model.Secret) bool { return s.Addr == a })
}

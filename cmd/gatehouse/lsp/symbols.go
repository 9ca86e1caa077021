package lsp

import (
	"context"
	"slices"

	"gatehouse/compiler/navigate"
)

// symbolKinds gives each block type one of the protocol's kinds, for the sign beside it.
var symbolKinds = map[string]int{
	"gatehouse":         2,  // module
	"environment":       3,  // namespace
	"identity_provider": 11, // interface
	"workload":          5,  // class
	"group":             10, // enum
	"feature_store":     23, // struct
	"secret":            20, // key
	"allow":             12, // function
	"deny":              12,
	"exception":         24, // event
	"test":              6,  // method
	"variable":          13, // variable
	"locals":            13,
}

const symbolOther = 19 // object

func symbolKind(blockType string) int {
	if kind, ok := symbolKinds[blockType]; ok {
		return kind
	}
	return symbolOther
}

// documentSymbols outlines a document: as a tree, or flat for editors that know no trees.
func (s *server) documentSymbols(_ context.Context, p documentParams) (any, error) {
	d, err := s.open(p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	symbols := d.policy.view().Index.File(d.name).Symbols
	s.mu.Lock()
	tree := s.client.TextDocument.DocumentSymbol.Hierarchical
	s.mu.Unlock()
	if tree {
		return outline(symbols, d.lines), nil
	}
	out := []symbolInformation{}
	for _, symbol := range symbols {
		out = append(out, symbolInformation{title(symbol), symbolKind(symbol.Kind), location{d.uri, d.lines.span(symbol.Whole)}, ""})
	}
	return out, nil
}

func outline(symbols []navigate.Symbol, text lines) []documentSymbol {
	out := make([]documentSymbol, 0, len(symbols))
	for _, symbol := range symbols {
		out = append(out, documentSymbol{
			Name: title(symbol), Detail: symbol.Detail, Kind: symbolKind(symbol.Kind),
			Range: text.span(symbol.Whole), SelectionRange: text.span(symbol.Word), Children: outline(symbol.Inner, text),
		})
	}
	return out
}

// title is a symbol's name with its type, which alone tells workload.x from secret.x.
func title(s navigate.Symbol) string {
	if s.Name == s.Kind || len(s.Name) > len(s.Kind) && s.Name[:len(s.Kind)+1] == s.Kind+" " {
		return s.Name
	}
	return s.Kind + " " + s.Name
}

// workspaceSymbols searches all policies that are looked at.
func (s *server) workspaceSymbols(ctx context.Context, p queryParams) ([]symbolInformation, error) {
	s.mu.Lock()
	var all []*policy
	for _, p := range s.policies {
		all = append(all, p)
	}
	s.mu.Unlock()
	slices.SortFunc(all, func(a, b *policy) int {
		if a.key < b.key {
			return -1
		}
		return 1
	})
	out := []symbolInformation{}
	for _, one := range all {
		one.current(ctx)
		v := one.view()
		texts := textsOf(v.Index)
		for _, symbol := range v.Index.Search(p.Query) {
			out = append(out, symbolInformation{title(symbol), symbolKind(symbol.Kind),
				location{one.uri(symbol.File), texts.in(symbol.File).span(symbol.Word)}, symbol.File})
		}
	}
	return out, nil
}

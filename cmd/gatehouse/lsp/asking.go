package lsp

import (
	"context"
	"fmt"

	"gatehouse/compiler/navigate"
	"gatehouse/lang/diag"
)

// question is a request about a place in an open document.
type question struct {
	*document
	offset int
	view   *navigate.View
}

// question reads a request's place in the text as it stands. Where the policy was never read, it waits for that.
func (s *server) question(ctx context.Context, p positionParams) (question, error) {
	d, err := s.open(p.TextDocument.URI)
	if err != nil {
		return question{}, err
	}
	d.policy.begun(ctx)
	return question{d, d.lines.offset(p.Position), d.policy.view()}, nil
}

// here is the document's file in the view.
func (q question) here() *navigate.File { return q.view.Index.File(q.name) }

func (s *server) hover(ctx context.Context, p positionParams) (*hover, error) {
	d, err := s.open(p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	d.policy.current(ctx)
	q, err := s.question(ctx, p)
	if err != nil {
		return nil, err
	}
	card, ok := q.view.Hover(q.here(), q.offset)
	if !ok {
		return nil, nil
	}
	return &hover{markdown(card.Markdown), q.lines.span(card.Span)}, nil
}

// locations writes places as the protocol does, each counted in its file's text as the index knows it.
func (q question) locations(places []navigate.Place) []location {
	texts := q.texts()
	out := make([]location, len(places))
	for i, at := range places {
		out[i] = location{q.policy.uri(at.File), texts.in(at.File).span(at.Span)}
	}
	return out
}

func (q question) texts() *counted { return textsOf(q.view.Index) }

func textsOf(x *navigate.Index) *counted {
	return &counted{text: func(name string) string {
		if f := x.File(name); f != nil {
			return f.Text
		}
		return ""
	}, lines: map[string]lines{}}
}

func (s *server) definition(ctx context.Context, p positionParams) ([]location, error) {
	q, err := s.question(ctx, p)
	if err != nil {
		return nil, err
	}
	o, ok := q.view.Index.At(q.name, q.offset)
	if !ok {
		return nil, nil
	}
	return q.locations(q.view.Index.Declarations(o.Name)), nil
}

func (s *server) references(ctx context.Context, p referenceParams) ([]location, error) {
	q, err := s.question(ctx, p.positionParams)
	if err != nil {
		return nil, err
	}
	o, ok := q.view.Index.At(q.name, q.offset)
	if !ok {
		return nil, nil
	}
	if p.Context.IncludeDeclaration {
		return q.locations(q.view.Index.Occurrences(o.Name)), nil
	}
	return q.locations(q.view.Index.References(o.Name)), nil
}

// The protocol's kinds of highlights.
const (
	highlightRead  = 2
	highlightWrite = 3
)

func (s *server) highlights(ctx context.Context, p positionParams) ([]highlight, error) {
	q, err := s.question(ctx, p)
	if err != nil {
		return nil, err
	}
	o, ok := q.view.Index.At(q.name, q.offset)
	if !ok {
		return nil, nil
	}
	var out []highlight
	for _, kind := range []struct {
		places []navigate.Place
		kind   int
	}{{q.view.Index.Declarations(o.Name), highlightWrite}, {q.view.Index.References(o.Name), highlightRead}} {
		for _, at := range kind.places {
			if at.File == q.name {
				out = append(out, highlight{q.lines.span(at.Span), kind.kind})
			}
		}
	}
	return out, nil
}

func (s *server) prepareRename(ctx context.Context, p positionParams) (*renamable, error) {
	q, err := s.question(ctx, p)
	if err != nil {
		return nil, err
	}
	o, err := q.view.Index.Renamable(q.name, q.offset)
	if err != nil {
		return nil, err
	}
	return &renamable{q.lines.span(o.Word), o.Name.Name}, nil
}

// rename changes a name everywhere. It waits until the whole policy was read: an occurrence that is missed is a broken policy.
func (s *server) rename(ctx context.Context, p renameParams) (*workspaceEdit, error) {
	d, err := s.open(p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	if err := d.policy.upTo(ctx, d.policy.now(), func() int { return d.policy.read }); err != nil {
		return nil, fmt.Errorf("rename: %w", err)
	}
	q, err := s.question(ctx, p.positionParams)
	if err != nil {
		return nil, err
	}
	renaming, err := q.view.Index.Rename(q.name, q.offset, p.NewName)
	if err != nil {
		return nil, err
	}
	texts := q.texts()
	edit := &workspaceEdit{Changes: map[string][]textEdit{}}
	for _, e := range renaming.Edits {
		uri := q.policy.uri(e.Place.File)
		edit.Changes[uri] = append(edit.Changes[uri], textEdit{texts.in(e.Place.File).span(e.Place.Span), e.Text})
	}
	if len(renaming.Edits) == 0 {
		return edit, nil
	}
	if text := q.view.Consequence(renaming.Name); text != "" {
		s.show(severityInfo, text)
	}
	if torn := d.policy.torn(); len(torn) > 0 {
		s.show(severityWarning, "The old name may still stand in what could not be read: "+diag.Listed(torn, "and")+".")
	}
	return edit, nil
}

// settled answers once everything that was sent before was analysed and published.
func (s *server) settled(ctx context.Context, _ any) (none, error) {
	s.mu.Lock()
	var all []*policy
	for _, p := range s.policies {
		all = append(all, p)
	}
	s.mu.Unlock()
	for _, p := range all {
		if err := p.settle(ctx); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

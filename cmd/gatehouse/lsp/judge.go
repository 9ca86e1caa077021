package lsp

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/policies"
)

// judge is the guardrails of a policy, prepared once and kept until a file is saved or the policy asks for others.
type judge struct {
	asked  string
	engine *policies.Engine // nil where they can't be used
	diags  diag.List        // why
	found  []finding        // at the last judgement
}

// judgement bounds one run of the guardrails: an editor's user has moved on long before.
const judgement = 20 * time.Second

// judged has the guardrails judge a sound policy. What goes wrong with a guardrail is told at its line.
func (p *policy) judged(ctx context.Context, a *analysis) []finding {
	j, err := p.prepare(ctx, a.policy)
	if err != nil {
		if ctx.Err() == nil {
			p.server.logf("guardrails of %s: %v", p.key, err)
		}
		return nil
	}
	out := findings(j.diags)
	if j.engine == nil {
		return out
	}
	ctx, cancel := context.WithTimeout(ctx, judgement)
	defer cancel()
	results, err := j.engine.Evaluate(ctx, a.graph, p.server.o.Now())
	fault := (*policies.Fault)(nil)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		p.server.logf("guardrails of %s: not done after %s; run gatehouse check", p.key, judgement)
	case errors.As(err, &fault):
		return append(out, findings(diag.List{fault.Diagnostic()})...)
	case err != nil && ctx.Err() == nil:
		p.server.logf("guardrails of %s: %v", p.key, err)
	}
	for _, r := range results {
		out = append(out, finding{r.Diagnostic(), r.Guardrail})
	}
	return out
}

// prepare returns the guardrails that a policy asks for.
func (p *policy) prepare(ctx context.Context, m *model.Policy) (*judge, error) {
	asked := asks(m)
	p.mu.Lock()
	j := p.judge
	p.mu.Unlock()
	if j != nil && j.asked == asked {
		return j, nil
	}
	root, err := os.OpenRoot(p.root)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	engine, diags, err := policies.Prepare(ctx, policies.For(m, root.FS()))
	if err != nil {
		return nil, err
	}
	j = &judge{asked: asked, engine: engine, diags: diags}
	p.mu.Lock()
	p.judge = j
	p.mu.Unlock()
	return j, nil
}

// asks spells which guardrails a policy wants, and where it says so: diagnostics speak of the place.
func asks(m *model.Policy) string {
	var b strings.Builder
	for _, t := range slices.Concat(m.Packs, []model.Text{{Value: "|"}}, m.Guardrails) {
		b.WriteString(t.Value + "\x00" + t.Range.String() + "\x00")
	}
	return b.String()
}

// findingsSoFar returns what the guardrails last found, so that it doesn't flicker while they judge again.
func (p *policy) findingsSoFar() []finding {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.judge == nil {
		return nil
	}
	return p.judge.found
}

func (p *policy) remember(found []finding) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.judge != nil {
		p.judge.found = found
	}
}

// guardrailIDs returns the names of all built-in guardrails.
func (s *server) guardrailIDs() []string {
	var out []string
	for _, g := range s.guardrails() {
		out = append(out, g.ID)
	}
	return out
}

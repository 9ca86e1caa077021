package lsp

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/compiler/navigate"
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

// judged runs a sound policy's tests, and has its guardrails judge it. What goes wrong with a guardrail is told at its line.
func (p *policy) judged(ctx context.Context, a *analysis) []finding {
	now := p.server.o.Now()
	losses, unapplied := p.server.o.Targets(a.graph, now)
	out := findings(append(access.ReportTests(access.RunTests(a.graph, now)), unapplied...))
	j, err := p.prepare(ctx, a.policy)
	if err != nil {
		if ctx.Err() == nil {
			p.server.logf("guardrails of %s: %v", p.key, err)
		}
		return out
	}
	out = append(out, findings(j.diags)...)
	if j.engine == nil {
		return out
	}
	if wrong := j.engine.CheckExceptions(a.graph); wrong.HasErrors() {
		return append(out, findings(wrong)...)
	}
	world := policies.World{Graph: a.graph, Time: now, Losses: func() []access.Loss { return losses }}
	return append(out, p.ask(ctx, j.engine, world)...)
}

// ask has guardrails judge, for a bounded time. What an exception waives is no more than a hint.
func (p *policy) ask(ctx context.Context, engine *policies.Engine, world policies.World) []finding {
	ctx, cancel := context.WithTimeout(ctx, judgement)
	defer cancel()
	results, err := engine.Judge(ctx, world)
	fault := (*policies.Fault)(nil)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		p.server.logf("guardrails of %s: not done after %s; run gatehouse check", p.key, judgement)
	case errors.As(err, &fault):
		return findings(diag.List{fault.Diagnostic()})
	case err != nil && ctx.Err() == nil:
		p.server.logf("guardrails of %s: %v", p.key, err)
	}
	var out []finding
	for _, r := range results {
		d := r.Diagnostic()
		if r.Waiver != nil {
			d.Severity = note
			d.Detail = "Waived by " + r.Waiver.Exception.String() + ": " + r.Waiver.Reason
		}
		out = append(out, finding{d, r.Guardrail})
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

// guardrails returns all guardrails that an exception may waive: those that judged, and the built-in ones.
func (p *policy) guardrails() []navigate.Guardrail {
	p.mu.Lock()
	j := p.judge
	p.mu.Unlock()
	known := p.server.guardrails()
	if j != nil && j.engine != nil {
		known = slices.Concat(j.engine.Guardrails(), known)
	}
	var out []navigate.Guardrail
	for _, g := range known {
		if !slices.ContainsFunc(out, func(one navigate.Guardrail) bool { return one.ID == g.ID }) {
			out = append(out, navigate.Guardrail{ID: g.ID, Title: g.Title, Doc: guardrailText(g)})
		}
	}
	return out
}

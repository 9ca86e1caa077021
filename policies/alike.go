package policies

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"

	"github.com/open-policy-agent/opa/v1/topdown"

	"gatehouse/compiler/access"
	"gatehouse/lang/model"
)

// Most grants of a large policy differ in nothing that a guardrail looks at but to name it in a finding. This file has such guardrails judge
// one grant of each kind: only where that one is found fault with are the others like it shown, too.

// fewKinds is how many grants there must be of a kind, on average, for the detour to pay.
const fewKinds = 8

// sift returns the tasks of scope grant: every chunk for the guardrails that tell all grants apart, and for others those grants alone whose
// kind they object to.
func (e *Engine) sift(ctx context.Context, cancel topdown.Cancel, p *projection) []task {
	rest := e.questions[GrantScope]
	if len(rest) == 0 || len(p.lasting) < 2*chunkSize {
		return e.chunks(p, rest, indices(len(p.lasting)))
	}
	rest = nil
	var out []task
	for looks, questions := range e.alike() {
		if more, ok := e.siftAlike(ctx, cancel, p, looks, questions); ok {
			out = append(out, more...)
		} else {
			rest = append(rest, questions...)
		}
	}
	return append(out, e.chunks(p, rest, indices(len(p.lasting)))...)
}

// alike yields the questions of scope grant by what tells grants apart for them.
func (e *Engine) alike() func(yield func(looks, []question) bool) {
	return func(yield func(looks, []question) bool) {
		for l := range everything + 1 {
			var questions []question
			for _, q := range e.questions[GrantScope] {
				if q.looks == l {
					questions = append(questions, q)
				}
			}
			if len(questions) > 0 && !yield(l, questions) {
				return
			}
		}
	}
}

// siftAlike asks about one grant of each kind; false where there are too many kinds, or where a rule fails, which it shall do on the grant
// that it would fail on otherwise.
func (e *Engine) siftAlike(ctx context.Context, cancel topdown.Cancel, p *projection, l looks, questions []question) ([]task, bool) {
	kinds, ok := p.kinds(l, len(p.lasting)/fewKinds)
	if !ok {
		return nil, false
	}
	asked := make([]task, len(kinds))
	for i, kind := range kinds {
		asked[i] = e.chunks(p, questions, kind[:1])[0]
	}
	found, err := e.perform(ctx, cancel, asked)
	if err != nil {
		return nil, false
	}
	var out []task
	for i, findings := range found {
		if objecting := objections(findings); len(objecting) > 0 {
			out = append(out, e.chunks(p, objecting, kinds[i])...)
		}
	}
	return out, true
}

// objections returns the questions behind findings, each once.
func objections(findings []finding) []question {
	var out []question
	for _, f := range findings {
		if !slices.ContainsFunc(out, func(q question) bool { return q.guardrail == f.question.guardrail && q.level == f.question.level }) {
			out = append(out, *f.question)
		}
	}
	return out
}

// kinds gathers grants, as indices of lasting, that are alike but for what isn't looked at; false where there are more kinds than most.
func (p *projection) kinds(l looks, most int) ([][]int32, bool) {
	if l&lookAtSources != 0 {
		return nil, false
	}
	var out [][]int32
	known := map[string]int{}
	traits := p.traits()
	var key []byte
	for n := range p.lasting {
		key = p.kind(key[:0], int32(n), l, traits)
		i, seen := known[string(key)]
		if !seen {
			if i = len(out); i >= most {
				return nil, false
			}
			known[string(key)] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], int32(n))
	}
	return out, true
}

// traits are what tells the kinds of workloads and of resources apart, by number.
type traits struct{ workloads, resources []string }

func (p *projection) traits() traits {
	t := traits{make([]string, len(p.graph.Workloads)), make([]string, len(p.graph.Resources))}
	for i := range p.graph.Workloads {
		t.workloads[i] = string(appendFlag(nil, p.graph.Workloads[i].Interactive))
	}
	for i := range p.graph.Resources {
		r := &p.graph.Resources[i]
		b := appendTexts(nil, string(r.Addr.Kind), string(r.Addr.Surface), string(r.Classification), r.Protocol)
		t.resources[i] = string(binary.AppendVarint(b, int64(r.Rotation)))
	}
	return t
}

// at returns one of them, "" for what the graph doesn't declare.
func at(texts []string, number int32) string {
	if number < 0 {
		return ""
	}
	return texts[number]
}

// kind appends all that a grant's document holds but for the fields of looks that aren't looked at. It has to know every field of granter.
func (p *projection) kind(b []byte, n int32, l looks, t traits) []byte {
	one := p.lasting[n]
	g := &p.graph.Grants[one.grant]
	b = appendTexts(b, g.Environment, cmp.Or(g.Origin, g.Environment), string(g.Action), at(t.workloads, one.workload), at(t.resources, one.resource))
	if l&lookAtWorkload != 0 {
		b = appendTexts(b, g.Workload.Name)
	}
	if l&lookAtResource != 0 {
		b = appendTexts(b, string(g.Resource.Kind), g.Resource.Name)
	}
	b = appendRequests(b, []model.Request{g.Request})
	b = appendRequests(b, g.Except)
	b = appendFlag(b, p.held(n) == readAndWrite)
	b = appendFlag(b, g.Spans.Contains(p.at))
	b = appendSpan(b, hull(g.Spans))
	for i := range g.Sources {
		b = append(b, p.manner(g.Sources[i].From.Addr)...)
		b = appendSpan(b, g.Sources[i].Span)
	}
	return b
}

func appendTexts(b []byte, texts ...string) []byte {
	for _, t := range texts {
		b = append(binary.AppendUvarint(b, uint64(len(t))), t...)
	}
	return b
}

func appendRequests(b []byte, requests []model.Request) []byte {
	b = binary.AppendUvarint(b, uint64(len(requests)))
	for _, r := range requests {
		b = appendTexts(b, r.Methods, string(r.Kind), r.Path)
	}
	return b
}

func appendSpan(b []byte, s access.Span) []byte {
	return binary.AppendVarint(binary.AppendVarint(b, s.Start), s.End)
}

func appendFlag(b []byte, yes bool) []byte {
	if yes {
		return append(b, 1)
	}
	return append(b, 0)
}

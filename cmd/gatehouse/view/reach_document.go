package view

import (
	"slices"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
	"gatehouse/targets/reach"
)

// WhatCanDoc is the answer of what-can on the declared policy.
type WhatCanDoc struct {
	Format    string         `json:"format"`
	Policy    string         `json:"policy"`
	Time      time.Time      `json:"time"`
	Workloads []addr.Address `json:"workloads"` // who was asked about: several where a remote name is several workloads'
	Answers   []AnswerDoc    `json:"answers"`
}

// NewWhatCan returns what-can's answer for machines, without answers yet.
func NewWhatCan(policy string, at time.Time) WhatCanDoc {
	return WhatCanDoc{Format: "gatehouse.dev/what-can/v1", Policy: policy, Time: at, Workloads: []addr.Address{}, Answers: []AnswerDoc{}}
}

// Add adds what one workload reaches.
func (d *WhatCanDoc) Add(workload addr.Address, answers []access.Answer) {
	d.Workloads = append(d.Workloads, workload)
	for _, a := range answers {
		d.Answers = append(d.Answers, answerDoc(a))
	}
}

// ReachDoc is what who-can, what-can and why answer when they are asked of objects: effective access.
type ReachDoc struct {
	Format  string          `json:"format"`
	Policy  string          `json:"policy"`
	Time    time.Time       `json:"time"`
	Asked   string          `json:"asked"`             // compiled, live, sandbox or snapshot
	Request string          `json:"request,omitempty"` // that was asked about, as METHOD PATH; left out: any
	Answers []ReachedDoc    `json:"answers"`
	Unknown []reach.Unknown `json:"unknown"` // what could not be read: neither access nor its absence

	// Policy's own answer to the same question, where it knows who is asked about; for why alone.
	Explanations []ExplanationDoc `json:"explanations,omitempty"`
	explanations []access.Explanation
}

// Compare adds what the policy itself says to the same question.
func (d *ReachDoc) Compare(list []access.Explanation) {
	d.explanations = list
	for _, e := range list {
		d.Explanations = append(d.Explanations, explanationDoc(e))
	}
}

// ReachedDoc is one piece of effective access.
type ReachedDoc struct {
	Environment string           `json:"environment"` // empty: the surface is in none of the policy's
	Principal   access.Principal `json:"principal"`
	Except      []string         `json:"except"`
	Workloads   []string         `json:"workloads"` // that are this principal
	Surface     access.Surface   `json:"surface"`
	Resource    string           `json:"resource"` // the policy's address of the surface; empty: the policy doesn't know it
	Verb        access.Verb      `json:"verb"`
	Requests    string           `json:"requests"` // empty: all
	When        access.Spans     `json:"when"`
	Holds       bool             `json:"holds"` // at the time asked about
	Declared    bool             `json:"declared"`
	Via         []access.Step    `json:"via"`
	Lines       []LineDoc        `json:"lines"` // of the policy, behind what is declared
}

// NewReach returns an answer without answers yet.
func NewReach(policy, asked string, at time.Time, unknown []reach.Unknown) ReachDoc {
	return ReachDoc{
		Format: "gatehouse.dev/reach/v1", Policy: policy, Time: at, Asked: asked, Answers: []ReachedDoc{},
		Unknown: append([]reach.Unknown{}, unknown...),
	}
}

// About returns the answer with the request that was asked about.
func (d ReachDoc) About(c model.Call) ReachDoc {
	d.Request = callText(c)
	return d
}

// Add adds what was found.
func (d *ReachDoc) Add(answers []reach.Answer) {
	for _, a := range answers {
		doc := ReachedDoc{
			Environment: a.Environment, Principal: a.Principal, Except: append([]string{}, a.Except...), Workloads: []string{}, Surface: a.Surface,
			Verb: a.Verb, Requests: a.Requests, When: a.Spans, Holds: a.Spans.Contains(d.Time), Declared: a.Declared,
			Via: append([]access.Step{}, a.Way...), Lines: linesOf(a.Grants),
		}
		if a.Resource != (addr.Address{}) {
			doc.Resource = a.Resource.String()
		}
		for _, h := range a.Holders {
			if name := h.Workload.String(); !slices.Contains(doc.Workloads, name) {
				doc.Workloads = append(doc.Workloads, name)
			}
		}
		d.Answers = append(d.Answers, doc)
	}
}

// linesOf returns the lines behind some grants: one that gives several actions once.
func linesOf(grants []access.Grant) []LineDoc {
	out := []LineDoc{}
	for _, g := range grants {
		for _, doc := range grantLines(g) {
			if !slices.ContainsFunc(out, func(o LineDoc) bool {
				return o.Line == doc.Line && o.Through == doc.Through && o.Requests == doc.Requests && slices.Equal(o.When, doc.When)
			}) {
				out = append(out, doc)
			}
		}
	}
	return out
}

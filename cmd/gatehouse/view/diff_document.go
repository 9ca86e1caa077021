package view

import (
	"strings"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
	"gatehouse/policies"
)

// DiffDoc is the answer of diff.
type DiffDoc struct {
	Format  string        `json:"format"`
	Policy  string        `json:"policy"`
	Time    time.Time     `json:"time"`
	Base    SideDoc       `json:"base"`
	Head    SideDoc       `json:"head"`
	Gained  []DiffRowDoc  `json:"gained"`
	Lost    []DiffRowDoc  `json:"lost"`
	Changed []WorldRowDoc `json:"changed"` // what is declared otherwise, apart from access

	Guardrails []policies.JudgeChange `json:"guardrails"` // what judges one of the two alone
}

// SideDoc is one of two policies that are compared.
type SideDoc struct {
	Name   string `json:"name"`
	Commit string `json:"commit,omitempty"` // of a revision
	Exists bool   `json:"exists"`           // false: there is no policy
}

// DiffRowDoc is access that one of two policies lacks.
type DiffRowDoc struct {
	Environment    string               `json:"environment"`
	Tier           model.Tier           `json:"tier"`
	Origin         string               `json:"origin"`
	Workloads      []addr.Address       `json:"workloads"`
	Principal      access.Principal     `json:"principal"`
	Action         model.Action         `json:"action"`
	Resource       addr.Address         `json:"resource"`
	Classification model.Classification `json:"classification"`
	Surface        access.Surface       `json:"surface"`
	Request        *RequestDoc          `json:"request,omitempty"` // left out: every request
	Except         []RequestDoc         `json:"except,omitempty"`
	Partly         []RequestDoc         `json:"partly,omitempty"` // patterns of the other policy that overlap with this one
	When           access.Spans         `json:"when"`             // what the other policy lacks
	Other          access.Spans         `json:"other,omitempty"`  // when the other policy gives it too
	Lines          []LineDoc            `json:"lines"`
	Denies         []LineDoc            `json:"denies,omitempty"` // of the other policy
}

// RequestDoc is a pattern of HTTP requests.
type RequestDoc struct {
	Methods []string       `json:"methods"` // empty: every method
	Kind    model.PathKind `json:"kind"`    // of the path: exact, prefix or regex; empty: every path
	Path    string         `json:"path"`
}

// WorldRowDoc is a declaration that differs.
type WorldRowDoc struct {
	LineDoc
	Fate   access.Fate `json:"fate"`
	Detail string      `json:"detail,omitempty"`
}

// DiffDocument is diff's answer for machines.
func DiffDocument(c Comparison) DiffDoc {
	doc := DiffDoc{
		Format: "gatehouse.dev/diff/v1", Policy: c.Policy, Time: c.Time, Base: sideDoc(c.Base), Head: sideDoc(c.Head),
		Gained: diffDocs(c.Delta.Gained), Lost: diffDocs(c.Delta.Lost), Changed: []WorldRowDoc{},
		Guardrails: append([]policies.JudgeChange{}, c.Judges...),
	}
	for _, r := range c.World {
		doc.Changed = append(doc.Changed, WorldRowDoc{LineDoc{Line: lineOf(r.Addr, r.Decl)}, r.Fate, r.Detail})
	}
	return doc
}

func sideDoc(s Side) SideDoc { return SideDoc{s.Name, s.Commit, s.Exists} }

func diffDocs(rows []access.DeltaRow) []DiffRowDoc {
	out := []DiffRowDoc{}
	for _, r := range rows {
		doc := DiffRowDoc{
			Environment: r.Environment, Tier: r.Tier, Origin: r.Origin, Workloads: r.Workloads, Principal: r.Principal, Action: r.Action,
			Resource: r.Resource, Classification: r.Classification, Surface: r.Surface, When: r.Spans, Other: r.Other, Lines: lineDocs(r.Sources),
		}
		if r.Request != (model.Request{}) {
			doc.Request = requestDoc(r.Request)
		}
		for _, not := range r.Except {
			doc.Except = append(doc.Except, *requestDoc(not))
		}
		for _, some := range r.Partly {
			doc.Partly = append(doc.Partly, *requestDoc(some))
		}
		for _, d := range r.Denies {
			doc.Denies = append(doc.Denies, LineDoc{Line: lineOf(d.Deny, d.Decl), Reason: d.Reason})
		}
		out = append(out, doc)
	}
	return out
}

func requestDoc(r model.Request) *RequestDoc {
	doc := &RequestDoc{Methods: []string{}, Kind: r.Kind, Path: r.Path}
	if r.Methods != "" {
		doc.Methods = strings.Split(r.Methods, ",")
	}
	return doc
}

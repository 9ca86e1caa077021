package view

import (
	"time"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// AnswerDoc is one workload that reaches a resource.
type AnswerDoc struct {
	Environment string           `json:"environment"` // of the resource
	Origin      string           `json:"origin"`      // of the workload: another one where its principal is one there, or the allow crosses
	Workload    string           `json:"workload"`
	Resource    string           `json:"resource"`
	Action      model.Action     `json:"action"`
	Requests    string           `json:"requests"` // to which it is narrowed; empty: all
	Means       access.Means     `json:"means"`
	Grantee     string           `json:"grantee"`
	Principal   access.Principal `json:"principal"`
	Surface     access.Surface   `json:"surface"`
	When        access.Spans     `json:"when"`
	Lines       []LineDoc        `json:"lines"`
}

func answerDoc(a access.Answer) AnswerDoc {
	return AnswerDoc{
		Environment: a.Environment, Origin: a.Home, Workload: a.Workload.String(), Resource: a.Resource.String(), Action: a.Action,
		Requests: access.RequestText(a.Request, a.Except), Means: a.Means,
		Grantee: a.Grantee.String(), Principal: a.Principal, Surface: a.Surface, When: a.Spans, Lines: lineDocs(a.Sources),
	}
}

// WhoCanDoc is the answer of who-can.
type WhoCanDoc struct {
	Format   string       `json:"format"`
	Policy   string       `json:"policy"`
	Time     time.Time    `json:"time"`
	Action   model.Action `json:"action"`
	Resource string       `json:"resource"`
	Request  string       `json:"request,omitempty"` // that was asked about, as METHOD PATH; left out: any
	Answers  []AnswerDoc  `json:"answers"`
}

// WhoCanDocument is who-can's answer for machines.
func WhoCanDocument(policy string, action model.Action, resource addr.Address, call model.Call, at time.Time, answers []access.Answer) WhoCanDoc {
	doc := WhoCanDoc{Format: "gatehouse.dev/who-can/v1", Policy: policy, Time: at, Action: action, Resource: resource.String(), Request: callText(call), Answers: []AnswerDoc{}}
	for _, a := range answers {
		doc.Answers = append(doc.Answers, answerDoc(a))
	}
	return doc
}

// WhyDoc is the answer of why: one for each environment and surface.
type WhyDoc struct {
	Format       string           `json:"format"`
	Policy       string           `json:"policy"`
	Time         time.Time        `json:"time"`
	Explanations []ExplanationDoc `json:"explanations"`
}

// ExplanationDoc is one answer of why.
type ExplanationDoc struct {
	Environment string           `json:"environment"`
	Workload    string           `json:"workload"`
	Action      model.Action     `json:"action"`
	Resource    string           `json:"resource"`
	Request     string           `json:"request,omitempty"` // that was asked about, as METHOD PATH; left out: any
	Allowed     bool             `json:"allowed"`
	Verdict     access.Verdict   `json:"verdict"`
	Detail      string           `json:"detail"`             // the verdict, as a sentence for people
	Principal   access.Principal `json:"principal,omitzero"` // left out where the workload or the resource isn't there
	Surface     access.Surface   `json:"surface,omitzero"`
	Allows      []LineDoc        `json:"allows"`
	TakenAway   []LineDoc        `json:"taken_away"` // allows that the denies take away
	Denies      []LineDoc        `json:"denies"`
	Shared      []AnswerDoc      `json:"shared"`
}

// WhyDocument is why's answer for machines.
func WhyDocument(policy string, at time.Time, list []access.Explanation) WhyDoc {
	doc := WhyDoc{Format: "gatehouse.dev/why/v1", Policy: policy, Time: at, Explanations: []ExplanationDoc{}}
	for _, e := range list {
		doc.Explanations = append(doc.Explanations, explanationDoc(e))
	}
	return doc
}

func explanationDoc(e access.Explanation) ExplanationDoc {
	doc := ExplanationDoc{
		Environment: e.Environment, Workload: e.Workload.String(), Action: e.Action, Resource: e.Resource.String(), Request: callText(e.Call),
		Allowed: e.Allowed, Verdict: e.Verdict, Detail: verdict(e), Principal: e.Principal, Surface: e.Surface,
		Allows: []LineDoc{}, TakenAway: []LineDoc{}, Denies: []LineDoc{}, Shared: []AnswerDoc{},
	}
	for _, g := range e.Grants {
		doc.Allows = append(doc.Allows, grantLines(g)...)
	}
	for _, c := range e.Cuts {
		doc.TakenAway = append(doc.TakenAway, grantLines(access.Grant{Request: c.Request, Sources: c.Sources})...)
	}
	for _, d := range e.Denies {
		doc.Denies = append(doc.Denies, LineDoc{Line: lineOf(d.Addr, d.Decl), Reason: d.Reason, Requests: denied(d)})
	}
	for _, s := range e.Shared {
		doc.Shared = append(doc.Shared, answerDoc(s))
	}
	return doc
}

// callText is a request as documents name it: empty for none.
func callText(c model.Call) string {
	if c == (model.Call{}) {
		return ""
	}
	return c.String()
}

// With names the request that a question is about; nothing where it is about any.
func With(call string) string {
	if call == "" {
		return ""
	}
	return " with " + call
}

// Asked names a resource in a question, with the request that the question is about.
func Asked(resource addr.Address, c model.Call) string {
	return resource.String() + With(callText(c))
}

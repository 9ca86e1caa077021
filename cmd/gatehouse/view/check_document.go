package view

import (
	"time"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/policies"
)

// CheckDoc is the answer of check.
type CheckDoc struct {
	Format      string                `json:"format"`
	Policy      string                `json:"policy"`
	Time        time.Time             `json:"time"`
	Diagnostics []diag.ViewDiagnostic `json:"diagnostics"`
	Guardrails  []policies.Guardrail  `json:"guardrails"` // those that judged
	Findings    []FindingDoc          `json:"findings"`   // of guardrails
	Proofs      []ProofDoc            `json:"proofs"`
	Failure     string                `json:"failure,omitempty"` // why the check could not finish; the rest is then not to be relied on
}

// FindingDoc is a guardrail's finding.
type FindingDoc struct {
	policies.Result
	Range *diag.ViewRange `json:"range,omitempty"`
}

// ProofDoc says how the proof of one site went.
type ProofDoc struct {
	Environment string        `json:"environment"`
	Target      access.Target `json:"target"`
	Proven      bool          `json:"proven"`
	Losses      []LossDoc     `json:"losses"`
}

// LossDoc is access that a target gives beyond what was declared, because it can't do otherwise.
type LossDoc struct {
	Kind      access.LossKind  `json:"kind"`
	Principal access.Principal `json:"principal"`
	Surface   access.Surface   `json:"surface,omitzero"` // left out of a shared identity
	Workloads []addr.Address   `json:"workloads"`
	Detail    string           `json:"detail"`
	Lines     []LineDoc        `json:"lines"`
}

// CheckDocument is check's answer for machines.
func CheckDocument(f Findings) CheckDoc {
	doc := CheckDoc{
		Format: "gatehouse.dev/check/v1", Policy: f.Policy, Time: f.Time, Diagnostics: diag.NewView(f.Diagnostics).Diagnostics,
		Guardrails: append([]policies.Guardrail{}, f.Guardrails...), Findings: []FindingDoc{}, Proofs: []ProofDoc{}, Failure: f.Failure,
	}
	for _, r := range f.Results {
		doc.Findings = append(doc.Findings, FindingDoc{r, rangeDoc(r.Range)})
	}
	for _, p := range f.Proofs {
		doc.Proofs = append(doc.Proofs, ProofDoc{p.Environment, p.Target, p.Holds(), lossDocs(p.Losses())})
	}
	return doc
}

func lossDocs(list []access.Loss) []LossDoc {
	out := []LossDoc{}
	for _, l := range list {
		out = append(out, LossDoc{l.Kind, l.Principal, l.Surface, l.Workloads, l.Detail, lineDocs(l.Sources)})
	}
	return out
}

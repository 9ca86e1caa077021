package policies

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
)

// An exception waives one guardrail for the subjects that it names, until it expires: their findings stay in the results, marked with
// it, and refuse nothing. It reaches no further. It names whole declarations or surfaces and no patterns; a whole feature store stands
// for its surfaces. Guardrails about exceptions can't be waived, or an exception could hide itself.

// Waiver says which exception waives a finding.
type Waiver struct {
	Exception  addr.Address `json:"exception"`
	Reason     string       `json:"reason"`
	ApprovedBy string       `json:"approved_by"`
	Expires    time.Time    `json:"expires,omitzero"` // exclusive; zero: it has no end
	Range      hcl.Range    `json:"-"`                // of the exception
}

// inForce reports whether an exception waives anything at a moment.
func inForce(e *model.Exception, at time.Time) bool {
	return e.Expires.IsZero() || at.Before(e.Expires)
}

// covers reports whether an exception names a subject.
func covers(e *model.Exception, subject addr.Address) bool {
	return slices.ContainsFunc(e.Subjects, func(r model.Ref) bool { return r.Addr == subject || r.Addr == subject.Whole() })
}

// waive marks the results that an exception in force waives, and counts for each exception how many those are. Of several that waive one
// finding the first is named, and all count: none of them is useless.
func waive(g *access.Graph, at time.Time, results Results, judges map[string]Scope) (waives map[addr.Address]int) {
	waives = map[addr.Address]int{}
	byGuardrail := map[string][]*model.Exception{}
	for _, e := range g.Exceptions {
		if inForce(e, at) && !aboutExceptions(e.Guardrail.Value, judges[e.Guardrail.Value]) {
			byGuardrail[e.Guardrail.Value] = append(byGuardrail[e.Guardrail.Value], e)
		}
	}
	for i := range results {
		for _, e := range byGuardrail[results[i].Guardrail] {
			if !covers(e, results[i].Subject) {
				continue
			}
			waives[e.Addr]++
			if results[i].Waiver == nil {
				results[i].Waiver = &Waiver{e.Addr, e.Reason.Value, e.ApprovedBy.Value, e.Expires, e.Decl}
			}
		}
	}
	return waives
}

// CheckExceptions tells of the exceptions that name no guardrail: neither one that the engine runs nor a built-in one.
func (e *Engine) CheckExceptions(g *access.Graph) diag.List {
	var known []string
	for _, one := range e.guardrails {
		known = append(known, one.ID)
	}
	for _, p := range packs {
		known = append(known, p.guardrails...)
	}
	var diags diag.List
	scopes := e.scopes()
	for _, exception := range g.Exceptions {
		id := exception.Guardrail.Value
		switch {
		case !slices.Contains(known, id):
			diags = append(diags, unknownGuardrail(exception, known))
		case aboutExceptions(id, scopes[id]):
			d := unknownGuardrail(exception, nil)
			d.Summary = fmt.Sprintf("%s judges exceptions, and can't be waived by one", id)
			d.Detail = "Mend the exception that it complains of."
			diags = append(diags, d)
		}
	}
	return diags.Sorted()
}

// aboutExceptions reports whether a guardrail judges exceptions: by its scope, or as one of the built-in area.
func aboutExceptions(id string, scope Scope) bool {
	return scope == ExceptionScope || strings.HasPrefix(id, "exceptions/")
}

func unknownGuardrail(e *model.Exception, known []string) diag.Diagnostic {
	id := e.Guardrail.Value
	d := diag.Diagnostic{
		Code: diag.UnknownGuardrail, Severity: diag.Error, Subject: e.Guardrail.Range,
		Summary: fmt.Sprintf("there is no guardrail %q", id),
		Detail:  "Write its id, such as ownership/owner-is-set: gatehouse guardrails list shows those that judge this policy.",
	}
	switch near := diag.Nearest(id, known); {
	case strings.ContainsAny(id, "*?"):
		d.Detail = "An exception waives one guardrail: write its id, and an exception for each. " + d.Detail
	case near != "":
		d.Detail = fmt.Sprintf("Did you mean %q? %s", near, d.Detail)
	}
	return d
}

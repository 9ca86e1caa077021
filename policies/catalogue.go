package policies

import (
	"context"
	"fmt"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"

	"gatehouse/lang/diag"
	"gatehouse/lang/model"
)

// Level says what a finding does.
type Level string

// The levels, by the names of the rules that yield them.
const (
	Deny Level = "deny" // refuses the policy
	Warn Level = "warn" // is shown, and refuses nothing
)

// Scope says what a guardrail is shown in one evaluation.
type Scope string

// The scopes, as METADATA writes them in custom.scope.
const (
	PolicyScope    Scope = "policy"    // the whole document, once; the default
	GrantScope     Scope = "grant"     // a handful of grants at a time, and nothing of the policy beside them: for rules that judge each alone
	ExceptionScope Scope = "exception" // the exceptions, with what each waives: judged after all others
)

// Scopes returns every scope.
func Scopes() []Scope { return []Scope{PolicyScope, GrantScope, ExceptionScope} }

// Severity says how much a finding matters to whoever sorts them. It refuses nothing: that is the Level's.
type Severity string

// The severities, as METADATA writes them in custom.severity.
const (
	Low      Severity = "low"
	Medium   Severity = "medium" // the default
	High     Severity = "high"
	Critical Severity = "critical"
)

// Severities returns every severity, the least first.
func Severities() []Severity { return []Severity{Low, Medium, High, Critical} }

// Guardrail describes a rule, from the METADATA above its package.
type Guardrail struct {
	ID          string   `json:"id"`              // from the package: ownership/owner-is-set
	Origin      string   `json:"origin"`          // built-in, or the user's folder or bundle
	Packs       []string `json:"packs,omitempty"` // the built-in packs that hold it
	File        string   `json:"file"`
	Title       string   `json:"title"` // the ID where METADATA says nothing
	Description string   `json:"description,omitempty"`
	Rationale   string   `json:"rationale,omitempty"` // why the rule exists
	Remedy      string   `json:"remedy,omitempty"`    // what to do about a finding
	Controls    []string `json:"controls,omitempty"`  // of standards, such as SOC 2 CC6.1
	Severity    Severity `json:"severity"`
	Scope       Scope    `json:"scope"`
	Levels      []Level  `json:"levels"` // what it may yield
}

// Catalogue describes every built-in guardrail, by id. It is the same in every run of one version.
func Catalogue() ([]Guardrail, error) {
	var packs []model.Text
	for _, pack := range Packs() {
		packs = append(packs, model.Text{Value: pack})
	}
	e, diags, err := Prepare(context.Background(), Options{Packs: packs})
	if err != nil {
		return nil, err
	}
	if diags.HasErrors() {
		return nil, fmt.Errorf("policies: the built-in guardrails are broken: %s", diags[0].Summary)
	}
	return e.Guardrails(), nil
}

// Guardrails describes what the engine runs, by id.
func (e *Engine) Guardrails() []Guardrail { return slices.Clone(e.guardrails) }

// metadata reads the annotations of a module's package.
func metadata(m *ast.Module) (Guardrail, diag.List) {
	g := Guardrail{Scope: PolicyScope, Severity: Medium}
	var diags diag.List
	for _, a := range m.Annotations {
		if a.Scope != "package" {
			continue
		}
		g.Title, g.Description = a.Title, a.Description
		fail := func(key, want string) {
			diags = append(diags, broken(rangeOf(a.Location), fmt.Sprintf("METADATA: custom.%s is not %s", key, want), "Correct the comment above the package."))
		}
		text(a.Custom, "rationale", &g.Rationale, fail)
		text(a.Custom, "remedy", &g.Remedy, fail)
		text(a.Custom, "scope", (*string)(&g.Scope), fail)
		texts(a.Custom, "controls", &g.Controls, fail)
		text(a.Custom, "severity", (*string)(&g.Severity), fail)
		if !slices.Contains(Scopes(), g.Scope) {
			fail("scope", `"policy", "grant" or "exception"`)
		}
		if !slices.Contains(Severities(), g.Severity) {
			fail("severity", `"low", "medium", "high" or "critical"`)
		}
	}
	return g, diags
}

func text(custom map[string]any, key string, into *string, fail func(key, want string)) {
	value, there := custom[key]
	if !there {
		return
	}
	s, ok := value.(string)
	if !ok {
		fail(key, "a text")
		return
	}
	*into = s
}

func texts(custom map[string]any, key string, into *[]string, fail func(key, want string)) {
	value, there := custom[key]
	if !there {
		return
	}
	list, ok := value.([]any)
	for _, element := range list {
		s, isText := element.(string)
		ok = ok && isText
		*into = append(*into, s)
	}
	if !ok {
		fail(key, "a list of texts")
	}
}

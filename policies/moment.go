package policies

import "github.com/open-policy-agent/opa/v1/ast"

// ReadsTime reports whether any guardrail looks at input.time, so that its findings may change at any second. Those of an engine that
// doesn't change only when something of the policy begins or ends.
func (e *Engine) ReadsTime() bool {
	looked := map[*ast.Compiler]bool{}
	for _, questions := range e.questions {
		for _, q := range questions {
			if !looked[q.compiler] && inputRead(q.compiler).field("time") != nil {
				return true
			}
			looked[q.compiler] = true
		}
	}
	return false
}

package policies

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
)

// A function of OPA's that looks at no bound is left behind, and the guardrail that called it is named.
func TestWhatDoesNotStopIsLeftBehind(t *testing.T) {
	stuck, released := make(chan struct{}), make(chan struct{})
	b := allowance{time: 5 * time.Millisecond, memory: math.MaxUint64, patience: 5 * time.Millisecond}
	q := &question{guardrail: &Guardrail{ID: "team/rule"}, level: Deny, where: &ast.Location{File: "rules/a.rego", Row: 3, Col: 1}}
	_, err := within(t.Context(), b, func(ctx context.Context) (Results, error) {
		defer close(released)
		defer began(ctx, q)()
		<-stuck
		return nil, nil
	})
	if want := "policies: guardrail team/rule: rules/a.rego:3: did not finish within 0.005 s"; !errors.Is(err, context.DeadlineExceeded) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	close(stuck)
	<-released
}

package policies

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"

	"gatehouse/lang/diag"
)

// Fault is a guardrail that fails while it runs. Nothing was judged then: a broken guardrail never passes.
type Fault struct {
	Guardrail string    // id
	Range     hcl.Range // in the rule's file
	Message   string
	cause     error
}

// Error reads as a path: guardrail ID: FILE:LINE: MESSAGE.
func (f *Fault) Error() string {
	return fmt.Sprintf("guardrail %s: %s:%d: %s", f.Guardrail, f.Range.Filename, f.Range.Start.Line, f.Message)
}

// Unwrap returns what the fault comes from, such as context.DeadlineExceeded.
func (f *Fault) Unwrap() error { return f.cause }

// Diagnostic shows the fault at the rule's line.
func (f *Fault) Diagnostic() diag.Diagnostic {
	detail := "The rule failed on this policy, so that nothing was judged. Correct the rule."
	if errors.Is(f.cause, context.DeadlineExceeded) {
		detail = "Nothing was judged. Look for a rule that pairs everything with everything, or that builds a set key by key; INPUT.md says which forms are slow."
	}
	if heavy := (*heavyError)(nil); errors.As(f.cause, &heavy) {
		detail = "Nothing was judged. Look for a long list or text that the rule makes, such as one of numbers.range."
	}
	return broken(f.Range, "guardrail "+f.Guardrail+": "+f.Message, detail)
}

// fault is a failure of the guardrail at a place, or at its first rule where there is none.
func (q *question) fault(where *ast.Location, message string, cause error) *Fault {
	if where == nil || where.File == "" {
		where = q.where
	}
	return &Fault{q.guardrail.ID, rangeOf(where), message, cause}
}

// failed tells what OPA says of a question.
func (q *question) failed(ctx context.Context, err error) error {
	why, byBounds := ended(ctx)
	switch {
	case byBounds:
		return q.fault(q.where, why.Error(), why)
	case ctx.Err() != nil:
		return q.fault(q.where, "stopped: "+context.Cause(ctx).Error(), ctx.Err())
	}
	var topdownError *topdown.Error
	if errors.As(err, &topdownError) {
		return q.fault(topdownError.Location, summary(topdownError.Message), nil)
	}
	return q.fault(q.where, summary(err.Error()), err)
}

// slowError says that guardrails took longer than they may.
type slowError struct{ limit time.Duration }

func (e *slowError) Error() string {
	return fmt.Sprintf("did not finish within %.3g s", e.limit.Seconds())
}

func (e *slowError) Unwrap() error { return context.DeadlineExceeded }

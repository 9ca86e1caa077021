package access

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// trial is what a test asks of several workloads.
type trial struct {
	spot
	action model.Action
}

// try asks for every workload and request whether what is expected holds.
func (t *tester) try(r *TestResult, q trial, workloads []addr.Address) {
	requests := r.Test.Requests
	if len(requests) == 0 {
		requests = []model.Request{{}}
	}
	answers := t.answers(q, r.At)
	for _, w := range workloads {
		r.note(t.absence(w, q))
		for _, request := range requests {
			r.Tried++
			t.exercise(&r.exercised, q, w, request, r.At)
			f := TestFailure{Environment: q.environment, Workload: w, Resource: q.resource, Action: q.action, Request: request}
			if r.Test.Expect == model.ExpectAllow {
				if !give(answers[w], request) {
					t.refused(&f, answers[w], r)
					r.fail(f)
				}
				continue
			}
			if i := slices.IndexFunc(answers[w], func(a Answer) bool { return a.touches(request) }); i >= 0 {
				f.permitted(answers[w][i])
				r.fail(f)
			}
		}
	}
}

// answers returns who reaches a spot, by workload.
func (t *tester) answers(q trial, at time.Time) map[addr.Address][]Answer {
	out := map[addr.Address][]Answer{}
	for _, a := range whoCan(t.g, t.grants[q.spot], t.leaks, q.action, at) {
		out[a.Workload] = append(out[a.Workload], a)
	}
	return out
}

// give reports whether answers are grants of every one of some requests: each method by one of them.
func give(answers []Answer, r model.Request) bool {
	patterns := []model.Request{r}
	for _, a := range answers {
		patterns = append(append(patterns, a.Request), a.Except...)
	}
	return !slices.ContainsFunc(model.MethodsIn(patterns), func(method string) bool {
		return r.Makes(method) && !slices.ContainsFunc(answers, func(a Answer) bool { return a.gives(r, method) })
	})
}

// gives reports whether an answer is a grant of every one of some requests of a method. Of an exact path that is certain; a prefix isn't known to be in
// an expression.
func (a *Answer) gives(r model.Request, method string) bool {
	if r.Kind == model.PathExact {
		return a.Means == Declared && a.Lets(model.Call{Method: method, Path: r.Path})
	}
	excepted := func(e model.Request) bool { return e.Makes(method) && !e.DisjointPath(r) }
	return a.Means == Declared && a.Request.Makes(method) && a.Request.CoversPath(r) && !slices.ContainsFunc(a.Except, excepted)
}

// touches reports whether some request of r may be let through. Where one of both is an exact path that is certain; patterns that can't be told to be
// disjoint are not.
func (a *Answer) touches(r model.Request) bool {
	return !a.Request.DisjointPath(r) && slices.ContainsFunc(model.MethodsIn([]model.Request{r, a.Request}, a.Except), func(method string) bool {
		for _, exact := range []model.Request{r, a.Request} {
			if exact.Kind == model.PathExact {
				c := model.Call{Method: method, Path: exact.Path}
				return r.Matches(c) && a.Lets(c)
			}
		}
		excepted := func(e model.Request) bool {
			return e.Makes(method) && (e.CoversPath(r) || e.CoversPath(a.Request))
		}
		return r.Makes(method) && a.Request.Makes(method) && !slices.ContainsFunc(a.Except, excepted)
	})
}

// incomparable says that it can't be told whether two patterns have requests in common, or nothing.
func incomparable(a, r model.Request) string {
	textual := func(x model.Request) bool { return x.Kind == model.PathExact || x.Kind == model.PathAny }
	if a.Kind != model.PathRegex && r.Kind != model.PathRegex || textual(a) || textual(r) || a.Path == r.Path && a.Kind == r.Kind {
		return ""
	}
	return "; an expression isn't compared with " + string(min(a.Kind, r.Kind)) + "es, so try exact paths"
}

// absence says where an end is missing, or nothing.
func (t *tester) absence(workload addr.Address, q trial) string {
	w, _ := t.g.Workload(workload)
	r, _ := t.g.Resource(q.resource)
	if _, ok := r.Surface(q.environment); !ok {
		return fmt.Sprintf("%s is not in %q", q.resource, q.environment)
	}
	if _, ok := w.Place(q.environment); !ok && len(t.across[q.environment]) == 0 {
		return fmt.Sprintf("%s is not in %q", workload, q.environment)
	}
	return ""
}

func (r *TestResult) note(text string) {
	if text != "" && !slices.Contains(r.Notes, text) {
		r.Notes = append(r.Notes, text)
	}
}

// permitted says of a failed deny by what means the workload reaches the resource.
func (f *TestFailure) permitted(a Answer) {
	f.Sources = a.Sources
	f.Holds = fmt.Sprintf("%s may %s %s in %q%s, by %s", f.Workload, a.Action, f.Resource, f.Environment, requestsInProse(a.Request, a.Except), allowsOf(a.Sources))
	switch {
	case a.Means == SharedName:
		f.Holds += fmt.Sprintf(": it is %s, as %s is, to whom that is granted", speak(a.Principal), a.Grantee)
	case a.Means == CoarseAction:
		f.Holds += fmt.Sprintf(", and %s can't tell that from %s", system(a.Surface.Target), f.Action)
	case a.Home != a.Environment:
		f.Holds += fmt.Sprintf(", which crosses from %q", a.Home)
	}
	f.Holds += incomparable(a.Request, f.Request)
}

// refused says of a failed allow what holds instead.
func (t *tester) refused(f *TestFailure, answers []Answer, r *TestResult) {
	denied := fmt.Sprintf("%s may not %s %s in %q", f.Workload, f.Action, f.Resource, f.Environment)
	if r.Failed >= explained {
		f.Holds = denied
		return
	}
	why := Why(t.g, f.Workload, f.Action, f.Resource, f.Environment, r.At)
	for _, c := range why.Cuts {
		f.Sources = append(f.Sources, c.Sources...)
	}
	for _, grant := range why.Grants {
		f.Sources = append(f.Sources, grant.Sources...)
	}
	switch {
	case len(answers) > 0 && answers[0].Means == Declared:
		f.Denies = slices.DeleteFunc(why.Denies, func(d Deny) bool { return !d.speaksOf(f.Request) })
		f.Holds = denied + requestsInProse(f.Request, nil) + ": it may " + partly(answers) + incomparable(answers[0].Request, f.Request)
	case why.Verdict == YesShared:
		f.Sources = answers[0].Sources
		f.Holds = fmt.Sprintf("%s by a grant of its own, though it reaches it: it is %s, as %s is, to whom it is granted", denied, speak(answers[0].Principal), answers[0].Grantee)
	case why.Verdict == YesCoarse:
		f.Sources = answers[0].Sources
		f.Holds = fmt.Sprintf("%s: only %s is allowed, though %s can't tell the two apart", denied, answers[0].Action, system(why.Surface.Target))
	case why.Verdict == NoDenied || why.Verdict != NoCommon && len(deciding(why.Denies, f.Request)) > 0:
		if f.Denies = deciding(why.Denies, f.Request); len(f.Denies) == 0 {
			f.Denies = why.cutting()
		}
		f.Holds = denied + ": " + deniesOf(f.Denies)
	case why.Verdict == NoCommon:
		f.Holds = denied + t.notThere(f.Environment, why.Missing)
	case why.Verdict == NoNotYet:
		begins, _ := why.When.Begins()
		f.Holds = denied + " before " + begins.Format(time.RFC3339)
	case why.Verdict == NoExpired:
		end, _ := why.When.Ends()
		f.Holds = denied + " since " + end.Format(time.RFC3339)
	default:
		f.Holds = denied + ": no allow gives it"
	}
}

// partly tells the requests that are let through where others were expected.
func partly(answers []Answer) string {
	var out []string
	for _, a := range answers {
		if a.Means == Declared {
			out = append(out, RequestText(a.Request, a.Except))
		}
	}
	return strings.Join(out, ", or ") + ", by " + allowsOf(answers[0].Sources)
}

func requestsInProse(r model.Request, except []model.Request) string {
	if text := RequestText(r, except); text != "" {
		return " for " + text
	}
	return ""
}

func allowsOf(sources []Source) string {
	var out []addr.Address
	for _, s := range sources {
		out = append(out, s.Allow)
	}
	return addresses(sortedSet(out))
}

func deniesOf(denies []Deny) string {
	var out []addr.Address
	for _, d := range denies {
		out = append(out, d.Addr)
	}
	if len(out) == 0 {
		return "it is denied"
	}
	return addresses(out) + " denies it"
}

func addresses(list []addr.Address) string {
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = a.String()
	}
	return strings.Join(out, ", ")
}

package access

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gatehouse/lang/model"
)

// Lets reports whether an answer's grant lets a request through. Of the zero Call it is true: no request was asked about.
func (a *Answer) Lets(c model.Call) bool { return lets(a.Request, a.Except, c) }

// Lets reports whether a grant lets a request through, at whatever time. Of the zero Call it is true: no request was asked about.
func (g *Grant) Lets(c model.Call) bool { return lets(g.Request, g.Except, c) }

func lets(r model.Request, except []model.Request, c model.Call) bool {
	return c == (model.Call{}) || r.Matches(c) && !slices.ContainsFunc(except, func(e model.Request) bool { return e.Matches(c) })
}

// takes reports whether a request is one of those that a deny takes.
func (d *Deny) takes(c model.Call) bool {
	return len(d.Requests) == 0 || slices.ContainsFunc(d.Requests, func(r model.Request) bool { return r.Matches(c) })
}

// narrow leaves of what was found what speaks of the request that was asked about.
func (e *Explanation) narrow() {
	other := func(g Grant) bool { return !g.Request.Matches(e.Call) }
	e.Grants, e.Others = slices.DeleteFunc(e.Grants, other), slices.DeleteFunc(e.Others, other)
	e.Cuts = slices.DeleteFunc(e.Cuts, func(c Cut) bool { return !c.Request.Matches(e.Call) })
	e.Denies = slices.DeleteFunc(e.Denies, func(d Deny) bool { return !d.takes(e.Call) })
}

// MayLet reports whether access that is narrowed as Edge.Requests says may let a request through: certainly not is false. Where a header or a token
// decides, or nobody knows, it may.
func MayLet(requests string, c model.Call) bool {
	if c == (model.Call{}) || requests == "" {
		return true
	}
	r, rest, ok := readPattern(requests)
	if !ok {
		return true
	}
	if !r.Matches(c) {
		return false
	}
	for rest, ok = strings.CutPrefix(rest, " except "); ok; rest, ok = strings.CutPrefix(rest, "; ") {
		if r, rest, ok = readPattern(rest); !ok {
			return true
		}
		if whole := rest == "" || strings.HasPrefix(rest, "; "); whole && r.Matches(c) {
			return false
		}
	}
	return true
}

// readPattern reads what model.Request.String prints at the beginning of a text, and returns what follows it.
func readPattern(text string) (r model.Request, rest string, ok bool) {
	methods, rest, ok := strings.Cut(text, " ")
	if !ok {
		return r, "", false
	}
	if strings.Trim(methods, "ABCDEFGHIJKLMNOPQRSTUVWXYZ,") == "" {
		r.Methods = methods
	} else if methods != "*" {
		return r, "", false
	}
	if after, any := strings.CutPrefix(rest, "*"); any {
		return r, after, true
	}
	kind, rest, ok := strings.Cut(rest, " ")
	r.Kind = model.PathKind(kind)
	if !ok || !slices.Contains([]model.PathKind{model.PathExact, model.PathPrefix, model.PathRegex}, r.Kind) {
		return r, "", false
	}
	if quoted, err := strconv.QuotedPrefix(rest); err == nil {
		r.Path, _ = strconv.Unquote(quoted)
		rest = rest[len(quoted):]
	} else {
		end := strings.IndexAny(rest+" ", " ;")
		r.Path, rest, ok = rest[:end], rest[end:], !strings.HasPrefix(rest, `"`)
	}
	if r.Kind == model.PathRegex {
		_, err := regexp.Compile(r.Path)
		ok = ok && err == nil
	}
	return r, rest, ok
}

package syntax

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/diag"
	"gatehouse/lang/schema"
)

// mismatch is what a message says of a value that isn't what was wanted: subject, what was wanted, and what to do.
type mismatch struct {
	subject, want, remedy string
	attr                  *schema.Attribute // whose value, or an element of whose value, it is
	whole                 bool
}

func whole(a *schema.Attribute, want, remedy string) mismatch {
	return mismatch{subject: a.Name, want: want, remedy: remedy, attr: a, whole: true}
}

func element(a *schema.Attribute, want, remedy string) mismatch {
	return mismatch{subject: "an element of " + a.Name, want: want, remedy: remedy, attr: a}
}

// wrong reports a value that is not of its attribute's type, once, as what it is: a text that doesn't parse, an expression that the
// language doesn't have, or a literal of another type.
func (r *reader) wrong(v value, m mismatch) Expr {
	at, f := v.where(), v.found()
	if e, ok := r.computed(v, f); ok {
		return e
	}
	if parts, ok := addressAsText(v); ok && m.want == aText && !r.static {
		f, m.remedy = found{what: "the reference " + strings.Join(parts, ".")}, addressRemedy(parts)
	}
	if parts, ok := textReference(v); ok && (m.want == aReference || m.want == aReferenceList) && !slices.Contains(variables, parts[0]) {
		f.shape = shapeLiteral // "${workload.x}" computes nothing: only the quotes are too many
	}
	if n, ok := v.(nativeValue); ok && f.shape == shapeComputed && isPath(n.e) && takesText(m.attr.Type) {
		r.report(diag.WrongType, at, m.subject+" is text without quotes", "Write it in quotes: "+strconv.Quote(r.now.slice(at))+".")
		r.mend(diag.Around(at, `"`, `"`, "put it in quotes"))
		return Invalid{Range: at}
	}
	switch f.shape {
	case shapeBroken:
		summary, detail := brokenTemplate(f.broken[0])
		r.report(diag.InvalidSyntax, at, summary, detail)
	case shapeTold:
	case shapeUnread:
		r.unread(at, m)
	case shapeTooDeep:
		r.report(diag.TooDeep, at, m.subject+" is nested too deeply", tooDeepDetail)
	case shapeComputed:
		r.report(diag.UnsupportedExpr, at, fmt.Sprintf("%s is %s", m.subject, f.what), unsupported(v, m))
		r.mendValue(m.attr, v, m.whole)
	default:
		r.report(diag.WrongType, at, fmt.Sprintf("%s is %s, not %s", m.subject, f.what, m.want), remedyOf(v, f, m))
		r.mendValue(m.attr, v, m.whole)
	}
	return Invalid{Range: at}
}

// unread reports what the parser could make nothing of.
func (r *reader) unread(at hcl.Range, m mismatch) {
	if number := r.now.slice(at); number != "" && halfNumber.FindString(number) == number {
		r.report(diag.InvalidSyntax, at, "a number begins with a digit", "Write 0"+number+".")
		r.mend(diag.Replace(at, "0"+number, "write 0"+number))
		return
	}
	r.report(diag.InvalidSyntax, at, m.subject+" is not a value", m.remedy+` Quotes are straight and double: ".`)
}

// remedyOf is what to do about a value of another type. Of null it is to write nothing.
func remedyOf(v value, f found, m mismatch) string {
	if f.what != null {
		return m.remedy
	}
	if _, given := v.(result); given {
		return "No expression can leave an attribute out: let it give a value in every case. What some declarations have and others don't takes two " +
			"blocks, each with a for_each of its own, which may be empty."
	}
	return "Leave it out where nothing is meant. " + m.remedy
}

func unsupported(v value, m mismatch) string {
	if _, ok := v.template(); ok && m.want == aText {
		return "This text is taken as it stands, without templates. Write the value out, or $${ where ${ itself is meant."
	}
	if n, ok := v.(nativeValue); ok && sumOfNumbers(n.e) {
		return "Without quotes this is calculated with, as numbers. " + m.remedy
	}
	if m.attr != nil && !m.attr.Static {
		return m.remedy
	}
	return "Only literals and references are understood here. " + m.remedy
}

// What is wanted most often.
const (
	aText      = "a text"
	aReference = "a reference"

	aReferenceList = "a list of references"
)

package evaluate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
)

func (ev *evaluator) report(code diag.Code, at hcl.Range, summary, detail string, related ...diag.Related) {
	ev.diags = append(ev.diags, diag.Diagnostic{
		Code: code, Severity: diag.Error, Subject: at, Summary: summary, Detail: detail, Related: related,
	})
}

// reportIn is report, for something that may hold in one declaration of a for_each alone.
func (ev *evaluator) reportIn(in *instance, code diag.Code, at hcl.Range, summary, detail string) {
	if in == nil {
		ev.report(code, at, summary, detail)
		return
	}
	ev.report(code, at, summary, detail, diag.Related{Message: "in " + in.name, Range: in.at})
}

// mend gives the last diagnostic a fix.
func (ev *evaluator) mend(f diag.Fix) {
	last := &ev.diags[len(ev.diags)-1]
	last.Fixes = append(last.Fixes, f)
}

// adopt takes what the reader of values reported. That an expression gives values of another type is one mistake, however many values it
// gives, and in however many declarations.
func (ev *evaluator) adopt(list diag.List, in *instance) {
	for _, d := range list {
		if d.Code == diag.WrongType {
			if ev.wrongType[d.Subject] {
				continue
			}
			ev.wrongType[d.Subject] = true
		}
		if in != nil {
			d.Related = append(slices.Clip(d.Related), diag.Related{Message: "in " + in.name, Range: in.at})
		}
		ev.diags = append(ev.diags, d)
	}
}

// spellingBudget bounds what all suggestions of one run may cost, in compared names.
const spellingBudget = 500_000

// nearest is a sentence with the known name that an unknown one most likely means, or nothing.
func nearest[V any](ev *evaluator, prefix, name string, known map[string]V) string {
	near := nearestName(ev, name, known)
	if near == "" {
		return ""
	}
	return fmt.Sprintf("Did you mean %s%s? ", prefix, near)
}

func nearestName[V any](ev *evaluator, name string, known map[string]V) string {
	if ev.spelling += len(known); ev.spelling > spellingBudget {
		return ""
	}
	return diag.Nearest(name, slices.Sorted(maps.Keys(known)))
}

// near is the declared name that an undeclared one most likely means, or "".
func (ev *evaluator) near(kind addr.Kind, name string) string {
	return nearestName(ev, name, ev.kinds[kind])
}

func lowerFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 || strings.HasPrefix(s, "HCL") {
		return s
	}
	return string(unicode.ToLower(first)) + s[size:]
}

// sentence makes one of an error's text.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(s[size:], ".") + "."
}

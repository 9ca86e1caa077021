package targets

import (
	"fmt"
	"slices"
	"strings"

	"gatehouse/compiler/access"
)

// objects returns the raw objects of containers.
func objects(containers []Container) []Object {
	out := make([]Object, 0, len(containers))
	for _, c := range containers {
		out = append(out, Object{c.Key, c.Body})
	}
	return out
}

// declaredSurfaces returns the surfaces of a policy that a target guards in an environment.
func declaredSurfaces(g *access.Graph, environment string, c access.Capabilities) []access.Surface {
	var out []access.Surface
	for i := range g.Resources {
		s, ok := g.Resources[i].Surface(environment)
		if ok && s.Target == c.Target && slices.Contains(c.Kinds, s.Kind) {
			out = append(out, s)
		}
	}
	return sortedSurfaces(out)
}

func sortedSurfaces(s []access.Surface) []access.Surface {
	slices.SortFunc(s, access.CompareSurface)
	return slices.Compact(s)
}

// Sentence says in words what an edge means, such as: consul "fraud-trainer" may connect to service "feast-customer".
func Sentence(e access.Edge) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", e.From.Target, who(e.From))
	if len(e.Except) > 0 {
		fmt.Fprintf(&b, " but %s", strings.Join(e.Except, ", "))
	}
	if e.ActsAs != (access.Principal{}) {
		fmt.Fprintf(&b, " may act as %s %s", e.ActsAs.Target, who(e.ActsAs))
	} else {
		fmt.Fprintf(&b, " may %s %s %q", verbs(e.Verb), e.To.Kind, e.To.Name)
	}
	if e.Requests != "" {
		fmt.Fprintf(&b, " for %s", e.Requests)
	}
	b.WriteString(times(e.Spans))
	return b.String()
}

func who(p access.Principal) string {
	if p.Name == access.Anyone {
		return "anyone"
	}
	return fmt.Sprintf("%q", p.Name)
}

func verbs(v access.Verb) string {
	if v == access.Connect {
		return "connect to"
	}
	return string(v)
}

func times(spans access.Spans) string {
	var parts []string
	for _, s := range spans {
		var part string
		if from, ok := s.Begins(); ok {
			part += " from " + from.Format("2006-01-02T15:04:05Z")
		}
		if until, ok := s.Ends(); ok {
			part += " until " + until.Format("2006-01-02T15:04:05Z")
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ",")
}

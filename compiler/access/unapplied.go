package access

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
)

// Lack is what a target would need to apply what is declared.
type Lack string

// The lacks.
const (
	LackKind     Lack = "kind"     // it guards no surface of the kind
	LackRequests Lack = "requests" // it can't narrow access to certain requests
	LackLogins   Lack = "logins"   // it doesn't set up who may log in, as an identity provider says
)

// Omission is declared access in one environment that a target doesn't apply: the graph and the guardrails know it, and nothing is given.
type Omission struct {
	Environment string
	Target      Target
	Lack        Lack
	Resource    addr.Address // with its surface; for LackLogins the identity provider
	Surface     Surface      // zero for LackLogins
	Decl        hcl.Range    // the resource's
	Grants      []Grant      // what isn't given: for LackKind every grant of the surface, maybe none; for LackRequests those that are narrowed
}

// Unapplied returns what targets with these capabilities leave out of an environment, by resource. Surfaces of targets that are not among them
// are not spoken of.
func Unapplied(g *Graph, environment string, can ...Capabilities) []Omission {
	out, at := omissions(g, environment, can)
	if len(out) > 0 {
		grants := g.In(environment)
		for i := range grants { // only what lacks is copied: nearly always nothing
			n, ok := at[grants[i].Resource]
			if ok && (out[n].Lack != LackRequests || grants[i].Narrowed()) {
				out[n].Grants = append(out[n].Grants, grants[i])
			}
		}
		out = slices.DeleteFunc(out, func(o Omission) bool { return o.Lack == LackRequests && len(o.Grants) == 0 })
	}
	return append(out, withoutLogins(g, environment, can)...)
}

// omissions returns one for each resource of an environment to which something is lacking that may matter, without grants, and where each
// stands.
func omissions(g *Graph, environment string, can []Capabilities) ([]Omission, map[addr.Address]int) {
	var out []Omission
	at := map[addr.Address]int{}
	for i := range g.Resources {
		r := &g.Resources[i]
		surface, ok := r.Surface(environment)
		if !ok {
			continue
		}
		if lack, may := lack(surface, can); may {
			at[r.Addr] = len(out)
			out = append(out, Omission{Environment: environment, Target: surface.Target, Lack: lack, Resource: r.Addr, Surface: surface, Decl: r.Decl})
		}
	}
	return out, at
}

// withoutLogins returns the identity providers of an environment whose mesh doesn't set them up.
func withoutLogins(g *Graph, environment string, can []Capabilities) []Omission {
	if !slices.ContainsFunc(can, func(c Capabilities) bool { return c.Target == Consul && !c.Logins }) {
		return nil
	}
	if e, found := g.Environment(environment); !found || e.Retired {
		return nil // nobody logs in where nothing is any more
	}
	var out []Omission
	for _, p := range g.Providers {
		if slices.ContainsFunc(p.Environments, func(ref model.Ref) bool { return ref.Addr.Name == environment }) {
			out = append(out, Omission{Environment: environment, Target: Consul, Lack: LackLogins, Resource: p.Addr, Decl: p.Decl})
		}
	}
	return out
}

// lack returns what the targets of a surface lack that may matter to it, and false where nothing does.
func lack(s Surface, can []Capabilities) (Lack, bool) {
	spoken := false
	for _, c := range can {
		if c.Target != s.Target {
			continue
		}
		spoken = true
		if slices.Contains(c.Kinds, s.Kind) {
			return LackRequests, !c.Requests
		}
	}
	return LackKind, spoken
}

// ReportUnapplied says what targets don't apply: a warning for each resource of a kind that they don't guard, and one for each allow that is
// narrowed to requests.
func ReportUnapplied(omissions []Omission) diag.List {
	var out diag.List
	kinds, narrowed := map[addr.Address][]Omission{}, map[addr.Address]bool{}
	for _, o := range omissions {
		if o.Lack != LackRequests {
			kinds[o.Resource] = append(kinds[o.Resource], o)
			continue
		}
		for _, grant := range o.Grants {
			for _, s := range grant.Sources {
				if !narrowed[s.Allow] {
					narrowed[s.Allow] = true
					out = append(out, unnarrowable(o, grant, s))
				}
			}
		}
	}
	for _, of := range kinds { // in no order: the list is sorted
		out = append(out, unguarded(of))
	}
	return out.Sorted()
}

// unguarded tells of one resource in one or more environments, by the first where something is allowed.
func unguarded(of []Omission) diag.Diagnostic {
	first := max(0, slices.IndexFunc(of, func(o Omission) bool { return len(o.Grants) > 0 }))
	d := unguardedIn(of[first])
	var elsewhere []string
	for i, o := range of {
		if i != first {
			elsewhere = append(elsewhere, strconv.Quote(o.Environment))
		}
	}
	if len(elsewhere) > 0 {
		d.Detail += fmt.Sprintf(" Nor is anything written for it in %s.", diag.Listed(elsewhere, "and"))
	}
	return d
}

func unguardedIn(o Omission) diag.Diagnostic {
	if o.Lack == LackLogins {
		return diag.Diagnostic{
			Code: diag.NotApplied, Severity: diag.Warning, Subject: o.Decl,
			Summary: fmt.Sprintf("the %s target does not apply %s", o.Target, o.Resource),
			Detail: fmt.Sprintf("It is checked and judged, and nothing is written for it in %q: set up the auth method and its binding rules in Consul by other means.",
				o.Environment),
		}
	}
	given := "No allow is to it."
	if n := len(o.Grants); n > 0 {
		given = fmt.Sprintf("What is allowed, such as to %s by %s, is not granted by Gatehouse.", o.Grants[0].Workload, o.Grants[0].Sources[0].Allow)
	}
	return diag.Diagnostic{
		Code: diag.NotApplied, Severity: diag.Warning, Subject: o.Decl,
		Summary: fmt.Sprintf("the %s target does not apply %s", o.Target, o.Resource),
		Detail: fmt.Sprintf("Access to the %s %s in %q is checked and judged, and nothing is written for it. %s Grant it by other means.",
			o.Surface.Kind, o.Surface.Name, o.Environment, given),
	}
}

func unnarrowable(o Omission, grant Grant, s Source) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.NotApplied, Severity: diag.Warning, Subject: s.Decl,
		Summary: fmt.Sprintf("the %s target does not apply what %s narrows to requests", o.Target, s.Allow),
		Detail: fmt.Sprintf("It can't tell %q from other requests to %s in %q. So that it doesn't open the others, it opens none: nothing of this is given.",
			cmp.Or(RequestText(grant.Request, grant.Except), "* *"), o.Resource, o.Environment),
	}
}

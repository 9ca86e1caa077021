package oracle

import (
	"slices"
	"strings"
)

// Actions are all actions.
func Actions() []string { return []string{"read", "write"} }

// Resources returns the addresses of everything that can be reached, surface by surface.
func (p Policy) Resources() []string {
	var out []string
	for _, s := range p.Stores {
		if s.Online != nil {
			out = append(out, "feature_store."+s.Name+".online")
		}
		if s.Offline != nil {
			out = append(out, "feature_store."+s.Name+".offline")
		}
	}
	for _, s := range p.Secrets {
		out = append(out, "secret."+s.Name)
	}
	return out
}

// System returns which remote system guards a resource.
func System(resource string) string {
	if strings.HasPrefix(resource, "secret.") || strings.HasSuffix(resource, ".offline") {
		return InGoogle
	}
	return InConsul
}

// Member reports whether a workload is in a group in an environment. It must be there at all.
func (p Policy) Member(g Group, w Workload, environment string) bool {
	if !slices.Contains(w.Environments, environment) {
		return false
	}
	if g.Match == nil {
		return slices.Contains(g.Workloads, "workload."+w.Name) || slices.ContainsFunc(p.Groups, func(inner Group) bool {
			return slices.Contains(g.Workloads, "group."+inner.Name) && p.Member(inner, w, environment)
		})
	}
	has := labels(w.Labels, override(w.In, environment))
	for key, value := range g.Match {
		if got, ok := has[key]; !ok || got != value {
			return false
		}
	}
	return true
}

// names reports whether a list of workloads and groups names a workload in an environment that is in use.
func (p Policy) names(from []string, w Workload, environment string) bool {
	if !slices.Contains(w.Environments, environment) || p.environment(environment).Retired {
		return false
	}
	if slices.Contains(from, "workload."+w.Name) {
		return true
	}
	for _, g := range p.Groups {
		if slices.Contains(from, "group."+g.Name) && p.Member(g, w, environment) {
			return true
		}
	}
	return false
}

// Nobody reports whether a list names groups alone that have no member anywhere.
func (p Policy) Nobody(from []string) bool {
	return !slices.ContainsFunc(p.Workloads, func(w Workload) bool {
		return slices.Contains(from, "workload."+w.Name) || slices.ContainsFunc(w.Environments, func(e string) bool { return p.names(from, w, e) })
	})
}

// reaches reports whether a list of resources names one: itself, or its whole store.
func reaches(to []string, resource string) bool {
	return slices.Contains(to, resource) || slices.Contains(to, strings.TrimSuffix(strings.TrimSuffix(resource, ".online"), ".offline"))
}

func covers(actions []string, unsaid []string, action string) bool {
	if actions == nil {
		actions = unsaid
	}
	return slices.Contains(actions, action)
}

// Question is one piece of access: may a workload, as it is in its home, do something with a resource as it is in an environment, by one
// request?
type Question struct {
	Environment string
	Workload    Workload
	Resource    string
	Action      string
	Home        string // empty: Environment
	Request     Request
}

func (q Question) home() string {
	return either(q.Home, q.Environment)
}

// with returns the same question about another action.
func (q Question) with(action string) Question { q.Action = action; return q }

// at returns the same question about the workload as it is somewhere.
func (q Question) at(home string) Question { q.Home = home; return q }

// joins reports whether an allow speaks of the workloads of one environment and the resources of another: where it crosses, of its two; otherwise
// of any one.
func (a Allow) joins(home, environment string) bool {
	if a.Across != nil {
		return a.Across.From == home && a.Across.To == environment
	}
	return home == environment
}

// gives reports whether an allow gives access at some time, by some request.
func (p Policy) gives(a Allow, q Question) bool {
	_, there := p.Destination(q.Resource, q.Environment)
	return there && a.joins(q.home(), q.Environment) &&
		p.names(a.From, q.Workload, q.home()) &&
		reaches(a.To, q.Resource) &&
		covers(a.Actions, []string{"read"}, q.Action) &&
		(a.Environments == nil || slices.Contains(a.Environments, "environment."+q.Environment))
}

func (a Allow) holds(at int64) bool {
	return (a.NotBefore == 0 || a.NotBefore <= at) && (a.Expires == 0 || at < a.Expires)
}

// Against returns the workloads on whose account a deny speaks of a question, whatever its action: those that it names in any environment
// and that are, in any environment, the principal that the question's workload is.
func (p Policy) Against(d Deny, q Question) []string {
	var out []string
	is, _ := p.Principal(q.Workload, q.home(), System(q.Resource))
	for _, w := range p.Workloads {
		named, same := false, false
		for _, e := range w.Environments {
			named = named || p.names(d.From, w, e)
			as, ok := p.Principal(w, e, System(q.Resource))
			same = same || ok && as == is
		}
		if named && same && reaches(d.To, q.Resource) {
			out = append(out, w.Name)
		}
	}
	return out
}

// Denied reports whether any deny takes the access away.
func (p Policy) Denied(q Question) bool {
	return slices.ContainsFunc(p.Denies, func(d Deny) bool {
		return covers(d.Actions, Actions(), q.Action) && matches(d.HTTP, q.Request) && len(p.Against(d, q)) > 0
	})
}

// Granted reports whether the access is there at a moment: some allow gives it, and no deny takes it.
func (p Policy) Granted(q Question, at int64) bool {
	return !p.Denied(q) && slices.ContainsFunc(p.Allows, func(a Allow) bool { return p.gives(a, q) && matches(a.HTTP, q.Request) && a.holds(at) })
}

// Ever reports whether the access is there at any moment.
func (p Policy) Ever(q Question) bool {
	return slices.ContainsFunc(p.Moments(), func(at int64) bool { return p.Granted(q, at) })
}

// Moments returns when anything can change, with the second before, and one before all and one after all.
func (p Policy) Moments() []int64 {
	out := []int64{1, 1 << 40}
	for _, a := range p.Allows {
		for _, t := range []int64{a.NotBefore, a.Expires} {
			if t != 0 {
				out = append(out, t-1, t)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Questions returns everything that can be asked, of things that are where they are asked about or not.
func (p Policy) Questions() []Question {
	var out []Question
	for _, e := range p.Environments {
		for _, w := range p.Workloads {
			for _, r := range p.Resources() {
				for _, action := range Actions() {
					for _, home := range p.homes(w, e.Name) {
						for _, request := range p.Probes() {
							out = append(out, Question{e.Name, w, r, action, home, request})
						}
					}
				}
			}
		}
	}
	return out
}

// homes returns where a workload may come from to reach into an environment: from there, or where something crosses, from anywhere.
func (p Policy) homes(w Workload, environment string) []string {
	out := []string{environment}
	for _, a := range p.Allows {
		if a.Across != nil && a.Across.To == environment && !slices.Contains(out, a.Across.From) && slices.Contains(w.Environments, a.Across.From) {
			out = append(out, a.Across.From)
		}
	}
	return out
}

// Connects reports whether a principal may connect to a store in an environment at a moment, by a request: some workload that it is somewhere has
// some access.
func (p Policy) Connects(who Principal, resource, environment string, at int64, by Request) bool {
	return p.some(who, environment, func(w Workload, home string) bool {
		return slices.ContainsFunc(Actions(), func(action string) bool {
			return p.Granted(Question{environment, w, resource, action, home, by}, at)
		})
	})
}

// some reports whether something is true of a workload that is a principal at home and may reach into an environment from there.
func (p Policy) some(who Principal, environment string, holds func(w Workload, home string) bool) bool {
	for _, w := range p.Workloads {
		for _, home := range p.homes(w, environment) {
			if as, ok := p.Principal(w, home, who.System); ok && as == who && holds(w, home) {
				return true
			}
		}
	}
	return false
}

// Whole reports whether a principal has an action on a resource at a moment in a policy that narrows nothing to requests.
func (p Policy) Whole(who Principal, action, resource, environment string, at int64) bool {
	return p.some(who, environment, func(w Workload, home string) bool {
		return p.Granted(Question{environment, w, resource, action, home, p.Probes()[0]}, at)
	})
}

// Held returns the moments, in order, at which a principal may do something with a resource in an environment: some workload that it is
// somewhere is granted it.
func (p Policy) Held(who Principal, action, resource, environment string) []int64 {
	var out []int64
	for _, at := range p.Moments() {
		if p.some(who, environment, func(w Workload, home string) bool {
			return p.Granted(Question{environment, w, resource, action, home, Request{"GET", "/"}}, at)
		}) {
			out = append(out, at)
		}
	}
	return out
}

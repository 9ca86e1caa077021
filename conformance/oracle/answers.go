package oracle

import "slices"

// Answer is one holder of a principal that reaches a resource.
type Answer struct{ Workload, Home, Means, Grantee string }

// holders returns every workload in every environment that is a principal.
func (p Policy) holders(who Principal) []Answer {
	var out []Answer
	for _, w := range p.Workloads {
		for _, e := range w.Environments {
			if as, ok := p.Principal(w, e, who.System); ok && as == who {
				out = append(out, Answer{Workload: w.Name, Home: e})
			}
		}
	}
	return out
}

// Shared returns the principals that several holders are.
func (p Policy) Shared() map[Principal]bool {
	out := map[Principal]bool{}
	for _, w := range p.Workloads {
		for _, e := range w.Environments {
			for _, system := range []string{InConsul, InGoogle} {
				if who, ok := p.Principal(w, e, system); ok && len(p.holders(who)) > 1 {
					out[who] = true
				}
			}
		}
	}
	return out
}

// own says how a workload comes by access in its environment by its own allows, or nothing.
func (p Policy) own(q Question, at int64) string {
	if p.Granted(q, at) {
		return "declared"
	}
	for _, action := range Actions() {
		other := q
		other.Action = action
		if System(q.Resource) == InConsul && p.Granted(other, at) {
			return "coarse-action"
		}
	}
	return ""
}

// WhoCan returns everybody who reaches a resource in an environment at a moment, in truth: by an allow of their own, by one of another action
// that Consul can't tell apart, or by being somebody who has one of these.
func (p Policy) WhoCan(action, resource, environment string, at int64) []Answer {
	var out []Answer
	for _, w := range p.Workloads {
		for _, home := range w.Environments {
			means := ""
			if home == environment {
				means = p.own(Question{home, w, resource, action}, at)
			}
			if means != "" {
				out = append(out, Answer{w.Name, home, means, w.Name})
				continue
			}
			out = append(out, p.through(w, home, Question{environment, w, resource, action}, at)...)
		}
	}
	return out
}

// through returns whose access a workload has because it is the same principal.
func (p Policy) through(w Workload, home string, q Question, at int64) []Answer {
	var out []Answer
	who, ok := p.Principal(w, home, System(q.Resource))
	for _, other := range p.Workloads {
		as, there := p.Principal(other, q.Environment, System(q.Resource))
		self := other.Name == w.Name && home == q.Environment
		if !ok || !there || as != who || self {
			continue
		}
		if p.own(Question{q.Environment, other, q.Resource, q.Action}, at) != "" {
			out = append(out, Answer{w.Name, home, "shared-identity", other.Name})
		}
	}
	return out
}

// Why returns the one word that answers best: what is true first, then the firmest obstacle.
func (p Policy) Why(q Question, at int64) string {
	own := p.own(q, at)
	_, there := p.Destination(q.Resource, q.Environment)
	switch {
	case own != "":
		return own
	case slices.ContainsFunc(p.WhoCan(q.Action, q.Resource, q.Environment, at), func(a Answer) bool { return a.Workload == q.Workload.Name }):
		return "shared-identity"
	case !there || !slices.Contains(q.Workload.Environments, q.Environment):
		return "no-common-environment"
	case p.Denied(q):
		return "denied"
	case slices.ContainsFunc(p.Moments(), func(t int64) bool { return t > at && p.Granted(q, t) }):
		return "not-yet"
	case p.Ever(q):
		return "expired"
	}
	for _, action := range Actions() {
		if p.Granted(Question{q.Environment, q.Workload, q.Resource, action}, at) {
			return "other-action"
		}
	}
	return "no-allow"
}

// Yes reports whether a word of Why's means that the access is there.
func Yes(word string) bool {
	return slices.Contains([]string{"declared", "coarse-action", "shared-identity"}, word)
}

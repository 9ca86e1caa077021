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

// own says how a workload comes by access from its home by its own allows, or nothing.
func (p Policy) own(q Question, at int64) string {
	if p.Granted(q, at) {
		return "declared"
	}
	for _, action := range Actions() {
		if System(q.Resource) == InConsul && p.Granted(q.with(action), at) {
			return "coarse-action"
		}
	}
	return ""
}

// WhoCan returns everybody who reaches a resource in an environment at a moment, in truth: by an allow of their own, by one of another action
// that Consul can't tell apart, or by being somebody who has one of these.
func (p Policy) WhoCan(action, resource, environment string, at int64, by Request) []Answer {
	var out []Answer
	for _, w := range p.Workloads {
		for _, home := range w.Environments {
			q := Question{environment, w, resource, action, home, by}
			if means := p.own(q, at); means != "" {
				out = append(out, Answer{w.Name, home, means, w.Name})
				continue
			}
			out = append(out, p.through(w, home, q, at)...)
		}
	}
	return out
}

// through returns whose access a workload has because it is the same principal.
func (p Policy) through(w Workload, home string, q Question, at int64) []Answer {
	var out []Answer
	who, ok := p.Principal(w, home, System(q.Resource))
	for _, other := range p.Workloads {
		for _, there := range p.homes(other, q.Environment) {
			as, sees := p.Principal(other, there, System(q.Resource))
			self := other.Name == w.Name && home == there
			if !ok || !sees || as != who || self {
				continue
			}
			q.Workload = other
			if answer := (Answer{w.Name, home, "shared-identity", other.Name}); p.own(q.at(there), at) != "" && !slices.Contains(out, answer) {
				out = append(out, answer)
			}
		}
	}
	return out
}

// Why returns the one word that answers best for one request: what is true first, then the firmest obstacle. It asks of the workload wherever it comes
// from. That only other requests are allowed is not one of its words: OtherRequests tells.
func (p Policy) Why(q Question, at int64) string {
	var own, crosses, denied, later, ever, other bool
	homes := p.homes(q.Workload, q.Environment)
	for _, home := range homes {
		q := q.at(home)
		if word := p.own(q, at); word == "declared" {
			return word
		} else if word != "" {
			own = true
		}
		crosses = crosses || p.crosses(q)
		denied = denied || p.Denied(q) && (home == q.Environment || p.crosses(q))
		later = later || slices.ContainsFunc(p.Moments(), func(t int64) bool { return t > at && p.Granted(q, t) })
		ever = ever || p.Ever(q)
		for _, action := range Actions() {
			other = other || p.Granted(q.with(action), at)
		}
	}
	_, there := p.Destination(q.Resource, q.Environment)
	switch {
	case own:
		return "coarse-action"
	case slices.ContainsFunc(p.WhoCan(q.Action, q.Resource, q.Environment, at, q.Request), func(a Answer) bool { return a.Workload == q.Workload.Name }):
		return "shared-identity"
	case (!there || !slices.Contains(q.Workload.Environments, q.Environment)) && !crosses:
		return "no-common-environment"
	case denied:
		return "denied"
	case later:
		return "not-yet"
	case ever:
		return "expired"
	case other:
		return "other-action"
	}
	return "no-allow"
}

// Refused reports whether denies are what stands in the way of a workload that has no access by any request at all: from somewhere, they take every
// request, or every one that is ever allowed.
func (p Policy) Refused(q Question) bool {
	for _, home := range p.homes(q.Workload, q.Environment) {
		left, free := false, false
		for _, request := range p.Probes() {
			q := q.at(home)
			q.Request = request
			given := slices.ContainsFunc(p.Allows, func(a Allow) bool { return p.gives(a, q) && matches(a.HTTP, request) })
			left, free = left || given && !p.Denied(q), free || !p.Denied(q)
		}
		if !left && (!free || p.given(q.at(home))) { // what is allowed may be no request that is asked about
			return true
		}
	}
	return false
}

// OtherRequests reports whether a workload is allowed other requests than the one asked about at a moment, and never that one, by this action or by
// another that the target can't tell apart: certainly, where one of those asked about is allowed; possibly, where an allow is narrowed to others.
func (p Policy) OtherRequests(q Question, at int64) (certainly, possibly bool) {
	for _, home := range p.homes(q.Workload, q.Environment) {
		for _, action := range Actions() {
			if action != q.Action && System(q.Resource) != InConsul {
				continue
			}
			q := q.at(home).with(action)
			if p.Ever(q) {
				return false, false
			}
			possibly = possibly || slices.ContainsFunc(p.Allows, func(a Allow) bool { return p.gives(a, q) && !matches(a.HTTP, q.Request) && a.holds(at) })
			for _, request := range p.Probes() {
				other := q
				other.Request = request
				certainly = certainly || p.Granted(other, at)
			}
		}
	}
	return certainly, possibly
}

// given reports whether some allow gives access at some time, whatever is denied.
func (p Policy) given(q Question) bool {
	return slices.ContainsFunc(p.Allows, func(a Allow) bool { return p.gives(a, q) })
}

// crosses reports whether somebody who need not be in the environment is spoken of there: what is asked for is given, or another action is
// and isn't denied.
func (p Policy) crosses(q Question) bool {
	return p.given(q) || slices.ContainsFunc(Actions(), func(action string) bool { return p.given(q.with(action)) && !p.Denied(q.with(action)) })
}

// Yes reports whether a word of Why's means that the access is there.
func Yes(word string) bool {
	return slices.Contains([]string{"declared", "coarse-action", "shared-identity"}, word)
}

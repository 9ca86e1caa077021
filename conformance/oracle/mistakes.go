package oracle

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Mistakes returns the codes of what is wrong with a policy, sorted. Contradictions between allows and denies are looked for only in a policy
// whose names are right.
func (p Policy) Mistakes() []string {
	codes := map[string]bool{}
	p.wrongPlaces(codes)
	p.wrongNames(codes)
	p.wrongRules(codes)
	p.circles(codes)
	for _, a := range p.Allows {
		if a.NotBefore != 0 && a.Expires != 0 && a.Expires <= a.NotBefore {
			codes["empty-interval"] = true
		}
	}
	if len(codes) == 0 {
		p.impassable(codes)
		p.contradictions(codes)
	}
	return slices.Sorted(maps.Keys(codes))
}

// wrongPlaces finds things in environments that can't carry them.
func (p Policy) wrongPlaces(codes map[string]bool) {
	elsewhere := func(in []Override, environments []string) {
		for _, o := range in {
			if !slices.Contains(environments, o.Environment) {
				codes["not-in-environment"] = true
			}
		}
	}
	for _, w := range p.Workloads {
		elsewhere(w.In, w.Environments)
		for _, o := range w.In {
			e := p.environment(o.Environment)
			if slices.Contains(w.Environments, e.Name) && (o.Service != "" && e.Consul == nil || o.ServiceAccount != "" && e.Google == nil) {
				codes["missing-target"] = true
			}
		}
	}
	for _, s := range p.Stores {
		elsewhere(s.In, s.Environments)
		for _, name := range s.Environments {
			if s.Online != nil && p.environment(name).Consul == nil {
				codes["missing-target"] = true
			}
			o := override(s.In, name)
			if s.Offline != nil && p.environment(name).Google == nil {
				codes["missing-target"] = true
			}
			if s.Online == nil && o.Service != "" || s.Offline == nil && o.Dataset+o.Project != "" {
				codes["missing-block"] = true
			}
		}
	}
	for _, s := range p.Secrets {
		elsewhere(s.In, s.Environments)
		for _, name := range s.Environments {
			if p.environment(name).Google == nil {
				codes["missing-target"] = true
			}
		}
	}
}

var (
	serviceName = regexp.MustCompile(`^[a-z0-9]([a-z0-9_-]{0,254}[a-z0-9])?$`)
	accountName = regexp.MustCompile(`^[a-z][a-z0-9-]{4,28}[a-z0-9]@[a-z][a-z0-9-]{4,28}[a-z0-9]\.iam\.gserviceaccount\.com$`)
	datasetName = regexp.MustCompile(`^projects/[a-z][a-z0-9-]{4,28}[a-z0-9]/datasets/[A-Za-z0-9_]{1,999}$`)
	secretName  = regexp.MustCompile(`^projects/[a-z][a-z0-9-]{4,28}[a-z0-9]/secrets/[A-Za-z0-9_-]{1,255}$`)
)

// wrongNames finds names that can't be made, that the remote system would refuse, or that two resources have.
func (p Policy) wrongNames(codes map[string]bool) {
	for _, w := range p.Workloads {
		for _, e := range w.Environments {
			if p.environment(e).Consul != nil {
				who, ok := p.declaredPrincipal(w, e, InConsul)
				wrongName(codes, serviceName, who.Name, ok)
			}
			if p.environment(e).Google != nil {
				who, ok := p.declaredPrincipal(w, e, InGoogle)
				wrongName(codes, accountName, strings.TrimPrefix(who.Name, "serviceAccount:"), ok)
			}
		}
	}
	taken := map[Destination]bool{}
	for _, r := range p.Resources() {
		for _, e := range p.Environments {
			d, ok := p.declaredDestination(r, e.Name)
			if d == (Destination{}) {
				continue // not there
			}
			wrongName(codes, rule(r), d.Name, ok)
			if e.Retired {
				continue // nothing is there that could be in the way
			}
			if ok && taken[d] {
				codes["coinciding-names"] = true
			}
			taken[d] = true
		}
	}
}

func rule(resource string) *regexp.Regexp {
	switch {
	case System(resource) == InConsul:
		return serviceName
	case strings.HasSuffix(resource, ".offline"):
		return datasetName
	}
	return secretName
}

// wrongRules finds allows that cross where a system can't, and rules that are narrowed to requests to what doesn't take any.
func (p Policy) wrongRules(codes map[string]bool) {
	for _, a := range p.Allows {
		if a.HTTP != nil && !p.takesHTTP(a.To) {
			codes["not-http"] = true
		}
	}
	for _, d := range p.Denies {
		if d.HTTP != nil && !p.takesHTTP(d.To) {
			codes["not-http"] = true
		}
	}
}

// impassable finds what crosses between meshes, or from where nobody has an account.
func (p Policy) impassable(codes map[string]bool) {
	for _, a := range p.Allows {
		for _, r := range p.Resources() {
			if a.Across == nil || !reaches(a.To, r) {
				continue
			}
			if _, there := p.Destination(r, a.Across.To); there && !p.passes(a, r) {
				codes["unsupported-crossing"] = true
			}
		}
	}
}

// passes reports whether an allow's crossing, where it has one, is one that the resource's system can carry. What isn't carried gives nothing.
func (p Policy) passes(a Allow, r string) bool {
	if a.Across == nil {
		return true
	}
	from, to := p.environment(a.Across.From), p.environment(a.Across.To)
	if System(r) == InConsul {
		return from.Consul != nil && to.Consul != nil && realm(from.Consul) == realm(to.Consul)
	}
	return from.Google != nil
}

// takesHTTP reports whether all of a list are online surfaces that speak HTTP.
func (p Policy) takesHTTP(to []string) bool {
	for _, s := range p.Stores {
		for _, written := range []string{"", ".online", ".offline"} {
			if !slices.Contains(to, "feature_store."+s.Name+written) {
				continue
			}
			speaks := s.Online != nil && slices.Contains([]string{"http", "http2", "grpc"}, s.Online.Protocol)
			if written == ".offline" || written == "" && s.Offline != nil || !speaks {
				return false
			}
		}
	}
	return !slices.ContainsFunc(to, func(r string) bool { return strings.HasPrefix(r, "secret.") })
}

// circles finds groups that are made of themselves.
func (p Policy) circles(codes map[string]bool) {
	for _, g := range p.Groups {
		seen := map[string]bool{}
		p.inside(g, seen)
		if seen[g.Name] {
			codes["cycle"] = true
		}
	}
}

// inside notes the groups that a group is made of.
func (p Policy) inside(g Group, seen map[string]bool) {
	for _, inner := range p.Groups {
		if slices.Contains(g.Workloads, "group."+inner.Name) && !seen[inner.Name] {
			seen[inner.Name] = true
			p.inside(inner, seen)
		}
	}
}

func wrongName(codes map[string]bool, rule *regexp.Regexp, name string, made bool) {
	switch {
	case !made:
		codes["invalid-template"] = true
	case !rule.MatchString(name):
		codes["invalid-remote-name"] = true
	}
}

// contradictions finds allows and denies that meet in one principal, where the remote system can't obey both. For each allow, deny and pair of
// workloads one code is enough: that the identity is shared weighs more than that the actions are one. Each method is looked at by itself.
func (p Policy) contradictions(codes map[string]bool) {
	type meeting struct{ allow, deny, allowed, denied string }
	found := map[meeting]string{}
	for _, q := range p.Questions() {
		for _, a := range p.Allows {
			if !p.gives(a, q) || !p.passes(a, q.Resource) {
				continue
			}
			for _, d := range p.Denies {
				for _, denied := range p.Against(d, q) {
					m := meeting{a.Name, d.Name, q.Workload.Name, denied}
					for _, pattern := range Each(Patterns(a.HTTP)) {
						if code := p.contradiction(d, denied, q, pattern); code != "" && found[m] != "conflicting-shared-identity" {
							found[m] = code
						}
					}
				}
			}
		}
	}
	for _, code := range found {
		codes[code] = true
	}
}

// contradiction says why a deny that speaks of an allowed pattern on a workload's account can't be obeyed, or nothing.
func (p Policy) contradiction(d Deny, account string, q Question, pattern Pattern) string {
	taken, own := p.taken(q, pattern)
	anybodys := func(against []string) bool { return len(against) > 0 }
	mine := func(against []string) bool { return slices.Contains(against, q.Workload.Name) }
	speaks := covers(d.Actions, Actions(), q.Action)
	switch {
	case taken && (!speaks || !coveredBy(d.HTTP, pattern) || own):
		return ""
	case taken:
		return "conflicting-shared-identity"
	case !speaks && System(q.Resource) == InConsul && p.spared(d, q, pattern, anybodys):
		return "inseparable-actions"
	case speaks && account != q.Workload.Name && p.spared(d, q, pattern, mine):
		return "conflicting-shared-identity"
	}
	return ""
}

// taken reports whether some deny takes all of a pattern, and whether one does on the workload's own account.
func (p Policy) taken(q Question, pattern Pattern) (taken, own bool) {
	for _, d := range p.Denies {
		if against := p.Against(d, q); covers(d.Actions, Actions(), q.Action) && coveredBy(d.HTTP, pattern) && len(against) > 0 {
			taken, own = true, own || slices.Contains(against, q.Workload.Name)
		}
	}
	return taken, own
}

// spared reports whether a deny takes requests of a pattern that none takes of the same action, of those denies that count by the accounts that
// they stand against.
func (p Policy) spared(d Deny, q Question, pattern Pattern, counts func(against []string) bool) bool {
	return slices.ContainsFunc(Each(Patterns(d.HTTP)), func(part Pattern) bool {
		return !part.Apart(pattern) && !slices.ContainsFunc(p.Denies, func(same Deny) bool {
			return covers(same.Actions, Actions(), q.Action) && counts(p.Against(same, q)) && coveredBy(same.HTTP, part)
		})
	})
}

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
	for _, a := range p.Allows {
		if a.NotBefore != 0 && a.Expires != 0 && a.Expires <= a.NotBefore {
			codes["empty-interval"] = true
		}
	}
	if len(codes) == 0 {
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
			if s.Online == nil && override(s.In, name).Service != "" {
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
	secretName  = regexp.MustCompile(`^projects/[a-z][a-z0-9-]{4,28}[a-z0-9]/secrets/[A-Za-z0-9_-]{1,255}$`)
)

// wrongNames finds names that can't be made, that the remote system would refuse, or that two resources have.
func (p Policy) wrongNames(codes map[string]bool) {
	for _, w := range p.Workloads {
		for _, e := range w.Environments {
			if p.environment(e).Consul != nil {
				who, ok := p.Principal(w, e, InConsul)
				wrongName(codes, serviceName, who.Name, ok)
			}
			if p.environment(e).Google != nil {
				who, ok := p.Principal(w, e, InGoogle)
				wrongName(codes, accountName, strings.TrimPrefix(who.Name, "serviceAccount:"), ok)
			}
		}
	}
	taken := map[Destination]bool{}
	for _, r := range p.Resources() {
		for _, e := range p.Environments {
			d, ok := p.Destination(r, e.Name)
			if d == (Destination{}) {
				continue // not there
			}
			rule := serviceName
			if d.System == InGoogle {
				rule = secretName
			}
			wrongName(codes, rule, d.Name, ok)
			if ok && taken[d] {
				codes["coinciding-names"] = true
			}
			taken[d] = true
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
// workloads one code is enough: that the identity is shared weighs more than that the actions are one.
func (p Policy) contradictions(codes map[string]bool) {
	type meeting struct{ allow, deny, allowed, denied string }
	found := map[meeting]string{}
	for _, q := range p.Questions() {
		for _, a := range p.Allows {
			if !p.gives(a, q) {
				continue
			}
			for _, d := range p.Denies {
				for _, denied := range p.Against(d, q) {
					m := meeting{a.Name, d.Name, q.Workload.Name, denied}
					if code := p.contradiction(d, q); code != "" && found[m] != "conflicting-shared-identity" {
						found[m] = code
					}
				}
			}
		}
	}
	for _, code := range found {
		codes[code] = true
	}
}

// contradiction says why a deny that speaks of an allowed question can't be obeyed, or nothing.
func (p Policy) contradiction(d Deny, q Question) string {
	ownDeny := slices.ContainsFunc(p.Denies, func(d Deny) bool {
		return covers(d.Actions, Actions(), q.Action) && slices.Contains(p.Against(d, q), q.Workload.Name)
	})
	switch {
	case !p.Denied(q) && System(q.Resource) == InConsul:
		return "inseparable-actions" // the deny is of the other action
	case covers(d.Actions, Actions(), q.Action) && !ownDeny:
		return "conflicting-shared-identity"
	}
	return ""
}

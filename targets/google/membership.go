package google

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gatehouse/compiler/access"
	"gatehouse/targets"
)

// certainty says whether something is so.
type certainty int

const (
	no certainty = iota
	maybe
	yes
)

// someone is a principal that a binding speaks of, by name or as a member of something.
type someone struct {
	name string
	via  []access.Step
}

// groupPrefix begins the names of groups as principals.
const groupPrefix = "group:"

// group takes in what somebody told of a group's members. Google's own answer would need the Workspace's directory, which no role in the cloud
// opens.
func (w *world) group(o targets.Object) error {
	var g struct{ Members []string }
	if err := json.Unmarshal(o.Body, &g); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	name, _ := principalName(groupPrefix + o.Key.Name)
	members := []string{}
	for _, m := range g.Members {
		if member, ok := principalName(m); ok {
			members = append(members, member)
		}
	}
	w.groups[name] = members
	return nil
}

// people returns every name that any policy or group speaks of, sorted.
func (w *world) people() []string {
	if w.known != nil {
		return w.known
	}
	found := map[string]bool{}
	for _, r := range w.policies {
		for _, b := range r.bindings {
			for _, name := range b.principals {
				found[name] = true
			}
		}
	}
	for _, members := range w.groups {
		for _, name := range members {
			found[name] = true
		}
	}
	w.known = slices.Sorted(maps.Keys(found))
	return w.known
}

// whom returns the principals of a binding and the known members of those that are sets, each once.
func (w *world) whom(names []string) []someone {
	var out []someone
	seen := map[string]bool{}
	add := func(s someone) {
		if !seen[s.name] {
			seen[s.name] = true
			out = append(out, s)
		}
	}
	for _, name := range names {
		s := someone{name: name}
		if strings.HasPrefix(name, groupPrefix) && w.groups[name] == nil {
			s.via = []access.Step{{Detail: "nobody told who belongs to " + name}}
		}
		add(s)
	}
	for _, name := range names {
		for _, s := range w.within(name) {
			add(s)
		}
	}
	return out
}

// within returns the known members of a set. They are asked for again for every secret that inherits a binding, and remembered.
func (w *world) within(set string) []someone {
	if !isSet(set) {
		return nil
	}
	if out, found := w.members[set]; found {
		return out
	}
	var out []someone
	for _, member := range w.people() {
		if member != set && w.belongs(member, set) == yes {
			out = append(out, someone{member, []access.Step{{Detail: member + " belongs to " + set}}})
		}
	}
	w.members[set] = out
	return out
}

func isSet(name string) bool {
	return strings.HasPrefix(name, groupPrefix) || strings.HasPrefix(name, "domain:") || strings.HasPrefix(name, "principalSet:")
}

// belongs says whether a principal is one of a set, or the set itself. Who is in the groups of a group is too.
func (w *world) belongs(name, set string) certainty {
	switch {
	case set == access.Anyone || name == set:
		return yes
	case name == access.Anyone:
		return no // somebody whom nobody names
	case strings.HasPrefix(set, groupPrefix):
		return w.inGroup(name, set, map[string]bool{})
	case strings.HasPrefix(set, "domain:"):
		return inDomain(name, strings.TrimPrefix(set, "domain:"))
	case strings.HasPrefix(set, customerPrefix):
		return certainly(strings.HasPrefix(name, "principal"), no, maybe) // federated identities are of no customer
	case strings.Contains(set, "/type/ServiceAccount"):
		return w.accountOf(name, set)
	case strings.HasPrefix(set, "principalSet:"):
		return inPool(name, set)
	}
	return no
}

func certainly(so bool, then, otherwise certainty) certainty {
	if so {
		return then
	}
	return otherwise
}

func (w *world) inGroup(name, group string, seen map[string]bool) certainty {
	seen[group] = true
	members, told := w.groups[group]
	if !told {
		return maybe
	}
	best := no
	for _, m := range members {
		switch {
		case m == name:
			return yes
		case strings.HasPrefix(m, groupPrefix) && !seen[m]:
			best = max(best, w.inGroup(name, m, seen))
		case isSet(m) && !strings.HasPrefix(m, groupPrefix):
			best = max(best, w.belongs(name, m))
		}
	}
	return best
}

// inDomain goes by the address: an account of a domain may have an address of another one, and service accounts belong to none.
// See https://cloud.google.com/iam/docs/principal-identifiers.
func inDomain(name, domain string) certainty {
	for _, prefix := range []string{"user:", groupPrefix} {
		if address, ok := strings.CutPrefix(name, prefix); ok {
			return certainly(strings.HasSuffix(address, "@"+domain), yes, no)
		}
	}
	return no
}

// customerPrefix begins the sets of everybody in a Workspace account. Which accounts those are is not known here.
const customerPrefix = "principalSet://goog/cloudIdentityCustomerId/"

// accountOf says whether a name is a service account of a project, folder or organization, such as
// principalSet://cloudresourcemanager.googleapis.com/projects/NUMBER/type/ServiceAccount.
func (w *world) accountOf(name, set string) certainty {
	email, ok := strings.CutPrefix(name, accountPrefix)
	if !ok {
		return no
	}
	_, at, _ := strings.Cut(strings.TrimPrefix(set, "principalSet://"), "/")
	at, _, _ = strings.Cut(at, "/type/")
	project, ok := homeOf(email)
	if !ok {
		return maybe
	}
	if number, ok := strings.CutPrefix(at, "projects/"); ok {
		have := w.projects[project].number
		return certainly(have == number || project == number, yes, certainly(have == "", maybe, no))
	}
	if slices.Contains(w.lineage(project), at) {
		return yes
	}
	return certainly(w.rooted(project), no, maybe)
}

// inPool says whether a name is an identity of a pool that a set is of: all of the pool, or maybe some by an attribute or group, which their
// tokens tell.
func inPool(name, set string) certainty {
	subject, ok := strings.CutPrefix(name, "principal:")
	if !ok {
		return no
	}
	pool, _, ok := strings.Cut(subject, "/subject/")
	rest, same := strings.CutPrefix(strings.TrimPrefix(set, "principalSet:"), pool+"/")
	if !ok || !same {
		return no
	}
	return certainly(rest == "*", yes, maybe)
}

// lineage returns a project and all above it that is known: projects/ID, folders/NUMBER, organizations/NUMBER.
func (w *world) lineage(project string) []string {
	out := []string{"projects/" + project}
	for at := w.projects[project].parent; at != "" && !slices.Contains(out, at); at = w.folders[at].parent {
		out = append(out, at)
	}
	return out
}

// rooted reports whether everything above a project is known.
func (w *world) rooted(project string) bool {
	line := w.lineage(project)
	return strings.HasPrefix(line[len(line)-1], "organizations/")
}

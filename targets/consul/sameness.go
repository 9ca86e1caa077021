package consul

import (
	"fmt"
	"slices"
	"strconv"
)

// grouped returns the verdict of a sameness group's source on local services, where the entry has one of a candidate's name. A group may hold the
// partition itself, which its own entry tells; and no documentation says which of two sources of one name decides, so that this is unknown, too.
func (w *world) grouped(d destination, r *rules, candidate pattern) (verdict, bool) {
	if !r.hasGroups || !candidate.local(d.at) {
		return verdict{}, false
	}
	for _, name := range r.groupsOf(candidate.name) {
		s := r.find(pattern{group: name, namespace: "default", name: candidate.name})
		holds, known := w.holds(name, d.at.partition)
		switch {
		case s == nil || known && !holds:
		case known && r.find(candidate) == nil:
			return w.rule(d, r, s), true
		default:
			v := w.rule(d, r, s)
			v.unknown = fmt.Sprintf("whether sameness group %s decides about services of the own partition", strconv.Quote(name))
			return v, true
		}
	}
	return verdict{}, false
}

// groupsOf returns the groups that an entry names with a source's name, sorted.
func (r *rules) groupsOf(source string) []string {
	var out []string
	for i := range r.Sources {
		if s := &r.Sources[i]; s.SamenessGroup != "" && s.Name == source {
			out = append(out, s.SamenessGroup)
		}
	}
	slices.Sort(out)
	return out
}

// holds reports whether a partition is of a group; not known where the group was not read.
func (w *world) holds(name, partition string) (holds, known bool) {
	g := w.groups[name]
	if g == nil {
		return false, false
	}
	if g.IncludeLocal && orDefault(g.Partition) == partition {
		return true, true
	}
	for _, m := range g.Members {
		if m.Peer == "" && orDefault(m.Partition) == partition {
			return true, true
		}
	}
	return false, true
}

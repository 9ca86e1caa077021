package consul

import (
	"cmp"
	"strings"
)

// pattern is what a source matches: one name, or all names, of one trust domain and namespace. Patterns compare with ==.
//
// Precedence is Consul's: an exact destination before a "*" destination, and within each an exact source before "*" (9, 8, 6, 5). With
// namespaces (Enterprise) an exact namespace comes before all namespaces, in the same way.
type pattern struct {
	peer, group, partition string // whose services: another cluster's, a sameness group's, a partition's; peer and group empty: local
	namespace, name        string
}

// pattern returns what a source of an entry matches. A source that names no namespace or partition is of the entry's own; a peered
// one has no partition.
func (s *sourceRule) pattern(r *rules) pattern {
	p := pattern{peer: s.Peer, group: s.SamenessGroup, name: s.Name}
	if s.Peer != "" || s.SamenessGroup != "" {
		p.namespace = orDefault(s.Namespace)
		return p
	}
	p.partition, p.namespace = orDefault(r.Partition), orDefault(r.Namespace)
	if s.Partition != "" {
		p.partition = orDefault(s.Partition)
	}
	if s.Namespace != "" {
		p.namespace = orDefault(s.Namespace)
	}
	return p
}

// comparePatterns orders patterns by name, and those of one name somehow.
func comparePatterns(a, b pattern) int {
	return cmp.Or(
		strings.Compare(a.name, b.name), strings.Compare(a.namespace, b.namespace), strings.Compare(a.partition, b.partition),
		strings.Compare(a.peer, b.peer), strings.Compare(a.group, b.group),
	)
}

// wider returns the patterns that match whatever p matches, p first, in order of precedence.
func (p pattern) wider() [3]pattern {
	all, everywhere := p, p
	all.name = everybody
	everywhere.namespace, everywhere.name = everybody, everybody
	return [3]pattern{p, all, everywhere}
}

// local reports whether p speaks of the services of the place itself, by their plain names.
func (p pattern) local(at place) bool {
	return p.peer == "" && p.group == "" && p.partition == at.partition && (p.namespace == at.namespace || p.namespace == everybody)
}

// remote is the name of a principal that is not of the place: one that no local name can equal, since local ones have no slash.
func (p pattern) remote() string {
	name := p.name
	if p.namespace != "default" {
		name = p.namespace + "/" + name
	}
	switch {
	case p.peer != "":
		return "peer:" + p.peer + "/" + name
	case p.group != "":
		return "sameness-group:" + p.group + "/" + name
	}
	return strings.Join([]string{p.partition, p.namespace, p.name}, "/")
}

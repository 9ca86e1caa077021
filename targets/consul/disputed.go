package consul

import (
	"fmt"
	"slices"
)

// disputed returns what Envoy makes of a local source where it does not go by the documented precedence.
//
// A "*" source of the destination itself (8) comes before a source by name of a "*" destination (6), says the documentation, and so answers
// intentions/check, and Consul's built-in proxy with it. The rules that Consul derives for Envoy keep an intention from others only where its source
// is the more specific one (agent/xds/rbac.go: removeSourcePrecedence). So both count there: under a default of deny what either
// allows is let in, under a default of allow what either denies is kept out. Which of the two holds hangs on the proxy, and is not known here.
func (w *world) disputed(d destination, name string, documented verdict) (verdict, bool) {
	own, all := d.local(name), d.local(everybody)
	if len(d.entries) < 2 || d.entries[0].find(own) != nil || d.entries[0].find(all) == nil || d.entries[0].Name == everybody {
		return verdict{}, false
	}
	for _, r := range d.entries[1:] {
		s := r.find(own)
		if s == nil {
			continue
		}
		v := w.rule(d, r, s)
		if w.settled(documented.requests(), v.requests()) {
			return verdict{}, false
		}
		v.unknown = fmt.Sprintf("Envoy goes by source %q of %q, too", name, r.Name)
		return v, true
	}
	return verdict{}, false
}

// settled reports whether the rule that comes second adds nothing for Envoy to what the first says.
func (w *world) settled(first, second []string) bool {
	everything := []string{""}
	if w.defaultAllow {
		return len(first) == 0 || slices.Equal(second, everything)
	}
	return len(second) == 0 || slices.Equal(first, everything)
}

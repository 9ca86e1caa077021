package access

// IdentityTokens returns the symbolic principal that stands for whoever can present a principal's identity tokens. Such a token says who one
// is and opens nothing by itself: who can get it does not act as the principal, but can log in wherever the token is believed.
func IdentityTokens(p Principal) Principal {
	p.Name = "identity tokens of " + p.Name
	return p
}

// Logins returns the edges by which a policy's principals of one target become those of another: whoever acts as a workload's Google account,
// or can present its identity tokens, can log in to Consul as the workload's service. They are what makes Closure cross planes; whoever
// compares declared access with live access closes both over them.
func Logins(g *Graph) []Edge {
	var out []Edge
	for i := range g.Workloads {
		w := &g.Workloads[i]
		for j := range w.Places {
			cloud, known := w.Places[j].Principal(Google)
			mesh, meshed := w.Places[j].Principal(Consul)
			if !known || !meshed {
				continue
			}
			via := []Step{{Detail: "an identity token of " + cloud.Name + " logs in as " + w.Addr.String()}}
			for _, from := range []Principal{cloud, IdentityTokens(cloud)} {
				out = append(out, Edge{From: from, ActsAs: mesh, Spans: Spans{Always}, Via: via})
			}
		}
	}
	return Canonical(out)
}

package resolve

import (
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/lang/syntax"
)

var providersOnly = []addr.Kind{addr.IdentityProvider}

func (r *resolver) resolveProviders() {
	for d := range r.declarations(addr.IdentityProvider) {
		p := &model.IdentityProvider{Addr: d.addr, Decl: d.block.Decl}
		p.Environments = r.environmentRefs(d.block)
		r.meshed(d, p.Environments)
		p.Issuer = r.issuer(d.block)
		p.Audiences = r.audiences(d)
		p.Claim = r.present(d, "claim", "Name the claim that carries the workload's subject, such as \"email\" or \"sub\".")
		p.MaxTTL = r.maxTTL(d.block)
		if !d.second {
			r.policy.Providers = append(r.policy.Providers, p)
		}
	}
}

// meshed reports environments of a provider that have no Consul, to which it could vouch for nobody.
func (r *resolver) meshed(d *declaration, environments []model.Ref) {
	for _, ref := range environments {
		if e := r.environments[ref.Addr.Name]; e.Consul == nil {
			r.missingTarget(&place{of: d, environment: e}, ref.Range, "consul",
				fmt.Sprintf("%s vouches to nobody in %s, which has no Consul", d.addr, ref.Addr), fmt.Sprintf("take %s out of this list", ref.Addr))
		}
	}
}

// issuer reads the issuer of tokens. OpenID Connect's rule (Discovery 1.0, section 3): a URL with the https scheme, a host, optionally a port and
// a path, and no query or fragment. It is compared as text, so that it is kept as written.
func (r *resolver) issuer(b *syntax.Block) model.Text {
	t, ok := r.text(b, "issuer")
	if !ok {
		return t
	}
	if problem := issuerProblem(t.Value); problem != "" {
		r.invalidValue(t, "issuer is not an https URL", problem+" Write it as the tokens' iss claim has it, such as \"https://accounts.google.com\".")
	}
	return t
}

func issuerProblem(s string) string {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return "It is not a URL."
	case u.Scheme != "https":
		return "It must start with https://: over anything else, whoever sits on the way could vouch for everybody."
	case u.Hostname() == "":
		return "It names no host."
	case u.User != nil:
		return "Credentials never stand in a policy."
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "It must end after the host, the port and perhaps a path."
	}
	return ""
}

// audiences reads whom tokens must be meant for. None would mean anybody.
func (r *resolver) audiences(d *declaration) []model.Text {
	list, ok := r.texts(d.block, "audiences")
	if a, written := d.block.Attr("audiences"); ok && written && len(list) == 0 && isEmpty(a.Expr) {
		r.error(diag.EmptyList, a.Expr.Where(), fmt.Sprintf("%s names no audience", d.addr),
			"A token that was made for any other service would be believed. Name the audience that workloads ask their tokens for.")
	}
	for _, t := range list {
		if t.Value == "" {
			r.invalidValue(t, "an audience is empty", "Name the audience that workloads ask their tokens for, such as \"consul.acme.example\".")
		}
	}
	return list
}

func isEmpty(e syntax.Expr) bool {
	list, ok := e.(syntax.List)
	return ok && len(list.Elems) == 0
}

// present reads a text that must say something.
func (r *resolver) present(d *declaration, name, remedy string) model.Text {
	t, ok := r.text(d.block, name)
	if ok && t.Value == "" {
		r.invalidValue(t, fmt.Sprintf("%s of %s is empty", name, d.addr), remedy)
	}
	return t
}

// Consul's bounds on MaxTokenTTL of an auth method: acl.token_min_expiration_ttl and acl.token_max_expiration_ttl, by default.
const (
	shortestLogin = time.Minute
	longestLogin  = 24 * time.Hour
)

func (r *resolver) maxTTL(b *syntax.Block) time.Duration {
	t, ok := r.text(b, "max_ttl")
	if !ok {
		return 0
	}
	ttl, err := time.ParseDuration(t.Value)
	switch {
	case err != nil:
		summary, detail := notADuration("login", t.Value)
		r.error(diag.InvalidTime, t.Range, summary, detail)
		if better := syntax.SurelyDuration(t.Value); better == "24h" { // all others are longer than Consul takes
			r.mendText(t, better)
		}
	case ttl < shortestLogin || ttl > longestLogin:
		r.error(diag.InvalidTime, t.Range, fmt.Sprintf("a login of %q is not to be had", t.Value), "Consul takes one minute to 24 hours: write \"15m\", for example.")
	default:
		return ttl
	}
	return 0
}

// vouched resolves a workload's identity provider, which must be believed in one of the workload's environments at least.
func (r *resolver) vouched(d *declaration, places []*place) model.Ref {
	a, _ := d.block.Attr("identity_provider")
	ref, ok := r.one(a.Expr, providersOnly)
	if !ok {
		return model.Ref{}
	}
	provider := r.declared[addr.IdentityProvider][ref.Addr.Name]
	common := slices.ContainsFunc(places, func(p *place) bool { return r.lists(provider.block, p.environment.Name) })
	if !common && !r.openList(d.block) && !r.openList(provider.block) && !r.unsure(provider) {
		r.error(diag.NotInEnvironment, ref.Range, fmt.Sprintf("%s vouches in none of the environments of %s", ref.Addr, d.addr),
			"Nothing would let the workload in anywhere. Add an environment to one of the two, or name another provider.",
			diag.Related{Message: "the provider's environments", Range: attrRange(provider.block, "environments")})
	}
	return ref
}

// lists reports whether a block's environments name one.
func (r *resolver) lists(b *syntax.Block, environment string) bool {
	a, _ := b.Attr("environments")
	list, _ := a.Expr.(syntax.List)
	return slices.ContainsFunc(list.Elems, func(e syntax.Expr) bool {
		ref, ok := e.(syntax.Reference)
		return ok && len(ref.Parts) == 2 && ref.Parts[1] == environment
	})
}

func attrRange(b *syntax.Block, name string) hcl.Range {
	a, _ := b.Attr(name)
	return a.Range
}

package google

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/targets"
)

// Interpret says who reaches what by IAM's own rules, for every secret that a policy names and every surface that is asked about, and who can
// act as the service accounts that occur. It reads policies of secrets, projects, folders, organizations and service accounts, what
// roles hold, and which project lies where; another kind is an error. The moment does not matter: conditions on time become spans.
//
// What a permission leads to is in paths.go. A role of which nothing is known, and a condition that asks for something unknown, are edges
// too, since they may let somebody in: their Requests begin with "unknown", so that they are neither equal to declared access nor
// absent. A condition that holds for some requests only is told in Requests as well.
func (Driver) Interpret(f targets.Facts, _ time.Time) ([]access.Edge, error) {
	w, err := read(f.Objects)
	if err != nil {
		return nil, fmt.Errorf("google: interpret: %w", err)
	}
	c, err := newConditions()
	if err != nil {
		return nil, fmt.Errorf("google: interpret: set up conditions: %w", err)
	}
	i := &interpreter{world: w, conditions: c, inherited: map[string][]passage{}}
	for _, s := range w.secrets(f) {
		i.secret(s)
	}
	for _, email := range w.emails() {
		i.account(email)
	}
	return access.Canonical(i.edges), nil
}

// interpreter gathers edges.
type interpreter struct {
	*world
	conditions *conditions
	inherited  map[string][]passage // of a project's secrets, by project
	edges      []access.Edge
}

// secrets returns what is asked about and what has a policy, sorted.
func (w *world) secrets(f targets.Facts) []access.Surface {
	var out []access.Surface
	for _, s := range f.Surfaces {
		if s.Target == access.Google && s.Kind == Secret {
			out = append(out, s)
		}
	}
	for key := range w.policies {
		if key.Kind == SecretPolicy {
			out = append(out, access.Surface{Target: access.Google, Kind: Secret, Name: key.Name})
		}
	}
	slices.SortFunc(out, access.CompareSurface)
	return slices.Compact(out)
}

// emails returns those of the service accounts that have a policy, or are somebody in one, sorted.
func (w *world) emails() []string {
	found := map[string]bool{}
	for email := range w.accounts {
		found[email] = true
	}
	for _, r := range w.policies {
		for _, b := range r.bindings {
			for _, name := range b.principals {
				if email, ok := strings.CutPrefix(name, accountPrefix); ok {
					found[email] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// secret tells who reaches one secret.
func (i *interpreter) secret(s access.Surface) {
	project, name, ok := strings.Cut(strings.TrimPrefix(s.Name, "projects/"), "/secrets/")
	if !ok {
		return
	}
	passages, known := i.inherited[project]
	if !known {
		passages = i.passages(i.above(project), secretPaths)
		i.inherited[project] = passages
	}
	if own := i.policies[targets.Key{Kind: SecretPolicy, Name: s.Name}]; own != nil {
		chain := append([]*rules{own}, i.above(project)...)
		passages = slices.Concat(i.passagesOf(own, chain, secretPaths), passages)
	}
	at := place{project: i.projects[project].number, secret: name}
	for n := range passages {
		p := &passages[n]
		i.open(p, at, i.lineage(project), func(from access.Edge) {
			for _, verb := range p.verbs {
				from.To, from.Verb = s, verb
				i.edges = append(i.edges, from)
			}
		})
	}
}

// account tells who can act as one service account.
func (i *interpreter) account(email string) {
	var chain []*rules
	var lineage []string
	if own := i.accounts[email]; own != nil {
		chain = append(chain, own)
	}
	if project, ok := homeOf(email); ok {
		chain = append(chain, i.above(project)...)
		lineage = i.lineage(project)
	}
	account := principal(accountPrefix + email)
	passages := i.passages(chain, accountPaths)
	for n := range passages {
		p := &passages[n]
		i.open(p, place{}, lineage, func(from access.Edge) {
			if from.From == account {
				return
			}
			if from.ActsAs = account; p.tokens {
				from.ActsAs = access.IdentityTokens(account)
			}
			i.edges = append(i.edges, from)
		})
	}
}

// moment is when an edge holds, and for which requests.
type moment struct {
	spans    access.Spans
	requests string
}

// when evaluates the conditions of a passage.
func (i *interpreter) when(p *passage, at place) []moment {
	sure := access.Spans{access.Always}
	var unsure access.Spans
	texts := make([]string, 0, 2)
	if p.unknown != "" {
		texts = append(texts, p.unknown)
	}
	for _, clause := range p.clauses {
		held, doubtful, text := i.clause(clause, at)
		if len(doubtful) > 0 {
			texts = append(texts, text)
		}
		unsure = unsure.Intersect(held.Union(doubtful)).Union(sure.Intersect(doubtful))
		sure = sure.Intersect(held)
	}
	requests := strings.Join(texts, " and ")
	if p.unknown != "" {
		sure, unsure = nil, sure.Union(unsure)
	}
	var out []moment
	if len(sure) > 0 {
		out = append(out, moment{sure, ""})
	}
	if unsure = unsure.Subtract(sure); len(unsure) > 0 {
		out = append(out, moment{unsure, requests})
	}
	return out
}

// clause says when one condition holds, and when that is open.
func (i *interpreter) clause(c clauseOf, at place) (held, doubtful access.Spans, text string) {
	switch {
	case c.withheld:
		return nil, access.Spans{access.Always}, unknownCondition + "it was not shown"
	case c.condition == "":
		return access.Spans{access.Always}, nil, ""
	}
	t, text := i.conditions.ask(c.condition, at.request(c.permission))
	return t.is, t.doubtful(), text
}

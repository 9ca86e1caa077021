package cli

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
)

// The arguments that questions share: an action, a workload, a resource.

func actionOf(word string) (model.Action, error) {
	action := model.Action(word)
	if slices.Contains(model.Actions(), action) {
		return action, nil
	}
	return "", fmt.Errorf("%q is no action: want read or write", word)
}

// workloadsOf reads workload.NAME, or NAME alone, or a remote name that some of the policy's workloads have.
func (s *session) workloadsOf(word string) ([]addr.Address, error) {
	var out []addr.Address
	for i := range s.result.Graph.Environments {
		for _, p := range s.principalsOf(word, &s.result.Graph.Environments[i]) {
			for _, w := range s.result.Graph.Workloads {
				if slices.ContainsFunc(w.Places, func(place access.WorkloadPlace) bool { return slices.Contains(place.Principals, p) }) {
					out = append(out, w.Addr)
				}
			}
		}
	}
	if _, ok := s.declaredWorkload(word); ok || len(out) == 0 {
		a, err := s.workloadOf(word)
		return []addr.Address{a}, err
	}
	slices.SortFunc(out, addr.Compare)
	return slices.Compact(out), nil
}

// workloadOf reads workload.NAME, workload.NAME["KEY"], or NAME alone.
func (s *session) workloadOf(word string) (addr.Address, error) {
	if strings.ContainsAny(word, ":@") {
		return addr.Address{}, fmt.Errorf("the policy gives no workload the name %s: ask with --live, --compiled or --snapshot what objects give it", word)
	}
	if !strings.Contains(word, ".") {
		word = string(addr.Workload) + "." + word
	}
	a, err := addressOf(word)
	if err != nil {
		return a, err
	}
	if a.Kind != addr.Workload {
		return a, s.noWorkload(a)
	}
	if _, ok := s.result.Graph.Workload(a); !ok {
		return a, s.undeclared(a, workloads(s.result.Graph))
	}
	return a, nil
}

// noWorkload says of what else was asked about. Of a group, it names the members.
func (s *session) noWorkload(a addr.Address) error {
	members := map[string]bool{}
	for _, g := range s.result.Policy.Groups {
		for _, environment := range g.Members {
			for _, m := range environment {
				members[m.String()] = members[m.String()] || g.Addr == a
			}
		}
	}
	maps.DeleteFunc(members, func(_ string, of bool) bool { return !of })
	if len(members) == 0 {
		return fmt.Errorf("%s is no workload: ask about a workload", a)
	}
	const most = 10
	names := slices.Sorted(maps.Keys(members))
	return fmt.Errorf("%s is no workload: ask about one of its members, %s", a, diag.Listed(names[:min(most, len(names))], "or"))
}

// withKey is how a policy refers to a declaration of a for_each: workload.trainer["fraud"], feature_store.x["eu"].online.
var withKey = regexp.MustCompile(`^([^.\[\]]+\.[^.\[\]]+)\[["']?([^"'\[\]]+)["']?\](\..+)?$`)

// addressOf reads an address as a policy writes it, or as answers print it.
func addressOf(word string) (addr.Address, error) {
	if m := withKey.FindStringSubmatch(word); m != nil {
		word = m[1] + "-" + m[2] + m[3]
	}
	return addr.Parse(word)
}

// undeclared says that the policy declares no such thing. Of the name of a block with for_each, it names what that declares.
func (s *session) undeclared(a addr.Address, known []string) error {
	declares := s.declaredBy(a.Whole())
	if len(declares) == 0 {
		return fmt.Errorf("the policy declares no %s%s", a, meant(a.String(), known))
	}
	const most = 10
	if len(declares) > most {
		return fmt.Errorf("%s has for_each, and declares %d things: ask about one of them, such as %s", a.Whole(), len(declares), diag.Listed(declares[:most], "or"))
	}
	return fmt.Errorf("%s has for_each: ask about %s", a.Whole(), diag.Listed(declares, "or"))
}

// declaredBy are the addresses of what a block with for_each declares: they begin with the block's own, and stand where it does.
func (s *session) declaredBy(block addr.Address) []string {
	var out []string
	note := func(a addr.Address, file string, from, to int) {
		text := s.result.Sources.Bytes(file)
		if a.Kind != block.Kind || !strings.HasPrefix(a.Name, block.Name+"-") || to > len(text) {
			return
		}
		if header := strings.Fields(string(text[from:to])); len(header) > 0 && strings.Trim(header[len(header)-1], `"`) == block.Name {
			out = append(out, a.Whole().String())
		}
	}
	for _, w := range s.result.Graph.Workloads {
		note(w.Addr, w.Decl.Filename, w.Decl.Start.Byte, w.Decl.End.Byte)
	}
	for _, r := range s.result.Graph.Resources {
		note(r.Addr.Whole(), r.Decl.Filename, r.Decl.Start.Byte, r.Decl.End.Byte)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// resourceOf reads feature_store.NAME, one of its surfaces, or secret.NAME, each with or without ["KEY"].
func (s *session) resourceOf(word string) (addr.Address, error) {
	a, err := addressOf(word)
	if err != nil {
		if full := s.resourceNamed(word); full != "" {
			return a, fmt.Errorf("%w; did you mean %s?", err, full)
		}
		return a, err
	}
	if a.Kind != addr.FeatureStore && a.Kind != addr.Secret {
		return a, fmt.Errorf("%s is no resource: ask about a %s or a %s", a, addr.FeatureStore, addr.Secret)
	}
	if len(s.result.Graph.Surfaces(a)) == 0 {
		return a, s.undeclared(a, resources(s.result.Graph))
	}
	return a, nil
}

// askedOf reads the resource that a question is about, and the request.
func (s *session) askedOf(q questioned, word string) (model.Call, addr.Address, error) {
	resource, err := s.resourceOf(word)
	if err != nil {
		return model.Call{}, resource, err
	}
	return s.call(q, resource)
}

// resourceNamed returns the address of the first resource with a bare name, or "".
func (s *session) resourceNamed(word string) string {
	for _, r := range s.result.Graph.Resources {
		if r.Addr.Name == word {
			return r.Addr.Whole().String()
		}
	}
	return ""
}

// asked returns the environments that a question is about: those selected, in which the resource exists.
func (s *session) asked(resource addr.Address) []string {
	var out []string
	for _, env := range s.result.Graph.Environments {
		for _, r := range s.result.Graph.Surfaces(resource) {
			_, there := r.Surface(env.Name)
			if s.selected(env.Name) && (there || len(s.flags.environments) > 0) && !slices.Contains(out, env.Name) {
				out = append(out, env.Name)
			}
		}
	}
	return out
}

// isThere refuses a question about a resource that is in none of the environments asked about: "nobody" would be true, and misleading.
func (s *session) isThere(resource addr.Address) error {
	var places []string
	for _, r := range s.result.Graph.Surfaces(resource) {
		for _, p := range r.Places {
			if s.selected(p.Environment) {
				return nil
			}
			places = append(places, p.Environment)
		}
	}
	if len(places) == 0 {
		return fmt.Errorf("%s is in no environment that is in use", resource)
	}
	return fmt.Errorf("%s is not in %s: it is in %s", resource, diag.Listed(s.flags.environments, "or"), diag.Listed(slices.Compact(places), "and"))
}

// completeAddresses offers the addresses of a policy that start with what was typed.
func completeAddresses(w world, kinds ...addr.Kind) []string {
	s, err := open(w, common{}, ".")
	if err != nil || s.result.Graph == nil {
		return nil
	}
	var out []string
	if slices.Contains(kinds, addr.Workload) {
		out = append(out, workloads(s.result.Graph)...)
	}
	if slices.Contains(kinds, addr.FeatureStore) {
		out = append(out, resources(s.result.Graph)...)
	}
	return out
}

// meant suggests what a misspelt word probably means.
func meant(word string, known []string) string {
	if nearest := diag.Nearest(word, known); nearest != "" {
		return fmt.Sprintf("; did you mean %s?", nearest)
	}
	return ""
}

func workloads(g *access.Graph) []string {
	var out []string
	for _, w := range g.Workloads {
		out = append(out, w.Addr.String())
	}
	return out
}

func resources(g *access.Graph) []string {
	var out []string
	for _, r := range g.Resources {
		if whole := r.Addr.Whole().String(); len(out) == 0 || out[len(out)-1] != whole {
			out = append(out, whole)
		}
	}
	return out
}

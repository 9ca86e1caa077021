package cli

import (
	"fmt"
	"slices"
	"strings"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
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

// workloadOf reads workload.NAME, or NAME alone.
func (s *session) workloadOf(word string) (addr.Address, error) {
	if !strings.Contains(word, ".") {
		word = string(addr.Workload) + "." + word
	}
	a, err := addr.Parse(word)
	if err != nil {
		return a, err
	}
	if _, ok := s.result.Graph.Workload(a); !ok {
		return a, fmt.Errorf("the policy declares no %s", a)
	}
	return a, nil
}

// resourceOf reads feature_store.NAME, one of its surfaces, or secret.NAME.
func (s *session) resourceOf(word string) (addr.Address, error) {
	a, err := addr.Parse(word)
	if err != nil {
		return a, err
	}
	if len(s.result.Graph.Surfaces(a)) == 0 {
		return a, fmt.Errorf("the policy declares no %s; resources are feature_store.NAME, feature_store.NAME.online and secret.NAME", a)
	}
	return a, nil
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

// completeAddresses offers the addresses of a policy that start with what was typed.
func completeAddresses(w world, kinds ...addr.Kind) []string {
	s, err := open(w, common{}, ".")
	if err != nil || s.result.Graph == nil {
		return nil
	}
	var out []string
	if slices.Contains(kinds, addr.Workload) {
		for _, wl := range s.result.Graph.Workloads {
			out = append(out, wl.Addr.String())
		}
	}
	if slices.Contains(kinds, addr.FeatureStore) {
		out = append(out, resources(s.result.Graph)...)
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

package targets

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/lang/diag"
)

// Proof says whether what a target's compiler made of one environment means what was declared, by the target's own interpreter and
// under every default that the remote system may have.
type Proof struct {
	Environment string
	Target      access.Target
	Realm       string
	Absent      bool      // the environment lacks the target: nothing to prove
	Desired     Desired   // what was compiled
	Failures    []Failure // empty: proven
	Diagnostics diag.List // of the compiler; with an error among them nothing was interpreted

	surfaces []access.Surface
	declared []access.Edge
	losses   func() []access.Loss // nil where nothing was lowered
}

// Failure is one world in which the compiled objects give other access than was declared.
type Failure struct {
	Settings Settings
	Gained   []access.Edge // given, and not declared
	Lost     []access.Edge // declared, and not given
}

// Prove compiles one environment for one target and compares the interpretation with access.Lower, in both directions. The error is a
// machine's failure (an interpreter that can't read what the compiler wrote), never a disproof: ask Holds. An environment that lacks
// the target is proven, with nothing desired.
func Prove(d Driver, g *access.Graph, environment string, at time.Time) (Proof, error) {
	c := d.Capabilities()
	p := Proof{Environment: environment, Target: c.Target}
	env, ok := g.Environment(environment)
	if !ok {
		return p, fmt.Errorf("%s: prove: no environment %q", c.Target, environment)
	}
	if p.Realm, ok = d.Realm(*env); !ok {
		p.Absent = true
		return p, nil
	}
	p.Desired, p.Diagnostics = d.Compile(g, environment, at)
	if p.Diagnostics.HasErrors() {
		return p, nil
	}
	if err := checkForm(p.Desired.Containers); err != nil {
		return p, fmt.Errorf("%s: compile %q: %w", c.Target, environment, err)
	}
	p.surfaces = declaredSurfaces(g, environment, c)
	p.declared = access.Lower(g, environment, c, at)
	p.losses = func() []access.Loss { return access.Losses(g, environment, c, at) }
	worlds := d.Defaults()
	if len(worlds) == 0 {
		return p, fmt.Errorf("%s: prove %q: the driver names no default to prove it under", c.Target, environment)
	}
	if err := p.compare(d, worlds, at); err != nil {
		return p, fmt.Errorf("%s: prove %q with %w", c.Target, environment, err)
	}
	return p, nil
}

// compare interprets what was compiled in every world, and compares all of it with what was declared.
func (p *Proof) compare(d Driver, worlds []Settings, at time.Time) error {
	reading, err := read(d, p.facts(worlds[0]))
	if err != nil {
		return fmt.Errorf("%s: interpret: %w", worlds[0], err)
	}
	var given []access.Edge
	for _, settings := range worlds {
		if given, err = reading.Append(given[:0], settings, at); err != nil {
			return fmt.Errorf("%s: interpret: %w", settings, err)
		}
		if !access.Equal(given, p.declared) {
			failure, err := p.disproof(d, settings, at)
			if err != nil {
				return fmt.Errorf("%s: interpret: %w", settings, err)
			}
			p.Failures = append(p.Failures, failure)
		}
	}
	return nil
}

// disproof says how the compiled objects give other access than was declared, and by which steps.
func (p *Proof) disproof(d Driver, settings Settings, at time.Time) (Failure, error) {
	given, err := d.Interpret(p.facts(settings), at)
	return Failure{settings, access.Subtract(given, p.declared), access.Subtract(p.declared, given)}, err
}

// facts is the world in which nothing but the compiled objects exists.
func (p Proof) facts(s Settings) Facts {
	return Facts{Realm: p.Realm, Objects: objects(p.Desired.Containers), Settings: s, Surfaces: p.surfaces}
}

// Given returns the access that the compiled objects give by themselves, with the objects and rules behind it, under the first of the
// defaults that the proof held under: they all give the same.
func (p Proof) Given(d Driver, at time.Time) ([]access.Edge, error) {
	if p.Absent {
		return nil, nil
	}
	edges, err := d.Interpret(p.facts(d.Defaults()[0]), at)
	if err != nil {
		return nil, fmt.Errorf("%s: interpret %q: %w", p.Target, p.Environment, err)
	}
	return edges, nil
}

// Declared returns the access that the target should give, as access.Lower says: what live access is compared with.
func (p Proof) Declared() []access.Edge { return slices.Clone(p.declared) }

// Losses returns what the target can't express: the proof is about what is left. They are worked out when asked for.
func (p Proof) Losses() []access.Loss {
	if p.losses == nil {
		return nil
	}
	return p.losses()
}

// Surfaces returns the surfaces of the policy that the target guards in the environment, sorted.
func (p Proof) Surfaces() []access.Surface { return slices.Clone(p.surfaces) }

// Holds reports whether the compiler accepted the policy and every world agreed.
func (p Proof) Holds() bool { return len(p.Failures) == 0 && !p.Diagnostics.HasErrors() }

// Report returns the compiler's diagnostics and one more for each world that disagreed.
func (p Proof) Report() diag.List {
	out := slices.Clone(p.Diagnostics)
	for _, f := range p.Failures {
		out = append(out, diag.Diagnostic{
			Code:     diag.ProofFailed,
			Severity: diag.Error,
			Summary:  fmt.Sprintf("What was compiled for %s in %q is not what was declared, with %s", p.Target, p.Environment, f.Settings),
			Detail:   f.String() + "Nothing was written. This is a defect of Gatehouse: report it with the policy.",
		})
	}
	return out
}

// shown bounds how many edges a message lists: a defect of the compiler may concern every one of them.
const shown = 10

// String lists what was gained and lost, a line each, ten of each at most.
func (f Failure) String() string {
	var b strings.Builder
	list := func(sign string, edges []access.Edge) {
		for i, e := range edges {
			if i == shown {
				fmt.Fprintf(&b, "%s and %d more\n", sign, len(edges)-shown)
				return
			}
			fmt.Fprintf(&b, "%s %s\n", sign, Sentence(e))
		}
	}
	list("+", f.Gained)
	list("-", f.Lost)
	return b.String()
}

// UnprovenError says that a policy was not compiled, or compiled to something else than it declares.
type UnprovenError struct{ Proof Proof }

// Error names the site; the diagnostics of Proof.Report say the rest.
func (e *UnprovenError) Error() string {
	if e.Proof.Diagnostics.HasErrors() {
		return fmt.Sprintf("%s: compile %q: the policy can't be compiled", e.Proof.Target, e.Proof.Environment)
	}
	return fmt.Sprintf("%s: prove %q: what was compiled is not what was declared", e.Proof.Target, e.Proof.Environment)
}

// String prints settings as NAME=VALUE, sorted by name.
func (s Settings) String() string {
	if len(s) == 0 {
		return "no settings"
	}
	var parts []string
	for name, value := range s {
		parts = append(parts, name+"="+value)
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}

// CompareKey orders keys by kind and name.
func CompareKey(a, b Key) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
}

// checkForm refuses what the diff could not rely on: it is a driver's defect, not the user's.
func checkForm(containers []Container) error {
	for i, c := range containers {
		if i > 0 && CompareKey(containers[i-1].Key, c.Key) >= 0 {
			return fmt.Errorf("%s stands after %s: containers must be sorted and unique", c.Key, containers[i-1].Key)
		}
		for j := 1; j < len(c.Items); j++ {
			if c.Items[j-1].Key >= c.Items[j].Key {
				return fmt.Errorf("%s: item %q stands after %q: items must be sorted and unique", c.Key, c.Items[j].Key, c.Items[j-1].Key)
			}
		}
	}
	return nil
}

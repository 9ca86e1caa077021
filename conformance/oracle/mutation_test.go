package oracle_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"gatehouse/compiler/access"
	"gatehouse/conformance/oracle"
	"gatehouse/lang/diag"
	"gatehouse/targets"
	"gatehouse/targets/consul"
	"gatehouse/targets/google"
)

// A mutation is one mistake that a compiler could make in one container: an item dropped, added, swapped or widened. The proof must find
// each of them. Those that leave access as it is are mutations of kinds of their own, each with the reason why nobody need find them.
type mutation struct {
	kind   string // such as "drop an allow"; survivors explains why a kind survives
	detail string
	body   json.RawMessage
	other  int             // with swapped: the other container that is changed too
	also   json.RawMessage // its body
}

// survivors are the kinds that the proof passes over, and why, or what finds them instead. Each must survive wherever it is tried.
var survivors = map[string]string{
	"add a deny for a stranger":           "whom the closing deny keeps out anyhow",
	"add the same grant again":            "a policy is a set of grants",
	"shout a member":                      "Google tells accounts apart without regard to case",
	"rename a condition":                  "the expression alone decides; the diff, whose items hold the title, would still write it",
	"turn the order round":                "Consul goes by precedence and Google by the union",
	"describe a source":                   "a description decides nothing",
	"name the type of a source":           "consul is the only type",
	"repeat a permission":                 "the first that matches decides",
	"spell methods small":                 "Consul keeps them in capitals",
	"deny methods that nobody is allowed": "what isn't allowed is denied in the end",
	"another protocol":                    "without rules for requests it does not decide who connects; the diff, whose item it is, would still write it",
	"widen the role of who has both": "who may set a secret's policy counts as who reads and writes it, and has that already; whom it could let in " +
		"besides is no access yet. No such body gets far: TestItemsAreBodies wants nothing in a body but items, which are of managed roles",
	"divide a binding":           "a binding is only how grants are written",
	"spell a boundary otherwise": "the same moment in another zone's words",
}

// mutant is a driver whose compiler makes one mistake.
type mutant struct {
	targets.Driver
	at int
	m  mutation
}

func (d mutant) Compile(g *access.Graph, environment string, at time.Time) (targets.Desired, diag.List) {
	out, diags := d.Driver.Compile(g, environment, at)
	out.Containers = slices.Clone(out.Containers)
	out.Containers[d.at].Body = d.m.body
	if d.m.also != nil {
		out.Containers[d.m.other].Body = d.m.also
	}
	return out, diags
}

// mutants is a run of mutations.
type mutants struct {
	testing.TB
	driver targets.Driver
	tried  map[string]int // by kind
	caught map[string]int
}

// mutate tries every mutation of every container of a policy, at one moment.
func (m mutants) mutate(p oracle.Policy, g *access.Graph, at time.Time, of func(site, targets.Container) []mutation) {
	for _, e := range g.Environments {
		proof, err := targets.Prove(m.driver, g, e.Name, at)
		if err != nil || !proof.Holds() {
			m.Fatalf("without a mutation: %v %v\n%s", err, proof.Failures, oracle.HCL(p.Blocks()))
		}
		s := site{comparison{TB: nil, p: p}, proof.Desired.Containers}
		for i, c := range s.containers {
			for _, mutated := range of(s, c) {
				m.try(p, g, e.Name, at, mutant{m.driver, i, mutated})
			}
		}
	}
}

func (m mutants) try(p oracle.Policy, g *access.Graph, environment string, at time.Time, d mutant) {
	proof, err := targets.Prove(d, g, environment, at)
	caught := err != nil || !proof.Holds()
	m.tried[d.m.kind]++
	if caught {
		m.caught[d.m.kind]++
	}
	if _, survives := survivors[d.m.kind]; survives == caught {
		m.Errorf("%s (%s) in %s: caught: %t, %v\n%s\nfrom\n%s", d.m.kind, d.m.detail, environment, caught, err, d.m.body, oracle.HCL(p.Blocks()))
	}
}

// site is what was compiled for an environment.
type site struct {
	comparison
	containers []targets.Container
}

// exchanged are mutations by which two containers of one kind hold each other's rules.
func (s site) exchanged(c targets.Container, field string) []mutation {
	var out []mutation
	mine := fieldsOf(c.Body)
	for i, other := range s.containers {
		theirs := fieldsOf(other.Body)
		if other.Key.Kind != c.Key.Kind || targets.CompareKey(c.Key, other.Key) >= 0 || fmt.Sprint(mine[field]) == fmt.Sprint(theirs[field]) {
			continue
		}
		a, b := maps.Clone(mine), maps.Clone(theirs)
		a[field], b[field] = theirs[field], mine[field]
		out = append(out, mutation{"swap the rules of two containers", other.Key.Name, written(a), i, written(b)})
	}
	return out
}

func fieldsOf(body json.RawMessage) map[string]any {
	out := map[string]any{}
	if err := json.Unmarshal(body, &out); err != nil {
		panic(err) // a compiler's own words
	}
	return out
}

func written(v any) json.RawMessage {
	out, err := json.Marshal(v)
	if err != nil {
		panic(err) // maps, lists and strings
	}
	return out
}

// with returns a list with one more, or with one replaced.
func with[T any](list []T, one T) []T { return append(slices.Clone(list), one) }

func replaced[T any](list []T, i int, one T) []T {
	out := slices.Clone(list)
	out[i] = one
	return out
}

// report fails where a kind was never tried, and tells what was.
func (m mutants) report(kinds ...string) {
	total, survived := 0, 0
	for _, kind := range kinds {
		m.Logf("%6d tried, %6d caught  %s", m.tried[kind], m.caught[kind], kind)
		if m.tried[kind] == 0 {
			m.Errorf("no policy gives rise to: %s", kind)
		}
	}
	for kind, n := range m.tried {
		total, survived = total+n, survived+n-m.caught[kind]
		if !slices.Contains(kinds, kind) {
			m.Errorf("%s is not in the list", kind)
		}
	}
	m.Logf("%6d mutations, %d of them survive, as they are to", total, survived)
}

// TestMutationsAreCaught breaks what the compilers make of generated policies, in one place at a time.
func TestMutationsAreCaught(t *testing.T) {
	count := 400
	if testing.Short() {
		count = 100
	}
	for _, plane := range []struct {
		name   string
		driver targets.Driver
		from   *rapid.Generator[oracle.Policy]
		of     func(site, targets.Container) []mutation
		kinds  []string
	}{
		{"consul", consul.Driver{}, policies(), consulMutations, consulKinds},
		{"requests", consul.Driver{}, narrowedPolicies(), requestMutations, requestKinds},
		{"google", google.Driver{}, cloudPolicies(), googleMutations, googleKinds},
	} {
		t.Run(plane.name, func(t *testing.T) {
			m := mutants{t, plane.driver, map[string]int{}, map[string]int{}}
			for seed, tried := 0, 0; tried < count; seed++ {
				p := plane.from.Example(seed)
				if len(p.Mistakes()) > 0 || len(p.Allows) == 0 {
					continue
				}
				tried++
				moments := p.Moments()
				m.mutate(p, compile(t, files(p, inOneFile), begin).Graph, time.Unix(moments[len(moments)/3], 0), plane.of)
				if t.Failed() {
					t.Fatalf("seed %d", seed)
				}
			}
			m.report(plane.kinds...)
		})
	}
}

// TestItemsAreBodies closes what the proof leaves open: it interprets bodies, which are what is written, and the diff goes by items. So what a
// body says in normal form must be its items.
func TestItemsAreBodies(t *testing.T) {
	for seed := range 100 {
		p := cloudPolicies().Example(seed)
		if len(p.Mistakes()) > 0 {
			continue
		}
		g := compile(t, files(p, inOneFile), begin).Graph
		for _, e := range g.Environments {
			for _, d := range []targets.Driver{consul.Driver{}, google.Driver{}} {
				if _, ok := d.Realm(e); !ok {
					continue
				}
				desired, _ := d.Compile(g, e.Name, time.Unix(begin, 0))
				for _, c := range desired.Containers {
					sameItems(t, seed, d, c)
				}
			}
		}
	}
}

func sameItems(t *testing.T, seed int, d targets.Driver, c targets.Container) {
	t.Helper()
	var normal targets.Container
	var err error
	if c.Key.Kind == google.SecretPolicy {
		normal, err = google.Normal(c.Key.Name, c.Body, func(string) bool { return false })
	} else {
		normal, err = consul.Normal(c.Body, "")
	}
	text := func(items []targets.Item) (out string) {
		for _, i := range items {
			out += i.Key + " = " + i.Value + "\n"
		}
		return out
	}
	if bindings, ok := fieldsOf(c.Body)["bindings"].([]any); ok && len(grantsOf(bindings)) != len(c.Items) {
		t.Errorf("seed %d: %s holds more than its items: %s", seed, c.Key, c.Body)
	}
	if got, want := text(normal.Items), text(c.Items); err != nil || got != want {
		t.Errorf("seed %d: %s: %v\nthe body says\n%sthe items say\n%s", seed, c.Key, err, got, want)
	}
}

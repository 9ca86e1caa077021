package guardrails

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"gatehouse/compiler"
	"gatehouse/policies"
)

const table = "testdata/mutations.txt"

// Every change that makes the example worse is caught by the guardrail that should catch it, or stands in the table as one that changes nothing
// of what the guardrail protects. The table is computed, and read in reviews: a mutant that is newly silent is a hole.
func TestMutationsAreCaught(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Changes that make the example's policy worse, and the guardrails that catch them. Computed by TestMutationsAreCaught.\n")
	for _, m := range mutations() {
		c := tryAll(t, m)
		if len(c.caught) == 0 {
			t.Errorf("%s: no mutant is caught", m.name)
		}
		c.write(&b, m)
	}
	if os.Getenv("GATEHOUSE_UPDATE") != "" {
		if err := os.WriteFile(table, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	if diff := different(string(want), b.String()); diff != "" {
		t.Errorf("the table differs (-want +got):\n%s", diff)
	}
}

// tried is what came of one mutation, by the addresses of mutated blocks.
type tried struct {
	caught  map[string][]string // by guardrails that should
	others  map[string][]string // by others alone
	silent  []string
	refused []string // no policy at all: the compiler says so
}

func tryAll(t *testing.T, m mutation) tried {
	t.Helper()
	c := tried{caught: map[string][]string{}, others: map[string][]string{}}
	policy := &text{acme(t)}
	for _, kind := range m.blocks {
		for _, b := range policy.blocks(t, kind) {
			mutant, ok := m.change(b)
			if !ok {
				continue
			}
			found, sound := catch(t, mutant)
			expected := slices.DeleteFunc(slices.Clone(found), func(id string) bool { return !slices.Contains(m.should, id) })
			switch {
			case !sound:
				c.refused = append(c.refused, b.address())
			case len(expected) > 0:
				c.caught[b.address()] = expected
			case len(found) > 0:
				c.others[b.address()] = found
			default:
				c.silent = append(c.silent, b.address())
			}
		}
	}
	return c
}

// catch returns the guardrails that find something in a policy as a change of the example, each once.
func catch(t *testing.T, files fstest.MapFS) (found []string, sound bool) {
	t.Helper()
	result, err := compiler.Compile(files, moment)
	if err != nil {
		t.Fatal(err)
	}
	if result.Diagnostics.HasErrors() {
		return nil, false
	}
	results, err := engine(t).Judge(t.Context(), policies.World{Graph: result.Graph, Base: acmeGraph(t), Time: moment})
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, r := range results {
		ids[r.Guardrail] = true
	}
	return slices.Sorted(maps.Keys(ids)), true
}

func (c tried) write(b *strings.Builder, m mutation) {
	n := len(c.caught) + len(c.others) + len(c.silent) + len(c.refused)
	fmt.Fprintf(b, "\n%s: %d mutants\n", m.name, n)
	by := map[string]int{}
	for _, ids := range c.caught {
		for _, id := range ids {
			by[id]++
		}
	}
	for _, id := range m.should {
		fmt.Fprintf(b, "    %3d  caught by %s\n", by[id], id)
	}
	others := map[string][]string{}
	for address, ids := range c.others {
		key := strings.Join(ids, ", ")
		others[key] = append(others[key], address)
	}
	for _, ids := range slices.Sorted(maps.Keys(others)) {
		slices.Sort(others[ids])
		fmt.Fprintf(b, "    %3d  caught by %s alone: %s\n", len(others[ids]), ids, strings.Join(others[ids], " "))
	}
	for _, rest := range []struct {
		what string
		of   []string
	}{{"refused by the compiler", c.refused}, {"silent", c.silent}} {
		if len(rest.of) > 0 {
			fmt.Fprintf(b, "    %3d  %s: %s\n", len(rest.of), rest.what, strings.Join(rest.of, " "))
		}
	}
}

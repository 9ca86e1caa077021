package realconsul_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	rbac "github.com/envoyproxy/go-control-plane/envoy/config/rbac/v3"

	"gatehouse/compiler/access"
	"gatehouse/conformance/realconsul"
	"gatehouse/targets"
	"gatehouse/targets/consul"
)

// meshes are the ways in which a mesh comes to its default. Of the third, intentions/check does not know.
var meshes = []struct {
	name, policy string
	realconsul.Options
	checks bool
}{
	{"ACLs off", "allow", realconsul.Options{}, true},
	{"ACLs on", "deny", realconsul.Options{ACL: true}, true},
	{"default_intention_policy", "deny", realconsul.Options{ACL: true, ACLDefault: "allow", DefaultIntention: "deny"}, false},
}

// TestCampaign has a real Consul and Interpret say what random worlds mean that nobody compiled: who may connect, by intentions/check, and which
// requests get through, by what the proxies are told over xDS.
//
// GATEHOUSE_WORLDS says how many worlds are tried for each default (4), GATEHOUSE_SEED repeats a run.
func TestCampaign(t *testing.T) {
	worlds, seed := number("GATEHOUSE_WORLDS", 4), uint64(number("GATEHOUSE_SEED", int(time.Now().UnixNano()%1_000_000)))
	for i, mesh := range meshes {
		t.Run(mesh.name, func(t *testing.T) {
			t.Parallel()
			t.Logf("GATEHOUSE_SEED=%d", seed)
			c := &campaign{server: start(t, mesh.Options), policy: mesh.policy, checks: mesh.checks, seen: map[string]int{}}
			c.tokens()
			draw := dice{rand.New(rand.NewPCG(seed, uint64(i)))}
			for n := range worlds {
				c.try(draw, n)
				if t.Failed() {
					break
				}
			}
			t.Logf("%d requests: %v", c.asked, c.seen)
			for _, verdict := range []string{"allowed", "refused"} {
				if worlds >= 8 && c.seen[verdict] == 0 {
					t.Errorf("no request was %s", verdict)
				}
			}
		})
	}
}

func number(variable string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(variable)); err == nil {
		return n
	}
	return otherwise
}

// campaign is a run against one agent.
type campaign struct {
	*server
	policy string
	checks bool
	asked  int
	seen   map[string]int
	domain string
}

// tokens tells Consul who may issue tokens, without which it refuses to ask for any.
func (c *campaign) tokens() {
	for _, issuer := range issuers {
		c.put(fmt.Sprintf(`{"Kind":"jwt-provider","Name":%q,"Issuer":%q,"JSONWebKeySet":{"Local":{"JWKS":"eyJrZXlzIjpbXX0="}}}`, issuer, issuer))
	}
	var roots struct{ TrustDomain string }
	c.decode(c.must(http.MethodGet, "/v1/connect/ca/roots", ""), &roots)
	c.domain = roots.TrustDomain
}

// try makes one world: what holds for all destinations, and some destinations. Their names are fresh each time, so that no cache knows them.
func (c *campaign) try(draw dice, n int) {
	c.t.Helper()
	var names []string
	entries := []string{draw.proxyDefaults(), draw.intentions("*", false)}
	for i := range 4 {
		name := fmt.Sprintf("w%dd%d", n, i)
		names = append(names, name)
		entries = append(entries, draw.serviceDefaults(name), draw.intentions(name, true))
	}
	kept := c.write(entries)
	facts := targets.Facts{Objects: c.objects(consul.Intentions, consul.ServiceDefaults, consul.ProxyDefaults), Settings: targets.Settings{consul.DefaultSetting: c.policy}}
	for i, name := range names {
		facts.Surfaces = append(facts.Surfaces, surface(name))
		c.sidecar(name, 20_000+10*i)
	}
	edges := interpret(c.t, facts)
	for _, name := range names {
		c.compare(name, edges, kept)
		c.unregister(name)
	}
	c.forget(kept)
}

// write puts entries, and returns those that Consul takes: what it refuses is no world.
func (c *campaign) write(entries []string) []string {
	c.t.Helper()
	var kept []string
	for _, e := range entries {
		if e == "" {
			continue
		}
		status, text, err := c.Do(context.Background(), http.MethodPut, "/v1/config", strings.NewReader(e))
		switch {
		case err != nil || status != http.StatusOK && status != http.StatusInternalServerError:
			c.t.Fatalf("%s: %d %s %v", e, status, text, err)
		case status == http.StatusOK:
			kept = append(kept, e)
		default:
			c.seen["entries refused"]++
		}
	}
	return kept
}

// forget deletes entries, the last first: L7 intentions go before the protocol that they need.
func (c *campaign) forget(entries []string) {
	for _, e := range slices.Backward(entries) {
		var named struct{ Kind, Name string }
		c.decode([]byte(e), &named)
		c.remove(named.Kind + "/" + named.Name)
	}
}

// compare asks everything of one destination.
func (c *campaign) compare(name string, edges []access.Edge, kept []string) {
	c.t.Helper()
	if c.checks && !strings.Contains(strings.Join(kept, ""), "JWT") {
		c.compareChecks(name, edges, kept)
	}
	var wrong []string
	agreed := c.agrees(name, func(rules *rbac.RBAC) bool {
		wrong = c.differ(name, rules, edges)
		return len(wrong) == 0
	})
	if agreed {
		return
	}
	c.t.Errorf("Envoy and Interpret differ; as a case:\n\n-- default --\n%s\n-- entries --\n%s\n-- asked --\n%s\nedges:\n%s",
		c.policy, strings.Join(kept, "\n"), strings.Join(wrong[:min(10, len(wrong))], "\n"), sentences(edges, name))
}

func (c *campaign) compareChecks(name string, edges []access.Edge, kept []string) {
	c.t.Helper()
	for _, source := range askers {
		layer7 := false
		got := false
		for _, e := range edges {
			if e.To == surface(name) && e.Speaks(principal(source)) && !strings.HasPrefix(e.Requests, "unknown: ") {
				layer7 = layer7 || strings.HasSuffix(e.Via[0].Detail, "has permissions")
				got = true
			}
		}
		if want := c.check(source, name); !layer7 && got != want {
			c.t.Errorf("%s -> %s: Consul says %t, Interpret %t\n%s", source, name, want, got, strings.Join(kept, "\n"))
		}
	}
}

// differ returns the requests about which Envoy's rules and the edges don't agree.
func (c *campaign) differ(name string, rules *rbac.RBAC, edges []access.Edge) []string {
	var wrong []string
	for _, a := range sample() {
		got, want := told(edges, name, a), refused
		if (envoyJudge{c.domain, a}).allows(rules) {
			want = allowed
		}
		c.asked++
		c.seen[want.String()]++
		switch {
		case got == unknown:
			c.seen["unknown to Interpret"]++
		case got != want:
			wrong = append(wrong, question(want, name, a))
		}
	}
	return wrong
}

func sentences(edges []access.Edge, name string) string {
	var out []string
	for _, e := range edges {
		if e.To == surface(name) {
			text, _ := json.Marshal(e.Via)
			out = append(out, targets.Sentence(e)+" "+string(text))
		}
	}
	return strings.Join(out, "\n")
}

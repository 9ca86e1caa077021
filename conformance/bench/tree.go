package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// tree is a policy that is generated: what it holds is a function of its size alone.
type tree struct {
	dir    string
	allows int
	stores int
	single bool // all in one environment
	json   bool // in HCL's JSON syntax
	files  int
	bytes  int
}

const (
	perStore    = 20 // allows
	perWorkload = 10 // allows
	perFile     = 200
)

// generate writes a policy of n allows as teams write one: a folder for each, in it workloads, groups, stores and who may reach what.
// Half of it is in one environment, half in the other, so that an allow is one grant.
func generate(dir string, n int, inJSON bool) (tree, error) {
	return tree{dir: dir, allows: n, stores: max(10, n/perStore), json: inJSON}.generate()
}

// generateStores is generate with n stores and as many allows, all in one environment: n entries of intentions and no others, since a
// real Consul takes ever longer to write service-defaults the more of them there are.
func generateStores(dir string, n int) (tree, error) {
	return tree{dir: dir, allows: n, stores: n, single: true}.generate()
}

func (t tree) generate() (tree, error) {
	t.files = max(100, t.allows/perFile)
	if err := t.write("policy.gate.hcl", head); err != nil { // as every JSON policy may have it
		return t, err
	}
	for team := range t.files - 1 {
		if err := t.write(t.fileOf(team), t.team(team)); err != nil {
			return t, err
		}
	}
	return t, nil
}

// touch changes the reason of one allow; n tells edits apart, and 0 undoes them.
func (t tree) touch(n int64) error {
	text := t.team(0)
	if n != 0 {
		text = strings.Replace(text, "nightly", fmt.Sprintf("nightly, as of edit %d,", n), 1)
	}
	return os.WriteFile(filepath.Join(t.dir, filepath.FromSlash(t.fileOf(0))), []byte(text), 0o644)
}

func (t tree) fileOf(team int) string {
	if t.json {
		return fmt.Sprintf("teams/team-%03d/access.gate.json", team)
	}
	return fmt.Sprintf("teams/team-%03d/access.gate.hcl", team)
}

// team writes one team's file.
func (t tree) team(team int) string {
	teams := t.files - 1
	var b strings.Builder
	for w := team; w < t.workloads(); w += teams {
		fmt.Fprintf(&b, workloadBlock, w, team, t.environment(w), team, w%7)
	}
	for s := team; s < t.stores; s += teams {
		fmt.Fprintf(&b, storeBlock, s, team, t.environment(s), t.online(s))
	}
	for a := team; a < t.allows; a += teams {
		t.allow(&b, a)
	}
	if t.json {
		return spellFile(b.String())
	}
	return b.String()
}

func (t tree) workloads() int { return max(10, t.allows/perWorkload) }

// allow joins a workload and a store of the same environment; no two allows join the same.
func (t tree) allow(b *strings.Builder, a int) {
	w := a % t.workloads()
	s := (a/t.workloads()*37 + w*13) % t.stores
	if t.environment(s) != t.environment(w) {
		s = (s + 1) % t.stores
	}
	ends := ""
	if a%5 == 0 {
		ends = "\n  expires = \"2090-01-01T00:00:00Z\""
	}
	fmt.Fprintf(b, allowBlock, a, w, s, []string{"[read]", "[read, write]"}[a%2], a, ends)
}

func (t tree) online(s int) string {
	if t.single {
		return "{}"
	}
	return fmt.Sprintf("{\n    protocol = %q\n  }", []string{"grpc", "http", "tcp"}[s%3])
}

func (t tree) environment(n int) string {
	if t.single {
		return "dev"
	}
	return []string{"dev", "prod"}[n%2]
}

func (t *tree) write(name, text string) error {
	path := filepath.Join(t.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	t.bytes += len(text)
	return os.WriteFile(path, []byte(text), 0o644)
}

const head = `gatehouse {
  policy = "bench"
  packs  = ["baseline"]
}

environment "dev" {
  tier = "development"

  consul {
    datacenter = "dc1"
    service    = "${name}"
  }
}

environment "prod" {
  tier = "production"

  consul {
    datacenter = "dc2"
    service    = "${name}"
  }
}
`

const workloadBlock = `
workload "job-%05d" {
  owner        = "team-%03d@acme.example"
  environments = [environment.%s]
  labels       = { team = "team-%03d", stage = "stage-%d" }
}
`

const storeBlock = `
feature_store "features-%05d" {
  owner          = "team-%03d@acme.example"
  classification = "internal"
  environments   = [environment.%s]

  online %s
}
`

const allowBlock = `
allow "access-%06d" {
  from    = [workload.job-%05d]
  to      = [feature_store.features-%05d]
  actions = %s
  reason  = "what job number %d of the team needs for its nightly run"%s
}
`

package realconsul_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"gatehouse/compiler/access"
	"gatehouse/conformance/realconsul"
	"gatehouse/targets"
	"gatehouse/targets/consul"
)

const precedenceGolden = "../testdata/consul-precedence.txt"

// TestPrecedence puts every combination of the four kinds of rule before the real server and before Interpret: an exact or a "*" source on
// an exact or a "*" destination, each allowing, denying or absent, under both defaults, for a source that is named and one that is not.
func TestPrecedence(t *testing.T) {
	precedence(t, start)
}

// TestPrecedenceOfTheSandbox holds the double to the same table.
func TestPrecedenceOfTheSandbox(t *testing.T) {
	precedence(t, double)
}

func precedence(t *testing.T, serve func(testing.TB, realconsul.Options) *server) {
	t.Helper()
	var table strings.Builder
	fmt.Fprintf(&table, "# What GET /v1/connect/intentions/check answers on a real Consul, for every combination of rules.\n")
	fmt.Fprintf(&table, "# Columns: the rules web->db (9), *->db (8), web->* (6), *->* (5), the default; then: may web, may another.\n\n")
	fmt.Fprintf(&table, "%-8s%-8s%-8s%-8s%-9s%-7s%s\n", "web->db", "*->db", "web->*", "*->*", "default", "web", "other")
	for _, o := range []struct {
		name string
		realconsul.Options
	}{
		{"allow", realconsul.Options{}},
		{"deny", realconsul.Options{ACL: true}},
	} {
		s := serve(t, o.Options)
		for _, wide := range actions() {
			for _, row := range s.precedences(wide, o.name) {
				fmt.Fprintln(&table, row)
			}
		}
	}
	t.Logf("\n%s", table.String())
	golden(t, precedenceGolden, table.String())
}

// rule is a pair of actions of one entry: on the source web and on "*"; empty is absent.
type rule struct{ named, all string }

func actions() []rule {
	var out []rule
	for _, named := range []string{"", "allow", "deny"} {
		for _, all := range []string{"", "allow", "deny"} {
			out = append(out, rule{named, all})
		}
	}
	return out
}

// precedences tries every entry of db under one entry of "*". Each db is a destination of its own, since "*" is for all of them.
func (s *server) precedences(wide rule, policy string) []string {
	s.t.Helper()
	s.set("*", wide)
	for i, exact := range actions() {
		s.set(fmt.Sprintf("db%d", i), exact)
	}
	facts := targets.Facts{
		Objects:  s.objects(consul.Intentions),
		Settings: targets.Settings{consul.DefaultSetting: policy},
	}
	for i := range actions() {
		facts.Surfaces = append(facts.Surfaces, surface(fmt.Sprintf("db%d", i)))
	}
	edges := interpret(s.t, facts)
	var rows []string
	for i, exact := range actions() {
		rows = append(rows, fmt.Sprintf("%-8s%-8s%-8s%-8s%-9s%-7t%t", dash(exact.named), dash(exact.all), dash(wide.named), dash(wide.all), policy,
			s.agree(edges, "web", fmt.Sprintf("db%d", i)), s.agree(edges, "other", fmt.Sprintf("db%d", i))))
	}
	return rows
}

// agree returns what Consul answers, and fails where Interpret says otherwise.
func (s *server) agree(edges []access.Edge, source, destination string) bool {
	s.t.Helper()
	want := s.check(source, destination)
	if got := reaches(edges, source, destination); got != want {
		s.t.Errorf("%s -> %s: Consul says %t, Interpret %t\nentries: %s", source, destination, want, got, s.objects(consul.Intentions))
	}
	return want
}

func (s *server) set(destination string, r rule) {
	s.t.Helper()
	var sources []string
	for _, source := range []struct{ name, action string }{{"web", r.named}, {"*", r.all}} {
		if source.action != "" {
			sources = append(sources, fmt.Sprintf(`{"Name":%q,"Action":%q}`, source.name, source.action))
		}
	}
	if len(sources) == 0 {
		s.remove(consul.Intentions + "/" + destination)
		return
	}
	s.put(fmt.Sprintf(`{"Kind":"service-intentions","Name":%q,"Sources":[%s]}`, destination, strings.Join(sources, ",")))
}

func dash(action string) string {
	if action == "" {
		return "-"
	}
	return action
}

// golden compares text with a file, or rewrites the file where GATEHOUSE_UPDATE is set.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if os.Getenv("GATEHOUSE_UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs from what was found; set GATEHOUSE_UPDATE=1 to rewrite it:\n%s", file, got)
	}
}

package policies_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/policies"
)

// The page of built-in guardrails is written from their METADATA.
func TestTheCataloguePageIsCurrent(t *testing.T) {
	const page = "GUARDRAILS.md"
	var b strings.Builder
	b.WriteString("# Built-in guardrails\n\nWritten from the METADATA of the rules in [library](library). A policy asks for them by packs: `packs = [\"baseline\"]`. `strict` holds all of them.\n" +
		"[INPUT.md](INPUT.md) says what a rule sees, and how to write one's own.\n\n| guardrail | does | severity | packs |\n| --- | --- | --- | --- |\n")
	for _, g := range catalogue(t) {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s | %s |\n", g.ID, strings.ReplaceAll(g.ID, "/", ""), levels(g), g.Severity, strings.Join(g.Packs, ", "))
	}
	for _, g := range catalogue(t) {
		fmt.Fprintf(&b, "\n## %s\n\n**%s.** %s\n\n*Why:* %s\n\n*What to do:* %s\n\n*Controls:* %s. [Rule](%s), [tests](%s)\n",
			g.ID, g.Title, g.Description, g.Rationale, g.Remedy, strings.Join(g.Controls, ", "), g.File, strings.TrimSuffix(g.File, ".rego")+"_test.rego")
	}
	if os.Getenv("GATEHOUSE_UPDATE") != "" {
		if err := os.WriteFile(page, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", page, diff)
	}
}

func levels(g policies.Guardrail) string {
	var out []string
	for _, l := range g.Levels {
		out = append(out, string(l))
	}
	return strings.Join(out, ", ")
}

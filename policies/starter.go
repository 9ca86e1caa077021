package policies

import (
	"fmt"
	"path"
	"strings"
)

// StarterFile is a file that begins a guardrail of one's own.
type StarterFile struct {
	Name string // relative to the folder of guardrails: acme/owner_is_team.rego
	Text string
}

// ValidID reports whether a text may be the id of a guardrail: two parts of a-z, 0-9 and "-", a letter first, with a slash between them.
func ValidID(id string) bool {
	area, name, two := strings.Cut(id, "/")
	return two && !strings.Contains(id, "_") && word.MatchString(strings.ReplaceAll(area, "-", "_")) && word.MatchString(strings.ReplaceAll(name, "-", "_"))
}

// Source returns the text of a built-in guardrail and of its tests.
func Source(id string) (rule, test string, ok bool) {
	base := "library/" + strings.ReplaceAll(id, "-", "_")
	text, err := library.ReadFile(base + ".rego")
	if err != nil {
		return "", "", false
	}
	tests, err := library.ReadFile(base + "_test.rego")
	return string(text), string(tests), err == nil
}

// Starter returns a guardrail that works, with its tests and a word on how to go on. With from, it is a copy of that built-in guardrail under
// the new id; the error says which of the two is none.
func Starter(id, from string) ([]StarterFile, error) {
	if !ValidID(id) {
		return nil, fmt.Errorf("%q can't be the id of a guardrail: write AREA/NAME, such as acme/owner-is-team", id)
	}
	rule, test := starterRule, starterTest
	old := "acme/owner-is-team"
	if from != "" {
		var ok bool
		if rule, test, ok = Source(from); !ok {
			return nil, fmt.Errorf("there is no built-in guardrail %q", from)
		}
		old = from
	}
	base := strings.ReplaceAll(id, "-", "_")
	return []StarterFile{
		{base + ".rego", renamed(rule, old, id)},
		{base + "_test.rego", renamed(test, old, id)},
		{"README.md", starterReadme},
	}, nil
}

// renamed gives a rule or its tests another package, and what refers to it with them.
func renamed(text, old, id string) string {
	before, after := packageOf(old), packageOf(id)
	text = strings.ReplaceAll(text, before, after)
	was, is := path.Base(strings.ReplaceAll(before, ".", "/")), path.Base(strings.ReplaceAll(after, ".", "/"))
	if was != is {
		text = strings.ReplaceAll(text, was+".", is+".") // where tests call the rule by the last word of its package
	}
	return text
}

func packageOf(id string) string {
	return "guardrails." + strings.ReplaceAll(strings.ReplaceAll(id, "-", "_"), "/", ".")
}

const starterRule = `# METADATA
# title: Owners are teams
# description: The owner of a workload is the address of a team.
# custom:
#   severity: medium
#   rationale: The one person who knew why a job had access has left, and the address bounces.
#   remedy: Set owner to the address of a team.
#   controls: [SOC 2 CC1.3]
package guardrails.acme.owner_is_team

people := {"jo", "ann"}

deny contains {"subject": workload.address, "detail": detail} if {
	some workload in input.workloads
	split(workload.owner, "@")[0] in people
	detail := sprintf("%s is a person", [workload.owner])
}
`

const starterTest = `package guardrails.acme.owner_is_team_test

import data.guardrails.acme.owner_is_team

subjects(owner) := {f.subject | some f in owner_is_team.deny with input as {"workloads": [{"address": "workload.trainer", "owner": owner}]}}

test_violation if subjects("jo@acme.example") == {"workload.trainer"}

test_clean if subjects("fraud-ml@acme.example") == set()

test_near_miss_similar_name if subjects("joint-venture@acme.example") == set()
`

const starterReadme = `# Guardrails of our own

Each file that ends in .rego is a guardrail, written in Rego v1; the one beside it that ends in _test.rego tests it. gatehouse check runs
them with the built-in ones, once the policy's gatehouse block names this folder: guardrails = ["guardrails"].

    gatehouse guardrails test          run the tests; --coverage says which lines they reach
    gatehouse guardrails input         print what a rule sees of this policy
    gatehouse guardrails list          what judges this policy
    gatehouse guardrails bench         whether a rule gets slow on a large policy

A rule yields {"subject": ADDRESS, "detail": TEXT}: deny refuses the policy, warn warns. The comment above the package says what the guardrail
is for, and what to do about a finding; people read it in reports.
`

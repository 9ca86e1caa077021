package guardrails.lifetime.interactive_production_ends_test

import data.guardrails.lifetime.interactive_production_ends

grant(interactive, tier, expires) := {
	"environment": {"name": "prod", "tier": tier},
	"workload": {"address": "workload.notebooks", "interactive": interactive},
	"expires": expires,
	"sources": [{"allow": "allow.exploration", "expires": expires}],
}

subjects(one) := {f.subject | some f in interactive_production_ends.deny with input as {"grants": [one]}}

test_violation if subjects(grant(true, "production", null)) == {"allow.exploration"}

test_clean if subjects(grant(true, "production", "2027-01-01T00:00:00Z")) == set()

test_near_miss_job if subjects(grant(false, "production", null)) == set()

test_near_miss_staging if subjects(grant(true, "staging", null)) == set()

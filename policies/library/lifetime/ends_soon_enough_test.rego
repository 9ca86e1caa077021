package guardrails.lifetime.ends_soon_enough_test

import data.guardrails.lifetime.ends_soon_enough

grant(sensitivity, interactive, tier, expires) := {
	"resource": {"address": "secret.x", "classification": "of some kind", "sensitivity": sensitivity},
	"workload": {"address": "workload.a", "interactive": interactive},
	"environment": {"name": "prod", "tier": tier},
	"sources": [{"allow": "allow.x", "expires": expires}],
}

subjects(one) := {f.subject | some f in ends_soon_enough.deny with input as {"day": "2027-01-01T00:00:00Z", "grants": [one]}}

test_violation if subjects(grant(2, false, "staging", "2028-02-02T00:00:00Z")) == {"allow.x"}

test_violation_interactive if subjects(grant(0, true, "production", "2027-07-11T00:00:00Z")) == {"allow.x"}

test_clean if subjects(grant(3, true, "production", "2027-03-01T00:00:00Z")) == set()

test_near_miss_exactly_13_months if subjects(grant(3, false, "production", "2028-02-01T00:00:00Z")) == set()

test_near_miss_exactly_190_days if subjects(grant(0, true, "production", "2027-07-10T00:00:00Z")) == set()

test_near_miss_internal if subjects(grant(1, false, "production", "2099-01-01T00:00:00Z")) == set()

test_near_miss_staging if subjects(grant(0, true, "staging", "2099-01-01T00:00:00Z")) == set()

test_near_miss_no_end if subjects(grant(3, false, "production", null)) == set()

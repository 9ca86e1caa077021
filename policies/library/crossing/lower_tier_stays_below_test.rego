package guardrails.crossing.lower_tier_stays_below_test

import data.guardrails.crossing.lower_tier_stays_below

grant(origin, environment) := {
	"crosses": true,
	"origin": {"name": "a", "tier": origin},
	"environment": {"name": "b", "tier": environment},
	"workload": {"address": "workload.backfill"},
	"resource": {"address": "feature_store.x.online"},
	"sources": [{"allow": "allow.backfill"}],
}

subjects(one) := {f.subject | some f in lower_tier_stays_below.deny with input as {"grants": [one]}}

test_violation if subjects(grant("development", "production")) == {"allow.backfill"}

test_violation_staging if subjects(grant("staging", "production")) == {"allow.backfill"}

test_violation_below_production if subjects(grant("development", "staging")) == {"allow.backfill"}

test_clean if subjects(grant("production", "production")) == set()

test_near_miss_downwards if subjects(grant("production", "development")) == set()

test_near_miss_two_regions if subjects(grant("staging", "staging")) == set()

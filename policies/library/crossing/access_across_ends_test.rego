package guardrails.crossing.access_across_ends_test

import data.guardrails.crossing.access_across_ends

grant(origin, expires) := {
	"crosses": origin != "prod",
	"origin": {"name": origin},
	"environment": {"name": "prod"},
	"workload": {"address": "workload.backfill"},
	"resource": {"address": "feature_store.x.online"},
	"expires": expires,
	"sources": [{"allow": "allow.backfill", "expires": expires}],
}

subjects(one) := {f.subject | some f in access_across_ends.deny with input as {"grants": [one]}}

test_violation if subjects(grant("staging", null)) == {"allow.backfill"}

test_clean if subjects(grant("staging", "2027-01-01T00:00:00Z")) == set()

test_near_miss_no_crossing if subjects(grant("prod", null)) == set()

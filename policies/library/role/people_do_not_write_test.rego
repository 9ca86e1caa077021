package guardrails.role.people_do_not_write_test

import data.guardrails.role.people_do_not_write

grant(action, interactive, tier) := {
	"action": action,
	"workload": {"address": "workload.notebooks", "interactive": interactive},
	"environment": {"name": "prod", "tier": tier},
	"resource": {"address": "secret.x"},
	"sources": [{"allow": "allow.x"}],
}

subjects(one) := {f.subject | some f in people_do_not_write.deny with input as {"grants": [one]}}

test_violation if subjects(grant("write", true, "production")) == {"allow.x"}

test_clean if subjects(grant("read", false, "production")) == set()

test_near_miss_read if subjects(grant("read", true, "production")) == set()

test_near_miss_job if subjects(grant("write", false, "production")) == set()

test_near_miss_staging if subjects(grant("write", true, "staging")) == set()

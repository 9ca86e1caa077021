package guardrails.role.write_by_name_test

import data.guardrails.role.write_by_name

grant(action, sensitivity, by) := {
	"action": action,
	"resource": {"address": "secret.x", "classification": "of some kind", "sensitivity": sensitivity},
	"sources": [{"allow": "allow.x", "from": "group.training", "by": by}],
}

subjects(one) := {f.subject | some f in write_by_name.warn with input as {"grants": [one]}}

test_violation_labels if subjects(grant("write", 2, "labels")) == {"allow.x"}

test_violation_list if subjects(grant("write", 3, "list")) == {"allow.x"}

test_clean if subjects(grant("write", 3, "name")) == set()

test_near_miss_read if subjects(grant("read", 3, "labels")) == set()

test_near_miss_internal if subjects(grant("write", 1, "labels")) == set()

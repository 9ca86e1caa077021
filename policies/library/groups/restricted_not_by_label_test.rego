package guardrails.groups.restricted_not_by_label_test

import data.guardrails.groups.restricted_not_by_label

grant(classification, by) := {
	"resource": {"address": "secret.x", "classification": classification},
	"sources": [{"allow": "allow.x", "from": "group.training", "by": by}],
}

subjects(one) := {f.subject | some f in restricted_not_by_label.deny with input as {"grants": [one]}}

test_violation if subjects(grant("restricted", "labels")) == {"allow.x"}

test_clean if subjects(grant("restricted", "name")) == set()

test_near_miss_list if subjects(grant("restricted", "list")) == set()

test_near_miss_confidential if subjects(grant("confidential", "labels")) == set()

package guardrails.groups.not_everybody_test

import data.guardrails.groups.not_everybody

document(held, of, from) := {
	"groups": [{"address": "group.training", "members": [{"environment": "prod", "workloads": [i | some i in numbers.range(1, held)], "of": of}]}],
	"allows": [{"address": "allow.x", "from": [from]}],
}

denied(document) := {f.detail | some f in not_everybody.deny with input as document}

warned(document) := {f.detail | some f in not_everybody.warn with input as document}

test_violation if denied(document(5, 5, "group.training")) == {"group.training holds all 5 workloads of prod"}

test_violation_most if warned(document(11, 20, "group.training")) == {"group.training holds 11 of the 20 workloads of prod"}

test_clean if {
	denied(document(3, 40, "group.training")) == set()
	warned(document(3, 40, "group.training")) == set()
}

test_near_miss_small_policy if denied(document(4, 4, "group.training")) == set()

test_near_miss_exactly_half if warned(document(10, 20, "group.training")) == set()

# A deny may well catch everybody, and what no allow names gives nothing.
test_near_miss_not_allowed if denied(document(9, 9, "workload.a")) == set()

package guardrails.exceptions.few_in_force_test

import data.guardrails.exceptions.few_in_force

exceptions(n, guardrails, active) := [{"address": sprintf("exception.e%02d", [i]), "guardrail": sprintf("a/g%d", [i % guardrails]), "active": active} |
	some i in numbers.range(1, n)
]

details(list) := {f.detail | some f in few_in_force.warn with input as {"exceptions": list}}

test_violation_all if details(exceptions(21, 21, true)) == {"21 exceptions are in force: more than 20"}

test_violation_of_one if details(exceptions(6, 1, true)) == {"6 exceptions from a/g0 are in force: more than 5"}

test_clean if details(exceptions(3, 1, true)) == set()

test_near_miss_exactly if details(exceptions(20, 4, true)) == set()

test_near_miss_ended if details(exceptions(40, 1, false)) == set()

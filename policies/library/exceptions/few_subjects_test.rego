package guardrails.exceptions.few_subjects_test

import data.guardrails.exceptions.few_subjects

exception(subjects, waives, active) := {
	"address": "exception.x", "active": active, "waives": waives,
	"subjects": [{"address": sprintf("workload.w%d", [i])} | some i in numbers.range(1, subjects)],
}

details(one) := {f.detail | some f in few_subjects.warn with input as {"exceptions": [one]}}

test_violation_subjects if details(exception(11, 1, true)) == {"exception.x names 11 subjects: more than 10"}

test_violation_findings if details(exception(1, 26, true)) == {"exception.x waives 26 findings: more than 25"}

test_clean if details(exception(1, 1, true)) == set()

test_near_miss_exactly if details(exception(10, 25, true)) == set()

test_near_miss_ended if details(exception(11, 0, false)) == set()

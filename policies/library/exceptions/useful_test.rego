package guardrails.exceptions.useful_test

import data.guardrails.exceptions.useful

exception(active, known, waives) := {"address": "exception.x", "guardrail": "a/b", "active": active, "known": known, "waives": waives}

details(one) := {f.detail | some f in useful.warn with input as {"exceptions": [one]}}

test_violation if details(exception(true, true, 0)) == {"exception.x waives nothing: a/b finds nothing wrong with its subjects"}

test_violation_unknown if details(exception(true, false, 0)) == {"exception.x waives nothing: a/b doesn't judge this policy"}

test_clean if details(exception(true, true, 3)) == set()

# It waives nothing because it has ended: that is another guardrail's.
test_near_miss_ended if details(exception(false, true, 0)) == set()

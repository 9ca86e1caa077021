package guardrails.exceptions.not_expired_test

import data.guardrails.exceptions.not_expired

exception(active) := {"address": "exception.x", "expires": "2027-01-31T00:00:00Z", "active": active}

details(list) := {f.detail | some f in not_expired.warn with input as {"exceptions": list}}

test_violation if details([exception(false)]) == {"exception.x expired on 2027-01-31T00:00:00Z"}

test_clean if details([]) == set()

# The same text, a second before its end.
test_near_miss_last_second if details([exception(true)]) == set()

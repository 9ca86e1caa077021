package guardrails.exceptions.ends_soon_test

import data.guardrails.exceptions.ends_soon

document(expires) := {"day": "2027-01-01T00:00:00Z", "exceptions": [{"address": "exception.x", "expires": expires}]}

denied(expires) := {f.detail | some f in ends_soon.deny with input as document(expires)}

warned(expires) := {f.detail | some f in ends_soon.warn with input as document(expires)}

test_violation_no_end if denied(null) == {"exception.x never ends"}

test_violation_far if denied("2028-06-01T00:00:00Z") == {"exception.x ends in 517 days: more than 366"}

test_violation_warned if {
	denied("2027-12-01T00:00:00Z") == set()
	warned("2027-12-01T00:00:00Z") == {"exception.x ends in 334 days: more than 190"}
}

test_clean if {
	denied("2027-03-01T00:00:00Z") == set()
	warned("2027-03-01T00:00:00Z") == set()
}

test_near_miss_exactly_a_year if denied("2028-01-02T00:00:00Z") == set()

test_near_miss_exactly_190_days if warned("2027-07-10T00:00:00Z") == set()

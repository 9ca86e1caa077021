package guardrails.ownership.reason_is_given_test

import data.guardrails.ownership.reason_is_given

subjects(reason) := {f.subject | some f in reason_is_given.deny with input as {"allows": [{"address": "allow.training", "reason": reason}]}}

test_violation if subjects("") == {"allow.training"}

test_clean if subjects("nightly training") == set()

test_near_miss_blank if subjects("  \n") == {"allow.training"}

test_near_miss_short if subjects("A") == set()

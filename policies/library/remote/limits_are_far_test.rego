package guardrails.remote.limits_are_far_test

import data.guardrails.remote.limits_are_far

resource(target, holders) := {"address": "secret.x", "places": [{"environment": "prod", "target": target, "holders": holders}]}

subjects(one) := {f.subject | some f in limits_are_far.warn with input as {"resources": [one]}}

test_violation_google if subjects(resource("google", 1201)) == {"secret.x"}

test_violation_consul if subjects(resource("consul", 16001)) == {"secret.x"}

test_clean if subjects(resource("google", 12)) == set()

test_near_miss_exactly if subjects(resource("google", 1200)) == set()

test_near_miss_other_target if subjects(resource("consul", 1201)) == set()

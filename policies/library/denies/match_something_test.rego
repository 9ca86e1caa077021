package guardrails.denies.match_something_test

import data.guardrails.denies.match_something

rule(workloads, resources, matches) := {
	"address": "deny.people", "workloads": workloads, "resources": resources,
	"takes": 0, "matches": matches,
}

details(one) := {f.detail | some f in match_something.warn with input as {"denies": [one]}}

test_violation_nobody if details(rule([], ["secret.x"], false)) == {"deny.people can never take anything: it names no workload"}

test_violation_nothing if details(rule(["workload.a"], [], false)) == {"deny.people can never take anything: it names no resource"}

test_violation_apart if details(rule(["workload.a"], ["secret.x"], false)) == {"deny.people can never take anything: none of its workloads is known where its resources are"}

test_clean if details(rule(["workload.a"], ["secret.x"], true)) == set()

# takes is 0 here too: nobody has allowed yet what it denies.
test_near_miss_precaution if details(object.union(rule(["workload.a"], ["secret.x"], true), {"takes": 0})) == set()
